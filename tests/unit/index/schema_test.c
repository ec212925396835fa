#include "index/schema.h"

#include "check.h"
#include "index/catalogue.h"
#include "index/date.h"

TEST(mistakes_in_a_schema_are_told_with_line_and_suggestion)
{
	static const char *const cases[][2] = {
		{ "field a text\nfeild b text\n", "x:2: unknown word 'feild'; did you mean 'field'?" },
		{ "field a txet\n", "did you mean 'text'" },
		{ "field a text wieght=3\n", "did you mean 'weight'" },
		{ "field a text analyzer=englich\n", "did you mean 'english'" },
		{ "field a text\nfield a date\n", "x:2: there is already" },
		{ "field a date bias=1\n", "only numbers take a bias" },
		{ "field a text weight=x\n", "0 or more" },
		{ "# nothing\n", "no fields" },
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

	CHECK_OK(schema_parse(&a, "x", SLICE_LIT("field t text weight=2 from=name,title # c\n"
					       "field n number bias=0.02\nfield g tags\nkind type"),
			 "x", &err), err);
	CHECK_OK(schema_parse(&b, "x", SLICE_LIT("field t text weight=9 from=name,title\n"
					       "field n number bias=0.02\nfield g tags\nkind type"),
			 "x", &err), err);
	CHECK(a->fingerprint == b->fingerprint); /* weights are the query's */
	CHECK_OK(schema_need(a, SLICE_LIT("g"), &f, &err), err);
	CHECK_INT(f->group, GROUP_FIELDS + 2);
	CHECK_STR(a->fields[0].from[1], "title");
	CHECK_INT(schema_need(a, SLICE_LIT("q"), &f, &err), ERR_ARG);
	schema_free(a);
	schema_free(b);
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
