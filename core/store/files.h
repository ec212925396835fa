/* files.h -- the files of an environment's folder; shared inside this room only.  What
 * answers a number answers an errno, or 0. */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include <stdbool.h>

#include "base/error.h"

/* The folder and those above it, if they are not there. */
int files_make_folder(const char *path, struct error *);
bool files_there(const char *path); /* is there an environment? */
int files_sync_folder(const char *path);
/* The environment of a folder into another, over what is there, by one rename; the folder
 * goes. */
int files_move(const char *from, const char *to);

#endif
