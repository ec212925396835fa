/* disk.h -- what a catalogue takes on disk, a line a part.  "index" is what searching
 * reads; "documents" are the texts as they were put, and their ids. */
#ifndef BENCH_DISK_H
#define BENCH_DISK_H

#include <stdio.h>
#include <string.h>

#include "index/catalogue.h"

static inline double disk_index_mb(const struct table_size *tables)
{
	uint64_t bytes = 0;
	int i;

	for (i = 0; i < CATALOGUE_TABLES; i++)
		if (strcmp(tables[i].name, "ids") && strcmp(tables[i].name, "docs"))
			bytes += tables[i].bytes;
	return bytes / 1e6;
}

static inline void disk_line(const char *name, double mb, double peer_mb)
{
	printf("  %-28s %11.1f MB    ", name, mb);
	if (peer_mb > 0)
		printf(" xapian %11.1f  ratio %7.2f", peer_mb, peer_mb / mb);
	printf("\n");
}

/* A peer that keeps no texts; 0: none. */
static inline void disk_report(struct catalogue *catalogue, double peer_mb)
{
	struct table_size tables[CATALOGUE_TABLES];
	struct store_info info;
	double index;
	int i;

	if (catalogue_sizes(catalogue, tables, NULL) < 0)
		return;
	store_info(catalogue_store(catalogue), &info);
	index = disk_index_mb(tables);
	disk_line("index", index, peer_mb);
	for (i = 0; i < CATALOGUE_TABLES; i++)
		if (tables[i].bytes > 100000)
			disk_line(tables[i].name, tables[i].bytes / 1e6, 0);
	disk_line("file", info.file_bytes / 1e6, 0);
	disk_line("free pages of it", (info.file_bytes - info.used_bytes) / 1e6, 0);
	fflush(stdout);
}

#endif
