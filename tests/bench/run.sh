#!/bin/sh
# run.sh -- build and run every benchmark; never fails because something is slow.
set -e
build=${BUILD:-build}
sh tests/setup.sh g++ libsqlite3-dev libxapian-dev libopenblas0-serial
g++ -O2 -g -c -o "$build/xapian.o" tests/bench/xapian.cc
for source in tests/bench/*.c; do
	name=$(basename "$source" .c)
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O2 -g -Icore -o "$build/bench_$name" "$source" \
		"$build/xapian.o" \
		$(find "$build/core" -name '*.o' ! -name main.o ! -path '*/client/*') \
		$(pkg-config --cflags --libs luajit libevent_core libevent_pthreads lmdb hiredis \
			jansson libutf8proc sqlite3) -lxapian -lstemmer -lstdc++ -lm -ldl -pthread
	"$build/bench_$name"
done
