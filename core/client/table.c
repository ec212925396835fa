/* table.c -- replies for people.
 *
 * A reply of JSON is shown by its shape: hits become ranked rows, what has parts
 * that are objects an outline of lines and tables, anything else (a document)
 * indented JSON.  A table shows what fits into cells; where more was there, a last
 * line says so.  Control bytes never reach the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "client/client.h"
#include "client/table_parts.h"

#define LINE_WIDTH 79
#define LIST_MAX   60 /* values of a list that are shown */

/* ---- hits ---- */

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
			rows_print(&rows, value);
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
		rows_print(&rows, json);
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
