/* page.h -- pages of a daemon for programs: many searches in flight, answers in order.
 *
 * One thread; a connection has one kind of request in flight at a time. */
#ifndef CLIENT_PAGE_H
#define CLIENT_PAGE_H

#include "base/json.h"
#include "client/client.h"

struct question {
	const char *collection, *text;
	const char *context, *only, *depth, *policy; /* as SEARCH has them; NULL: not said */
	uint64_t seed;
	int limit;
	bool logged, explained;
};

struct page {
	json_t *json;         /* owns the text below */
	const char *decision; /* NULL if it was not logged */
	const char **ids;     /* best first */
	size_t count;
};

/* ERR_IO when the connection is gone. */
int page_send(struct client *, const struct question *, struct error *);
/* The next answer.  ERR_IO; or what the daemon says against it, as ERR_ARG. */
int page_receive(struct client *, struct page *, struct error *);
void page_clear(struct page *); /* zeros are fine */

/* The order by reciprocal rank fusion of what the strategies brought, the `most` best. */
void page_fuse(struct page *, size_t most);

/* Of an explained page: candidates that strategies were asked for. */
double page_asked(const struct page *);

/* One command of text, its answer as JSON.  ERR_IO, or ERR_ARG with what the daemon says
 * against it. */
int page_command(struct client *, json_t **out, int argc, const char **argv, struct error *);

#endif
