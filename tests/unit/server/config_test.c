/* config_test.c -- the table of keys, its file, and values out of range. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "index/schema.h"
#include "server/config.h"

static void check_value(struct config *c, const char *key, const char *want)
{
	char text[256];

	config_print(c, config_find(slice_str(key)), text, sizeof(text));
	CHECK_STR(text, want);
}

TEST(the_shipped_conf_has_every_key_with_its_default)
{
	struct config *c = config_new();
	struct error err = { 0 };
	const struct config_key *key;
	char text[256], line[64];
	struct buf file = { 0 };
	FILE *f;
	size_t n;

	CHECK_OK(config_load(c, "conf/tollerd.conf", &err), err);
	f = fopen("conf/tollerd.conf", "r");
	CHECK(f);
	n = fread(buf_room(&file, 65535), 1, 65535, f);
	fclose(f);
	file.ptr[n] = '\0';
	for (key = config_keys; key->name; key++) {
		config_print(c, key, text, sizeof(text));
		CHECK_STR(text, key->initial);
		snprintf(line, sizeof(line), "\n%s =", key->name);
		if (!strstr(file.ptr, line))
			check_fail(__FILE__, __LINE__, "%s is not in the file", key->name);
	}
	buf_clear(&file);
	config_free(c);
}

TEST(the_shipped_schema_of_music_is_one)
{
	struct schema *schema = NULL;
	struct error err = { 0 };

	CHECK_OK(schema_load(&schema, "conf/music.conf", &err), err);
	CHECK_STR(schema->name, "music");
	schema_free(schema);
}

TEST(values_are_read_by_their_type)
{
	struct config *c = config_new(), *copy;
	struct error err = { 0 };

	CHECK_OK(config_parse(c,
			 SLICE_LIT("# x\n\n listen=unix:/a b#c  # why\r\nworkers =\t3\n"
				   "catalogue_map_bytes = 3m\npassword=a = b"),
			 "t", &err),
		err);
	check_value(c, "listen", "unix:/a b#c");
	check_value(c, "workers", "3");
	check_value(c, "CATALOGUE_map_bytes", "3m");
	check_value(c, "password", "(hidden)");
	CHECK_STR(c->password, "a = b");
	CHECK_INT(c->catalogue_map_bytes, 3 << 20);
	copy = config_copy(c);
	config_free(c);
	check_value(copy, "listen", "unix:/a b#c");
	CHECK_OK(config_assign(copy, "password=", &err), err);
	check_value(copy, "password", "");
	config_free(copy);
}

TEST(a_value_that_cannot_be_says_what_was_expected)
{
	static const struct {
		const char *text;
		int code;
		const char *says;
	} cases[] = {
		{ "workers = 1\nworkers = x", ERR_ARG, "t:2: workers: expected a whole number" },
		{ "workers = 1.5", ERR_ARG, "found '1.5'" },
		{ "workers = 257", ERR_ARG, "from 0 to 256" },
		{ "workers = nan", ERR_ARG, "workers" },
		{ "workers = 1k", ERR_ARG, "workers" },
		{ "catalogue_map_bytes = 1x", ERR_ARG, "64k" },
		{ "log_level = loud", ERR_ARG, "debug, info, warn or error" },
		{ "listen =", ERR_ARG, "found nothing" },
		{ "worker = 1", ERR_NOT_FOUND, "did you mean 'workers'?" },
		{ "workers", ERR_SYNTAX, "t:1: expected key = value" },
	};
	struct error err;
	struct config *c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		c = config_new();
		err.text[0] = '\0';
		CHECK_INT(config_parse(c, slice_str(cases[i].text), "t", &err), cases[i].code);
		if (!strstr(err.text, cases[i].says))
			check_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", err.text,
				cases[i].says);
		config_free(c);
	}
}
