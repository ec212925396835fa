/* grid.c -- cells in columns, and numbers, for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "client/table_parts.h"

#define WIDTH_MAX 44 /* a longer cell is cut, but for the last of a row */

void grid_add(struct grid *grid, const char *text)
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

void grid_print(struct grid *grid)
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

const char *number_text(const char *name, const json_t *value, char out[40])
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

void grid_add_json(struct grid *grid, const char *name, const json_t *value)
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

void print_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		putchar(((unsigned char)text[i] < ' ' && text[i] != '\n') || text[i] == 127
				? ' '
				: text[i]);
	putchar('\n');
}
