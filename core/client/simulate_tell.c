/* simulate_tell.c -- a simulation's figures, as a table or as JSON. */
#include <string.h>

#include "client/simulate_parts.h"

struct figures {
	double early, late, of_oracle, served, asked, regret;
};

static void measure_lane(const struct simulation *s, int lane, struct figures *f)
{
	uint64_t first = (uint64_t)s->first, end = first + (uint64_t)s->searches;
	struct stretch early =
		course_sum(&s->course, lane, first, first + (uint64_t)s->searches / 10);
	struct stretch late = course_sum(&s->course, lane, end - (uint64_t)s->searches / 4, end);
	struct stretch all = course_sum(&s->course, lane, first, end);

	*f = (struct figures){ early.n ? early.reward / early.n : 0,
		late.n ? late.reward / late.n : 0, late.oracle > 0 ? late.reward / late.oracle : 0,
		all.n ? (double)all.served / all.n : 0,
		late.asked_n ? late.asked / late.asked_n : 0, all.oracle - all.reward };
}

/* A number, or a dash as wide. */
static void print_cell(bool known, const char *format, double x)
{
	char text[40];
	size_t n;

	snprintf(text, sizeof(text), format, x);
	for (n = 0; !known && text[n]; n++)
		if (text[n] != ' ' && text[n] != '\n')
			text[n] = strchr(" \n", text[n + 1]) ? '-' : ' ';
	fputs(text, stdout);
}

static void print_table(const struct simulation *s)
{
	int l, width = 6, len;
	struct figures f;

	for (l = 0; l < s->course.lanes; l++) {
		len = (int)strlen(s->course.names[l]);
		width = len > width ? len : width;
	}
	printf("%-*s   early    late  of oracle  served  asked   regret\n", width, "lane");
	for (l = 0; l < s->course.lanes; l++) {
		measure_lane(s, l, &f);
		printf("%-*s  %6.4f  %6.4f  ", width, s->course.names[l], f.early, f.late);
		print_cell(s->tries, "%9.3f  ", f.of_oracle);
		print_cell(l <= s->lane_count, "%6.4f", f.served);
		printf("  %5.1f", f.asked);
		print_cell(s->tries, "  %7.1f\n", f.regret);
	}
}

static void print_allotments(const struct simulation *s)
{
	struct buf text = { 0 };
	size_t t;
	int p;

	for (p = 0; p < s->phase_count; p++) {
		buf_printf(&text,
			"from search %llu: static: ", (unsigned long long)s->phases[p].from);
		allot_print(s->phases[p].allot, &s->phases[p].best, &text);
		for (t = 0; t < s->people.type_count; t++) {
			buf_printf(&text, "\n  oracle, %s: ", s->people.types[t]);
			allot_print(s->phases[p].allot, &s->phases[p].by_type[t], &text);
		}
		buf_putc(&text, '\n');
	}
	printf("%.*s", SLICE_ARG(buf_slice(&text)));
	buf_clear(&text);
}

static void print_json(const struct simulation *s)
{
	struct buf text = { 0 };
	struct json_out out;
	struct figures f;
	int l;

	json_begin(&out, &text);
	json_object_open(&out);
	json_kv(&out, int, "searches", s->searches);
	json_kv(&out, uint, "queries", s->people.count);
	json_key(&out, "lanes");
	json_object_open(&out);
	for (l = 0; l < s->course.lanes; l++) {
		measure_lane(s, l, &f);
		json_key(&out, s->course.names[l]);
		json_object_open(&out);
		json_kv(&out, num_short, "early", f.early, 6);
		json_kv(&out, num_short, "late", f.late, 6);
		json_kv(&out, num_short, "of_oracle", f.of_oracle, 6);
		json_kv(&out, num_short, "served", f.served, 6);
		json_kv(&out, num_short, "asked", f.asked, 6);
		json_kv(&out, num_short, "regret", f.regret, 6);
		json_close(&out);
	}
	json_close(&out);
	json_close(&out);
	printf("%.*s\n", SLICE_ARG(buf_slice(&text)));
	buf_clear(&text);
}

void simulate_tell(const struct simulation *s)
{
	if (s->json) {
		print_json(s);
		return;
	}
	print_table(s);
	if (s->tries)
		print_allotments(s);
}
