#!/bin/sh
# run.sh -- build and run every benchmark; never fails because something is slow.
set -e
build=${BUILD:-build}
sh tests/setup.sh libsqlite3-dev libopenblas0-serial
for source in tests/bench/*.c; do
	name=$(basename "$source" .c)
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O2 -g -Icore -o "$build/bench_$name" "$source" \
		$(find "$build/core" -name '*.o' ! -name main.o ! -path '*/client/*') \
		$(pkg-config --cflags --libs luajit libevent_core libevent_pthreads lmdb hiredis \
			jansson libutf8proc sqlite3) -lstemmer -lm -ldl -pthread
	"$build/bench_$name"
done
