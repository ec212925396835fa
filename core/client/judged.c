/* judged.c -- reading queries and judgements; the measures (judged.h has them). */
#include "client/judged.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "limits.h"

#define NDCG_RANKS   10
#define RR_RANKS     10
#define RECALL_RANKS 100
#define GRADE_MAX    1000 /* 2^grade is still a number */

/* ---- lines of a file ---- */

struct source {
	struct judged_set *set;
	const char *path, *prefix;
	long line;
};

/* A line without its end; may be written into. */
typedef int take_line(struct source *, char *line, struct error *);

static int read_line(gzFile in, struct source *s, struct buf *line, struct error *err)
{
	char *room;
	int zerr;

	buf_reset(line);
	do {
		room = buf_room(line, 4096);
		if (!room || line->len > LINE_BYTES_MAX)
			return error_set(err, ERR_LIMIT, "%s:%ld: a line of over %d bytes", s->path,
				s->line + 1, LINE_BYTES_MAX);
		room[0] = '\0';
		if (!gzgets(in, room, 4096))
			break;
		line->len += strlen(room);
	} while (line->len && line->ptr[line->len - 1] != '\n');
	gzerror(in, &zerr);
	if (zerr != Z_OK && zerr != Z_STREAM_END)
		return error_set(err, ERR_IO, "%s:%ld: cannot be read further: damaged or cut",
			s->path, s->line + 1);
	s->line++;
	return line->len > 0;
}

static int read_lines(struct source *s, take_line *take, struct error *err)
{
	gzFile in = gzopen(s->path, "rb");
	struct buf line = { 0 };
	int rc;

	if (!in)
		return error_set(err, ERR_IO, "%s: %s", s->path, strerror(errno));
	while ((rc = read_line(in, s, &line, err)) > 0) {
		while (line.len && strchr("\r\n", line.ptr[line.len - 1]))
			line.len--;
		line.ptr[line.len] = '\0';
		rc = line.len ? take(s, line.ptr, err) : 0;
		if (rc < 0)
			break;
	}
	gzclose(in);
	buf_clear(&line);
	return rc;
}

struct foreign {
	struct source source; /* first */
	int (*take)(void *data, char *line, const char *path, long number, struct error *);
	void *data;
};

static int take_foreign(struct source *s, char *line, struct error *err)
{
	struct foreign *f = (struct foreign *)s;

	return f->take(f->data, line, s->path, s->line, err);
}

int judged_read_lines(const char *path,
	int (*take)(void *data, char *line, const char *path, long number, struct error *),
	void *data, struct error *err)
{
	struct foreign f = { { .path = path }, take, data };

	return read_lines(&f.source, take_foreign, err);
}

/* ---- queries ---- */

static int add_query(struct source *s, const char *id, const char *text, struct error *err)
{
	struct judged_set *set = s->set;

	if (table_get(set->by_id, slice_str(id)))
		return error_set(err, ERR_SYNTAX, "%s:%ld: the query '%s' is there already",
			s->path, s->line, id);
	xgrow(&set->queries, &set->cap, set->count + 1, sizeof(*set->queries));
	set->queries[set->count++] = (struct judged){ .id = xstrdup(id), .text = xstrdup(text) };
	table_put(set->by_id, slice_str(id), (void *)(uintptr_t)set->count);
	return 0;
}

static int take_json_query(struct source *s, const char *line, struct error *err)
{
	json_t *doc = NULL, *id;
	const char *text;
	char number[24];
	int rc;

	rc = json_parse(&doc, slice_str(line), err);
	if (rc < 0)
		return error_prefix(err, rc, "%s:%ld", s->path, s->line);
	id = json_object_get(doc, "id");
	if (!id)
		id = json_object_get(doc, "_id");
	text = json_string_value(json_object_get(doc, "text"));
	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(id));
	if (!text || (!json_is_string(id) && !json_is_integer(id)))
		rc = error_set(err, ERR_SYNTAX,
			"%s:%ld: expected an object with \"id\" and \"text\"", s->path, s->line);
	else
		rc = add_query(s, json_is_string(id) ? json_string_value(id) : number, text, err);
	json_decref(doc);
	return rc;
}

static int take_query(struct source *s, char *line, struct error *err)
{
	char *tab = strchr(line, '\t');

	if (line[0] == '{')
		return take_json_query(s, line, err);
	if (!tab || tab == line || !tab[1])
		return error_set(err, ERR_SYNTAX,
			"%s:%ld: expected an id, a tab and the query's text", s->path, s->line);
	*tab = '\0';
	return add_query(s, line, tab + 1, err);
}

int judged_read_queries(struct judged_set *set, const char *path, struct error *err)
{
	struct source s = { .set = set, .path = path };

	set->by_id = table_new();
	return read_lines(&s, take_query, err);
}

/* ---- judgements ---- */

/* The columns of a line, cut in place; more than 4 count as 5. */
static int split(char *line, char *column[4])
{
	const char *gaps = strchr(line, '\t') ? "\t" : " ";
	char *word, *rest = NULL;
	int n = 0;

	for (word = strtok_r(line, gaps, &rest); word; word = strtok_r(NULL, gaps, &rest)) {
		if (n == 4)
			return 5;
		column[n++] = word;
	}
	return n;
}

static int take_grade(const struct source *s, const char *word, int *out, struct error *err)
{
	char *end;
	long value = strtol(word, &end, 10);

	if (end == word || *end || value > GRADE_MAX || value < -GRADE_MAX)
		return error_set(err, ERR_SYNTAX,
			"%s:%ld: grade '%.40s', expected a whole number from -%d to %d", s->path,
			s->line, word, GRADE_MAX, GRADE_MAX);
	*out = (int)value;
	return 0;
}

static void add_judgement(struct source *s, struct judged *q, const char *entity, int grade)
{
	size_t room = strlen(s->prefix) + strlen(entity) + 1;
	struct judgement *j;

	xgrow(&q->judgements, &q->cap, q->count + 1, sizeof(*q->judgements));
	j = &q->judgements[q->count++];
	*j = (struct judgement){ .entity = xmalloc(room), .grade = grade, .line = s->line };
	snprintf(j->entity, room, "%s%s", s->prefix, entity);
	q->relevant += grade > 0;
}

static int take_judgement(struct source *s, char *line, struct error *err)
{
	char *column[4];
	uintptr_t place;
	int n, grade = 0, rc;

	if (s->line == 1 && !strncmp(line, "query-id", 8))
		return 0;
	n = split(line, column);
	if (n != 3 && n != 4)
		return error_set(err, ERR_SYNTAX,
			"%s:%ld: %s columns, expected QUERY ENTITY GRADE or QUERY 0 ENTITY GRADE",
			s->path, s->line, n < 3 ? "too few" : "too many");
	rc = take_grade(s, column[n - 1], &grade, err);
	if (rc < 0)
		return rc;
	place = (uintptr_t)table_get(s->set->by_id, slice_str(column[0]));
	if (place)
		add_judgement(s, &s->set->queries[place - 1], column[n - 2], grade);
	else
		s->set->strays++;
	return 0;
}

static int by_entity(const void *a, const void *b)
{
	const struct judgement *x = a, *y = b;
	int c = strcmp(x->entity, y->entity);

	return c ? c : (x->line > y->line) - (x->line < y->line);
}

int judged_read_qrels(struct judged_set *set, const char *path, const char *prefix,
	struct error *err)
{
	struct source s = { .set = set, .path = path, .prefix = prefix };
	int rc = read_lines(&s, take_judgement, err);
	size_t i, j;

	for (i = 0; rc == 0 && i < set->count; i++) {
		struct judged *q = &set->queries[i];

		if (q->count)
			qsort(q->judgements, q->count, sizeof(*q->judgements), by_entity);
		for (j = 1; rc == 0 && j < q->count; j++)
			if (!strcmp(q->judgements[j - 1].entity, q->judgements[j].entity))
				rc = error_set(err, ERR_SYNTAX,
					"%s:%ld: '%s' is judged for query '%s' already, in line %ld",
					path, q->judgements[j].line, q->judgements[j].entity, q->id,
					q->judgements[j - 1].line);
	}
	return rc;
}

void judged_clear(struct judged_set *set)
{
	size_t i, j;

	for (i = 0; i < set->count; i++) {
		for (j = 0; j < set->queries[i].count; j++)
			free(set->queries[i].judgements[j].entity);
		free(set->queries[i].judgements);
		free(set->queries[i].id);
		free(set->queries[i].text);
	}
	free(set->queries);
	table_free(set->by_id);
	memset(set, 0, sizeof(*set));
}

/* ---- measures ---- */

static int find_entity(const void *key, const void *item)
{
	return strcmp(key, ((const struct judgement *)item)->entity);
}

int judged_grade(const struct judged *q, const char *entity)
{
	const struct judgement *j =
		bsearch(entity, q->judgements, q->count, sizeof(*q->judgements), find_entity);

	return j && j->grade > 0 ? j->grade : 0;
}

static double gain_of(int grade, enum gain gain)
{
	return gain == GAIN_LINEAR ? grade : exp2(grade) - 1;
}

/* DCG of the best order: the ten highest grades, falling. */
static double best_dcg(const struct judged *q, enum gain gain)
{
	int best[NDCG_RANKS + 1] = { 0 }, at;
	double sum = 0;
	size_t i;

	for (i = 0; i < q->count; i++) {
		for (at = NDCG_RANKS; at > 0 && best[at - 1] < q->judgements[i].grade; at--)
			best[at] = best[at - 1];
		best[at] = q->judgements[i].grade;
		best[NDCG_RANKS] = 0;
	}
	for (at = 0; at < NDCG_RANKS; at++)
		sum += gain_of(best[at], gain) / log2(at + 2);
	return sum;
}

void judged_measure(const struct judged *q, const char *const *entities, size_t count,
	enum gain gain, struct measures *out)
{
	size_t found = 0, early = 0, i;
	int grade;

	assert(q->relevant > 0);
	*out = (struct measures){ 0 };
	for (i = 0; i < count; i++) {
		grade = judged_grade(q, entities[i]);
		if (!grade)
			continue;
		found++;
		if (i < NDCG_RANKS)
			out->ndcg_10 += gain_of(grade, gain) / log2(i + 2.0);
		if (i < RR_RANKS && found == 1)
			out->rr_10 = 1.0 / (i + 1.0);
		if (i < RECALL_RANKS)
			early++;
		out->ap += found / (i + 1.0);
	}
	out->ndcg_10 /= best_dcg(q, gain);
	out->recall_100 = (double)early / q->relevant;
	out->ap /= q->relevant;
}
