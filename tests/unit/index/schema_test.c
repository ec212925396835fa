#include "index/schema.h"

#include "check.h"
#include "index/catalogue.h"
#include "index/date.h"

TEST(mistakes_in_a_schema_are_told_with_line_and_suggestion)
{
	static const char *const cases[][2] = {
		{ "field a text\nfeild b text\n",
			"x:2: unknown word 'feild'; did you mean 'field'?" },
		{ "field a txet\n", "did you mean 'text'" },
		{ "field a text wieght=3\n", "did you mean 'weight'" },
		{ "field a text analyzer=englich\n", "did you mean 'english'" },
		{ "field a text\nfield a date\n", "x:2: there is already" },
		{ "field a date bias=1\n", "only numbers take a bias" },
		{ "field a text weight=x\n", "0 or more" },
		{ "# nothing\n", "no fields" },
		{ "field a text accents=fodl\n", "unknown accents 'fodl'; did you mean 'fold'?" },
		{ "field a text grams=egde:2-3\n", "unknown grams 'egde'; did you mean 'edge'?" },
		{ "field a text grams=edge\n", "expected grams=edge:2-10 or grams=inner:3" },
		{ "field a text grams=inner:3x\n", "expected grams=edge:2-10 or grams=inner:3" },
		{ "\nfield a text grams=inner:5-3\n", "x:2: grams of 5 to 3 letters" },
		{ "field a number grams=inner:3\n", "only text fields take the key 'grams'" },
		{ "list noise a the\nfield a text stop=nois\nlist x y\n",
			"x:2: no list 'nois'; did you mean 'noise'?" },
		{ "field a text stop=\n", "x:1: no list ''" },
		{ "field a text stop=x,\nlist x y", "x:1: no list ''" },
		{ "list noise\n", "expected: list NAME WORD" },
		{ "list a,b c\n", "not a list's name" },
		{ "list noise a-b\nfield a text stop=noise\n", "x:2: a stop word is one word" },
		{ "list n a\nfield a text analyzer=keyword stop=n\n", "x:2: a keyword is not" },
		{ "field a\n", "expected: field NAME TYPE" },
	};
	struct schema *s;
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK(schema_parse(&s, "x", slice_str(cases[i][0]), "x", &err) < 0);
		if (!strstr(err.text, cases[i][1]))
			CHECK_STR(err.text, cases[i][1]);
	}
}

TEST(a_schema_numbers_its_fields_and_guards_its_data)
{
	struct schema *a, *b;
	const struct field *f;
	struct error err = { 0 };

	CHECK_OK(schema_parse(&a, "x",
			 SLICE_LIT("field t text weight=2 from=name,title # c\n"
				   "field n number bias=0.02\nfield g tags\nkind type"),
			 "x", &err),
		err);
	CHECK_OK(schema_parse(&b, "x",
			 SLICE_LIT("field t text weight=9 from=name,title\n"
				   "field n number bias=0.02\nfield g tags\nkind type"),
			 "x", &err),
		err);
	CHECK(a->fingerprint == b->fingerprint); /* weights are the query's */
	CHECK_OK(schema_need(a, SLICE_LIT("g"), &f, &err), err);
	CHECK_INT(f->group, GROUP_FIELDS + 2);
	CHECK_STR(a->fields[0].from[1], "title");
	CHECK_INT(schema_need(a, SLICE_LIT("q"), &f, &err), ERR_ARG);
	schema_free(a);
	schema_free(b);
}

static struct schema *parse(const char *text)
{
	struct schema *s;
	struct error err = { 0 };

	CHECK_OK(schema_parse(&s, "x", slice_str(text), "x", &err), err);
	return s;
}

TEST(what_analysis_says_is_a_part_of_the_fingerprint)
{
	/* each is another schema than all before */
	static const char *const differ[] = {
		"field a text\n",
		"field a text accents=both\n",
		"field a text accents=keep\n",
		"field a text grams=edge:2-3\n",
		"field a text grams=edge:2-4\n",
		"field a text grams=inner:2-4\n",
		"field a text analyzer=english\n",
		"field a text stop=s\nlist s a b\n",
		"field a text stop=s\nlist s a\n",
		"field a text tail=s\nlist s a\n",
		"field a text positions=no\n",
		"field a text grams=edge:2-3 positions=yes\n",
	};
	/* and these are each the same as the one before */
	static const char *const same[] = {
		"list s a b\nfield a text stop=s\n",
		"list t b\nlist u a\nfield a text stop=u,t\n",
		"list t A\nlist t b a\nlist v z\nfield a text stop=t weight=9 accents=fold\n",
	};
	uint64_t prints[sizeof(differ) / sizeof(*differ)], first = 0;
	struct schema *s;
	size_t i, j;

	for (i = 0; i < sizeof(differ) / sizeof(*differ); i++) {
		s = parse(differ[i]);
		prints[i] = s->fingerprint;
		schema_free(s);
		for (j = 0; j < i; j++)
			CHECK(prints[j] != prints[i]);
	}
	for (i = 0; i < sizeof(same) / sizeof(*same); i++) {
		s = parse(same[i]);
		first = first ? first : s->fingerprint;
		CHECK(s->fingerprint == first);
		schema_free(s);
	}
}

TEST(what_differs_from_an_earlier_schema_is_told_in_words)
{
	static const struct {
		const char *before, *now, *says;
	} cases[] = {
		{ "field a text\n", "field a text\nfield b number\n", "field b is new" },
		{ "field a text\nfield b number\n", "field a text\n", "field b is gone" },
		{ "field a text\n", "field a text analyzer=english\n",
			"field a is indexed otherwise" },
		{ "field ab text\nfield a tags\n", "field ab text\nfield a ref\n",
			"field a is indexed otherwise" },
		{ "field a text\nkind k\n", "field a text\nkind l\n", "another kind" },
		{ "field a text\nfield b text\n", "field b text\nfield a text\n",
			"fields in another order" },
	};
	struct schema *before, *now;
	char says[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		before = parse(cases[i].before);
		now = parse(cases[i].now);
		CHECK(before->fingerprint != now->fingerprint);
		schema_difference(now, slice_str(before->form), says, sizeof(says));
		CHECK_STR(says, cases[i].says);
		schema_free(before);
		schema_free(now);
	}
	now = parse("field a text\n");
	schema_difference(now, SLICE_LIT("1 kind=\nfield a"), says, sizeof(says));
	CHECK_STR(says, "an analysis of another version");
	schema_free(now);
}

TEST(fields_of_equal_analysis_share_an_analyzer)
{
	struct schema *s =
		parse("list n a\nfield a text stop=n\nfield b text\nfield c text stop=n\n"
		      "field d text grams=edge:2-3\nfield e text analyzer=plain\n");

	CHECK(s->fields[0].analyzer == s->fields[2].analyzer);
	CHECK(s->fields[1].analyzer == s->fields[4].analyzer);
	CHECK(s->fields[0].analyzer != s->fields[1].analyzer);
	CHECK_INT(s->analyzer_count, 3);
	CHECK(s->fields[0].positions && !s->fields[3].positions); /* of grams they say nothing */
	schema_free(s);
}

TEST(dates_are_days_since_1970)
{
	double d;

	CHECK(date_parse(SLICE_LIT("1970"), &d) && d == 0);
	CHECK(date_parse(SLICE_LIT("2008-11-11"), &d) && d == 14194);
	CHECK(date_parse(SLICE_LIT("2008-11"), &d) && d == 14184);
	CHECK(date_parse(SLICE_LIT("1969-12-31T12:00:00Z"), &d) && d == -0.5);
	CHECK(!date_parse(SLICE_LIT("2007-02-29"), &d) && !date_parse(SLICE_LIT("20"), &d));
	CHECK(!date_parse(SLICE_LIT("2008-11-11x"), &d) && !date_parse(SLICE_LIT(""), &d));
}
