#!/bin/sh
# run.sh SECONDS -- every fuzz target for that long, with clang's libFuzzer.
# A crash leaves its input in build/fuzz and fails.
set -e
seconds=$1
out=build/fuzz
mkdir -p $out
make --no-print-directory -s -j2 BUILD=$out/objects CC=clang OPT="-O1 -g" \
	FLAVOUR="-fsanitize=address,undefined,fuzzer-no-link" core-objects
libs="$(pkg-config --libs luajit libevent_core libevent_pthreads lmdb hiredis jansson libutf8proc) -lstemmer -lm -ldl -pthread"
for source in tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	clang -std=gnu11 -D_GNU_SOURCE -Icore -g -O1 -fsanitize=address,undefined,fuzzer \
		$(pkg-config --cflags luajit) -o $out/$name "$source" \
		$(find $out/objects/core -name '*.o' ! -name main.o) $libs
	mkdir -p $out/corpus/$name
	words=tests/fuzz/$name.dict
	echo "fuzz: $name, $seconds s"
	$out/$name -max_total_time="$seconds" -print_final_stats=0 -verbosity=0 -timeout=5 \
		-max_len=4096 -artifact_prefix=$out/ $([ -e $words ] && echo -dict=$words) \
		$out/corpus/$name
done
echo "fuzz: all targets done"
