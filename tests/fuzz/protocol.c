/* protocol.c -- any bytes as requests, whole and in pieces: the same requests. */
#include <stdlib.h>

#include "base/hash.h"
#include "limits.h"
#include "server/protocol.h"

static uint64_t play(const uint8_t *data, size_t size, size_t step)
{
	struct parser p = { 0 };
	struct request request;
	struct error err;
	uint64_t seen = 1;
	size_t at = 0, room, n, i;
	char *to;
	int rc;

	while (at < size && !p.broken) {
		to = parser_room(&p, &room);
		n = size - at < step ? size - at : step;
		if (n > room)
			n = room;
		memcpy(to, data + at, n);
		parser_filled(&p, n);
		at += n;
		for (;;) {
			err.text[0] = '\0';
			rc = parser_next(&p, &request, &err);
			if (rc == 0)
				break;
			seen = hash_u64(seen ^ (uint64_t)(rc + 100));
			if (rc < 0 && !err.text[0])
				abort();
			if (rc < 0 && p.broken)
				break;
			if (rc < 0)
				continue;
			if (request.argc < 1 || request.argc > ARGS_MAX)
				abort();
			for (i = 0; i < request.argc; i++)
				seen = hash_bytes(request.argv[i], seen);
		}
	}
	parser_clear(&p);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = play(data, size, size + 1);

	if (whole != play(data, size, 1) || whole != play(data, size, 7))
		abort();
	return 0;
}
