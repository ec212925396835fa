/* xapian.h -- the peer of the synthetic benchmark, through C. */
#ifndef BENCH_XAPIAN_H
#define BENCH_XAPIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct peer;

struct peer *peer_open(const char *folder); /* new, or what is in it */
uint32_t peer_docs(struct peer *);
void peer_add(struct peer *, const char *const *words, int count);
void peer_commit(struct peer *); /* and ready to search */
/* Any or all of the words, the k best; how many were found. */
int peer_search(struct peer *, const char *const *words, int count, bool all, int k,
	uint32_t *docs);
/* Any of the words, of documents that have the term `where` besides. */
int peer_search_where(struct peer *, const char *const *words, int count, const char *where,
	int k, uint32_t *docs);
void peer_close(struct peer *);

#ifdef __cplusplus
}
#endif
#endif
