/* writer.h -- the one thread that changes the catalogue.
 *
 * Producers push mutations, their documents prepared, into a bounded queue; the thread takes
 * what is waiting, up to WRITER_GROUP mutations or WRITER_BYTES in memory, as one batch
 * and one durable commit, and then tells each mutation's own result, in order.
 * So a lone put waits for one commit, and a flood shares them: where thousands come at
 * once the thread waits a little for more, as long as more come. */
#ifndef INDEX_WRITER_H
#define INDEX_WRITER_H

#include "index/catalogue.h"
#include "index/prepare.h"

#define WRITER_GROUP   131072      /* mutations of one commit: postings merge in bulk */
#define WRITER_BYTES   (192 << 20) /* memory of one batch */
#define WRITER_WAITING (256 << 20) /* bytes of pushed, uncommitted mutations */

enum mutation_kind { MUTATION_PUT, MUTATION_DEL };

struct mutation {
	int collection;
	enum mutation_kind kind;
	struct prepared *document; /* of a put: the writer's from the push on */
	struct slice id;           /* of a delete: copied by the push */
	/* In the writer's thread, after the commit; rc is that of batch_put_prepared or
	 * batch_del (1 if it was there, 0 if not), or the commit's error. `err` is
	 * valid for the call.  May be NULL. */
	void (*done)(void *data, int rc, const struct error *err);
	void *data;
};

struct writer;

/* `capacity` is the queue's, in mutations. */
int writer_open(struct writer **out, struct catalogue *, size_t capacity, struct error *);
/* Commits all that was pushed, then ends the thread; NULL is fine. */
void writer_close(struct writer *);
/* Any thread. ERR_BUSY when full (try again), ERR_STATE when closing; then done
 * is not called, and the document is still the caller's. */
int writer_push(struct writer *, const struct mutation *, struct error *);

/* Runs call(data) in the writer's thread, between two commits, waits for it and answers
 * what it answers; ERR_STATE when closing. */
int writer_call(struct writer *, int (*call)(void *data, struct error *), void *data,
	struct error *);

struct writer_stats {
	uint64_t commits, documents, failed; /* mutations committed; refused ones */
	uint64_t queued;                     /* waiting now */
	uint64_t last_commit_us;
};
void writer_stats(struct writer *, struct writer_stats *); /* any thread */

#endif
