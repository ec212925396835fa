/* features.c -- the layout of phi, made once, and filling it. */
#include "learn/features.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"

static_assert(FEATURES_MAX <= 64, "clipped features are told in 64 bits");

static const char *const action_names[ACTION_FEATURES] = { "memory", "remembered", "known",
	"matches", "source", "kind", "query", "seen", "reading", "user", "pace", "probed", "best",
	"gap", "found", "overlap" };

struct feature_set {
	int count, width;
	struct feature_spec spec[FEATURES_MAX]; /* names are ours */
	int first[FEATURES_MAX];                /* number where a feature begins */
	int of[FEATURES_MAX][2];                /* numbers that a product multiplies */
	char *name[PHI_MAX];
	uint64_t id[PHI_MAX];
	uint64_t hash;
};

unsigned feature_numbers(const struct feature_spec *s)
{
	return s->kind == FEATURE_CYCLE ? 2 : s->kind == FEATURE_CATEGORY ? s->buckets : 1;
}

static int check_spec(const struct feature_set *set, const struct feature_spec *s,
	struct error *err)
{
	size_t len = strlen(s->name);

	if (len < 1 || len > FEATURE_NAME_MAX)
		return error_set(err, ERR_ARG, "feature '%.80s': a name has 1 to %d bytes", s->name,
			FEATURE_NAME_MAX);
	if (!strcmp(s->name, "bias") || feature_set_find(set, slice_str(s->name)) >= 0)
		return error_set(err, ERR_EXISTS, "feature %s: the name is taken", s->name);
	if (s->kind == FEATURE_NUMBER && !(isfinite(s->lo) && isfinite(s->hi) && s->lo < s->hi))
		return error_set(err, ERR_ARG, "feature %s: number(%g, %g) is an empty range",
			s->name, s->lo, s->hi);
	if (s->kind == FEATURE_CYCLE && !(isfinite(s->period) && s->period > 0))
		return error_set(err, ERR_ARG, "feature %s: cycle(%g), expected a period above 0",
			s->name, s->period);
	if (s->kind == FEATURE_CATEGORY && s->buckets < 2)
		return error_set(err, ERR_ARG, "feature %s: category of %u, expected 2 or more",
			s->name, s->buckets);
	if (feature_numbers(s) > (unsigned)(FEATURES_MAX - set->width))
		return error_set(err, ERR_LIMIT,
			"feature %s: the features pass %d numbers, the limit", s->name,
			FEATURES_MAX);
	return 0;
}

static void name_number(struct feature_set *set, int at, const char *format, ...)
{
	char text[FEATURE_NAME_MAX + 32];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	set->name[at] = xstrdup(text);
	set->id[at] = hash_bytes(slice_str(text), 0);
}

static void add_spec(struct feature_set *set, const struct feature_spec *s)
{
	unsigned i, n = feature_numbers(s);
	int at = set->width;

	set->spec[set->count] = *s;
	set->spec[set->count].name = xstrdup(s->name);
	set->first[set->count++] = at;
	set->width += (int)n;
	if (s->kind == FEATURE_CYCLE) {
		name_number(set, at, "%s.sin", s->name);
		name_number(set, at + 1, "%s.cos", s->name);
	} else if (s->kind == FEATURE_CATEGORY) {
		for (i = 0; i < n; i++)
			name_number(set, at + (int)i, "%s.%u/%u", s->name, i, n);
	} else {
		name_number(set, at, "%s", s->name);
	}
}

/* Ranges are in it and not in the names: a wider range is another phi, yet what was
 * learnt is a fair start for it. */
static uint64_t hash_set(const struct feature_set *set)
{
	struct buf b = { 0 };
	uint64_t hash;
	int i, f;

	for (i = 0; i < set->count; i++) {
		const struct feature_spec *s = &set->spec[i];

		buf_put_bytes(&b, slice_str(s->name));
		buf_put_u8(&b, (uint8_t)s->kind);
		buf_put_f64(&b, s->kind == FEATURE_NUMBER ? s->lo : 0);
		buf_put_f64(&b, s->kind == FEATURE_NUMBER ? s->hi : 0);
		buf_put_f64(&b, s->kind == FEATURE_CYCLE ? s->period : 0);
		buf_put_u32(&b, s->kind == FEATURE_CATEGORY ? s->buckets : 0);
		for (f = 0; f < 2 && s->kind == FEATURE_PRODUCT; f++)
			buf_put_bytes(&b, slice_str(s->of[f]));
	}
	buf_put_u8(&b, ACTION_FEATURES);
	hash = hash_bytes(buf_slice(&b), 0);
	buf_clear(&b);
	return hash;
}

/* Features stand in order of their names, so factors may stand behind their product. */
static int find_factors(struct feature_set *set, struct feature_spec *s, int of[2],
	struct error *err)
{
	int f, at;

	for (f = 0; f < 2; f++) {
		at = s->of[f] ? feature_set_find(set, slice_str(s->of[f])) : -1;
		if (at < 0)
			return error_set(err, ERR_ARG,
				"feature %s: product of '%.80s', which is "
				"no feature",
				s->name, s->of[f] ? s->of[f] : "");
		if (set->spec[at].kind != FEATURE_NUMBER && set->spec[at].kind != FEATURE_FLAG)
			return error_set(err, ERR_ARG,
				"feature %s: product of %s, expected a "
				"number or a flag",
				s->name, s->of[f]);
		of[f] = set->first[at];
		s->of[f] = set->spec[at].name; /* ours */
	}
	return 0;
}

int feature_set_new(struct feature_set **out, const struct feature_spec *specs, int count,
	struct error *err)
{
	struct feature_set *set = xcalloc(1, sizeof(*set));
	int i, rc = 0;

	set->width = 1;
	name_number(set, 0, "bias");
	for (i = 0; rc == 0 && i < count; i++) {
		rc = check_spec(set, &specs[i], err);
		if (rc == 0)
			add_spec(set, &specs[i]);
	}
	for (i = 0; rc == 0 && i < count; i++)
		if (set->spec[i].kind == FEATURE_PRODUCT)
			rc = find_factors(set, &set->spec[i], set->of[i], err);
	if (rc < 0) {
		feature_set_free(set);
		return rc;
	}
	for (i = 0; i < ACTION_FEATURES; i++)
		name_number(set, set->width + i, "arm.%s", action_names[i]);
	set->hash = hash_set(set);
	*out = set;
	return 0;
}

void feature_set_free(struct feature_set *set)
{
	int i;

	if (!set)
		return;
	for (i = 0; i < set->count; i++)
		free((char *)set->spec[i].name);
	for (i = 0; i < PHI_MAX; i++)
		free(set->name[i]);
	free(set);
}

int feature_set_count(const struct feature_set *set)
{
	return set->count;
}

const struct feature_spec *feature_set_spec(const struct feature_set *set, int i)
{
	return &set->spec[i];
}

int feature_set_find(const struct feature_set *set, struct slice name)
{
	int i;

	for (i = 0; i < set->count; i++)
		if (slice_is(name, set->spec[i].name))
			return i;
	return -1;
}

int feature_set_width(const struct feature_set *set)
{
	return set->width;
}

int feature_set_full(const struct feature_set *set)
{
	return set->width + ACTION_FEATURES;
}

const char *feature_set_name(const struct feature_set *set, int i)
{
	return set->name[i];
}

const uint64_t *feature_set_ids(const struct feature_set *set)
{
	return set->id;
}

uint64_t feature_set_hash(const struct feature_set *set)
{
	return set->hash;
}

/* True if x, scaled from [lo, hi], had to be clipped. */
static bool fill_number(const struct feature_spec *s, double x, float *at)
{
	double lo = s->lo, hi = s->hi;

	*at = x <= lo ? 0 : x >= hi ? 1 : (float)((x / 2 - lo / 2) / (hi / 2 - lo / 2));
	return x < lo || x > hi;
}

static void fill_cycle(const struct feature_spec *s, double x, float *at)
{
	double turn = 2 * M_PI * (fmod(x, s->period) / s->period);

	at[0] = (float)((1 + sin(turn)) / 2);
	at[1] = (float)((1 + cos(turn)) / 2);
}

static bool is_absent(const struct feature_spec *s, const struct feature_value *v)
{
	return !v->present || (s->kind != FEATURE_CATEGORY && isnan(v->number));
}

uint64_t feature_set_absent(const struct feature_set *set, const struct feature_value *values)
{
	uint64_t absent = 0;
	int i;

	for (i = 0; i < set->count; i++)
		if (set->spec[i].kind != FEATURE_PRODUCT && is_absent(&set->spec[i], &values[i]))
			absent |= (uint64_t)1 << i;
	return absent;
}

uint64_t feature_set_fill(const struct feature_set *set, const struct feature_value *values,
	float *phi)
{
	uint64_t clipped = 0;
	int i;

	memset(phi, 0, (size_t)set->width * sizeof(*phi));
	phi[0] = 1;
	for (i = 0; i < set->count; i++) {
		const struct feature_spec *s = &set->spec[i];
		const struct feature_value *v = &values[i];
		float *at = phi + set->first[i];

		if (is_absent(s, v))
			continue;
		switch (s->kind) {
		case FEATURE_NUMBER:
			if (fill_number(s, v->number, at))
				clipped |= (uint64_t)1 << i;
			break;
		case FEATURE_FLAG: *at = v->number != 0; break;
		case FEATURE_CYCLE:
			if (isfinite(v->number))
				fill_cycle(s, v->number, at);
			break;
		case FEATURE_CATEGORY: at[hash_bytes(v->text, 0) % s->buckets] = 1; break;
		case FEATURE_PRODUCT: break;
		}
	}
	for (i = 0; i < set->count; i++)
		if (set->spec[i].kind == FEATURE_PRODUCT)
			phi[set->first[i]] = phi[set->of[i][0]] * phi[set->of[i][1]];
	return clipped;
}

static float unit(float x)
{
	return x > 0 ? x < 1 ? x : 1 : 0; /* NaN compares false */
}

int phi_join(float *full, const float *phi, int width, const float action[ACTION_FEATURES])
{
	int i;

	for (i = 0; i < width; i++)
		full[i] = unit(phi[i]);
	for (i = 0; i < ACTION_FEATURES; i++)
		full[width + i] = unit(action[i]);
	return width + ACTION_FEATURES;
}
