/* chunk_test.c -- the bytes of postings, packed and read back, and damaged. */
#include "index/chunk.h"

#include <stdlib.h>

#include "base/rng.h"
#include "check.h"
#include "index/pack.h"
#include "index/tables.h"

TEST(documents_and_small_numbers_pack_and_unpack)
{
	static const unsigned widths[] = { 0, 1, 2, 4, 8 };
	uint32_t docs[PACK_FULL], back[PACK_FULL], before, at;
	uint8_t values[PACK_FULL], small[PACK_FULL], add;
	unsigned char bytes[4 * PACK_FULL + 1];
	unsigned n, bits, i, width, wide;
	struct rng rng;
	size_t len;
	int round;

	rng_init(&rng, 5);
	for (round = 0; round < 20000; round++) {
		n = round % 2 ? PACK_FULL : 1 + rng_below(&rng, PACK_FULL);
		wide = rng_below(&rng, 25);
		before = round % 3 ? UINT32_MAX : rng_below(&rng, 1000);
		for (i = 0, at = before; i < n; i++)
			docs[i] = at += 1 + rng_below(&rng, 1u << wide);
		bits = pack_docs_bits(docs, n, before);
		CHECK(bits <= wide);
		len = pack_docs_bytes(n, bits);
		bytes[len] = 0xa5;
		pack_docs(bytes, docs, n, before, bits);
		CHECK_INT(bytes[len], 0xa5);
		unpack_docs(bytes, n, bits, before, back);
		CHECK(!memcmp(docs, back, n * sizeof(*docs)));
		width = widths[rng_below(&rng, 5)];
		add = rng_below(&rng, 2);
		for (i = 0; i < n; i++)
			values[i] = width ? rng_below(&rng, 1u << width) : 0;
		pack_small(bytes, values, n, width);
		unpack_small(bytes, n, width, add, small);
		for (i = 0; i < n; i++)
			CHECK_INT(small[i], (uint8_t)(values[i] + add));
	}
}

struct made {
	struct posting list[3000];
	unsigned n, blocks;
	struct block_made block[40];
	char bodies[40 * BLOCK_BODY_MAX];
	unsigned char bytes[40 * (BLOCK_BODY_MAX + 64)];
	size_t len;
};

static void make_rows(struct block_rows *rows, const struct posting *list, unsigned n)
{
	unsigned i, f;

	rows->n = n;
	rows->fields = 0;
	for (i = 0; i < n; i++) {
		rows->docs[i] = list[i].doc;
		rows->fields |= list[i].fields;
		for (f = 0; f < 3; f++)
			rows->tf[f][i] = list[i].tf[f];
	}
}

/* A chunk of random postings in three fields. */
static void make(struct made *m, struct rng *rng, bool large)
{
	uint32_t doc = rng_below(rng, 100), wide = 1 + rng_below(rng, 1 << rng_below(rng, 20));
	unsigned i, f, size, at, level;
	struct block_rows rows;
	size_t bodies = 0;

	m->n = 1 + rng_below(rng, 1000);
	memset(m->list, 0, sizeof(m->list));
	for (i = 0; i < m->n; i++, doc += 1 + rng_below(rng, wide)) {
		m->list[i].doc = doc;
		for (f = 0; f < 3; f++) {
			m->list[i].tf[f] =
				!f || rng_below(rng, 2) ? 1 + large * rng_below(rng, 255) : 0;
			m->list[i].fields |= (m->list[i].tf[f] > 0) << f;
		}
	}
	for (m->blocks = at = 0; at < m->n; at += size, m->blocks++) {
		struct block_made *b = &m->block[m->blocks];

		size = 1 +
		       (rng_below(rng, 3) ? BLOCK_POSTINGS - 1 : rng_below(rng, BLOCK_POSTINGS));
		if (m->blocks == 39 || size > m->n - at)
			size = m->n - at < BLOCK_POSTINGS ? m->n - at : BLOCK_POSTINGS;
		b->before = m->blocks ? b[-1].last : m->list[0].doc - 1;
		b->bounds.max_quality = rng_double(rng) * 10;
		for (f = 0; f < 3; f++)
			for (level = 0; level < TF_LEVELS; level++)
				b->bounds.min_length[f][level] = rng_below(rng, 256);
		make_rows(&rows, m->list + at, size);
		block_make(b, (unsigned char *)m->bodies + bodies, &rows);
		b->body = bodies;
		bodies += b->body_bytes;
		if (m->blocks == 39) {
			m->n = at + size;
			m->blocks++;
			break;
		}
	}
	m->len = chunk_make(m->bytes, m->block, m->blocks, m->bodies);
}

/* Reads all that there is; 0 or an error. */
static int read_all(struct slice bytes, struct made *want)
{
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	uint32_t docs[BLOCK_POSTINGS];
	struct block_bounds bounds;
	unsigned i, j, f, at = 0;
	struct chunk chunk;
	struct block b;
	int fields;

	if (chunk_read(bytes, &chunk) < 0)
		return ERR_CORRUPT;
	for (i = 0; i < chunk.count; i++) {
		chunk_block(&chunk, i, &b);
		fields = block_tfs(&b, tf);
		if (fields < 0 || block_docs(&b, docs) < 0)
			return ERR_CORRUPT;
		block_bounds(&b, &bounds);
		for (j = 1; j < b.n; j++)
			CHECK(docs[j] > docs[j - 1]);
		if (!want)
			continue;
		CHECK(bounds.max_quality >= want->block[i].bounds.max_quality);
		CHECK(bounds.max_quality <= want->block[i].bounds.max_quality * 1.01);
		CHECK_INT(bounds.fields, want->block[i].bounds.fields);
		CHECK_INT(chunk_find(&chunk, 0, b.last), i);
		for (j = 0; j < b.n; j++, at++) {
			CHECK_INT(docs[j], want->list[at].doc);
			for (f = 0; f < 3; f++)
				CHECK_INT(fields >> f & 1 ? tf[f][j] : 0, want->list[at].tf[f]);
		}
	}
	if (want) {
		CHECK_INT(at, want->n);
		CHECK_INT(chunk_last(&chunk), want->list[at - 1].doc);
	}
	return 0;
}

TEST(a_chunk_reads_back_and_damage_never_crashes)
{
	struct made *m = malloc(sizeof(*m));
	unsigned char *exact;
	unsigned refused = 0;
	struct rng rng;
	size_t cut;
	int round;

	rng_init(&rng, 9);
	for (round = 0; round < 3000; round++) {
		make(m, &rng, round % 2);
		exact = malloc(m->len);
		memcpy(exact, m->bytes, m->len);
		CHECK_INT(read_all(slice_of(exact, m->len), m), 0);
		exact[rng_below(&rng, m->len)] ^= 1 + rng_below(&rng, 255);
		refused += read_all(slice_of(exact, m->len), NULL) < 0;
		free(exact);
		cut = rng_below(&rng, m->len);
		exact = malloc(cut + 1);
		memcpy(exact, m->bytes, cut);
		CHECK_INT(read_all(slice_of(exact, cut), NULL), ERR_CORRUPT);
		free(exact);
	}
	CHECK(refused > 0);
	free(m);
}

/* A block of its own bounds and of `n` postings, as the dictionary has it. */
static int read_lone(struct slice bytes, unsigned n, const struct made *want, size_t behind)
{
	uint8_t tf[TEXT_FIELDS_MAX][BLOCK_POSTINGS];
	uint32_t docs[BLOCK_POSTINGS];
	struct block_bounds bounds;
	struct chunk chunk;
	struct slice after;
	struct block b;
	unsigned j, f, level;
	int fields;

	if (lone_read(bytes, n, &chunk, &after) < 0)
		return ERR_CORRUPT;
	chunk_block(&chunk, 0, &b);
	fields = block_tfs(&b, tf);
	if (fields < 0 || block_docs(&b, docs) < 0)
		return ERR_CORRUPT;
	block_bounds(&b, &bounds);
	for (j = 1; j < n; j++)
		CHECK(docs[j] > docs[j - 1]);
	if (!want)
		return 0;
	CHECK_INT(after.len, behind);
	CHECK_INT(chunk.count, 1);
	CHECK_INT(chunk_last(&chunk), want->list[n - 1].doc);
	CHECK_INT(chunk_find(&chunk, 0, chunk_last(&chunk)), 0);
	CHECK_INT(chunk_find(&chunk, 0, chunk_last(&chunk) + 1), 1);
	CHECK(bounds.max_quality >= want->block[0].bounds.max_quality);
	CHECK_INT(bounds.fields, want->block[0].bounds.fields);
	for (f = 0; f < 3; f++)
		for (level = 0; bounds.fields >> f & 1 && (int)level < bounds_levels(&bounds, f);
			level++)
			CHECK_INT(bounds.min_length[f][level],
				want->block[0].bounds.min_length[f][level]);
	for (j = 0; j < n; j++) {
		CHECK_INT(docs[j], want->list[j].doc);
		for (f = 0; f < 3; f++)
			CHECK_INT(fields >> f & 1 ? tf[f][j] : 0, want->list[j].tf[f]);
	}
	return 0;
}

TEST(a_lone_block_reads_back_and_damage_never_crashes)
{
	struct made *m = malloc(sizeof(*m));
	unsigned char bytes[LONE_BYTES + 1], *exact;
	unsigned refused = 0, n, fields = 0;
	struct rng rng;
	size_t len, cut;
	int round;

	rng_init(&rng, 10);
	for (round = 0; round < 20000; round++) {
		make(m, &rng, round % 2);
		n = m->block[0].n;
		fields |= 1u << m->block[0].bounds.fields;
		if (round % 3 == 0)
			m->block[0].bounds.max_quality = 0;
		len = lone_make(bytes, &m->block[0], m->bodies);
		exact = malloc(len + 3);
		memcpy(exact, bytes, len);
		CHECK_INT(read_lone(slice_of(exact, len + 3), n, m, 3), 0);
		free(exact);
		exact = malloc(len);
		memcpy(exact, bytes, len);
		CHECK_INT(read_lone(slice_of(exact, len), n, m, 0), 0);
		exact[rng_below(&rng, len)] ^= 1 + rng_below(&rng, 255);
		refused += read_lone(slice_of(exact, len), n, NULL, 0) < 0;
		read_lone(slice_of(exact, len), 1 + rng_below(&rng, BLOCK_POSTINGS), NULL, 0);
		free(exact);
		cut = rng_below(&rng, len);
		exact = malloc(cut + 1);
		memcpy(exact, bytes, cut);
		CHECK_INT(read_lone(slice_of(exact, cut), n, NULL, 0), ERR_CORRUPT);
		free(exact);
	}
	CHECK(refused > 0 && fields & 1u << 1 && fields & 1u << 7);
	free(m);
}

TEST(a_word_of_one_document_takes_few_bytes)
{
	struct block_rows rows = { .n = 1, .fields = 1, .docs = { 999999 }, .tf = { { 1 } } };
	struct block_made made = { .before = 999998, .bounds.min_length = { { 30, 255, 255 } } };
	unsigned char body[BLOCK_BODY_MAX], lone[LONE_BYTES], record[TERM_RECORD_MAX];
	struct term_record term = { .df = 1, .n = 1 }, back;

	block_make(&made, body, &rows);
	term.inside = slice_of(lone, lone_make(lone, &made, (char *)body));
	CHECK_INT(term_encode(record, &term), 7);
	CHECK_INT(term_decode(slice_of(record, 7), &back), 0);
	CHECK_INT(back.df, 1);
	CHECK_INT(back.chunk.lone.last, 999999);
	CHECK_INT(back.bounds.min_length[0][0], 30);
}

TEST(bounds_cover_what_they_are_widened_by)
{
	struct block_bounds a = { .fields = 1,
		.max_tf = { 2 },
		.min_length = { { 9, 20, 255 } },
		.max_quality = 1 };
	struct block_bounds b = { .fields = 3,
		.max_tf = { 7, 1 },
		.min_length = { { 12, 12, 15 }, { 3, 255, 255 } },
		.max_quality = 0.5f };

	bounds_widen(&a, &b);
	CHECK_INT(a.fields, 3);
	CHECK_INT(a.max_tf[0], 7);
	CHECK_INT(a.min_length[0][0], 9);
	CHECK_INT(a.min_length[0][1], 12);
	CHECK_INT(a.min_length[0][2], 15);
	CHECK_INT(a.max_tf[1], 1);
	CHECK_INT(a.min_length[1][0], 3);
	CHECK_NEAR(a.max_quality, 1, 0);
	CHECK_INT(bounds_levels(&a, 0), 3);
	CHECK_INT(bounds_levels(&a, 1), 1);
	CHECK_INT(bounds_tf(&a, 0, 0), 1);
	CHECK_INT(bounds_tf(&a, 0, 1), 2);
	CHECK_INT(bounds_tf(&a, 0, 2), 7);
	CHECK_INT(bounds_tf(&a, 1, 0), 1);
}
