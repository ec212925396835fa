/* fts5.c -- SQLite FTS5 as an engine, without content of its own. */
#include "engine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH    10000
#define TEXT_MAX (1 << 20)

struct engine {
	sqlite3 *db;
	sqlite3_stmt *put, *find;
	uint32_t count;
	char text[TEXT_MAX];
};

static void run(struct engine *e, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(e->db, sql, 0, 0, &why) != SQLITE_OK) {
		fprintf(stderr, "bench: fts5: %s: %s\n", sql, why);
		exit(1);
	}
}

static struct engine *fts5_open(const char *folder, const char *conf)
{
	struct engine *e = calloc(1, sizeof(*e));
	char path[256], sql[256];

	snprintf(path, sizeof(path), "%s.db", folder);
	sqlite3_open(path, &e->db);
	snprintf(sql, sizeof(sql),
		"create virtual table if not exists t using fts5(title, text, tags, content='', "
		"detail=%s, prefix='2 3', tokenize='unicode61 remove_diacritics 0')",
		strstr(conf, "positions=no") ? "column" : "full");
	run(e, sql);
	run(e, "insert into t(t, rank) values('rank', 'bm25(3.0, 1.0, 0.0)')");
	sqlite3_prepare_v2(e->db, "insert into t(rowid, title, text, tags) values(?,?,?,?)", -1,
		&e->put, 0);
	sqlite3_prepare_v2(e->db, "select rowid from t where t match ? order by rank limit ?", -1,
		&e->find, 0);
	return e;
}

static uint32_t fts5_docs(struct engine *e)
{
	sqlite3_stmt *count;
	uint32_t n = 0;

	sqlite3_prepare_v2(e->db, "select max(id) + 1 from t_docsize", -1, &count, 0);
	if (sqlite3_step(count) == SQLITE_ROW)
		n = sqlite3_column_int(count, 0);
	sqlite3_finalize(count);
	return n;
}

static void bind(struct engine *e, int column, const char *const *words, int count)
{
	size_t len = 0, n;
	int i;

	for (i = 0; i < count; i++) {
		n = strlen(words[i]);
		if (len + n + 1 > TEXT_MAX)
			break;
		memcpy(e->text + len, words[i], n);
		len += n;
		e->text[len++] = ' ';
	}
	sqlite3_bind_text(e->put, column, e->text, len, SQLITE_TRANSIENT);
}

static void fts5_add(struct engine *e, const struct entry *entry)
{
	if (e->count % BATCH == 0)
		run(e, e->count ? "commit; begin" : "begin");
	sqlite3_bind_int(e->put, 1, e->count++);
	bind(e, 2, entry->words, entry->title);
	bind(e, 3, entry->words + entry->title, entry->count - entry->title);
	bind(e, 4, entry->tags, entry->tag_count);
	sqlite3_step(e->put);
	sqlite3_reset(e->put);
}

static void fts5_commit(struct engine *e)
{
	run(e, "commit");
}

static int fts5_search(struct engine *e, const struct ask *ask, int k, uint32_t *docs)
{
	const char *between = ask->how == ASK_PHRASE ? " + "
			      : ask->how == ASK_ANY  ? " OR "
						     : " AND ";
	size_t len = sprintf(e->text, "(");
	int i, n = 0;

	if (ask->how == ASK_FUZZY || ask->quality)
		return -1;
	for (i = 0; i < ask->count; i++)
		len += sprintf(e->text + len, "%s\"%s\"%s", i ? between : "", ask->words[i],
			ask->how == ASK_PREFIX && i == ask->count - 1 ? "*" : "");
	len += sprintf(e->text + len, ask->tag ? ") AND tags:\"%s\"" : ")", ask->tag);
	sqlite3_bind_text(e->find, 1, e->text, len, SQLITE_STATIC);
	sqlite3_bind_int(e->find, 2, k);
	while (sqlite3_step(e->find) == SQLITE_ROW)
		docs[n++] = sqlite3_column_int(e->find, 0);
	sqlite3_reset(e->find);
	return n;
}

static void fts5_close(struct engine *e)
{
	sqlite3_finalize(e->put);
	sqlite3_finalize(e->find);
	sqlite3_close(e->db);
	free(e);
}

const struct engine_kind engine_fts5 = { "fts5", fts5_open, fts5_docs, fts5_add, fts5_commit,
	fts5_search, fts5_close };
