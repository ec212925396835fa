/* The catalogue against a brute-force model, over restarts and damage. */
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "check.h"
#include "index/batch.h"
#include "index/document.h"
#include "index/postings.h"
#include "index/tables.h"
#include "text/edit.h"

/* Some level's largest tf and shortest length cover a posting. */
static bool covers(const struct block_bounds *b, int field, int tf, int length)
{
	int level;

	for (level = 0; tf && level < bounds_levels(b, field); level++)
		if ((int)bounds_tf(b, field, level) >= tf)
			return b->min_length[field][level] <= length;
	return !tf;
}

static const char conf[] = "field title text weight=3 exact=yes\n"
			   "field body text analyzer=english\n"
			   "field genre tags\n"
			   "field pop number bias=log1p:0.5\n"
			   "field day date\n"
			   "field owner ref prefix=u:\n"
			   "kind kind\n";

#define IDS   900
#define WORDS 40

struct model_doc {
	bool present;
	int title[WORDS], body[WORDS], title_len, body_len, genre; /* genre: weight */
	uint32_t title_at[WORDS], body_at[WORDS]; /* bits: which words of the field */
	double pop;
};

static struct model_doc model[IDS];

static void open_both(struct catalogue **c, struct schema **s, const char *folder)
{
	struct error err = { 0 };

	CHECK_OK(schema_parse(s, "t", slice_str(conf), "t.conf", &err), err);
	CHECK_OK(catalogue_open(c, folder, 1 << 30, true, s, 1, &err), err);
}

static void random_doc(struct rng *rng, struct model_doc *d, char *json, size_t room)
{
	size_t n = 0;
	int i, w;

	memset(d, 0, sizeof(*d));
	d->present = true;
	d->title_len = rng_below(rng, 6);
	d->body_len = rng_below(rng, 30);
	d->pop = rng_below(rng, 100);
	d->genre = rng_below(rng, 3) ? 0 : 1 + rng_below(rng, 255);
	n += snprintf(json + n, room - n, "{ \"title\": \"");
	for (i = 0; i < d->title_len; i++) {
		w = rng_below(rng, 1 + rng_below(rng, WORDS));
		d->title[w]++;
		d->title_at[w] |= 1u << i;
		n += snprintf(json + n, room - n, "z%d ", w);
	}
	n += snprintf(json + n, room - n, "\", \"body\":[\"");
	for (i = 0; i < d->body_len; i++) {
		w = rng_below(rng, 1 + rng_below(rng, WORDS));
		d->body[w]++;
		d->body_at[w] |= 1u << i;
		n += snprintf(json + n, room - n, "z%d%s", w, i == 9 ? "\",\"" : " ");
	}
	n += snprintf(json + n, room - n, "\"], \"kind\":\"Song\", \"pop\":%g", d->pop);
	if (d->genre)
		n += snprintf(json + n, room - n, ", \"genre\":{\"Hip-Hop\":%.6f}",
			d->genre / 255.0);
	snprintf(json + n, room - n, ", \"day\":\"2008-11-11\",\"owner\":[\"x\",\"y\"]}");
}

/* Positions of the current posting are those of the words; the body is a list of two
 * values, the second from its eleventh word on. */
static void check_positions(struct postings *p, int field, uint32_t at)
{
	uint32_t positions[255];
	size_t n = postings_positions(p, field, positions), i;

	CHECK_INT(n, __builtin_popcount(at));
	for (i = 0; i < n; i++, at &= at - 1) {
		uint32_t word = __builtin_ctz(at);

		CHECK_INT(positions[i], field && word > 9 ? word + POSITION_GAP : word);
	}
}

/* The bounds of a block in a chunk are those of its documents as they are now, and no looser;
 * a lone block's may be. */
static void check_bounds(struct view *v, struct postings *p)
{
	struct block_bounds is, want;
	uint32_t doc, last;
	int f, level, tf, length;
	bool lone;

	for (doc = postings_next(p); doc != DOC_NONE;) {
		last = p->block.last;
		lone = p->block.lone;
		block_bounds(&p->block, &is);
		memset(&want, 0, sizeof(want));
		memset(want.min_length, 0xff, sizeof(want.min_length));
		for (; doc <= last && doc != DOC_NONE; doc = postings_next(p))
			for (f = 0; f < 2; f++) {
				tf = postings_tf(p, f);
				length = view_lengths(v, doc)[f];
				if (tf > want.max_tf[f])
					want.max_tf[f] = tf;
				for (level = 0; level < TF_LEVELS && level < tf; level++)
					if (length < want.min_length[f][level])
						want.min_length[f][level] = length;
			}
		for (f = 0; f < 2 && !lone; f++) {
			CHECK_INT(is.max_tf[f], want.max_tf[f]);
			for (level = 0; level < bounds_levels(&want, f); level++)
				CHECK_INT(is.min_length[f][level], want.min_length[f][level]);
		}
	}
}

static void compare(struct catalogue *c)
{
	struct error err = { 0 };
	struct arena *arena = arena_new();
	struct reader *reader;
	struct view *v;
	static int number[100000];
	struct postings *p;
	uint32_t doc, before;
	double title_sum = 0;
	int i, w, df, docs = 0, with_title = 0, seen;
	char name[32];

	CHECK_OK(reader_open(&reader, c, &err), err);
	CHECK_OK(reader_begin(reader, &err), err);
	v = reader_view(reader, 0);
	memset(number, -1, sizeof(number));
	for (i = 0; i < IDS; i++) {
		snprintf(name, sizeof(name), "id%d", i);
		doc = view_doc(v, slice_str(name));
		CHECK(model[i].present == (doc != DOC_NONE));
		if (!model[i].present)
			continue;
		CHECK(doc < view_stats(v)->doc_limit && doc < 100000 && number[doc] == -1);
		number[doc] = i;
		docs++;
		with_title += model[i].title_len > 0;
		title_sum += model[i].title_len;
		CHECK(slice_is(view_id(v, doc), name));
		CHECK_NEAR(view_number(v, 0, doc), model[i].pop, 0);
		CHECK_NEAR(view_number(v, 1, doc), 14194, 0);
		CHECK_NEAR(view_quality(v, doc), 0.5 * log1p(model[i].pop), 1e-5);
		CHECK_INT(view_lengths(v, doc)[0], length_encode(model[i].title_len));
		CHECK_INT(view_lengths(v, doc)[1], length_encode(model[i].body_len));
	}
	CHECK_INT(view_stats(v)->docs, docs);
	CHECK(view_stats(v)->doc_limit <= IDS + 200);
	CHECK_NEAR(view_stats(v)->average_length[0], with_title ? title_sum / with_title : 0, 1e-9);
	for (w = 0; w < WORDS; w++) {
		struct block_bounds bounds;
		struct postings *ahead;
		int max_tf = 0;

		snprintf(name, sizeof(name), "z%d", w);
		for (i = 0, df = 0; i < IDS; i++)
			if (model[i].present && (model[i].title[w] || model[i].body[w])) {
				df++;
				max_tf = model[i].body[w] > max_tf ? model[i].body[w] : max_tf;
			}
		p = postings_open(v, arena, GROUP_TEXT, slice_str(name));
		CHECK_INT(p->df, df);
		CHECK_INT(view_df(v, GROUP_TEXT, slice_str(name)), df);
		ahead = postings_again(p, arena);
		for (seen = 0, before = 0; (doc = postings_next(p)) != DOC_NONE; seen++) {
			int t, b;

			CHECK(doc < 100000 && number[doc] >= 0 && (!seen || doc > before));
			before = doc;
			i = number[doc];
			t = postings_tf(p, 0);
			b = postings_tf(p, 1);
			CHECK_INT(t, model[i].title[w]);
			CHECK_INT(b, model[i].body[w]);
			if (seen % 3) { /* in either order, and not of each */
				check_positions(p, seen % 2,
					seen % 2 ? model[i].body_at[w] : model[i].title_at[w]);
				check_positions(p, !(seen % 2),
					seen % 2 ? model[i].title_at[w] : model[i].body_at[w]);
			}
			block_bounds(&p->block, &bounds);
			CHECK(covers(&bounds, 0, t, view_lengths(v, doc)[0]));
			CHECK(covers(&bounds, 1, b, view_lengths(v, doc)[1]));
			CHECK(covers(&p->bounds, 0, t, view_lengths(v, doc)[0]));
			CHECK(covers(&p->bounds, 1, b, view_lengths(v, doc)[1]));
			CHECK(bounds.max_quality >= view_quality(v, doc));
			CHECK(p->bounds.max_quality >= view_quality(v, doc));
			/* block by block, and back to documents */
			if (seen % 7 == 0 && postings_block(ahead, doc)) {
				CHECK(ahead->block.last >= doc);
				CHECK_INT(postings_seek(ahead, doc), doc);
				CHECK_INT(postings_tf(ahead, 1), b);
			}
		}
		postings_close(ahead);
		CHECK_INT(postings_error(p), 0);
		CHECK_INT(seen, df);
		postings_restart(p);
		check_bounds(v, p);
		postings_close(p);
		/* seeking finds the first at or above */
		p = postings_open(v, arena, GROUP_TEXT, slice_str(name));
		for (doc = 0; doc < 1200; doc += 1 + w * 3) {
			uint32_t want = doc, got = postings_seek(p, doc);

			while (want < 100000 &&
				(number[want] < 0 || !(model[number[want]].title[w] ||
							     model[number[want]].body[w])))
				want++;
			CHECK(got == (want == 100000 ? DOC_NONE : want));
		}
		postings_close(p);
	}
	p = postings_open(v, arena, GROUP_FIELDS + 2, SLICE_LIT("hip hop"));
	for (seen = 0; (doc = postings_next(p)) != DOC_NONE; seen++)
		CHECK_INT(postings_tf(p, 0), model[number[doc]].genre);
	for (i = 0, df = 0; i < IDS; i++)
		df += model[i].present && model[i].genre;
	CHECK_INT(seen, df);
	postings_close(p);
	CHECK_INT(view_df(v, GROUP_KIND, SLICE_LIT("song")), docs);
	CHECK_INT(view_df(v, GROUP_FIELDS + 5, SLICE_LIT("u:x")), docs);
	{
		struct quality_walk walk = { 0 };
		float last = 1e30f;

		for (seen = 0; (doc = view_quality_next(v, &walk)) != DOC_NONE; seen++) {
			CHECK(view_quality(v, doc) <= last);
			last = view_quality(v, doc);
			if (!seen)
				CHECK_NEAR(view_stats(v)->quality_max, last, 0);
		}
		view_quality_end(&walk);
		CHECK_INT(seen, docs);
	}
	reader_end(reader);
	reader_close(reader);
	arena_free(arena);
}

TEST(random_changes_match_a_brute_force_model_over_restarts)
{
	const char *folder = test_folder();
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct batch *b;
	struct rng rng;
	char name[32], json[4096];
	int round, n, i, rc;

	memset(model, 0, sizeof(model));
	rng_init(&rng, 11);
	open_both(&c, &s, folder);
	for (round = 0; round < 40; round++) {
		int heavy = round % 10 == 7; /* mostly deletes */

		CHECK_OK(batch_begin(&b, c, &err), err);
		n = 1 + rng_below(&rng, round % 3 ? 60 : 900);
		for (; n > 0; n--) {
			i = rng_below(&rng, IDS);
			snprintf(name, sizeof(name), "id%d", i);
			if (rng_below(&rng, 10) < (heavy ? 9u : 3u)) {
				rc = batch_del(b, 0, slice_str(name), &err);
				CHECK_OK(rc, err);
				CHECK_INT(rc, model[i].present);
				model[i].present = false;
			} else if (rng_below(&rng, 12) == 0) {
				CHECK_INT(batch_put(b, 0, slice_str(name),
						  SLICE_LIT("{\"title\":\"z1 z2\",\"pop\":\"x\"}"),
						  &err),
					ERR_ARG);
				CHECK(strstr(err.text, "pop") != NULL);
			} else {
				random_doc(&rng, &model[i], json, sizeof(json));
				CHECK_OK(batch_put(b, 0, slice_str(name), slice_str(json), &err),
					err);
			}
		}
		CHECK(batch_bytes(b) > 0);
		CHECK_OK(batch_commit(b, &err), err);
		if (round % 5 == 4) {
			catalogue_close(c);
			schema_free(s);
			open_both(&c, &s, folder);
		}
		compare(c);
	}
	catalogue_close(c);
	schema_free(s);
}

static void put(struct batch *b, const char *id, const char *json)
{
	struct error err = { 0 };

	CHECK_OK(batch_put(b, 0, slice_str(id), slice_str(json), &err), err);
}

TEST(numbers_stay_on_replacing_and_are_reused_after_deleting)
{
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct batch *b;
	struct reader *r;
	struct view *v;

	open_both(&c, &s, test_folder());
	CHECK_OK(batch_begin(&b, c, &err), err);
	put(b, "a", "{\"title\":\"one\"}");
	put(b, "b", "{ \"title\" : \"It's \\\" two\" }");
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(batch_begin(&b, c, &err), err);
	put(b, "b", "{\"title\":\"three\"}");
	CHECK_INT(batch_del(b, 0, SLICE_LIT("a"), &err), 1);
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(batch_begin(&b, c, &err), err);
	put(b, "c", "{\"title\":\"four\"}");
	CHECK_INT(batch_put(b, 0, SLICE_LIT("d"), SLICE_LIT("{\"title\":{}}"), &err), ERR_ARG);
	CHECK_INT(batch_put(b, 0, SLICE_LIT("d"), SLICE_LIT("[1]"), &err), ERR_ARG);
	CHECK_INT(batch_put(b, 0, SLICE_LIT("d"), SLICE_LIT("{\"day\":\"2008-13\"}"), &err),
		ERR_ARG);
	CHECK_INT(batch_put(b, 0, SLICE_LIT("d"), SLICE_LIT("{"), &err), ERR_SYNTAX);
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	v = reader_view(r, 0);
	CHECK_INT(view_doc(v, SLICE_LIT("b")), 1);
	CHECK_INT(view_doc(v, SLICE_LIT("c")), 0);
	CHECK(slice_is(view_json(v, 1), "{\"title\":\"three\"}"));
	CHECK_INT(view_df(v, GROUP_TEXT, SLICE_LIT("one")), 0);
	CHECK_INT(view_df(v, GROUP_EXACT, SLICE_LIT("\001three")), 1);
	reader_end(r);
	reader_close(r);
	catalogue_close(c);
	schema_free(s);
}

static uint64_t version_of(struct catalogue *c)
{
	struct error err = { 0 };
	struct txn *txn;
	uint64_t version;

	CHECK_OK(store_begin(&txn, catalogue_store(c), STORE_READ, &err), err);
	version = store_version(txn);
	store_end(txn);
	return version;
}

TEST(what_is_stored_already_changes_nothing)
{
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct batch *b;
	struct reader *r;
	uint64_t version;

	open_both(&c, &s, test_folder());
	CHECK_OK(batch_begin(&b, c, &err), err);
	put(b, "a", "{\"title\":\"one\"}");
	CHECK_OK(batch_commit(b, &err), err);
	version = version_of(c);
	CHECK_OK(batch_begin(&b, c, &err), err);
	put(b, "a", " { \"title\" : \"one\" }");
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_INT(version_of(c), version);
	/* unless it went, or was another, before in the batch */
	CHECK_OK(batch_begin(&b, c, &err), err);
	CHECK_INT(batch_del(b, 0, SLICE_LIT("a"), &err), 1);
	put(b, "a", "{\"title\":\"one\"}");
	put(b, "a", "{\"title\":\"two\"}");
	put(b, "a", "{\"title\":\"one\"}");
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	CHECK(slice_is(view_json(reader_view(r, 0), 0), "{\"title\":\"one\"}"));
	CHECK_INT(view_df(reader_view(r, 0), GROUP_TEXT, SLICE_LIT("one")), 1);
	CHECK_INT(view_df(reader_view(r, 0), GROUP_TEXT, SLICE_LIT("two")), 0);
	reader_end(r);
	reader_close(r);
	catalogue_close(c);
	schema_free(s);
}

/* `step`: one document in so many has a quality; 0: the schema has none. */
static void walk_by_quality(int step)
{
	const uint32_t docs = 9000;
	struct quality_walk walk = { 0 }, skip = { 0 };
	const char *fields = step ? "field pop number bias=1" : "field pop number";
	static bool seen[9000];
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct reader *r;
	struct batch *b;
	char id[16], json[32];
	uint32_t i, doc, last = 0, had = 0;
	float quality, before = 1e9;

	CHECK_OK(schema_parse(&s, "t", slice_str(fields), "t.conf", &err), err);
	CHECK_OK(catalogue_open(&c, test_folder(), 1 << 30, true, &s, 1, &err), err);
	CHECK_OK(batch_begin(&b, c, &err), err);
	for (i = 0; i < docs; i++) {
		snprintf(id, sizeof(id), "%u", i);
		snprintf(json, sizeof(json), "{\"pop\":%u}",
			step && i % step == 1 ? 1 + i % 50 : 0);
		CHECK_OK(batch_put(b, 0, slice_str(id), slice_str(json), &err), err);
		had += step && i % step == 1;
	}
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < docs; i++) {
		doc = view_quality_next(reader_view(r, 0), &walk);
		CHECK(doc < docs && !seen[doc]);
		seen[doc] = true;
		quality = view_quality(reader_view(r, 0), doc);
		CHECK(quality < before || (quality == before && doc > last));
		CHECK_INT(quality > 0, i < had);
		before = quality;
		last = doc;
	}
	CHECK(view_quality_next(reader_view(r, 0), &walk) == DOC_NONE);
	view_quality_end(&walk);
	/* from quality to quality */
	doc = view_quality_next(reader_view(r, 0), &skip);
	for (before = 1e9; doc != DOC_NONE; before = quality) {
		quality = view_quality(reader_view(r, 0), doc);
		CHECK(quality < before);
		doc = view_quality_skip(reader_view(r, 0), &skip, quality);
	}
	CHECK_NEAR(before, 0, 0);
	view_quality_end(&skip);
	reader_end(r);
	reader_close(r);
	catalogue_close(c);
	schema_free(s);
}

TEST(documents_without_a_quality_are_walked_behind_the_others_each_once)
{
	walk_by_quality(0);
	walk_by_quality(2);
	walk_by_quality(100);
}

TEST(fuzzy_and_prefix_find_what_brute_force_finds)
{
	static char words[2000][12];
	struct expansion out[64];
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct batch *b;
	struct reader *r;
	struct view *v;
	struct rng rng;
	char id[16], json[96];
	int i, j, n = 0, round, want;
	size_t got, k;

	rng_init(&rng, 5);
	open_both(&c, &s, test_folder());
	CHECK_OK(batch_begin(&b, c, &err), err);
	while (n < 2000) {
		int len = 2 + rng_below(&rng, 6);

		for (j = 0; j < len; j++)
			words[n][j] = 'b' + rng_below(&rng, 5);
		words[n][len] = 0;
		for (j = 0; j < n && strcmp(words[j], words[n]); j++)
			;
		if (j < n)
			continue;
		snprintf(id, sizeof(id), "%d", n);
		snprintf(json, sizeof(json), "{\"title\":\"%.11s\"}", words[n++]);
		put(b, id, json);
	}
	CHECK_OK(batch_commit(b, &err), err);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	v = reader_view(r, 0);
	for (round = 0; round < 200; round++) {
		struct slice word = slice_str(words[rng_below(&rng, 2000)]);

		got = view_fuzzy(v, arena, GROUP_TEXT, word, 1, out, 64);
		for (i = 0, want = 0; i < 2000; i++)
			want += edit_distance(word, slice_str(words[i]), 1) <= 1;
		CHECK_INT(got, want < 64 ? want : 64);
		for (k = 0; k < got; k++)
			CHECK_INT(edit_distance(word, out[k].term, 1), out[k].distance);
		word.len = 2;
		got = view_prefix(v, arena, GROUP_TEXT, word, out, 64);
		for (i = 0, want = 0; i < 2000; i++)
			want += slice_starts(slice_str(words[i]), word);
		CHECK_INT(got, want < 64 ? want : 64);
	}
	reader_end(r);
	reader_close(r);
	catalogue_close(c);
	schema_free(s);
	arena_free(arena);
}

TEST(words_that_were_found_are_sought_anew_after_a_commit)
{
	static const char *const titles[] = { "{\"title\":\"wonder\"}", "{\"title\":\"wander\"}" };
	struct expansion out[64];
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct catalogue *c;
	struct schema *s;
	struct batch *b;
	struct reader *r;
	struct view *v;
	int i, again;

	open_both(&c, &s, test_folder());
	CHECK_OK(reader_open(&r, c, &err), err);
	for (i = 0; i < 2; i++) {
		CHECK_OK(batch_begin(&b, c, &err), err);
		put(b, i ? "2" : "1", titles[i]);
		CHECK_OK(batch_commit(b, &err), err);
		CHECK_OK(reader_begin(r, &err), err);
		v = reader_view(r, 0);
		for (again = 0; again < 2; again++) {
			CHECK_INT(view_prefix(v, arena, GROUP_TEXT, SLICE_LIT("w"), out, 64),
				1 + i);
			CHECK_INT(view_fuzzy(v, arena, GROUP_TEXT, SLICE_LIT("wunder"), 1, out, 64),
				1 + i);
		}
		reader_end(r);
	}
	reader_close(r);
	catalogue_close(c);
	schema_free(s);
	arena_free(arena);
}

TEST(a_damaged_block_ends_the_list_with_an_error_and_fails_the_batch)
{
	struct error err = { 0 };
	struct arena *arena = arena_new();
	struct catalogue *c;
	struct schema *s;
	struct batch *b;
	struct reader *r;
	struct postings *p;
	struct txn *txn;
	struct key key;

	open_both(&c, &s, test_folder());
	CHECK_OK(batch_begin(&b, c, &err), err);
	put(b, "a", "{\"title\":\"one\"}");
	CHECK_OK(batch_commit(b, &err), err);
	key = key_term(c->numbers[0], GROUP_TEXT, SLICE_LIT("one"));
	CHECK_OK(store_begin(&txn, catalogue_store(c), STORE_WRITE, &err), err);
	CHECK_OK(store_put(txn, TABLE_TERMS, key_slice(&key),
			 SLICE_LIT("\2\1\2\177rubbish rubbish"), &err),
		err);
	CHECK_OK(store_commit(txn, &err), err);
	CHECK_OK(reader_open(&r, c, &err), err);
	CHECK_OK(reader_begin(r, &err), err);
	p = postings_open(reader_view(r, 0), arena, GROUP_TEXT, SLICE_LIT("one"));
	CHECK(postings_next(p) == DOC_NONE);
	CHECK_INT(postings_error(p), ERR_CORRUPT);
	postings_close(p);
	reader_end(r);
	reader_close(r);
	CHECK_OK(batch_begin(&b, c, &err), err);
	put(b, "b", "{\"title\":\"one\"}");
	CHECK_INT(batch_commit(b, &err), ERR_CORRUPT);
	catalogue_close(c);
	schema_free(s);
	arena_free(arena);
}

TEST(length_codes_are_monotonic_and_round_down)
{
	uint32_t n, before = 0;

	for (n = 0; n <= 70000; n++) {
		uint8_t code = length_encode(n);

		CHECK(code >= before);
		before = code;
		CHECK(length_decode(code) <= n && length_decode(code) * 1.13 + 1 >= n);
		CHECK_INT(length_encode(length_decode(code)), code);
	}
	for (n = 1; n < 256; n++)
		CHECK(length_decode(n) >= length_decode(n - 1));
}
