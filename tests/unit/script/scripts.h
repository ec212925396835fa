/* scripts.h -- a music schema, a little catalogue, and programs from text. */
#ifndef UNIT_SCRIPT_SCRIPTS_H
#define UNIT_SCRIPT_SCRIPTS_H

#include "unit/query/small.h"

#include "script/program.h"

static const char music_conf[] = "field name text weight=3 exact=yes\n"
				 "field artist text weight=2 from=artists,artist\n"
				 "field album text weight=1\n"
				 "field genre tags from=genres\n"
				 "field popularity number bias=0.02\n"
				 "field playlists number bias=log1p:0.1\n"
				 "field released date from=release_date\n"
				 "field artist_id ref prefix=artist: from=artist_ids,artist_id\n"
				 "field album_id ref prefix=album:\n"
				 "kind kind\n";

static const char *const weights_known[] = { "best_rank", "arms", "quality", "exact", "memory",
	"text", "rrf", NULL };

struct bench {
	struct schema *schema;
	struct program *program;
	struct arena *arena;
	struct query query;
	struct ask ask;
	struct error err;
};

/* path, text, path, text, ..., NULL */
static inline int bench_try(struct bench *b, const char *const *files)
{
	struct program_options options = { .weights = weights_known };
	struct scripts *scripts = scripts_new("shop");
	int rc = 0;

	memset(b, 0, sizeof(*b));
	CHECK_OK(schema_parse(&b->schema, "shop", slice_str(music_conf), "shop.conf", &b->err),
		b->err);
	b->arena = arena_new();
	for (; *files && rc == 0; files += 2)
		rc = scripts_add(scripts, files[0], slice_str(files[1]), &b->err);
	scripts_seal(scripts);
	options.schema = b->schema;
	options.call_us = 100000;
	if (rc == 0)
		rc = program_new(&b->program, scripts, &options, &b->err);
	scripts_free(scripts);
	return rc;
}

static inline void bench_close(struct bench *b)
{
	program_free(b->program);
	schema_free(b->schema);
	arena_free(b->arena);
}

static inline void bench_ask(struct bench *b, const char *notation)
{
	arena_reset(b->arena);
	CHECK_OK(query_parse(&b->query, b->arena, slice_str(notation), &b->err), b->err);
	b->ask = (struct ask){ .query = &b->query, .now_ms = INT64_C(1767268800000) };
}

#endif
