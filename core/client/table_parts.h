/* table_parts.h -- what table.c shows replies with: grids (grid.c), and objects as rows of one
 * (rows.c). */
#ifndef CLIENT_TABLE_PARTS_H
#define CLIENT_TABLE_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

#define COLUMNS_MAX 20

struct grid {
	char **cells; /* rows of `columns` owned strings, the first the heading */
	size_t columns, count, cap;
};

/* A cut copy, without control bytes. */
void grid_add(struct grid *, const char *text);
/* A value of the member `name` (NULL: of none that matters). */
void grid_add_json(struct grid *, const char *name, const json_t *value);
/* To standard output; frees the cells. */
void grid_print(struct grid *);

/* Numbers as people read them; members "at" and "x_ms" that are a time since 1970 as in the
 * log.  NULL: as JSON has it. */
const char *number_text(const char *name, const json_t *value, char out[40]);
/* A line, or several, without control bytes. */
void print_plain(const char *text, size_t len);

static inline bool is_scalar(const json_t *value)
{
	return value && !json_is_object(value) && !json_is_array(value);
}

static inline bool is_empty(const json_t *value)
{
	return json_object_size(value) + json_array_size(value) == 0;
}

struct rows {
	const char *columns[COLUMNS_MAX];
	const char *within[COLUMNS_MAX]; /* of a column: the member with its plus or minus */
	size_t count;
	bool left_out; /* members that are no scalars */
};

/* An object or an array of objects with something to show in cells?  Their intervals are laid
 * flat. */
bool rows_of(struct rows *, json_t *all);
void rows_print(struct rows *, json_t *all);

#endif
