/* split.c -- reading a split, and who falls where. */
#include "learn/split.h"

#include <math.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "learn/policy.h"

#define SUM_WITHIN 1e-6

static bool is_gap(char c)
{
	return c == ' ' || c == ',' || c == '\t';
}

static int read_share(struct slice text, double *out, struct error *err)
{
	if (ascii_real(text, out) && *out > 0 && *out <= 1)
		return 0;
	return error_set(err, ERR_ARG, "a share above 0 and at most 1 is expected, found '%.*s'",
		SLICE_HEAD(text));
}

/* name, or name+name */
static int read_names(struct split_part *part, struct slice word, struct error *err)
{
	const char *plus = memchr(word.ptr, '+', word.len);
	size_t len = plus ? (size_t)(plus - word.ptr) : word.len;
	size_t rest = plus ? word.len - len - 1 : 0;

	if (!len || len > POLICY_NAME_MAX || (plus && !rest) || rest > POLICY_NAME_MAX)
		return error_set(err, ERR_SYNTAX,
			"policies are expected as 'name', 'name:share ...' or 'name+name:share', "
			"found '%.*s'",
			SLICE_HEAD(word));
	*part = (struct split_part){ .share = 1 };
	memcpy(part->policy, word.ptr, len);
	if (plus)
		memcpy(part->rival, plus + 1, rest);
	return 0;
}

/* Or with :share behind them. */
static int read_part(struct split *s, struct slice word, struct error *err)
{
	const char *colon = memchr(word.ptr, ':', word.len);
	size_t len = colon ? (size_t)(colon - word.ptr) : word.len;
	struct split_part *part = &s->part[s->count];
	int i, rc;

	if (s->count == SPLIT_PARTS_MAX)
		return error_set(err, ERR_LIMIT, "a split has %d parts at the most",
			SPLIT_PARTS_MAX);
	rc = read_names(part, slice_of(word.ptr, len), err);
	if (rc < 0)
		return rc;
	for (i = 0; i < s->count; i++)
		if (!strcmp(part->policy, s->part[i].policy) &&
			!strcmp(part->rival, s->part[i].rival))
			return error_set(err, ERR_EXISTS, "policy %.*s is there twice", (int)len,
				word.ptr);
	s->count++;
	return colon ? read_share(slice_of(colon + 1, word.len - len - 1), &part->share, err) : 0;
}

int split_name(struct split *s, struct slice name, struct error *err)
{
	s->count = 1;
	return read_names(&s->part[0], name, err);
}

int split_parse(struct split *s, struct slice text, struct error *err)
{
	const char *at = text.ptr, *end = text.ptr + text.len, *from;
	double sum = 0;
	int i, rc;

	s->count = 0;
	for (;;) {
		while (at < end && is_gap(*at))
			at++;
		if (at == end)
			break;
		for (from = at; at < end && !is_gap(*at); at++)
			;
		rc = read_part(s, slice_of(from, at - from), err);
		if (rc < 0)
			return rc;
	}
	for (i = 0; i < s->count; i++)
		sum += s->part[i].share;
	if (!s->count)
		return error_set(err, ERR_SYNTAX, "a policy is expected, found nothing");
	if (fabs(sum - 1) > SUM_WITHIN)
		return error_set(err, ERR_ARG, "the shares sum to %g, expected 1", sum);
	for (i = 0; i < s->count; i++)
		s->part[i].share /= sum;
	return 0;
}

int split_salt(struct split *s, struct slice text, struct error *err)
{
	size_t i;

	if (text.len > SPLIT_SALT_MAX)
		return error_set(err, ERR_LIMIT, "a salt of %zu bytes, limit %d", text.len,
			SPLIT_SALT_MAX);
	for (i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
			return error_set(err, ERR_ARG,
				"a salt has printable ASCII letters and no spaces");
	if (text.len)
		memcpy(s->salt, text.ptr, text.len);
	s->salt[text.len] = '\0';
	return 0;
}

int split_known(const struct split *s, struct error *err)
{
	const struct policy *policy;
	int i;

	for (i = 0; i < s->count; i++)
		if (policy_need(slice_str(s->part[i].policy), &policy, err) < 0 ||
			(s->part[i].rival[0] &&
				policy_need(slice_str(s->part[i].rival), &policy, err) < 0))
			return ERR_NOT_FOUND;
	return 0;
}

void split_part_print(const struct split_part *part, struct buf *out)
{
	buf_printf(out, "%s%s%s", part->policy, part->rival[0] ? "+" : "", part->rival);
}

void split_print(const struct split *s, struct buf *out)
{
	int i;

	for (i = 0; i < s->count; i++) {
		if (i)
			buf_putc(out, ' ');
		split_part_print(&s->part[i], out);
		if (s->count > 1)
			buf_printf(out, ":%.12g", s->part[i].share);
	}
}

uint64_t split_id(const struct split *s)
{
	struct buf text = { 0 };
	uint64_t id;

	split_print(s, &text);
	id = hash_bytes(buf_slice(&text), hash_bytes(slice_str(s->salt), 0));
	buf_clear(&text);
	return id ? id : 1;
}

uint64_t split_unit(const struct split *s, struct slice collection, struct slice user,
	uint64_t decision)
{
	uint64_t seed = hash_bytes(collection, hash_bytes(slice_str(s->salt), 0)), unit;

	unit = user.len ? hash_bytes(user, seed) : hash_u64(seed ^ hash_u64(decision));
	return unit ? unit : 1;
}

int split_find(const struct split *s, uint64_t unit)
{
	double at = (double)(hash_u64(unit) >> 11) * 0x1p-53; /* [0, 1) */
	int i;

	for (i = 0; i < s->count - 1; i++) {
		at -= s->part[i].share;
		if (at < 0)
			break;
	}
	return i;
}
