/* table.c -- replies for people.
 *
 * A reply of JSON is shown by its shape: hits become ranked rows, an object of
 * objects (ARMS) or an array of objects a table, the rest indented JSON.
 * Control bytes never reach the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "client/client.h"

#define COLUMNS_MAX 12
#define WIDTH_MAX   44 /* a longer cell is cut */

struct grid {
	char **cells; /* rows of `columns` owned strings, the first the heading */
	size_t columns, count, cap;
};

/* A cut copy, without control bytes. */
static void grid_add(struct grid *grid, const char *text)
{
	size_t letters = 0, i;
	char *cell;

	for (i = 0; text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && ++letters > WIDTH_MAX)
			break;
	cell = xstrndup(text, i);
	for (i = 0; cell[i]; i++)
		if ((unsigned char)cell[i] < ' ' || cell[i] == 127)
			cell[i] = ' ';
	xgrow(&grid->cells, &grid->cap, grid->count + 1, sizeof(*grid->cells));
	grid->cells[grid->count++] = cell;
}

static size_t letters_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void grid_print(struct grid *grid)
{
	size_t width[COLUMNS_MAX] = { 0 }, i, n;

	for (i = 0; i < grid->count; i++) {
		n = letters_of(grid->cells[i]);
		if (n > width[i % grid->columns])
			width[i % grid->columns] = n;
	}
	for (i = 0; i < grid->count; i++) {
		fputs(grid->cells[i], stdout);
		if ((i + 1) % grid->columns == 0)
			putchar('\n');
		else
			printf("%*s",
				(int)(width[i % grid->columns] + 2 -
					letters_of(grid->cells[i])),
				"");
		free(grid->cells[i]);
	}
	free(grid->cells);
}

static void grid_add_json(struct grid *grid, const json_t *value)
{
	char number[40], *text;

	if (json_is_string(value)) {
		grid_add(grid, json_string_value(value));
	} else if (json_is_real(value)) {
		snprintf(number, sizeof(number), "%.4g", json_real_value(value));
		grid_add(grid, number);
	} else if (!value) {
		grid_add(grid, "");
	} else {
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		grid_add(grid, text ? text : "?");
		free(text);
	}
}

static const char *member_of(const json_t *doc, const char *const *names)
{
	const char *text = NULL;

	for (; !text && *names; names++)
		text = json_string_value(json_object_get(doc, *names));
	return text;
}

/* "artist", "artists"[0] or "brand": whose it is. */
static const char *maker_of(const json_t *doc)
{
	static const char *const names[] = { "artist", "brand", "author", NULL };
	const char *text = member_of(doc, names);

	return text ? text
		    : json_string_value(
			      json_array_get(json_object_get(doc, "artists"), 0));
}

static void print_hits(const json_t *reply, json_t *hits)
{
	static const char *const titles[] = { "name", "title", NULL };
	static const char *const kinds[] = { "kind", "type", "category", NULL };
	struct grid grid = { .columns = 5 };
	const char *title, *what, *maker, *decision, *name;
	struct buf line = { 0 };
	json_t *hit, *doc, *from, *rank;
	char number[24];
	size_t i;

	grid_add(&grid, "#");
	grid_add(&grid, "name");
	grid_add(&grid, "what");
	grid_add(&grid, "score");
	grid_add(&grid, "from");
	json_array_foreach(hits, i, hit)
	{
		doc = json_object_get(hit, "doc");
		snprintf(number, sizeof(number), "%zu", i + 1);
		grid_add(&grid, number);
		title = member_of(doc, titles);
		if (!title)
			title = json_string_value(json_object_get(hit, "id"));
		grid_add(&grid, title ? title : "?");
		what = member_of(doc, kinds);
		maker = maker_of(doc);
		buf_reset(&line);
		buf_printf(&line, "%s%s%s", what ? what : "", what && maker ? ", " : "",
			maker ? maker : "");
		buf_putc(&line, '\0');
		grid_add(&grid, line.ptr);
		grid_add_json(&grid, json_object_get(hit, "score"));
		buf_reset(&line);
		from = json_object_get(hit, "from");
		json_object_foreach(from, name, rank)
			buf_printf(&line, "%s%s %lld", line.len ? ", " : "", name,
				(long long)json_integer_value(rank));
		buf_putc(&line, '\0');
		grid_add(&grid, line.ptr);
	}
	buf_clear(&line);
	grid_print(&grid);
	decision = json_string_value(json_object_get(reply, "decision"));
	printf("%zu hits", json_array_size(hits));
	if (decision)
		printf(", decision %s", decision);
	if (json_is_integer(json_object_get(reply, "took_us")))
		printf(", %lld us", (long long)json_integer_value(
					    json_object_get(reply, "took_us")));
	putchar('\n');
}

/* The scalar members of `row` join the columns; false if it has no such. */
static bool columns_join(const char **columns, size_t *count, json_t *row)
{
	const char *key;
	json_t *value;
	size_t i;

	if (!json_is_object(row) || json_object_size(row) == 0)
		return false;
	json_object_foreach(row, key, value)
	{
		if (json_is_object(value) || json_is_array(value))
			return false;
		for (i = 0; i < *count && strcmp(columns[i], key); i++)
			;
		if (i == *count && *count == COLUMNS_MAX - 1)
			return false;
		if (i == *count)
			columns[(*count)++] = key;
	}
	return true;
}

static void grid_add_row(struct grid *grid, const char *name, const json_t *row,
	const char **columns, size_t count)
{
	size_t i;

	grid_add(grid, name);
	for (i = 0; i < count; i++)
		grid_add_json(grid, json_object_get(row, columns[i]));
}

/* An object or an array of flat objects as a table; false if it is none. */
static bool print_rows(json_t *all)
{
	const char *columns[COLUMNS_MAX], *name;
	struct grid grid = { 0 };
	size_t count = 0, i;
	char number[24];
	json_t *row;

	if (json_object_size(all) + json_array_size(all) == 0)
		return false;
	json_object_foreach(
		all, name, row) if (!columns_join(columns, &count, row)) return false;
	json_array_foreach(
		all, i, row) if (!columns_join(columns, &count, row)) return false;
	grid.columns = count + 1;
	grid_add(&grid, json_is_array(all) ? "#" : "name");
	for (i = 0; i < count; i++)
		grid_add(&grid, columns[i]);
	json_object_foreach(all, name, row)
		grid_add_row(&grid, name, row, columns, count);
	json_array_foreach(all, i, row)
	{
		snprintf(number, sizeof(number), "%zu", i + 1);
		grid_add_row(&grid, number, row, columns, count);
	}
	grid_print(&grid);
	return true;
}

static void print_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		putchar(((unsigned char)text[i] < ' ' && text[i] != '\n') ||
					text[i] == 127
				? ' '
				: text[i]);
	putchar('\n');
}

static void print_text(const char *text, size_t len)
{
	json_t *json = NULL;
	char *pretty;

	if (len == 0 || (text[0] != '{' && text[0] != '[') ||
		json_parse(&json, slice_of(text, len), NULL) < 0) {
		print_plain(text, len);
		return;
	}
	if (json_is_array(json_object_get(json, "hits"))) {
		print_hits(json, json_object_get(json, "hits"));
	} else if (!print_rows(json)) {
		pretty = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		if (pretty)
			print_plain(pretty, strlen(pretty));
		free(pretty);
	}
	json_decref(json);
}

void table_print_reply(const redisReply *reply)
{
	size_t i;

	switch (reply->type) {
	case REDIS_REPLY_INTEGER:
		printf("%lld\n", reply->integer);
		break;
	case REDIS_REPLY_NIL:
		puts("(none)");
		break;
	case REDIS_REPLY_ARRAY:
		for (i = 0; i < reply->elements; i++)
			table_print_reply(reply->element[i]);
		break;
	default:
		print_text(reply->str, (size_t)reply->len);
	}
}
