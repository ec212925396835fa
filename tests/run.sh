#!/bin/sh
# run.sh [WORD ...] -- every test against $BUILD; closes with "N passed, N failed".
# Each part closes with "PART: N passed, N failed[, N skipped]"; they are summed.
build=${BUILD:-build}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
status=0
{
	"$build/unit" "$@" || echo "unit: exit status $?"
	if [ $# = 0 ]; then
		for part in tests/server/*.py tests/client/*.py tests/transcripts/run.py \
			tests/learning/*.py tests/faults/*.py; do
			[ -e "$part" ] && { BUILD=$build python3 "$part" || echo "$part: exit status $?"; }
		done
	fi
} 2>&1 | tee "$out"
grep -q 'exit status' "$out" && status=1
set -- $(awk '/^[a-z_]+: [0-9]+ passed, [0-9]+ failed/ { p += $2; f += $4; s += $6 }
	END { print p + 0, f + 0, s + 0 }' "$out")
[ "$2" = 0 ] && [ "$1" != 0 ] || status=1
[ "$status" = 1 ] && [ "$2" = 0 ] && set -- "$1" 1 "$3" # a part died before it could count
echo "$1 passed, $2 failed, $3 skipped"
exit $status
