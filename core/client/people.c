/* people.c -- who asks what, and clicks where (people.h). */
#include "client/people.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"

#define FADE     0.7 /* of attention by rank, of `position` */
#define GO_ON    0.5 /* after a click, of `dependent` */
#define TYPE_MAX 64

const char *const clicks_names[] = { "cascade", "dependent", "position", NULL };

/* ---- luck: a number of [0, 1) for a purpose ---- */

enum luck { LUCK_ASK, LUCK_LIKE, LUCK_LOOK, LUCK_SLIP, LUCK_GO_ON, LUCK_DELAY };

static double luck(const struct people *p, uint64_t n, enum luck what, uint64_t which)
{
	uint64_t h = hash_u64(p->seed ^ hash_u64(n ^ hash_u64(which * 8 + what)));

	return (double)(h >> 11) * 0x1p-53;
}

/* ---- types ---- */

static int type_of(struct people *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->type_count; i++)
		if (!strcmp(p->types[i], name))
			return (int)i;
	p->types = xrealloc(p->types, (p->type_count + 1) * sizeof(*p->types));
	p->types[p->type_count] = xstrdup(name);
	return (int)p->type_count++;
}

/* A line's words; those that are missing are NULL. */
static void split(char *line, char *words[4])
{
	int i;

	for (i = 0; i < 4; i++) {
		words[i] = line;
		line = line ? strchr(line, '\t') : NULL;
		if (line)
			*line++ = '\0';
	}
}

struct types {
	struct people *people;
	const struct judged_set *set;
	struct asked *by_query; /* by the place in the set */
};

static int take_type(void *data, char *line, const char *path, long number, struct error *err)
{
	struct types *t = data;
	struct asked *asked;
	struct error why;
	char *words[4], *end;
	json_t *json = NULL;
	uintptr_t place;

	split(line, words);
	place = (uintptr_t)table_get(t->set->by_id, slice_str(words[0]));
	if (!place)
		return 0;
	if (!words[1] || !*words[1] || strlen(words[1]) > TYPE_MAX)
		return error_set(err, ERR_SYNTAX, "%s:%ld: a type of 1 to %d letters is missing",
			path, number, TYPE_MAX);
	asked = &t->by_query[place - 1];
	asked->type = type_of(t->people, words[1]);
	if (words[2]) {
		asked->weight = strtod(words[2], &end);
		if (end == words[2] || *end || !(asked->weight > 0) || !isfinite(asked->weight))
			return error_set(err, ERR_SYNTAX,
				"%s:%ld: weight '%s', expected a number above 0", path, number,
				words[2]);
	}
	if (words[3] && *words[3]) {
		if (json_parse(&json, slice_str(words[3]), &why) < 0 || !json_is_object(json)) {
			json_decref(json);
			return error_set(err, ERR_SYNTAX, "%s:%ld: the context is no JSON object",
				path, number);
		}
		json_decref(json);
		free(asked->context);
		asked->context = xstrdup(words[3]);
	}
	return 0;
}

/* ---- making ---- */

static void gather(struct people *p, struct judged_set *set, struct asked *by_query)
{
	double sum = 0;
	size_t i, j;

	p->asked = xcalloc(set->count, sizeof(*p->asked));
	p->below = xcalloc(set->count, sizeof(*p->below));
	for (i = 0; i < set->count; i++) {
		if (!set->queries[i].relevant) {
			free(by_query[i].context);
			continue;
		}
		if (by_query[i].type < 0)
			by_query[i].type = type_of(p, "all");
		by_query[i].judged = &set->queries[i];
		sum += by_query[i].weight;
		p->below[p->count] = sum;
		p->asked[p->count++] = by_query[i];
		for (j = 0; j < set->queries[i].count; j++)
			if (set->queries[i].judgements[j].grade > p->highest)
				p->highest = set->queries[i].judgements[j].grade;
	}
}

int people_init(struct people *p, struct judged_set *set, const char *types, struct error *err)
{
	struct types t = { p, set, xcalloc(set->count + 1, sizeof(*t.by_query)) };
	int rc = 0;
	size_t i;

	for (i = 0; i < set->count; i++)
		t.by_query[i] = (struct asked){ .type = -1, .weight = 1 };
	if (types)
		rc = judged_read_lines(types, take_type, &t, err);
	if (rc == 0)
		gather(p, set, t.by_query);
	else
		for (i = 0; i < set->count; i++)
			free(t.by_query[i].context);
	free(t.by_query);
	if (rc == 0 && !p->count)
		rc = error_set(err, ERR_NOT_FOUND, "no query has a relevant judgement");
	return rc;
}

void people_clear(struct people *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		free(p->asked[i].context);
	for (i = 0; i < p->type_count; i++)
		free(p->types[i]);
	free(p->types);
	free(p->asked);
	free(p->below);
}

/* ---- asking and clicking ---- */

size_t people_ask(const struct people *p, uint64_t n)
{
	double at = luck(p, n, LUCK_ASK, 0) * p->below[p->count - 1];
	size_t low = 0, high = p->count - 1, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (p->below[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static double liking(const struct people *p, size_t asked, const char *id)
{
	int grade = judged_grade(p->asked[asked].judged, id);

	return grade ? (exp2(grade) - 1) / (exp2(p->highest) - 1) : 0;
}

static double look(size_t rank)
{
	return pow((double)rank + 1, -FADE);
}

double people_served(const struct people *p, size_t asked, const char *const *ids, size_t count)
{
	double on = p->clicks == CLICKS_DEPENDENT ? GO_ON : 0, still = 1, served = 0, like;
	size_t r;

	for (r = 0; r < count; r++) {
		like = liking(p, asked, ids[r]);
		if (p->clicks == CLICKS_POSITION) {
			still *= 1 - look(r) * like;
			served = 1 - still;
		} else {
			served += still * like;
			still *= (1 - like) * (1 - p->noise * (1 - on));
		}
	}
	return served;
}

size_t people_click(const struct people *p, uint64_t n, size_t asked, const char *const *ids,
	size_t count, size_t *clicks, bool *served)
{
	size_t r, made = 0;
	bool likes;

	*served = false;
	for (r = 0; r < count; r++) {
		if (p->clicks == CLICKS_POSITION && luck(p, n, LUCK_LOOK, r) >= look(r))
			continue;
		likes = luck(p, n, LUCK_LIKE, hash_bytes(slice_str(ids[r]), 0)) <
			liking(p, asked, ids[r]);
		if (!likes && luck(p, n, LUCK_SLIP, r) >= p->noise)
			continue;
		clicks[made++] = r;
		*served |= likes;
		if (p->clicks == CLICKS_CASCADE ||
			(p->clicks == CLICKS_DEPENDENT && luck(p, n, LUCK_GO_ON, r) >= GO_ON))
			break;
	}
	return made;
}

uint64_t people_delay(const struct people *p, uint64_t n, size_t rank, double mean)
{
	double u = luck(p, n, LUCK_DELAY, rank);

	return mean > 0 ? (uint64_t)(log1p(-u) / log1p(-1 / (mean + 1))) : 0;
}
