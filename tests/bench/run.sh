#!/bin/sh
# run.sh -- build and run every benchmark; never fails because something is slow.
#
#     run.sh [build NAME]    builds one, NAME, as $BUILD/bench_NAME, and runs nothing
set -e
build=${BUILD:-build}
flags="-std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wno-unused-parameter -Icore -Itests/bench"
sh tests/setup.sh g++ libsqlite3-dev libxapian-dev libopenblas0-serial
g++ -O2 -g -c -o "$build/xapian.o" tests/bench/engines/xapian.cc
for source in tests/bench/${2:-*}.c; do
	name=$(basename "$source" .c)
	${CC:-gcc} $flags -o "$build/bench_$name" "$source" tests/bench/engines/*.c \
		"$build/xapian.o" \
		$(find "$build/core" -name '*.o' ! -name main.o ! -path '*/client/*') \
		$(pkg-config --cflags --libs luajit libevent_core libevent_pthreads lmdb hiredis \
			jansson libutf8proc sqlite3) -lxapian -lstemmer -lstdc++ -lm -ldl -pthread
	[ "$1" = build ] || "$build/bench_$name"
done
