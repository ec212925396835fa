/* reply_test.c -- one reply in each form. */
#include "check.h"

#include <string.h>

#include "server/reply.h"

static const char *const want[] = {
	/* a line */
	"+OK\n:7\n:-12\nnull\n{\"a\":1}\n\"x\\ny\"\n-ARG a b\n"
	"[1,\"two\",[],{\"k\":null,\"j\":[true]}]\n",
	"+OK\r\n:7\r\n:-12\r\nnull\r\n{\"a\":1}\r\n\"x\\ny\"\r\n-ARG a b\r\n"
	"[1,\"two\",[],{\"k\":null,\"j\":[true]}]\r\n",
	"+OK\r\n:7\r\n:-12\r\n$-1\r\n$7\r\n{\"a\":1}\r\n$3\r\nx\ny\r\n-ARG a b\r\n"
	"*4\r\n:1\r\n$3\r\ntwo\r\n*0\r\n*4\r\n$1\r\nk\r\n$-1\r\n$1\r\nj\r\n$6\r\n[true]\r\n",
	"+OK\r\n:7\r\n:-12\r\n_\r\n$7\r\n{\"a\":1}\r\n$3\r\nx\ny\r\n-ARG a b\r\n"
	"*4\r\n:1\r\n$3\r\ntwo\r\n*0\r\n%2\r\n$1\r\nk\r\n_\r\n$1\r\nj\r\n$6\r\n[true]\r\n",
};

TEST(a_reply_takes_the_form_of_its_request)
{
	struct buf out = { 0 };
	struct reply r;
	struct error err = { 0 };
	int form;

	error_set(&err, ERR_ARG, "a\nb");
	for (form = REPLY_LINE; form <= REPLY_RESP3; form++) {
		buf_reset(&out);
		reply_init(&r, &out, form);
		reply_ok(&r);
		reply_int(&r, 7);
		reply_int(&r, -12);
		reply_null(&r);
		reply_json(&r, SLICE_LIT("{\"a\":1}"));
		reply_text(&r, SLICE_LIT("x\ny"));
		reply_error(&r, &err);
		reply_array(&r, 4);
		reply_int(&r, 1);
		reply_str(&r, "two");
		reply_array(&r, 0);
		reply_close(&r);
		reply_map(&r, 2);
		reply_key(&r, "k");
		reply_null(&r);
		reply_key(&r, "j");
		reply_json(&r, SLICE_LIT("[true]"));
		reply_close(&r);
		reply_close(&r);
		buf_putc(&out, '\0');
		CHECK_STR(out.ptr, want[form]);
		CHECK(r.failed);
	}
	buf_clear(&out);
}
