#include "text/list.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "check.h"

static struct list *list_of(const char *text)
{
	struct list *l;
	struct error err;

	CHECK_OK(list_new(&l, slice_str(text), "x.txt", &err), err);
	return l;
}

/* What the list finds in the words: "from>to,to". */
static const char *found(const struct list *l, const char *text)
{
	static char out[512];
	struct slice words[16];
	const struct list_entry *e;
	int count = 0, i, j;
	size_t n = 0;
	const char *at = text;

	for (; *at; at += *at == ' ') {
		words[count].ptr = at;
		at += words[count++].len = strcspn(at, " ");
	}
	e = list_find(l, words, count);
	if (!e)
		return "nothing";
	for (i = 0; i < e->from.count; i++)
		n += sprintf(out + n, "%s%.*s", i ? " " : "", SLICE_ARG(e->from.words[i]));
	for (i = 0; i < e->to_count; i++) {
		n += sprintf(out + n, i ? "," : ">");
		for (j = 0; j < e->to[i].count; j++)
			n += sprintf(out + n, "%s%.*s", j ? " " : "", SLICE_ARG(e->to[i].words[j]));
	}
	return out;
}

TEST(the_longest_entry_of_a_list_is_found)
{
	struct list *l = list_of("# noise\na, An, the # articles\nshow me\n\nshow\nCafé\n");

	CHECK(!list_has_synonyms(l));
	CHECK_STR(found(l, "the who"), "the");
	CHECK_STR(found(l, "an x"), "an");
	CHECK_STR(found(l, "show me x"), "show me");
	CHECK_STR(found(l, "show them"), "show");
	CHECK_STR(found(l, "cafe"), "cafe");
	CHECK_STR(found(l, "who the"), "nothing");
	CHECK_STR(found(l, ""), "nothing");
	list_free(l);
}

TEST(synonyms_go_both_ways_or_one)
{
	struct list *l = list_of("NYC = New York City = big apple\njumper => sweater = pullover\n"
				 "sweater = knit\r\nnyc = gotham\n");

	CHECK(list_has_synonyms(l));
	CHECK_STR(found(l, "nyc"), "nyc>new york city,big apple,gotham");
	CHECK_STR(found(l, "new york city bars"), "new york city>nyc,big apple");
	CHECK_STR(found(l, "new york"), "nothing");
	CHECK_STR(found(l, "jumper"), "jumper>sweater,pullover");
	CHECK_STR(found(l, "sweater"), "sweater>knit");
	CHECK_STR(found(l, "pullover"), "nothing");
	list_free(l);
}

TEST(mistakes_in_a_list_are_told_with_their_line)
{
	static const char *const cases[][2] = {
		{ "a\nb = c", "x.txt:2: found synonyms, but the lines before are words" },
		{ "b = c\n\na", "x.txt:3: found words, but the lines before are synonyms" },
		{ "b =", "x.txt:1: expected words = words or words => words, found ''" },
		{ "= b", "x.txt:1: expected words" },
		{ "a = b => c", "x.txt:1: expected words" },
		{ "a => b => c", "x.txt:1: expected words" },
		{ "a b c d e f g", "over 6 words" },
		{ "a=b=c=d=e=f=g=h=i=j=k=l=m=n=o=p=q=r=s", "over 16 synonyms" },
	};
	struct buf many = { 0 };
	struct list *l;
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK(list_new(&l, slice_str(cases[i][0]), "x.txt", &err) < 0);
		if (!strstr(err.text, cases[i][1]))
			CHECK_STR(err.text, cases[i][1]);
	}
	for (i = 0; i < 17; i++)
		buf_printf(&many, "a = b%zu\n", i);
	CHECK_INT(list_new(&l, buf_slice(&many), "x.txt", &err), ERR_LIMIT);
	buf_clear(&many);
	for (i = 0; i <= LIST_ENTRIES_MAX; i++)
		buf_printf(&many, "w%zu\n", i);
	CHECK_INT(list_new(&l, buf_slice(&many), "x.txt", &err), ERR_LIMIT);
	buf_clear(&many);
}

TEST(lists_have_names)
{
	struct lists *all = lists_new();
	struct error err;
	char name[16];
	int i;

	for (i = 0; i < LISTS_MAX; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		CHECK_OK(lists_add(all, name, list_of("a"), &err), err);
	}
	CHECK_INT(lists_add(all, "more", list_of("a"), &err), ERR_LIMIT);
	CHECK(lists_find(all, SLICE_LIT("l7")) && !lists_find(all, SLICE_LIT("more")));
	CHECK_STR(lists_names(all)[1], "l1");
	lists_free(all);
}
