#!/bin/sh
# run.sh BUILD LISTEN DATA CATALOGUE -- serve, with the music catalogue loaded.
#
# Starts tollerd, loads CATALOGUE (a folder with artists, albums and tracks as JSON
# lines, plain or gzipped) if the collection is empty, says what to type next and
# stays until the daemon ends (Ctrl-C).
build=$1 listen=$2 data=$3 catalogue=$4
mkdir -p "$data" || exit 1
ready=$(mktemp -u) && mkfifo "$ready" || exit 1
"$build/tollerd" --set listen="$listen" --set data="$data" >"$ready" &
daemon=$!
trap 'kill $daemon 2>/dev/null; wait $daemon; exit 0' INT TERM
read -r word address <"$ready"
rm -f "$ready"
[ "$word" = ready ] || { wait $daemon; exit 1; }

toller="$build/toller -s $address"
if [ "$($toller COUNT music)" = 0 ]; then
	for kind in artist album track; do
		for file in "$catalogue/${kind}s.jsonl" "$catalogue/${kind}s.jsonl.gz"; do
			[ -e "$file" ] || continue
			$toller load music "$file" --set kind=$kind --prefix $kind: ||
				{ kill $daemon; exit 1; }
		done
	done
fi
echo
echo "serving $($toller COUNT music) entities at $address; now try, in another terminal:"
echo "  $toller search music tayler love"
echo "  $toller                        # a prompt; HELP lists the commands"
echo "  redis-cli -p ${address##*:} SEARCH music 'country love songs' EXPLAIN"
wait $daemon
