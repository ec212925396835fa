/* allot.c -- random search for the best fixed depths (allot.h).
 *
 * Many random allotments are looked at with few queries, the better ones with more, the
 * best with all; then the winner is improved by moving depth between two strategies while
 * that helps.  Two allotments that differ only where a strategy has nothing more to bring
 * have the same page. */
#include "client/allot.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/rng.h"

#define FLIGHT     64
#define QUERIES    240 /* that a type's allotments are compared by, at the most */
#define ROUNDS_MAX 12  /* of improving */

struct reach {
	unsigned short depth, found; /* of the deepest level; depth 0: does not apply */
};

struct allot {
	struct allot_options o;
	struct reach *reach; /* by query and strategy */
	struct table *places;
	double *known; /* values of pages */
	size_t known_count, known_cap;
	struct rng rng;
};

char *allot_context(const char *context, bool flipped)
{
	const char *rest = context ? strchr(context, '{') + 1 : "}";
	struct buf out = { 0 };

	if (!flipped)
		return context ? xstrdup(context) : NULL;
	buf_printf(&out, "{\"flip\":true%s%s", rest[strspn(rest, " \t")] == '}' ? "" : ",", rest);
	buf_putc(&out, '\0');
	return out.ptr;
}

static struct reach *reach_of(const struct allot *a, size_t asked, int strategy)
{
	return &a->reach[asked * (size_t)a->o.strategy_count + (size_t)strategy];
}

/* ---- pages ---- */

static char *depth_words(const struct allot *a, const struct allotment *of)
{
	struct buf out = { 0 };
	int s;

	for (s = 0; s < a->o.strategy_count; s++)
		buf_printf(&out, "%s%s=%u", s ? "," : "", a->o.strategies[s],
			a->o.depth[of->level[s]]);
	buf_putc(&out, '\0');
	return out.ptr;
}

static int send(struct allot *a, size_t asked, const struct allotment *of, bool explained,
	struct error *err)
{
	const struct asked *q = &a->o.people->asked[asked];
	char *context = allot_context(q->context, a->o.flipped), *depth = depth_words(a, of);
	struct question question = { .collection = a->o.collection,
		.text = q->judged->text,
		.context = context,
		.depth = depth,
		.seed = 1,
		.limit = a->o.hits,
		.explained = explained };
	int rc = page_send(a->o.client, &question, err);

	free(context);
	free(depth);
	return rc;
}

static int take_reach(struct allot *a, size_t asked, struct error *err)
{
	struct page page;
	struct reach *reach;
	json_t *one;
	int s, rc = page_receive(a->o.client, &page, err);

	for (s = 0; rc == 0 && s < a->o.strategy_count; s++) {
		reach = reach_of(a, asked, s);
		one = json_object_get(json_object_get(json_object_get(page.json, "explain"),
					      "strategies"),
			a->o.strategies[s]);
		reach->depth = (unsigned short)json_integer_value(json_object_get(one, "depth"));
		reach->found = (unsigned short)json_integer_value(json_object_get(one, "found"));
	}
	page_clear(&page);
	return rc;
}

static int learn_reach(struct allot *a, struct error *err)
{
	struct allotment deepest;
	size_t sent = 0, got;
	int rc = 0;

	memset(deepest.level, a->o.levels - 1, sizeof(deepest.level));
	for (got = 0; rc == 0 && got < a->o.people->count; got++) {
		for (; rc == 0 && sent < a->o.people->count && sent - got < FLIGHT; sent++)
			rc = send(a, sent, &deepest, true, err);
		if (rc == 0)
			rc = take_reach(a, got, err);
	}
	return rc;
}

/* The query and what is drawn of each strategy. */
static struct slice key_of(const struct allot *a, const struct allotment *of, size_t asked,
	unsigned short key[ALLOT_STRATEGIES_MAX + 2])
{
	const struct reach *reach;
	unsigned depth;
	int s, n = a->o.strategy_count;

	for (s = 0; s < n; s++) {
		reach = reach_of(a, asked, s);
		depth = reach->depth ? a->o.depth[of->level[s]] : 0;
		if (depth > reach->found)
			depth = reach->found + 1u;
		key[s] = (unsigned short)depth;
	}
	key[n] = (unsigned short)(asked & 0xffff);
	key[n + 1] = (unsigned short)(asked >> 16);
	return slice_of((const char *)key, ((size_t)n + 2) * sizeof(*key));
}

static double *known(const struct allot *a, const struct allotment *of, size_t asked)
{
	unsigned short key[ALLOT_STRATEGIES_MAX + 2];
	uintptr_t place = (uintptr_t)table_get(a->places, key_of(a, of, asked, key));

	return place ? &a->known[place - 1] : NULL;
}

static int take_page(struct allot *a, const struct allotment *of, size_t asked, struct error *err)
{
	unsigned short key[ALLOT_STRATEGIES_MAX + 2];
	struct page page;
	int rc = page_receive(a->o.client, &page, err);

	if (rc < 0)
		return rc;
	xgrow(&a->known, &a->known_cap, a->known_count + 1, sizeof(*a->known));
	a->known[a->known_count++] = people_served(a->o.people, asked, page.ids, page.count);
	table_put(a->places, key_of(a, of, asked, key), (void *)(uintptr_t)a->known_count);
	page_clear(&page);
	return 0;
}

/* Pages of some queries under some allotments, so that they are known. */
static int fetch(struct allot *a, const struct allotment *of, size_t count, const size_t *queries,
	size_t query_count, struct error *err)
{
	struct {
		size_t of, asked;
	} flying[FLIGHT];
	size_t i, sent = 0, got = 0, all = count * query_count;
	int rc = 0;

	for (i = 0; rc == 0 && (i < all || got < sent); i++) {
		if (i >= all || sent - got == FLIGHT) {
			rc = take_page(a, &of[flying[got % FLIGHT].of], flying[got % FLIGHT].asked,
				err);
			got++;
			if (rc < 0)
				break;
		}
		if (i >= all || known(a, &of[i / query_count], queries[i % query_count]))
			continue;
		flying[sent % FLIGHT].of = i / query_count;
		flying[sent % FLIGHT].asked = queries[i % query_count];
		rc = send(a, queries[i % query_count], &of[i / query_count], false, err);
		sent++;
	}
	return rc;
}

int allot_value(struct allot *a, const struct allotment *of, size_t asked, double *value,
	double *cost, struct error *err)
{
	unsigned depth, reach;
	int s, rc;

	rc = fetch(a, of, 1, &asked, 1, err);
	if (rc < 0)
		return rc;
	*value = *known(a, of, asked);
	for (*cost = 0, s = 0; s < a->o.strategy_count; s++) {
		depth = a->o.depth[of->level[s]];
		reach = reach_of(a, asked, s)->depth;
		*cost += depth < reach ? depth : reach;
	}
	return 0;
}

/* ---- the search ---- */

/* Allotments that are compared, by the same queries. */
struct contest {
	struct allot *a;
	size_t queries[QUERIES], query_count; /* drawn as people ask; some stand twice */
	double (*cost)[ALLOT_LEVELS_MAX];     /* mean, by strategy */
};

static void gather(struct contest *c, int type)
{
	const struct people *people = c->a->o.people;
	double all = 0, sum = 0, step, at;
	size_t i, other, swap;

	for (i = 0; i < people->count; i++)
		if (type < 0 || people->asked[i].type == type)
			all += people->asked[i].weight;
	/* systematic sampling: every place in the running sum as likely */
	step = all / QUERIES;
	at = rng_double(&c->a->rng) * step;
	for (i = 0; i < people->count; i++) {
		if (type >= 0 && people->asked[i].type != type)
			continue;
		sum += people->asked[i].weight;
		for (; at < sum && c->query_count < QUERIES; at += step)
			c->queries[c->query_count++] = i;
	}
	/* so that the first few are a fair part of them */
	for (i = c->query_count; i > 1; i--) {
		other = rng_below(&c->a->rng, i);
		swap = c->queries[i - 1];
		c->queries[i - 1] = c->queries[other];
		c->queries[other] = swap;
	}
}

static void count_costs(struct contest *c)
{
	const struct allot *a = c->a;
	unsigned depth, reach;
	size_t i;
	int s, l;

	for (s = 0; s < a->o.strategy_count; s++)
		for (l = 0; l < a->o.levels; l++) {
			for (c->cost[s][l] = 0, i = 0; i < c->query_count; i++) {
				depth = a->o.depth[l];
				reach = reach_of(a, c->queries[i], s)->depth;
				c->cost[s][l] += depth < reach ? depth : reach;
			}
			c->cost[s][l] /= (double)c->query_count;
		}
}

static double cost_of(const struct contest *c, const struct allotment *of)
{
	double sum = 0;
	int s;

	for (s = 0; s < c->a->o.strategy_count; s++)
		sum += c->cost[s][of->level[s]];
	return sum;
}

static bool affordable(const struct contest *c, const struct allotment *of)
{
	return cost_of(c, of) <= c->a->o.budget * (1 + 1e-9);
}

/* Strategies in random order, each to a random depth of those that can be paid. */
static void draw(struct contest *c, struct allotment *out)
{
	int order[ALLOT_STRATEGIES_MAX], n = c->a->o.strategy_count, s, swap, other, most;
	struct rng *rng = &c->a->rng;
	bool all_of_it = rng_below(rng, 2);

	memset(out, 0, sizeof(*out));
	for (s = 0; s < n; s++)
		order[s] = s;
	for (s = n - 1; s > 0; s--) {
		other = (int)rng_below(rng, (uint64_t)s + 1);
		swap = order[s];
		order[s] = order[other];
		order[other] = swap;
	}
	for (s = 0; s < n; s++) {
		unsigned char *level = &out->level[order[s]];

		for (most = c->a->o.levels - 1; most > 0; most--) {
			*level = (unsigned char)most;
			if (affordable(c, out))
				break;
		}
		*level = (unsigned char)(all_of_it && s == n - 1
						 ? most
						 : (int)rng_below(rng, (uint64_t)most + 1));
	}
}

struct tried {
	struct allotment of;
	double value;
};

static int by_value(const void *a, const void *b)
{
	const struct tried *x = a, *y = b;

	return (x->value < y->value) - (x->value > y->value);
}

/* Compare by the first `queries`, best first. */
static int compare(struct contest *c, struct tried *all, size_t count, size_t queries,
	struct error *err)
{
	struct allotment *of = xcalloc(count + 1, sizeof(*of));
	size_t i, q;
	int rc;

	queries = queries < c->query_count ? queries : c->query_count;
	for (i = 0; i < count; i++)
		of[i] = all[i].of;
	rc = fetch(c->a, of, count, c->queries, queries, err);
	free(of);
	for (i = 0; rc == 0 && i < count; i++) {
		for (all[i].value = 0, q = 0; q < queries; q++)
			all[i].value += *known(c->a, &all[i].of, c->queries[q]);
		all[i].value /= (double)queries;
	}
	if (rc == 0)
		qsort(all, count, sizeof(*all), by_value);
	return rc;
}

static void add(const struct contest *c, struct tried **all, size_t *count, size_t *cap,
	const struct allotment *of)
{
	if (!affordable(c, of))
		return;
	xgrow(all, cap, *count + 1, sizeof(**all));
	(*all)[(*count)++].of = *of;
}

/* One strategy to another depth, and maybe a second one to less. */
static void add_neighbours(const struct contest *c, const struct allotment *from,
	struct tried **all, size_t *count, size_t *cap)
{
	int n = c->a->o.strategy_count, s, t, l, m;
	struct allotment next;

	for (s = 0; s < n; s++)
		for (l = 0; l < c->a->o.levels; l++) {
			next = *from;
			next.level[s] = (unsigned char)l;
			if (l == from->level[s])
				continue;
			add(c, all, count, cap, &next);
			for (t = 0; t < n && l > from->level[s] && l <= from->level[s] + 2; t++)
				for (m = from->level[t] - 1; t != s && m >= 0; m--) {
					next.level[t] = (unsigned char)m;
					add(c, all, count, cap, &next);
					next.level[t] = from->level[t];
				}
		}
}

static int improve(struct contest *c, struct tried *best, struct error *err)
{
	struct tried *all = NULL, before;
	size_t count, cap = 0;
	int i, rc = 0;

	for (i = 0; i < ROUNDS_MAX; i++) {
		before = *best;
		count = 0;
		add_neighbours(c, &best->of, &all, &count, &cap);
		rc = compare(c, all, count, QUERIES / 4, err);
		if (rc == 0)
			rc = compare(c, all, count < 12 ? count : 12, QUERIES, err);
		if (rc < 0 || !count || all[0].value <= before.value + 1e-9)
			break;
		*best = all[0];
	}
	free(all);
	return rc;
}

int allot_search(struct allot *a, int type, struct allotment *best, struct error *err)
{
	struct contest c = { .a = a,
		.cost = xcalloc((size_t)a->o.strategy_count + 1, sizeof(*c.cost)) };
	size_t tries = (size_t)a->o.tries, i;
	struct tried *all = xcalloc(tries, sizeof(*all));
	int rc;

	gather(&c, type);
	count_costs(&c);
	for (i = 0; i < tries; i++)
		draw(&c, &all[i].of);
	rc = compare(&c, all, tries, QUERIES / 8, err);
	if (rc == 0)
		rc = compare(&c, all, tries < 8 ? tries : tries / 4, QUERIES / 2, err);
	if (rc == 0)
		rc = compare(&c, all, tries < 8 ? tries : 8, QUERIES, err);
	if (rc == 0)
		rc = improve(&c, &all[0], err);
	*best = all[0].of;
	free(all);
	free(c.cost);
	return rc;
}

void allot_print(const struct allot *a, const struct allotment *of, struct buf *out)
{
	bool first = true;
	int s;

	for (s = 0; s < a->o.strategy_count; s++) {
		if (!of->level[s])
			continue;
		buf_printf(out, "%s%s %u", first ? "" : ", ", a->o.strategies[s],
			a->o.depth[of->level[s]]);
		first = false;
	}
}

/* ---- making ---- */

int allot_new(struct allot **out, const struct allot_options *options, struct error *err)
{
	struct allot *a = xcalloc(1, sizeof(*a));
	int rc;

	a->o = *options;
	a->reach = xcalloc(options->people->count * (size_t)options->strategy_count + 1,
		sizeof(*a->reach));
	a->places = table_new();
	rng_init(&a->rng, options->people->seed);
	rc = learn_reach(a, err);
	if (rc < 0) {
		allot_free(a);
		return rc;
	}
	*out = a;
	return 0;
}

void allot_free(struct allot *a)
{
	if (!a)
		return;
	table_free(a->places);
	free(a->known);
	free(a->reach);
	free(a);
}
