/* length.c -- token counts in one byte: exact below 16, then eight steps for
 * each doubling, rounded down (so a decoded length never exceeds the true one,
 * and a bound made from the smallest code is a bound). */
#include "index/postings.h"

uint8_t length_encode(uint32_t tokens)
{
	unsigned shift;

	if (tokens < 16)
		return tokens;
	shift = 31 - __builtin_clz(tokens) - 3; /* tokens >> shift is 8..15 */
	return 16 + (shift - 1) * 8 + ((tokens >> shift) - 8);
}

uint32_t length_decode(uint8_t code)
{
	unsigned shift;
	uint64_t v;

	if (code < 16)
		return code;
	shift = (code - 16) / 8 + 1;
	v = (uint64_t)((code - 16) % 8 + 8) << shift;
	return v > UINT32_MAX ? UINT32_MAX : v;
}
