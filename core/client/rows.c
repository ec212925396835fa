/* rows.c -- objects of objects as tables: a row each, a column for every member that is a
 * value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/table_parts.h"

#define WIDE 10 /* columns beyond which those that are the same in all rows go */

/* Where one is among the rows of an object, by name, or of an array, by number. */
struct place {
	void *member;
	size_t index;
	const char *name; /* of the last row */
	char number[24];
};

/* The next row, the first one from a place of zeros; NULL after the last one. */
static json_t *next_row(json_t *all, struct place *at)
{
	if (json_is_array(all)) {
		snprintf(at->number, sizeof(at->number), "%zu", at->index + 1);
		at->name = at->number;
		return json_array_get(all, at->index++);
	}
	at->member = at->member ? json_object_iter_next(all, at->member) : json_object_iter(all);
	at->name = json_object_iter_key(at->member);
	return json_object_iter_value(at->member);
}

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

bool rows_of(struct rows *rows, json_t *all)
{
	struct place at = { 0 };
	json_t *row;

	memset(rows, 0, sizeof(*rows));
	while ((row = next_row(all, &at))) {
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
	struct place at = { 0 };
	json_t *row, *value;

	while ((row = next_row(all, &at))) {
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

void rows_print(struct rows *rows, json_t *all)
{
	struct grid grid = { 0 };
	struct buf same = { 0 };
	struct place at = { 0 };
	json_t *row;
	size_t i;

	rows_narrow(rows, all, &same);
	grid.columns = rows->count + 1;
	grid_add(&grid, json_is_array(all) ? "#" : "name");
	for (i = 0; i < rows->count; i++)
		grid_add(&grid, rows->columns[i]);
	while ((row = next_row(all, &at)))
		add_row(&grid, rows, at.name, row);
	grid_print(&grid);
	if (same.len)
		print_plain(same.ptr, same.len);
	buf_clear(&same);
}
