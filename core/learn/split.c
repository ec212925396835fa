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

int split_ranking(struct split_side *side, struct slice name, struct error *err)
{
	if (!name.len || name.len > RANKING_NAME_MAX)
		return error_set(err, ERR_ARG,
			"a ranking's name of 1 to %d letters is expected, found '%.*s'",
			RANKING_NAME_MAX, SLICE_HEAD(name));
	memset(side->ranking, 0, sizeof(side->ranking));
	if (!slice_is(name, "default")) /* there is one way to say it */
		memcpy(side->ranking, name.ptr, name.len);
	return 0;
}

/* policy, or policy/ranking */
static int read_side(struct split_side *side, struct slice word)
{
	const char *slash = memchr(word.ptr, '/', word.len);
	size_t len = slash ? (size_t)(slash - word.ptr) : word.len;

	if (!len || len > POLICY_NAME_MAX)
		return ERR_SYNTAX;
	memcpy(side->policy, word.ptr, len);
	return slash ? split_ranking(side, slice_of(slash + 1, word.len - len - 1), NULL) : 0;
}

/* side, or side+side */
int split_name(struct split_part *part, struct slice word, struct error *err)
{
	const char *plus = memchr(word.ptr, '+', word.len);
	size_t len = plus ? (size_t)(plus - word.ptr) : word.len;
	int rc;

	*part = (struct split_part){ .share = 1 };
	rc = read_side(&part->side[0], slice_of(word.ptr, len));
	if (rc == 0 && plus)
		rc = read_side(&part->side[1], slice_of(plus + 1, word.len - len - 1));
	if (rc == 0)
		return 0;
	return error_set(err, ERR_SYNTAX,
		"policies are expected as 'name', 'name:share ...', 'name+name:share' or "
		"'name/ranking', found '%.*s'",
		SLICE_HEAD(word));
}

static bool same_part(const struct split_part *a, const struct split_part *b)
{
	return !memcmp(a->side, b->side, sizeof(a->side)); /* names are followed by zeros */
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
	rc = split_name(part, slice_of(word.ptr, len), err);
	if (rc < 0)
		return rc;
	for (i = 0; i < s->count; i++)
		if (same_part(part, &s->part[i]))
			return error_set(err, ERR_EXISTS, "policy %.*s is there twice", (int)len,
				word.ptr);
	s->count++;
	return colon ? read_share(slice_of(colon + 1, word.len - len - 1), &part->share, err) : 0;
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

int split_ranking_known(const struct split_side *side, const char *const *rankings,
	struct error *err)
{
	const char *name = side->ranking;
	int i;

	if (!name[0])
		return 0;
	if (!rankings)
		return error_set(err, ERR_ARG,
			"ranking '%s' is a collection's: say it in POLICIES SET of that one", name);
	for (i = 0; rankings[i]; i++)
		if (!strcmp(name, rankings[i]))
			return 0;
	return error_unknown(err, ERR_NOT_FOUND, "no ranking", slice_str(name), rankings, NULL);
}

int split_part_known(const struct split_part *part, const char *const *rankings, struct error *err)
{
	const struct policy *policy;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < 1 + split_part_paired(part); i++) {
		rc = policy_need(slice_str(part->side[i].policy), &policy, err);
		if (rc == 0)
			rc = split_ranking_known(&part->side[i], rankings, err);
	}
	return rc;
}

int split_known(const struct split *s, const char *const *rankings, struct error *err)
{
	int i, rc = 0;

	for (i = 0; rc == 0 && i < s->count; i++)
		rc = split_part_known(&s->part[i], rankings, err);
	return rc;
}

bool split_part_paired(const struct split_part *part)
{
	return part->side[1].policy[0] != '\0';
}

bool split_part_rivals(const struct split_part *part)
{
	return split_part_paired(part) && strcmp(part->side[0].policy, part->side[1].policy);
}

void split_part_print(const struct split_part *part, struct buf *out)
{
	int i;

	for (i = 0; i < 1 + split_part_paired(part); i++)
		buf_printf(out, "%s%s%s%s", i ? "+" : "", part->side[i].policy,
			part->side[i].ranking[0] ? "/" : "", part->side[i].ranking);
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
