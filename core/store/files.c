/* files.c -- see files.h. */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/store.h"

int files_make_folder(const char *path, struct error *err)
{
	char *copy = xstrdup(path);
	struct stat st;
	char *at;
	int rc = 0;

	for (at = strchr(copy + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(copy, 0700); /* the last one tells */
		*at = '/';
	}
	if (mkdir(copy, 0700) && errno != EEXIST)
		rc = error_set(err, ERR_IO, "making folder %s: %s", path, strerror(errno));
	else if (stat(copy, &st) == 0 && !S_ISDIR(st.st_mode))
		rc = error_set(err, ERR_IO, "%s is not a folder", path);
	free(copy);
	return rc;
}

bool files_there(const char *path)
{
	char *file;
	bool there;

	if (asprintf(&file, "%s/data.mdb", path) < 0)
		return true;
	there = access(file, F_OK) == 0;
	free(file);
	return there;
}

int files_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = fd < 0 || fsync(fd) ? errno : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

static int move_file(const char *from, const char *to, const char *name)
{
	char *a = NULL, *b = NULL;
	int rc = 0;

	if (asprintf(&a, "%s/%s", from, name) < 0 || asprintf(&b, "%s/%s", to, name) < 0)
		rc = ENOMEM;
	else if (rename(a, b))
		rc = errno;
	free(a);
	free(b);
	return rc;
}

int files_move(const char *from, const char *to)
{
	int rc = move_file(from, to, "data.mdb");

	if (rc)
		return rc;
	/* the places of readers; a process that starts makes them anew */
	move_file(from, to, "lock.mdb");
	rmdir(from);
	return 0;
}

void store_remove(const char *path)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	char *file;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (asprintf(&file, "%s/%s", path, names[i]) < 0)
			continue;
		unlink(file);
		free(file);
	}
	rmdir(path);
}
