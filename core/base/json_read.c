/* json_read.c -- JSON into an arena.
 *
 * One walk over a text that is as it should be; nodes are made in the arena, strings
 * without escapes stay where they are.  Whatever is strange (an error, a number of many
 * digits, \u0000) is left to jansson, whose words the errors are: so both accept and
 * refuse the same texts, and this file need not know why.
 *
 * Invariant: what is accepted here jansson would accept, with the same values. */
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "limits.h"

#define FEW_MEMBERS      16 /* compared with each other */
#define NUMBER_BYTES_MAX 64
#define EXACT_DIGITS     15 /* any such number, and powers of ten to 22, are exact in a double */

struct reading {
	const unsigned char *at, *end;
	struct arena *arena;
	int depth;
};

/* Bytes that stand for themselves in a string. */
static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void skip_space(struct reading *r)
{
	while (r->at < r->end &&
		(*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

/* ---- strings ---- */

/* Length of the letter of more than one byte at `at`; 0 if it is none. */
static unsigned letter(const unsigned char *at, const unsigned char *end)
{
	unsigned n = *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0, i;

	if (!n || (size_t)(end - at) < n)
		return 0;
	for (i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
		(*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

/* Four digits of \uXXXX, or -1. */
static int hex4(const unsigned char *at, const unsigned char *end)
{
	int value = 0, i, c;

	if (end - at < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		c = at[i] | 32;
		if (at[i] >= '0' && at[i] <= '9')
			value = value << 4 | (at[i] - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return value;
}

static char *put_letter(char *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = c;
		return out;
	}
	if (c < 0x800) {
		*out++ = 0xc0 | c >> 6;
	} else {
		if (c < 0x10000) {
			*out++ = 0xe0 | c >> 12;
		} else {
			*out++ = 0xf0 | c >> 18;
			*out++ = 0x80 | (c >> 12 & 63);
		}
		*out++ = 0x80 | (c >> 6 & 63);
	}
	*out++ = 0x80 | (c & 63);
	return out;
}

/* \uXXXX behind the backslash, or two of them; past it, or NULL. */
static const unsigned char *unescape_letter(const unsigned char *at, const unsigned char *end,
	char **out)
{
	int c = hex4(at + 1, end), low;

	at += 5;
	if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff))
		return NULL;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
			return NULL;
		low = hex4(at + 2, end);
		if (low < 0xdc00 || low > 0xdfff)
			return NULL;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		at += 6;
	}
	*out = put_letter(*out, c);
	return at;
}

/* `bytes` has escapes, and no quote that is not escaped. */
static bool unescape(struct arena *arena, const unsigned char *at, const unsigned char *end,
	struct slice *text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char *start = arena_alloc(arena, end - at + 1), *out = start;
	const char *known;

	while (at < end) {
		if (*at != '\\') {
			*out++ = *at++;
			continue;
		}
		at++; /* there is a byte: the quote behind `end`, at the least */
		if (*at == 'u') {
			at = unescape_letter(at, end, &out);
			if (!at)
				return false;
			continue;
		}
		known = *at ? strchr(from, *at) : NULL;
		if (!known || at == end)
			return false;
		*out++ = to[known - from];
		at++;
	}
	*text = slice_of(start, out - start);
	return true;
}

/* Behind the quote. */
static bool read_string(struct reading *r, struct slice *text)
{
	const unsigned char *start = r->at, *at = start, *end = r->end;
	bool escaped = false;
	unsigned n;

	for (;;) {
		while (at < end && plain(*at))
			at++;
		if (at == end)
			return false;
		if (*at == '"')
			break;
		if (*at == '\\') {
			escaped = true;
			n = 2;
			if (end - at < 3)
				return false;
			if (at[1] >= 0x80 || at[1] < 0x20)
				return false;
		} else {
			n = letter(at, end);
		}
		if (!n)
			return false;
		at += n;
	}
	r->at = at + 1;
	*text = slice_of(start, at - start);
	return !escaped || unescape(r->arena, start, at, text);
}

/* ---- numbers ---- */

static locale_t plain_locale;
static pthread_once_t locale_once = PTHREAD_ONCE_INIT;

static void make_locale(void)
{
	plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static bool read_long(const unsigned char *at, size_t len, double *out)
{
	char copy[NUMBER_BYTES_MAX];

	pthread_once(&locale_once, make_locale);
	if (len >= sizeof(copy) || !plain_locale)
		return false;
	memcpy(copy, at, len);
	copy[len] = '\0';
	*out = strtod_l(copy, NULL, plain_locale);
	return isfinite(*out);
}

static double ten_to(int n)
{
	static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
		1e11, 1e12, 1e13, 1e14, 1e15 };

	return powers[n];
}

static bool digit(const struct reading *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static bool read_number(struct reading *r, struct json_node *node)
{
	const unsigned char *start = r->at;
	bool minus = *start == '-', whole = true, exponent = false;
	unsigned digits = 0, behind = 0;
	uint64_t value = 0;

	r->at += minus;
	if (!digit(r) ||
		(*r->at == '0' && r->at + 1 < r->end && r->at[1] >= '0' && r->at[1] <= '9'))
		return false;
	for (; digit(r); r->at++, digits++)
		value = digits < 18 ? value * 10 + (*r->at - '0') : value;
	if (r->at < r->end && *r->at == '.') {
		whole = false;
		r->at++;
		if (!digit(r))
			return false;
		for (; digit(r); r->at++, digits++, behind++)
			value = digits < 18 ? value * 10 + (*r->at - '0') : value;
	}
	if (r->at < r->end && (*r->at | 32) == 'e') {
		whole = false;
		exponent = true;
		r->at++;
		if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
			r->at++;
		if (!digit(r))
			return false;
		while (digit(r))
			r->at++;
	}
	node->type = whole ? JSON_INTEGER : JSON_REAL;
	if (whole) {
		node->integer = minus ? -(long long)value : (long long)value;
		return digits <= 18;
	}
	if (digits > EXACT_DIGITS || exponent)
		return read_long(start, r->at - start, &node->real);
	node->real = (double)value / ten_to(behind);
	if (minus)
		node->real = -node->real;
	return true;
}

/* ---- values ---- */

static struct json_node *read_value(struct reading *r);

static bool key_is_new(const struct json_node *object, const struct json_node *member)
{
	const struct json_node *other;

	for (other = object->first; other; other = other->next)
		if (slice_eq(other->key, member->key))
			return false;
	return true;
}

/* Are the keys all different? */
static bool keys_differ(struct arena *arena, const struct json_node *object)
{
	const struct json_node **slots, *member;
	size_t mask = 1, at;

	while (mask < 2 * (size_t)object->count)
		mask = 2 * mask + 1;
	slots = arena_calloc(arena, mask + 1, sizeof(*slots));
	for (member = object->first; member; member = member->next) {
		for (at = hash_bytes(member->key, 0) & mask; slots[at]; at = (at + 1) & mask)
			if (slice_eq(slots[at]->key, member->key))
				return false;
		slots[at] = member;
	}
	return true;
}

/* Items, or members, up to the closing bracket. */
static bool read_items(struct reading *r, struct json_node *node)
{
	bool object = node->type == JSON_OBJECT;
	unsigned char close = object ? '}' : ']';
	struct json_node **next = &node->first, *item;
	struct slice key = { 0 };

	if (++r->depth > JSON_DEPTH_MAX)
		return false;
	node->first = NULL;
	node->count = 0;
	for (;;) {
		skip_space(r);
		if (r->at == r->end)
			return false;
		if (*r->at == close && !node->count)
			break;
		if (object) {
			if (*r->at++ != '"' || !read_string(r, &key))
				return false;
			skip_space(r);
			if (r->at == r->end || *r->at++ != ':')
				return false;
		}
		item = read_value(r);
		if (!item)
			return false;
		item->key = key;
		if (object && node->count < FEW_MEMBERS && !key_is_new(node, item))
			return false;
		*next = item;
		next = &item->next;
		node->count++;
		skip_space(r);
		if (r->at == r->end)
			return false;
		if (*r->at == close)
			break;
		if (*r->at++ != ',')
			return false;
	}
	r->at++;
	r->depth--;
	return !object || node->count <= FEW_MEMBERS || keys_differ(r->arena, node);
}

static bool read_word(struct reading *r, const char *word, size_t len)
{
	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len))
		return false;
	r->at += len;
	return true;
}

/* NULL: ask jansson. */
static struct json_node *read_value(struct reading *r)
{
	struct json_node *node = arena_alloc(r->arena, sizeof(*node));
	bool good;

	node->next = NULL;
	node->count = 0;
	node->key = slice_of(NULL, 0);
	skip_space(r);
	if (r->at == r->end)
		return NULL;
	switch (*r->at) {
	case '"':
		r->at++;
		node->type = JSON_STRING;
		good = read_string(r, &node->text);
		break;
	case '{':
	case '[':
		node->type = *r->at++ == '{' ? JSON_OBJECT : JSON_ARRAY;
		good = read_items(r, node);
		break;
	case 't':
		node->type = JSON_TRUE;
		good = read_word(r, "true", 4);
		break;
	case 'f':
		node->type = JSON_FALSE;
		good = read_word(r, "false", 5);
		break;
	case 'n':
		node->type = JSON_NULL;
		good = read_word(r, "null", 4);
		break;
	default: good = read_number(r, node);
	}
	return good ? node : NULL;
}

/* ---- what jansson read ---- */

static struct json_node *convert(struct arena *arena, const json_t *value)
{
	struct json_node *node = arena_calloc(arena, 1, sizeof(*node)), **next = &node->first;
	json_t *object = (json_t *)value; /* its iterators take no const */
	size_t i;
	void *at;

	node->type = json_typeof(value);
	switch (node->type) {
	case JSON_STRING:
		node->text = arena_slice(arena,
			slice_of(json_string_value(value), json_string_length(value)));
		break;
	case JSON_INTEGER: node->integer = json_integer_value(value); break;
	case JSON_REAL: node->real = json_real_value(value); break;
	case JSON_ARRAY:
		for (i = 0; i < json_array_size(value); i++, next = &(*next)->next)
			*next = convert(arena, json_array_get(value, i));
		node->count = i;
		break;
	case JSON_OBJECT:
		for (at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
			*next = convert(arena, json_object_iter_value(at));
			(*next)->key = arena_slice(arena, slice_str(json_object_iter_key(at)));
			next = &(*next)->next;
			node->count++;
		}
		break;
	default: break;
	}
	return node;
}

int json_read(struct json_node **out, struct arena *arena, struct slice text, struct error *err)
{
	struct reading r = { .at = (const unsigned char *)text.ptr, .arena = arena };
	json_t *value;
	int rc;

	*out = NULL;
	r.end = r.at + text.len;
	if (text.len && text.len <= BULK_BYTES_MAX)
		*out = read_value(&r);
	skip_space(&r);
	if (*out && r.at == r.end)
		return 0;
	rc = json_parse(&value, text, err);
	if (rc < 0)
		return rc;
	*out = convert(arena, value);
	json_decref(value);
	return 0;
}

const struct json_node *json_member(const struct json_node *object, const char *name)
{
	struct slice key = slice_str(name);
	const struct json_node *member;

	if (object->type != JSON_OBJECT)
		return NULL;
	for (member = object->first; member; member = member->next)
		if (slice_eq(member->key, key))
			return member;
	return NULL;
}

double json_number(const struct json_node *node)
{
	return node->type == JSON_INTEGER ? (double)node->integer : node->real;
}
