/* compact.h -- the catalogue written anew, while it is searched and changed.
 *
 * All of it is copied, in order, into a file of full pages beside the old one; documents
 * are numbered anew, the best first, and lists of postings made anew (compact_copy.c).
 * What is changed meanwhile is noted and done again to the copy, round after round, until
 * so little is left that the writer can wait for the last of it.  Then the copy takes the
 * old file's place, at once.
 *
 * Readers never wait: each goes over to the new file at its next request, and the old one
 * is gone when the last has left it.  Until the copy is complete and on the disk nothing is
 * different; the process may be killed at any instant. */
#ifndef INDEX_COMPACT_H
#define INDEX_COMPACT_H

#include <stdatomic.h>

#include "index/writer.h"

struct compacted {
	uint64_t before_bytes, after_bytes; /* of the file */
	uint64_t again;                     /* documents that changed meanwhile */
	int64_t took_us, held_us;           /* that writes waited, at the end */
};

/* A thread of its own, while `writer` is open; NULL: the thread that writes is the
 * caller's.  ERR_BUSY: one is under way, or changes come faster than they can be copied;
 * ERR_STATE when *stop (may be NULL) became true.  After an error all is as it was. */
int catalogue_compact(struct catalogue *, struct writer *, const atomic_bool *stop,
	struct compacted *out, struct error *);

#endif
