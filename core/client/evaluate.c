/* evaluate.c -- `toller evaluate` (evaluate.h says what it does).
 *
 * A few queries are in flight at any time; answers come in the order of the queries,
 * so the one at hand is told by counting. */
#include "client/evaluate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "client/judged.h"
#include "client/options.h"
#include "client/table_parts.h"
#include "limits.h"

#define FLIGHT     32 /* queries */
#define GET_FLIGHT 256
#define WORDS_MAX  16 /* of a SEARCH */
#define REFUSALS   3  /* told in full */
#define NAME_WIDTH 24 /* of a query's id in a table */

struct answer {
	struct measures measures;
	size_t hits;
	bool refused;
};

struct totals {
	struct measures sum;
	size_t queries, unanswered, refused, hits;
	size_t without_judgements, missing, missing_relevant;
};

struct evaluation {
	struct client *client;
	const char *collection, *queries, *qrels, *strategy, *policy, *prefix, *run;
	long depth, seed;
	enum gain gain;
	bool by_query, json;
	struct judged_set set;
	struct answer *answers; /* by the place of the query */
	FILE *run_file;
	bool lost;
	struct totals totals;
};

/* ---- asking ---- */

static void send_query(struct evaluation *e, size_t place)
{
	char depth[24], seed[24];
	const char *argv[WORDS_MAX] = { "SEARCH", e->collection, e->set.queries[place].text,
		"LIMIT", depth, "SEED", seed, "FIELDS", "id", "NOLOG" };
	int argc = 10;

	snprintf(depth, sizeof(depth), "%ld", e->depth);
	snprintf(seed, sizeof(seed), "%lld", (long long)e->seed + (long long)place);
	if (e->strategy) {
		argv[argc++] = "ONLY";
		argv[argc++] = e->strategy;
	}
	if (e->policy) {
		argv[argc++] = "POLICY";
		argv[argc++] = e->policy;
	}
	if (redisAppendCommandArgv(e->client->redis, argc, argv, NULL) != REDIS_OK)
		e->lost = true;
}

static void refuse(struct evaluation *e, size_t place, const char *why)
{
	e->answers[place].refused = true;
	if (e->totals.refused++ < REFUSALS)
		fprintf(stderr, "query %s: %s\n", e->set.queries[place].id, why);
}

static void write_run(struct evaluation *e, const char *query, const char *const *ids, size_t count)
{
	size_t i;

	for (i = 0; e->run_file && i < count; i++)
		fprintf(e->run_file, "%s\tQ0\t%s\t%zu\t%ld\ttoller\n", query, ids[i], i + 1,
			e->depth - (long)i);
}

static void take_answer(struct evaluation *e, size_t place, const redisReply *reply)
{
	struct judged *query = &e->set.queries[place];
	struct answer *answer = &e->answers[place];
	struct error err = { 0 };
	const char **ids, *id;
	json_t *json = NULL, *hits, *hit;
	size_t i;

	if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_ERROR) {
		refuse(e, place, "an answer that is not text");
		return;
	}
	if (reply->type == REDIS_REPLY_ERROR ||
		json_parse(&json, slice_of(reply->str, reply->len), &err) < 0) {
		refuse(e, place, err.code ? err.text : reply->str);
		return;
	}
	hits = json_object_get(json, "hits");
	ids = xcalloc(json_array_size(hits) + 1, sizeof(*ids));
	json_array_foreach(hits, i, hit) {
		id = json_string_value(json_object_get(hit, "id"));
		if (id)
			ids[answer->hits++] = id;
	}
	judged_measure(query, ids, answer->hits, e->gain, &answer->measures);
	write_run(e, query->id, ids, answer->hits);
	free(ids);
	json_decref(json);
}

/* The place of the next query that can be measured, or the count. */
static size_t next_query(const struct evaluation *e, size_t place)
{
	while (place < e->set.count && !e->set.queries[place].relevant)
		place++;
	return place;
}

static redisReply *receive(struct evaluation *e)
{
	redisReply *reply = NULL;

	if (!e->lost && redisGetReply(e->client->redis, (void **)&reply) != REDIS_OK)
		e->lost = true;
	return e->lost ? NULL : reply;
}

static void ask_all(struct evaluation *e)
{
	size_t sent = next_query(e, 0), got = sent, flying = 0;
	redisReply *reply;

	while (!e->lost && got < e->set.count) {
		for (; flying < FLIGHT && sent < e->set.count; flying++) {
			send_query(e, sent);
			sent = next_query(e, sent + 1);
		}
		reply = receive(e);
		if (!reply)
			return;
		take_answer(e, got, reply);
		freeReplyObject(reply);
		got = next_query(e, got + 1);
		flying--;
	}
}

/* ---- judged entities that are not there ---- */

static void take_entity(struct evaluation *e, const bool *relevant)
{
	redisReply *reply = receive(e);

	if (!reply)
		return;
	if (reply->type == REDIS_REPLY_NIL || reply->type == REDIS_REPLY_ERROR) {
		e->totals.missing++;
		e->totals.missing_relevant += *relevant;
	}
	freeReplyObject(reply);
}

/* Each entity once; the value says if it is relevant to any query. */
static struct table *judged_entities(const struct judged_set *set, bool *flags)
{
	struct table *entities = table_new();
	const struct judgement *j;
	struct slice name;
	bool *flag;
	size_t i, n;

	for (i = 0; i < set->count; i++)
		for (n = 0; n < set->queries[i].count; n++) {
			j = &set->queries[i].judgements[n];
			name = slice_str(j->entity);
			flag = table_get(entities, name);
			if (!flag) {
				flag = flags++;
				table_put(entities, name, flag);
			}
			*flag = *flag || j->grade > 0;
		}
	return entities;
}

static void check_entities(struct evaluation *e)
{
	const char *argv[] = { "GET", e->collection, NULL };
	size_t lengths[] = { 3, strlen(e->collection), 0 }, at = 0, count = 0, i, sent, got = 0;
	struct table *entities;
	bool *flags, **flying;
	struct slice name;
	void *flag;

	for (i = 0; i < e->set.count; i++)
		count += e->set.queries[i].count;
	flags = xcalloc(count + 1, sizeof(*flags));
	flying = xcalloc(count + 1, sizeof(*flying));
	entities = judged_entities(&e->set, flags);
	for (sent = 0; !e->lost && table_next(entities, &at, &name, &flag); sent++) {
		if (sent - got == GET_FLIGHT)
			take_entity(e, flying[got++]);
		argv[2] = name.ptr;
		lengths[2] = name.len;
		flying[sent] = flag;
		if (redisAppendCommandArgv(e->client->redis, 3, argv, lengths) != REDIS_OK)
			e->lost = true;
	}
	while (!e->lost && got < sent)
		take_entity(e, flying[got++]);
	table_free(entities);
	free(flags);
	free(flying);
}

/* ---- telling ---- */

static void add_up(struct evaluation *e)
{
	struct totals *t = &e->totals;
	const struct answer *a;
	size_t i;

	for (i = 0; i < e->set.count; i++) {
		a = &e->answers[i];
		if (!e->set.queries[i].relevant) {
			t->without_judgements++;
			continue;
		}
		t->queries++;
		t->unanswered += a->hits == 0;
		t->hits += a->hits;
		t->sum.ndcg_10 += a->measures.ndcg_10;
		t->sum.ap += a->measures.ap;
		t->sum.recall_100 += a->measures.recall_100;
		t->sum.rr_10 += a->measures.rr_10;
	}
	t->sum.ndcg_10 /= t->queries;
	t->sum.ap /= t->queries;
	t->sum.recall_100 /= t->queries;
	t->sum.rr_10 /= t->queries;
}

static void print_by_query(const struct evaluation *e)
{
	const struct answer *a;
	int width = 5, len;
	size_t i;

	for (i = 0; i < e->set.count; i++) {
		len = (int)strlen(e->set.queries[i].id);
		if (e->set.queries[i].relevant && len > width)
			width = len > NAME_WIDTH ? NAME_WIDTH : len;
	}
	printf("%-*s  nDCG@10      AP  recall@100   RR@10  hits  text\n", width, "query");
	for (i = 0; i < e->set.count; i++) {
		a = &e->answers[i];
		if (!e->set.queries[i].relevant)
			continue;
		printf("%-*s  %7.4f  %6.4f  %10.4f  %6.4f  %4zu  ", width, e->set.queries[i].id,
			a->measures.ndcg_10, a->measures.ap, a->measures.recall_100,
			a->measures.rr_10, a->hits);
		print_plain(e->set.queries[i].text, strlen(e->set.queries[i].text));
	}
	putchar('\n');
}

static void print_table(const struct evaluation *e)
{
	const struct totals *t = &e->totals;

	if (e->by_query)
		print_by_query(e);
	printf("queries  nDCG@10     MAP  recall@100  MRR@10    hits  unanswered\n"
	       "%7zu  %7.4f  %6.4f  %10.4f  %6.4f  %6.1f  %10zu\n",
		t->queries, t->sum.ndcg_10, t->sum.ap, t->sum.recall_100, t->sum.rr_10,
		(double)t->hits / t->queries, t->unanswered);
	if (t->refused)
		printf("%zu refused by the daemon, among the unanswered\n", t->refused);
	if (t->without_judgements)
		printf("%zu more without a relevant judgement, left out\n", t->without_judgements);
	if (e->set.strays)
		printf("%ld judgements of queries that %s does not have\n", e->set.strays,
			e->queries);
	if (t->missing)
		printf("%zu judged entities are not in %s, %zu of them relevant\n", t->missing,
			e->collection, t->missing_relevant);
}

static void print_measures(struct json_out *out, const struct measures *m, const char *ap,
	const char *rr)
{
	json_kv(out, num_short, "ndcg_10", m->ndcg_10, 6);
	json_kv(out, num_short, ap, m->ap, 6);
	json_kv(out, num_short, "recall_100", m->recall_100, 6);
	json_kv(out, num_short, rr, m->rr_10, 6);
}

static void print_json_by_query(const struct evaluation *e, struct json_out *out)
{
	size_t i;

	json_key(out, "by_query");
	json_array_open(out);
	for (i = 0; i < e->set.count; i++) {
		if (!e->set.queries[i].relevant)
			continue;
		json_object_open(out);
		json_kv(out, str, "query", e->set.queries[i].id);
		print_measures(out, &e->answers[i].measures, "ap", "rr_10");
		json_kv(out, uint, "hits", e->answers[i].hits);
		json_kv(out, bool, "refused", e->answers[i].refused);
		json_close(out);
	}
	json_close(out);
}

static void print_json(const struct evaluation *e)
{
	const struct totals *t = &e->totals;
	struct buf text = { 0 };
	struct json_out out;

	json_begin(&out, &text);
	json_object_open(&out);
	json_kv(&out, str, "collection", e->collection);
	json_kv(&out, uint, "queries", t->queries);
	print_measures(&out, &t->sum, "map", "mrr_10");
	json_kv(&out, num_short, "hits", (double)t->hits / t->queries, 6);
	json_kv(&out, uint, "unanswered", t->unanswered);
	json_kv(&out, uint, "refused", t->refused);
	json_kv(&out, uint, "without_judgements", t->without_judgements);
	json_kv(&out, int, "strays", e->set.strays);
	json_kv(&out, uint, "missing", t->missing);
	json_kv(&out, uint, "missing_relevant", t->missing_relevant);
	if (e->by_query)
		print_json_by_query(e, &out);
	json_close(&out);
	printf("%.*s\n", SLICE_ARG(buf_slice(&text)));
	buf_clear(&text);
}

/* ---- the command ---- */

static int take_gain(void *data, char *value)
{
	struct evaluation *e = data;

	e->gain = strcmp(value, "exponential") ? GAIN_LINEAR : GAIN_EXPONENTIAL;
	if (e->gain == GAIN_EXPONENTIAL || !strcmp(value, "linear"))
		return 0;
	return options_wrong("evaluate", "--gain '%s', expected linear or exponential", value);
}

static int take_word(void *data, char *word)
{
	struct evaluation *e = data;

	if (e->collection)
		return options_wrong("evaluate", "%s is one word too many", word);
	e->collection = word;
	return 0;
}

static int options(struct evaluation *e, int argc, char **argv)
{
	const struct option options[] = { { "--queries", .text = &e->queries },
		{ "--qrels", .text = &e->qrels }, { "--strategy", .text = &e->strategy },
		{ "--policy", .text = &e->policy }, { "--prefix", .text = &e->prefix },
		{ "--run", .text = &e->run }, { "--gain", .take = take_gain },
		{ "--depth", .whole = &e->depth, .least = 1, .most = HITS_MAX },
		{ "--seed", .whole = &e->seed, .most = INT32_MAX },
		{ "--by-query", .flag = &e->by_query }, { "--json", .flag = &e->json }, { 0 } };
	int rc = options_take(options, argc, argv, take_word, e);

	if (rc == 0 && (!e->collection || !e->queries || !e->qrels))
		rc = options_wrong("evaluate", "expected COLLECTION --queries FILE --qrels FILE");
	return rc;
}

static int read_files(struct evaluation *e, struct error *err)
{
	int rc = judged_read_queries(&e->set, e->queries, err);

	if (rc == 0)
		rc = judged_read_qrels(&e->set, e->qrels, e->prefix, err);
	if (rc == 0 && next_query(e, 0) == e->set.count)
		rc = error_set(err, ERR_NOT_FOUND, "no query of %s has a relevant judgement in %s",
			e->queries, e->qrels);
	if (rc == 0 && e->run && !(e->run_file = fopen(e->run, "w")))
		rc = error_set(err, ERR_IO, "%s: %s", e->run, strerror(errno));
	return rc;
}

static int close_run(struct evaluation *e, struct error *err)
{
	bool failed;

	if (!e->run_file)
		return 0;
	failed = ferror(e->run_file) != 0;
	failed |= fclose(e->run_file) != 0;
	return failed ? error_set(err, ERR_IO, "%s: cannot be written", e->run) : 0;
}

static int evaluate(struct evaluation *e, struct error *err)
{
	int rc;

	rc = read_files(e, err);
	if (rc < 0)
		return rc;
	e->answers = xcalloc(e->set.count, sizeof(*e->answers));
	ask_all(e);
	add_up(e);
	if (!e->lost && e->totals.refused < e->totals.queries)
		check_entities(e);
	rc = close_run(e, err);
	if (e->lost)
		rc = error_set(err, ERR_IO, "%s: %s", e->client->address, e->client->redis->errstr);
	return rc;
}

int evaluate_main(struct client *client, int argc, char **argv)
{
	struct evaluation e = { .client = client,
		.json = client->raw,
		.prefix = "",
		.depth = 100,
		.seed = 1 };
	struct error err = { 0 };
	int status;

	if (options(&e, argc, argv))
		return 2;
	status = evaluate(&e, &err) < 0 ? 2 : e.totals.refused ? 1 : 0;
	if (status == 2)
		fprintf(stderr, "toller evaluate: %s\n", err.text);
	else if (e.totals.refused == e.totals.queries)
		fprintf(stderr, "toller evaluate: all %zu queries were refused\n",
			e.totals.queries);
	else if (e.json)
		print_json(&e);
	else
		print_table(&e);
	judged_clear(&e.set);
	free(e.answers);
	return status;
}
