/* facet_terms.c -- counting tags, refs and kinds, which have no column.
 *
 * Either the field's dictionary is walked and each list is met with the set: a term whose
 * document frequency does not exceed the least count that is still shown needs no look,
 * and most terms are rare.  Or the documents of the set are read, once for all facets.
 * What is sooner done is told by a sample of the documents: what all terms will take is
 * the sum, over all values of all documents, of what the value's term takes / its df.  A
 * walk that takes twice as long as reading would have is given up.
 *
 * Terms are folded; a value is shown as one of the documents counted writes it. */
#include <math.h>

#include "index/document.h"
#include "index/postings.h"
#include "query/facet_parts.h"
#include "query/filter.h"

/* Measured, in ns: */
#define READ_NS      600 /* a document, */
#define READ_BYTE_NS 1.2 /* and each of its bytes; */
#define TERM_NS      50  /* a term of the dictionary, */
#define LIST_NS      110 /* its list, */
#define BLOCK_NS     90  /* each block of that, */
#define SEGMENT_NS   30  /* or each segment of its kept bits */
#define FEW          256 /* documents are read without asking, */
#define SAMPLE       64  /* of more so many are looked at */
#define LOOK         64  /* terms or documents between two looks at the clock */

static int group_of(const struct facet_run *r)
{
	return r->facet->field ? r->facet->field->group : GROUP_KIND;
}

/* The first document of the set from `doc` on, or DOC_NONE. */
static uint32_t next_in(const struct matches *m, uint32_t doc)
{
	uint32_t at = doc / 64, words = m->segments * SEGMENT_WORDS;
	uint64_t word;

	if (at >= words)
		return DOC_NONE;
	for (word = m->bits[at] & ~UINT64_C(0) << doc % 64; !word; word = m->bits[at])
		if (++at == words)
			return DOC_NONE;
	return at * 64 + __builtin_ctzll(word);
}

/* ---- documents are read ---- */

/* What a sample of documents says of reading all, and of walking. */
struct guess {
	double reading_ns, bytes;
	int documents;
	struct facet_run *run; /* being looked at, */
	double *walk_ns, sum;  /* by facet; of that one: a posting's share of its term's */
};

static uint32_t common_df(const struct facet_run *r)
{
	return view_stats(r->view)->doc_limit / FILTER_COMMON;
}

static void guess_value(void *data, struct slice written, struct slice term, double weight)
{
	struct guess *g = data;
	uint32_t df = view_df(g->run->view, group_of(g->run), term);
	double list_ns = df >= common_df(g->run) ? SEGMENT_NS * (double)g->run->matches->segments
						 : LIST_NS + BLOCK_NS * (double)df / BLOCK_POSTINGS;

	g->sum += df ? (TERM_NS + list_ns) / df : 0;
}

static void guess_document(struct guess *g, struct facet_run **runs, int count, uint32_t doc,
	struct arena *scratch)
{
	struct slice json = view_json(runs[0]->view, doc);
	struct json_node *root;
	int i;

	g->documents++;
	g->bytes += json.len;
	if (json_read(&root, scratch, json, NULL) < 0)
		return;
	for (i = 0; i < count; i++) {
		g->run = runs[i];
		g->sum = 0;
		document_values(view_schema(runs[i]->view), runs[i]->facet->field, root, scratch,
			guess_value, g);
		g->walk_ns[i] += g->sum;
	}
}

static void guess(struct guess *g, struct facet_run **runs, int count)
{
	struct arena *scratch = arena_new();
	uint32_t limit = view_stats(runs[0]->view)->doc_limit, i, doc;

	for (i = 0; i < SAMPLE; i++) {
		doc = next_in(runs[0]->matches, (uint64_t)limit * i / SAMPLE);
		if (doc == DOC_NONE)
			break;
		guess_document(g, runs, count, doc, scratch);
		arena_reset(scratch);
	}
	arena_free(scratch);
	g->reading_ns =
		runs[0]->matches->count * (READ_NS + READ_BYTE_NS * g->bytes / g->documents);
	for (i = 0; i < (uint32_t)count; i++)
		g->walk_ns[i] *= (double)view_stats(runs[0]->view)->docs / g->documents;
}

static void count_value(void *data, struct slice written, struct slice term, double weight)
{
	struct facet_run *r = data;
	struct slot *slot = r->tally.full ? NULL : tally_at(&r->tally, term, 0);

	if (!slot || slot->doc == r->doc)
		return;
	if (!slot->count++)
		slot->written = arena_slice(r->arena, written);
	slot->doc = r->doc;
}

static void read_document(struct facet_run **runs, int count, uint32_t doc, struct arena *scratch)
{
	struct view *view = runs[0]->view;
	struct json_node *root;
	int i;

	if (json_read(&root, scratch, view_json(view, doc), NULL) < 0)
		return;
	for (i = 0; i < count; i++) {
		runs[i]->doc = doc;
		document_values(view_schema(view), runs[i]->facet->field, root, scratch,
			count_value, runs[i]);
	}
}

static void read_documents(struct facet_run **runs, int count)
{
	struct arena *scratch = arena_new();
	uint32_t doc = next_in(runs[0]->matches, 0), n;
	int i;

	for (n = 1; doc != DOC_NONE; n++, doc = next_in(runs[0]->matches, doc + 1)) {
		read_document(runs, count, doc, scratch);
		arena_reset(scratch);
		if (n % LOOK || !facet_out_of_time(runs[0]))
			continue;
		for (i = 0; i < count; i++)
			runs[i]->complete = false;
		break;
	}
	arena_free(scratch);
}

/* The terms of the tally become what was written. */
static void take_written(struct facet_run *r)
{
	int i;

	facet_take_tally(r);
	for (i = 0; i < r->top.count; i++)
		r->top.items[i].text = tally_at(&r->tally, r->top.items[i].text, 0)->written;
}

/* ---- lists are met with the set ---- */

/* Documents of the list that are in the set, if they are over `least`. */
static uint64_t count_list(struct facet_run *r, struct postings *p, uint64_t least, double *ns)
{
	uint32_t docs[BLOCK_POSTINGS], left = p->df;
	uint64_t n = 0;
	unsigned i;

	for (; n + left > least && postings_next_block(p); *ns -= BLOCK_NS) {
		if (block_docs(&p->block, docs) < 0) {
			r->complete = false;
			break;
		}
		for (i = 0; i < p->block.n; i++)
			n += matches_has(r->matches, docs[i]);
		left -= p->block.n < left ? p->block.n : left;
	}
	return n;
}

static uint64_t count_rare(struct facet_run *r, struct slice term, struct arena *scratch,
	double *ns)
{
	struct postings *p = postings_open(r->view, scratch, group_of(r), term);
	uint64_t n = count_list(r, p, top_least(&r->top), ns);

	r->complete = r->complete && !postings_error(p);
	postings_close(p);
	*ns -= LIST_NS;
	return n;
}

/* The same of a term that many have: by its bits, which are kept. */
static uint64_t count_common(struct facet_run *r, struct slice term, struct arena *scratch,
	double *ns)
{
	struct filter_run *run = filter_open_term(r->view, scratch, group_of(r), term);
	uint64_t bits[SEGMENT_WORDS], n = 0;
	const uint64_t *set;
	uint32_t s;
	int i;

	for (s = 0; s < r->matches->segments; s++) {
		set = r->matches->bits + (size_t)s * SEGMENT_WORDS;
		if (!filter_segment(run, s * SEGMENT_DOCS, bits))
			continue;
		for (i = 0; i < SEGMENT_WORDS; i++)
			n += set[i] ? __builtin_popcountll(bits[i] & set[i]) : 0;
	}
	r->complete = r->complete && !filter_error(run);
	filter_close(run);
	*ns -= SEGMENT_NS * (double)r->matches->segments;
	return n;
}

/* False if *ns, which is less by what was spent, did not suffice. */
static bool walk_terms(struct facet_run *r, double *ns)
{
	uint32_t common = common_df(r), df, n = 0;
	struct arena *scratch = arena_new();
	struct facet_value found = { 0 };
	struct term_walk walk = { 0 };
	bool done = true;

	while (view_term_next(r->view, group_of(r), &walk, &found.text, &df)) {
		if (++n % LOOK == 0 && facet_out_of_time(r))
			break;
		*ns -= TERM_NS;
		if (*ns < 0) {
			done = false;
			break;
		}
		if (df <= top_least(&r->top))
			continue;
		found.count = df >= common ? count_common(r, found.text, scratch, ns)
					   : count_rare(r, found.text, scratch, ns);
		if (found.count > top_least(&r->top))
			top_offer(&r->top, &found);
		arena_reset(scratch);
	}
	view_term_end(&walk);
	arena_free(scratch);
	return done;
}

/* ---- how a term is written ---- */

struct spelling {
	struct arena *arena;
	struct slice term, written;
};

static void spell(void *data, struct slice written, struct slice term, double weight)
{
	struct spelling *s = data;

	if (!s->written.len && slice_eq(term, s->term))
		s->written = arena_slice(s->arena, written);
}

/* As a document of the set writes it. */
static struct slice written_as(struct facet_run *r, struct slice term, struct arena *scratch)
{
	struct postings *p = postings_open(r->view, scratch, group_of(r), term);
	struct spelling s = { r->arena, term, { 0 } };
	uint32_t doc = postings_next(p);
	struct json_node *root;

	while (doc != DOC_NONE && !matches_has(r->matches, doc))
		doc = postings_next(p);
	if (doc != DOC_NONE && json_read(&root, scratch, view_json(r->view, doc), NULL) == 0)
		document_values(view_schema(r->view), r->facet->field, root, scratch, spell, &s);
	postings_close(p);
	return s.written.len ? s.written : arena_slice(r->arena, term);
}

static void spell_terms(struct facet_run *r)
{
	struct arena *scratch = arena_new();
	int i;

	for (i = 0; i < r->top.count; i++) {
		r->top.items[i].text = written_as(r, r->top.items[i].text, scratch);
		arena_reset(scratch);
	}
	arena_free(scratch);
}

/* ---- all of them ---- */

static void walk(struct facet_run *r)
{
	double ns = INFINITY;

	r->top.count = 0;
	walk_terms(r, &ns);
	spell_terms(r);
}

/* Those that are not walked to the end come first; how many. */
static int walk_some(struct facet_run **runs, int count)
{
	struct guess g = { .walk_ns = arena_calloc(runs[0]->arena, count, sizeof(double)) };
	int i, left = 0;

	guess(&g, runs, count);
	for (i = 0; i < count; i++) {
		if (g.walk_ns[i] < g.reading_ns &&
			walk_terms(runs[i], &(double){ 2 * g.reading_ns }))
			spell_terms(runs[i]);
		else
			runs[left++] = runs[i];
	}
	return left;
}

void facet_count_terms(struct facet_run **runs, int count)
{
	int i;

	if (count && runs[0]->matches->count > FEW)
		count = walk_some(runs, count);
	if (!count)
		return;
	read_documents(runs, count);
	for (i = 0; i < count; i++) {
		runs[i]->top.count = 0;
		if (runs[i]->tally.full)
			walk(runs[i]); /* too many values to keep a table of */
		else
			take_written(runs[i]);
	}
}
