#include "small.h"

static const char conf[] = "field name text weight=3 exact=yes\n"
			   "field artist text weight=2\n"
			   "field genre tags\n"
			   "field plays number bias=log1p:1\n"
			   "kind kind\n";

static void music_open(struct small *s)
{
	static const char *const songs[] = { "Love Story", "You Belong With Me", "Blank Space",
		"Lover", "Red", "Mean", "Style", "Willow" };
	static const char *rows[600];
	static char room[300][256], ids[300][16];
	int n = 0, i;

	for (i = 0; i < 240; i++) {
		snprintf(room[i], sizeof(room[i]),
			"{\"kind\":\"track\",\"name\":\"%s\",\"artist\":\"%s\",\"plays\":%d}",
			songs[i % 8], i % 3 ? "Taylor Swift" : "Some Band", 10 + i);
		snprintf(ids[i], sizeof(ids[i]), "t%d", i);
		rows[n++] = ids[i];
		rows[n++] = room[i];
	}
	rows[n++] = "swift";
	rows[n++] = "{\"kind\":\"artist\",\"name\":\"Taylor Swift\",\"plays\":900000}";
	rows[n++] = "james";
	rows[n++] = "{\"kind\":\"artist\",\"name\":\"James Taylor\",\"plays\":30000}";
	rows[n++] = "love";
	rows[n++] = "{\"kind\":\"artist\",\"name\":\"Love\",\"plays\":500}";
	rows[n++] = "beyonce";
	rows[n++] = "{\"kind\":\"artist\",\"name\":\"Beyonc\xc3\xa9\",\"plays\":700000,"
		    "\"genre\":[\"hip hop\"]}";
	rows[n] = NULL;
	small_open(s, conf, rows);
}

static const char *printed(struct small *s, const struct interpretation *it)
{
	struct buf buf = { 0 };
	char *text;

	interpretation_print(it, &buf);
	text = arena_printf(s->arena, "%.*s", (int)buf.len, buf.ptr ? buf.ptr : "");
	buf_clear(&buf);
	return text;
}

static void understand(struct small *s, struct query *q, const char *text)
{
	struct error err = { 0 };
	double sum = 0;
	int i;

	CHECK_OK(query_init(q, s->arena, slice_str(text), &err), err);
	CHECK_OK(query_slot_entities(q, s->view, s->arena, SLICE_LIT("artist"), SLICE_LIT("artist"),
			 schema_field(s->schema, SLICE_LIT("name")), &err),
		err);
	CHECK(q->count >= 1);
	for (i = 0; i < q->count; i++) {
		sum += q->items[i].weight;
		CHECK(i == 0 || q->items[i].weight <= q->items[i - 1].weight);
	}
	CHECK_NEAR(sum, 1, 1e-5);
}

TEST(a_misspelt_artist_beside_a_word_is_understood)
{
	struct query q;
	struct small s;
	int i;

	music_open(&s);
	understand(&s, &q, "tayler love");
	for (i = 0; i < q.count && strcmp(printed(&s, &q.items[i]), "{artist Taylor Swift} love");
		i++)
		;
	CHECK(i < 2 && i < q.count);
	CHECK(slice_is(q.items[i].slots[0].entity, "swift"));
	CHECK(slice_is(q.items[i].text, "love"));
	CHECK_INT(q.items[i].edits, 1);
	small_close(&s);
}

TEST(a_whole_name_is_the_first_interpretation)
{
	struct query q;
	struct small s;

	music_open(&s);
	understand(&s, &q, "taylor swift");
	CHECK_STR(printed(&s, &q.items[0]), "{artist Taylor Swift}");
	understand(&s, &q, "Beyonce");
	CHECK_STR(printed(&s, &q.items[0]), "{artist Beyonc\xc3\xa9}");
	understand(&s, &q, "taylor swift love story");
	CHECK_STR(printed(&s, &q.items[0]), "{artist Taylor Swift} love story");
	small_close(&s);
}

TEST(a_possessive_names_the_artist_as_well)
{
	static const char *const said[] = { "taylor swift's love story",
		"taylor swift\xe2\x80\x99s love story", "tayler swift's love story" };
	struct spelling out[3];
	struct query q;
	struct small s;
	size_t i;

	music_open(&s);
	for (i = 0; i < 3; i++) {
		understand(&s, &q, said[i]);
		CHECK_STR(printed(&s, &q.items[0]), "{artist Taylor Swift} love story");
		CHECK_INT(q.items[0].edits, i / 2);
	}
	CHECK_INT(query_spell(s.view, s.arena, SLICE_LIT("swifts"), SLICE_LIT("swift's"), out, 3),
		2);
	CHECK(slice_is(out[0].word, "swift") && !out[0].edits);
	CHECK(slice_is(out[1].word, "swifts") && !out[1].edits);
	CHECK_INT(query_spell(s.view, s.arena, SLICE_LIT("swifts"), SLICE_LIT("swift's"), out, 1),
		1);
	CHECK(slice_is(out[0].word, "swifts"));
	/* it is no slip to be mended */
	CHECK_OK(query_init(&q, s.arena, SLICE_LIT("swift's stary"), NULL), (struct error){ 0 });
	query_correct(&q, s.view, s.arena);
	CHECK(slice_is(q.items[0].text, "swifts story"));
	CHECK_INT(q.items[0].edits, 1);
	small_close(&s);
}

TEST(words_that_are_no_artist_stay_as_they_are)
{
	static const char *const queries[] = { "blank space", "you belong with me",
		"something unheard of", "love", "", "?!" };
	struct query q;
	struct small s;
	size_t i;

	music_open(&s);
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		understand(&s, &q, queries[i]);
		CHECK_INT(q.items[0].slot_count, 0);
	}
	small_close(&s);
}

TEST(tags_fill_slots)
{
	struct error err = { 0 };
	struct query q;
	struct small s;

	music_open(&s);
	CHECK_OK(query_init(&q, s.arena, SLICE_LIT("best Hip-Hop songs"), &err), err);
	CHECK_OK(query_slot_tags(&q, s.view, s.arena, SLICE_LIT("genre"),
			 schema_field(s.schema, SLICE_LIT("genre")), &err),
		err);
	CHECK_INT(q.count, 2);
	CHECK_STR(printed(&s, &q.items[0]), "best {genre hip hop} songs");
	CHECK_INT(query_slot_tags(&q, s.view, s.arena, SLICE_LIT("genre"),
			  schema_field(s.schema, SLICE_LIT("name")), &err),
		ERR_ARG);
	small_close(&s);
}

TEST(spelling_prefers_what_the_catalogue_has_often)
{
	struct spelling out[3];
	struct small s;
	int n, i;
	float sum = 0;

	music_open(&s);
	n = query_spell(s.view, s.arena, SLICE_LIT("tayler"), SLICE_LIT("tayler"), out, 3);
	CHECK(n >= 1);
	CHECK(slice_is(out[0].word, "taylor"));
	CHECK_INT(out[0].edits, 1);
	for (i = 0; i < n; i++)
		sum += out[i].weight;
	CHECK_NEAR(sum, 1, 1e-5);
	CHECK_INT(query_spell(s.view, s.arena, SLICE_LIT("taylor"), SLICE_LIT("taylor"), out, 3),
		1);
	CHECK_INT(query_spell(s.view, s.arena, SLICE_LIT("zzzzzzzz"), SLICE_LIT("zzzzzzzz"), out,
			  3),
		1);
	CHECK(slice_is(out[0].word, "zzzzzzzz"));
	CHECK_INT(query_spell(s.view, s.arena, SLICE_LIT("tayler"), SLICE_LIT("tayler"), out, 1),
		1);
	small_close(&s);
}

TEST(scripts_without_spaces_have_no_slips)
{
	static const char *const rows[] = { "a",
		"{\"name\":\"\xe4\xb8\x8a\xe9\x87\x8e\xe5\x8a\xa8\xe7\x89\xa9\"}", "b",
		"{\"name\":\"\xe4\xb8\x8a\xe9\x87\x8e \xe5\x8a\xa8\xe7\x89\xa9\"}", NULL };
	/* the four letters of the first with one wrong, and as they are */
	static const char *const words[] = { "\xe4\xb8\x8a\xe9\x87\x8e\xe5\x8a\xa8\xe5\xb7\x9d",
		"\xe4\xb8\x8a\xe9\x87\x8e\xe5\x8a\xa8\xe7\x89\xa9" };
	struct spelling out[3];
	struct error err = { 0 };
	struct small s;
	struct query q;
	int i;

	small_open(&s, "field name text\n", rows);
	for (i = 0; i < 2; i++) {
		CHECK_INT(query_spell(s.view, s.arena, slice_str(words[i]), slice_str(words[i]),
				  out, 3),
			1);
		CHECK_INT(out[0].edits, 0);
		CHECK_OK(query_init(&q, s.arena, slice_str(words[i]), &err), err);
		query_spaces(&q, s.view, s.arena);
		CHECK_INT(q.word_count, 1);
	}
	small_close(&s);
}

TEST(slot_notation_comes_back_as_it_went_in)
{
	static const char *const same[] = { "{artist Taylor Swift} love",
		"red shoes {price max=50}", "a {b c d} e {f g} h", "{price min=10 max=20.5}",
		"plain words", "{flag}", "{name curly \\} and \\\\ back} x", "" };
	struct arena *arena = arena_new();
	struct error err = { 0 };
	struct query q;
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct buf buf = { 0 };

		CHECK_OK(query_parse(&q, arena, slice_str(same[i]), &err), err);
		interpretation_print(&q.items[0], &buf);
		buf_putc(&buf, '\0');
		CHECK_STR(buf.ptr, same[i]);
		buf_clear(&buf);
	}
	CHECK_OK(query_parse(&q, arena, SLICE_LIT("{artist Taylor Swift} love"), &err), err);
	CHECK(slice_is(q.text, "taylor swift love"));
	CHECK(slice_is(q.items[0].text, "love"));
	CHECK_INT(q.items[0].slots[0].count, 2);
	CHECK_OK(query_parse(&q, arena, SLICE_LIT("{price max=50}"), &err), err);
	CHECK(q.items[0].slots[0].is_number && isnan(q.items[0].slots[0].number[0]));
	CHECK_INT(q.items[0].slots[0].number[1], 50);
	CHECK_INT(query_parse(&q, arena, SLICE_LIT("{open"), &err), ERR_SYNTAX);
	CHECK_INT(query_parse(&q, arena, SLICE_LIT("shut}"), &err), ERR_SYNTAX);
	CHECK_INT(query_parse(&q, arena, SLICE_LIT("{}"), &err), ERR_SYNTAX);
	CHECK_INT(query_parse(&q, arena, SLICE_LIT("{a {b}}"), &err), ERR_SYNTAX);
	arena_free(arena);
}

TEST(a_misspelt_word_beside_a_slot_is_corrected_in_a_reading_of_its_own)
{
	bool corrected = false, typed = false;
	double sum = 0;
	struct query q;
	struct small s;
	int i;

	music_open(&s);
	understand(&s, &q, "taylor swift stroy");
	query_correct(&q, s.view, s.arena);
	CHECK_STR(printed(&s, &q.items[0]), "{artist Taylor Swift} story");
	CHECK_INT(q.items[0].edits, 1);
	for (i = 0; i < q.count; i++) {
		sum += q.items[i].weight;
		corrected |= !strcmp(printed(&s, &q.items[i]), "taylor swift story");
		typed |= !strcmp(printed(&s, &q.items[i]), "{artist Taylor Swift} stroy");
	}
	CHECK(corrected && typed);
	CHECK_NEAR(sum, 1, 1e-5);
	understand(&s, &q, "love story");
	i = q.count;
	query_correct(&q, s.view, s.arena);
	CHECK_INT(q.count, i);
	small_close(&s);
}

/* The query's words after missing and superfluous spaces are mended. */
static const char *spaced(struct small *s, const char *text)
{
	struct query q;
	struct error err = { 0 };

	CHECK_OK(query_init(&q, s->arena, slice_str(text), &err), err);
	query_spaces(&q, s->view, s->arena);
	CHECK_INT(q.word_count, q.items[0].word_count);
	return arena_printf(s->arena, "%.*s %d", SLICE_ARG(q.items[0].text), q.items[0].edits);
}

TEST(spaces_that_are_missing_or_too_many_are_mended)
{
	static const char *const rows[] = { "1", "{\"name\":\"Taylor Swift\"}", "2",
		"{\"name\":\"blink-182\"}", "3", "{\"name\":\"Lil Nas X\"}", "4",
		"{\"name\":\"Coldplay\"}", "5", "{\"name\":\"Jay Sean\",\"artist\":\"JAY-Z\"}", "6",
		"{\"name\":\"Love Man\"}", "7", "{\"name\":\"Black Pink\"}", "8",
		"{\"name\":\"Blackpink Loveman\"}", "9", "{\"name\":\"The Taylors, swift\"}", "10",
		"{\"name\":\"Hot\",\"artist\":\"Dog\"}", "11", "{\"name\":\"Hotdog cold\"}", "12",
		"{\"name\":\"play\"}", "13", "{\"name\":\"東京\"}", "14",
		"{\"name\":\"Saint-Jean-de-Braye\"}", NULL };
	struct small s;

	small_open(&s, conf, rows);
	CHECK_STR(spaced(&s, "taylorswift love"), "taylor swift love 1");
	CHECK_STR(spaced(&s, "blink182"), "blink 182 1");
	CHECK_STR(spaced(&s, "play lilnasx"), "play lil nas x 1");
	CHECK_STR(spaced(&s, "JayZ"), "jay z 1");
	CHECK_STR(spaced(&s, "saintjeandebraye"), "saint jean de braye 1");
	/* known words stay, and those that stand nowhere side by side */
	CHECK_STR(spaced(&s, "blackpink"), "blackpink 0");
	CHECK_STR(spaced(&s, "swiftlove"), "swiftlove 0");
	CHECK_STR(spaced(&s, "swifttaylor"), "swifttaylor 0");
	CHECK_STR(spaced(&s, "zzzz"), "zzzz 0");
	/* two words that no document has together, but many as one */
	CHECK_STR(spaced(&s, "cold play"), "coldplay 1");
	CHECK_STR(spaced(&s, "yellow by cold play"), "yellow by coldplay 1");
	CHECK_STR(spaced(&s, "tay lor swift"), "taylor swift 1");
	CHECK_STR(spaced(&s, "black pink"), "black pink 0");
	CHECK_STR(spaced(&s, "love man"), "love man 0");
	CHECK_STR(spaced(&s, "hot dog"), "hot dog 0");
	CHECK_STR(spaced(&s, "東 京"), "東 京 0");
	CHECK_STR(spaced(&s, ""), " 0");
	small_close(&s);
}

TEST(words_that_were_one_fill_slots)
{
	struct query q;
	struct small s;
	struct error err = { 0 };

	music_open(&s);
	CHECK_OK(query_init(&q, s.arena, SLICE_LIT("TaylorSwift love"), &err), err);
	query_spaces(&q, s.view, s.arena);
	CHECK_OK(query_slot_entities(&q, s.view, s.arena, SLICE_LIT("artist"), SLICE_LIT("artist"),
			 schema_field(s.schema, SLICE_LIT("name")), &err),
		err);
	CHECK_STR(printed(&s, &q.items[0]), "{artist Taylor Swift} love");
	small_close(&s);
}
