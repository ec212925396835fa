/* table.c -- replies for people.
 *
 * A reply of JSON is shown by its shape: hits become ranked rows, what has parts
 * that are objects an outline of lines and tables, anything else (a document)
 * indented JSON.  A table shows what fits into cells; where more was there, a last
 * line says so.  Control bytes never reach the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "client/client.h"

#define COLUMNS_MAX 20
#define WIDTH_MAX   44 /* a longer cell is cut, but for the last of a row */
#define LINE_WIDTH  79
#define WIDE        10 /* columns beyond which those that are the same in all rows go */
#define LIST_MAX    60 /* values of a list that are shown */

struct grid {
	char **cells; /* rows of `columns` owned strings, the first the heading */
	size_t columns, count, cap;
};

/* A cut copy, without control bytes. */
static void grid_add(struct grid *grid, const char *text)
{
	bool last = grid->count % grid->columns == grid->columns - 1;
	size_t letters = 0, i;
	char *cell;

	for (i = 0; text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && ++letters > WIDTH_MAX && !last)
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
				(int)(width[i % grid->columns] + 2 - letters_of(grid->cells[i])),
				"");
		free(grid->cells[i]);
	}
	free(grid->cells);
}

/* Numbers as people read them; members "at" and "x_ms" that are a time since 1970 as in the
 * log.  NULL: as JSON has it. */
static const char *number_text(const char *name, const json_t *value, char out[40])
{
	size_t len = name ? strlen(name) : 0;
	time_t seconds = (time_t)(json_integer_value(value) / 1000);
	struct tm tm;

	if (json_is_real(value)) {
		snprintf(out, 40, "%.4g", json_real_value(value));
		return out;
	}
	if (!len || seconds < 1000000000 || !gmtime_r(&seconds, &tm) ||
		(strcmp(name, "at") && (len < 3 || strcmp(name + len - 3, "_ms"))))
		return NULL;
	strftime(out, 40, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

/* A value of the member `name` (NULL: of none that matters). */
static void grid_add_json(struct grid *grid, const char *name, const json_t *value)
{
	char number[40], *text;

	if (json_is_string(value)) {
		grid_add(grid, json_string_value(value));
	} else if (number_text(name, value, number)) {
		grid_add(grid, number);
	} else if (!value || json_is_null(value)) {
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

	return text ? text : json_string_value(json_array_get(json_object_get(doc, "artists"), 0));
}

/* Do any of the hits have this member? */
static bool any_has(json_t *hits, const char *name)
{
	json_t *hit;
	size_t i;

	json_array_foreach(hits, i, hit)
		if (json_object_get(hit, name))
			return true;
	return false;
}

static void add_from(struct grid *grid, json_t *from)
{
	struct buf line = { 0 };
	const char *name;
	json_t *rank;

	json_object_foreach(from, name, rank)
		buf_printf(&line, "%s%s %lld", line.len ? ", " : "", name,
			(long long)json_integer_value(rank));
	buf_putc(&line, '\0');
	grid_add(grid, line.ptr);
	buf_clear(&line);
}

static const char *kind_of(const json_t *doc)
{
	static const char *const kinds[] = { "kind", "type", "category", NULL };

	return member_of(doc, kinds);
}

static bool any_what(json_t *hits)
{
	json_t *hit, *doc;
	size_t i;

	json_array_foreach(hits, i, hit) {
		doc = json_object_get(hit, "doc");
		if (doc && (kind_of(doc) || maker_of(doc)))
			return true;
	}
	return false;
}

static void add_what(struct grid *grid, const json_t *doc)
{
	const char *what = kind_of(doc), *maker = maker_of(doc);
	struct buf line = { 0 };

	buf_printf(&line, "%s%s%s", what ? what : "", what && maker ? ", " : "",
		maker ? maker : "");
	buf_putc(&line, '\0');
	grid_add(grid, line.ptr);
	buf_clear(&line);
}

/* Rows of hits; those of DECISION have no documents, but rewards. */
static void print_hit_rows(json_t *hits)
{
	static const char *const titles[] = { "name", "title", NULL };
	bool docs = any_has(hits, "doc"), rewards = any_has(hits, "reward"), what = any_what(hits);
	struct grid grid = { .columns = 4 + what + rewards };
	const char *title;
	json_t *hit, *doc;
	char number[24];
	size_t i;

	grid_add(&grid, "#");
	grid_add(&grid, docs ? "name" : "id");
	if (what)
		grid_add(&grid, "what");
	grid_add(&grid, "score");
	if (rewards)
		grid_add(&grid, "reward");
	grid_add(&grid, "from");
	json_array_foreach(hits, i, hit) {
		doc = json_object_get(hit, "doc");
		snprintf(number, sizeof(number), "%zu", i + 1);
		grid_add(&grid, number);
		title = member_of(doc, titles);
		if (!title)
			title = json_string_value(json_object_get(hit, "id"));
		grid_add(&grid, title ? title : "?");
		if (what)
			add_what(&grid, doc);
		grid_add_json(&grid, NULL, json_object_get(hit, "score"));
		if (rewards)
			grid_add_json(&grid, NULL, json_object_get(hit, "reward"));
		add_from(&grid, json_object_get(hit, "from"));
	}
	grid_print(&grid);
}

static void print_hits(const json_t *reply, json_t *hits)
{
	const char *decision = json_string_value(json_object_get(reply, "decision"));
	json_t *of = json_object_get(reply, "candidates"), *took;

	if (json_integer_value(of) == 0 && json_object_get(reply, "matched"))
		of = json_object_get(json_object_get(reply, "matched"), "count"); /* sorted */
	if (json_array_size(hits))
		print_hit_rows(hits);
	printf("%zu hit%s", json_array_size(hits), json_array_size(hits) == 1 ? "" : "s");
	if (json_is_integer(of))
		printf(" of %lld", (long long)json_integer_value(of));
	if (decision)
		printf(", decision %s", decision);
	took = json_object_get(reply, "took_us");
	if (json_is_integer(took))
		printf(", %lld us", (long long)json_integer_value(took));
	putchar('\n');
}

/* ---- tables of objects ---- */

static void print_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		putchar(((unsigned char)text[i] < ' ' && text[i] != '\n') || text[i] == 127
				? ' '
				: text[i]);
	putchar('\n');
}

static bool is_scalar(const json_t *value)
{
	return value && !json_is_object(value) && !json_is_array(value);
}

static bool is_empty(const json_t *value)
{
	return json_object_size(value) + json_array_size(value) == 0;
}

struct rows {
	const char *columns[COLUMNS_MAX];
	const char *within[COLUMNS_MAX]; /* of a column: the member with its plus or minus */
	size_t count;
	bool left_out; /* members that are no scalars */
};

/* "plus_minus" and "x_plus_minus" belong to the member before them. */
static bool is_within(const char *key)
{
	static const char end[] = "plus_minus";
	size_t len = strlen(key);

	return len >= sizeof(end) - 1 && !strcmp(key + len - (sizeof(end) - 1), end);
}

/* The scalar members of `row` join the columns; false if it is no row. */
static bool rows_join(struct rows *rows, json_t *row)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	if (!json_is_object(row) || json_object_size(row) == 0)
		return false;
	json_object_foreach(row, key, value) {
		if (!is_scalar(value)) {
			rows->left_out |= !is_empty(value);
			continue;
		}
		if (is_within(key) && i < rows->count) {
			rows->within[i] = key;
			continue;
		}
		for (i = 0; i < rows->count && strcmp(rows->columns[i], key); i++)
			;
		if (i == rows->count && rows->count == COLUMNS_MAX - 1)
			return false;
		if (i == rows->count)
			rows->columns[rows->count++] = key;
	}
	return true;
}

static bool is_interval(const json_t *value)
{
	return json_is_number(json_object_get(value, "value")) &&
	       json_is_number(json_object_get(value, "low")) &&
	       json_is_number(json_object_get(value, "high"));
}

static bool are_intervals(json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
		if (!is_interval(value))
			return false;
	return json_object_size(object) > 0;
}

/* {"value":..,"low":..,"high":..} under a name as two cells. */
static void lay_interval(json_t *row, const char *name, const json_t *interval)
{
	double low = json_number_value(json_object_get(interval, "low"));
	double high = json_number_value(json_object_get(interval, "high"));
	char within[64];

	snprintf(within, sizeof(within), "%.40s_plus_minus", name);
	json_object_set(row, name, json_object_get(interval, "value"));
	json_object_set_new(row, within, json_real((high - low) / 2));
}

/* A member of intervals becomes cells of the row, in its place. */
static void lay_flat(json_t *row)
{
	json_t *flat = json_object(), *member, *value;
	const char *key, *name;

	json_object_foreach(row, key, member) {
		if (are_intervals(member))
			json_object_foreach(member, name, value)
				lay_interval(flat, name, value);
		else
			json_object_set(flat, key, member);
	}
	json_object_clear(row);
	json_object_update(row, flat);
	json_decref(flat);
}

/* An object or an array of objects with something to show in cells?  Their intervals are laid
 * flat. */
static bool rows_of(struct rows *rows, json_t *all)
{
	const char *name;
	json_t *row;
	size_t i;

	memset(rows, 0, sizeof(*rows));
	json_object_foreach(all, name, row) {
		lay_flat(row);
		if (!rows_join(rows, row))
			return false;
	}
	json_array_foreach(all, i, row) {
		lay_flat(row);
		if (!rows_join(rows, row))
			return false;
	}
	return rows->count > 0;
}

static void add_row(struct grid *grid, const struct rows *rows, const char *name, const json_t *row)
{
	const json_t *within;
	char text[64];
	size_t i;

	grid_add(grid, name);
	for (i = 0; i < rows->count; i++) {
		within = rows->within[i] ? json_object_get(row, rows->within[i]) : NULL;
		if (within && json_is_number(within)) {
			snprintf(text, sizeof(text), "%.4g ±%.2g",
				json_number_value(json_object_get(row, rows->columns[i])),
				json_number_value(within));
			grid_add(grid, text);
		} else {
			grid_add_json(grid, rows->columns[i],
				json_object_get(row, rows->columns[i]));
		}
	}
}

/* What the column has in all rows, or NULL if they differ. */
static const json_t *same_in_all(json_t *all, const char *column)
{
	const json_t *first = NULL;
	const char *name;
	json_t *row, *value;
	size_t i;

	json_object_foreach(all, name, row) {
		value = json_object_get(row, column);
		first = first ? first : value;
		if (!value || !json_equal(first, value))
			return NULL;
	}
	json_array_foreach(all, i, row) {
		value = json_object_get(row, column);
		first = first ? first : value;
		if (!value || !json_equal(first, value))
			return NULL;
	}
	return first;
}

/* Of a wide table with several rows, the columns that say nothing go into `line` instead. */
static void rows_narrow(struct rows *rows, json_t *all, struct buf *line)
{
	const json_t *same;
	char number[40];
	size_t kept = 0, i;
	const char *text;
	char *dump;

	if (rows->count <= WIDE || json_object_size(all) + json_array_size(all) < 2)
		return;
	for (i = 0; i < rows->count; i++) {
		same = rows->within[i] ? NULL : same_in_all(all, rows->columns[i]);
		if (!same) {
			rows->within[kept] = rows->within[i];
			rows->columns[kept++] = rows->columns[i];
			continue;
		}
		dump = json_dumps(same, JSON_COMPACT | JSON_ENCODE_ANY);
		text = number_text(rows->columns[i], same, number);
		buf_printf(line, "%s%s %s", line->len ? ", " : "in all: ", rows->columns[i],
			text ? text : dump);
		free(dump);
	}
	rows->count = kept;
}

static void print_rows(struct rows *rows, json_t *all)
{
	struct grid grid = { 0 };
	struct buf same = { 0 };
	const char *name;
	char number[24];
	json_t *row;
	size_t i;

	rows_narrow(rows, all, &same);
	grid.columns = rows->count + 1;
	grid_add(&grid, json_is_array(all) ? "#" : "name");
	for (i = 0; i < rows->count; i++)
		grid_add(&grid, rows->columns[i]);
	json_object_foreach(all, name, row)
		add_row(&grid, rows, name, row);
	json_array_foreach(all, i, row) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		add_row(&grid, rows, number, row);
	}
	grid_print(&grid);
	if (same.len)
		print_plain(same.ptr, same.len);
	buf_clear(&same);
}

/* ---- outlines ---- */

struct outline {
	struct buf line;
	bool first;    /* nothing but the heading stands in the line */
	bool left_out; /* something was too deep or too long to show */
};

static void outline_end(struct outline *o)
{
	if (o->line.len)
		print_plain(o->line.ptr, o->line.len);
	buf_reset(&o->line);
	o->first = true;
}

static void outline_head(struct outline *o, const char *name)
{
	outline_end(o);
	buf_printf(&o->line, "%s:", name);
}

/* One more thing in the line: "name value", or the value alone. */
static void outline_put(struct outline *o, const char *name, const json_t *value)
{
	const char *text = json_string_value(value), *cut;
	char number[40], *dump = NULL;
	size_t at = o->line.len;

	if (number_text(name, value, number)) {
		text = number;
	} else if (!text || !*text || strpbrk(text, " ,\"")) {
		dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		text = dump ? dump : "?";
	}
	for (cut = o->line.ptr + at; at && cut > o->line.ptr && cut[-1] != '\n'; cut--)
		;
	at -= at ? (size_t)(cut - o->line.ptr) : 0; /* letters since the last break */
	if (!o->first)
		buf_puts(&o->line, at + strlen(text) + (name ? strlen(name) : 0) + 3 > LINE_WIDTH
					   ? ",\n  "
					   : ", ");
	else if (o->line.len)
		buf_putc(&o->line, ' ');
	buf_printf(&o->line, "%s%s%s", name ? name : "", name ? " " : "", text);
	o->first = false;
	free(dump);
}

/* Values in a line; what is no value in a list stands as JSON. */
static void outline_list(struct outline *o, const char *name, json_t *list)
{
	json_t *item;
	size_t i;

	outline_head(o, name);
	json_array_foreach(list, i, item) {
		if (i == LIST_MAX) {
			o->left_out = true;
			break;
		}
		outline_put(o, NULL, item);
	}
	outline_end(o);
}

static bool all_scalars(json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
		if (!is_scalar(value))
			return false;
	return true;
}

static void outline_members(struct outline *o, json_t *object, const char *const *but)
{
	const char *name;
	struct rows rows;
	json_t *value;
	int i;

	json_object_foreach(object, name, value) {
		for (i = 0; but && but[i] && strcmp(but[i], name); i++)
			;
		if (but && but[i])
			continue;
		if (is_scalar(value)) {
			outline_put(o, name, value);
		} else if (is_empty(value)) {
			outline_head(o, name);
			buf_puts(&o->line, " none");
			outline_end(o);
		} else if (rows_of(&rows, value)) {
			outline_head(o, name);
			outline_end(o);
			print_rows(&rows, value);
			o->left_out |= rows.left_out;
		} else if (json_is_array(value)) {
			outline_list(o, name, value);
		} else {
			outline_head(o, name);
			if (!all_scalars(value))
				outline_end(o);
			outline_members(o, value, NULL);
		}
	}
	outline_end(o);
}

static void print_outline(json_t *object, const char *const *but)
{
	struct outline o = { .first = true };

	outline_members(&o, object, but);
	if (o.left_out)
		puts("(--json shows all of it)");
	buf_clear(&o.line);
}

/* ---- replies ---- */

/* Not a document, whose members are values and lists of values. */
static bool has_parts(json_t *object)
{
	const char *name;
	struct rows rows;
	json_t *value;

	json_object_foreach(object, name, value)
		if (json_is_object(value) || rows_of(&rows, value))
			return true;
	return false;
}

static void print_json(json_t *json)
{
	static const char *const said[] = { "hits", "decision", "took_us", "generation",
		"candidates", NULL };
	json_t *hits = json_object_get(json, "hits");
	struct rows rows;
	char *pretty;

	if (json_is_array(hits)) {
		print_hits(json, hits);
		print_outline(json, said);
	} else if (rows_of(&rows, json) && !rows.left_out) {
		print_rows(&rows, json);
	} else if (has_parts(json)) {
		print_outline(json, NULL);
	} else {
		pretty = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		if (pretty)
			print_plain(pretty, strlen(pretty));
		free(pretty);
	}
}

static void print_text(const char *text, size_t len)
{
	json_t *json = NULL;

	if (len == 0 || (text[0] != '{' && text[0] != '[') ||
		json_parse(&json, slice_of(text, len), NULL) < 0)
		print_plain(text, len);
	else
		print_json(json);
	json_decref(json);
}

void table_print_reply(const redisReply *reply)
{
	size_t i;

	switch (reply->type) {
	case REDIS_REPLY_INTEGER: printf("%lld\n", reply->integer); break;
	case REDIS_REPLY_NIL: puts("(none)"); break;
	case REDIS_REPLY_ARRAY:
		for (i = 0; i < reply->elements; i++)
			table_print_reply(reply->element[i]);
		break;
	default: print_text(reply->str, (size_t)reply->len);
	}
}

void table_print_pairs(const redisReply *reply)
{
	struct grid grid = { .columns = 2 };
	size_t i;

	for (i = 0; i < reply->elements && reply->element[i]->type == REDIS_REPLY_STRING; i++)
		;
	if (reply->type != REDIS_REPLY_ARRAY || i < reply->elements || i % 2) {
		table_print_reply(reply);
		return;
	}
	for (i = 0; i < reply->elements; i++)
		grid_add(&grid, reply->element[i]->str);
	grid_print(&grid);
}
