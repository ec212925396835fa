/* script.c -- any bytes as a strategy file, as a pattern, and as a description that
 * a script tampers with. */
#include <stdlib.h>

#include "script/program.h"

static const char conf[] = "field title text exact=yes\nfield genre tags\n"
			   "field popularity number\nfield released date\n"
			   "field artist_id ref prefix=artist:\nkind kind\n";

static void ask(struct program *program, struct arena *arena)
{
	struct query query;
	struct ask ask = { .query = &query };
	struct plan plan;
	struct error err = { 0 };
	int count, i;

	if (query_parse(&query, arena, SLICE_LIT("{price max=5} red shoes"), &err) < 0)
		abort();
	program_understand(program, NULL, arena, &query, &err);
	program_strategies(program, &count);
	for (i = 0; i < count; i++)
		if (program_applies(program, i, &ask, &err) == 1)
			program_plan(program, i, &ask, arena, &plan, &err);
}

/* The file alone. */
static void try(const struct schema *schema, const char *path, struct slice text)
{
	struct program_options options = { .schema = schema,
		.call_us = 20000,
		.memory_bytes = 2 << 20 };
	struct scripts *scripts = scripts_new("fuzz");
	struct program *program = NULL;
	struct arena *arena = arena_new();
	struct error err = { 0 };

	if (scripts_add(scripts, path, text, &err) < 0)
		abort();
	scripts_seal(scripts);
	if (program_new(&program, scripts, &options, &err) == 0)
		ask(program, arena);
	else if (!err.text[0])
		abort();
	program_free(program);
	scripts_free(scripts);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const around[][3] = {
		{ "strategies/a.lua", "", "" },
		{ "strategies/a.lua", "return strategy { plan = function (q) return { ",
			" } end }" },
		{ "strategies/a.lua", "return strategy { plan = function (q) local m = all('a') ",
			" return { match = m } end }" },
		{ "understanding/price.lua", "return slot { [=====[", "]=====] }" },
		{ "understanding/a.lua", "return rewrite { ", " }" },
		{ "features/a.lua", "return features { ", " }" },
		{ "ranking/a.lua", "return ranking { ", " }" },
		{ "rewards.lua", "return rewards { ", " }" },
	};
	static struct schema *schema;
	struct error err = { 0 };
	struct buf text = { 0 };
	size_t which;

	if (!schema && schema_parse(&schema, "fuzz", slice_str(conf), "fuzz.conf", &err) < 0)
		abort();
	if (!size)
		return 0;
	which = data[0] % (sizeof(around) / sizeof(*around));
	buf_puts(&text, around[which][1]);
	buf_put(&text, data + 1, size - 1);
	buf_puts(&text, around[which][2]);
	try(schema, around[which][0], buf_slice(&text));
	buf_clear(&text);
	return 0;
}
