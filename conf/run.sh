#!/bin/sh
# run.sh BUILD LISTEN DATA CATALOGUE -- serve, with the music catalogue loaded.
#
# Starts tollerd, loads CATALOGUE (a folder with artists, albums and tracks as JSON
# lines, plain or gzipped) if the collection is empty, says what to type next and
# stays until the daemon ends (Ctrl-C).  `make run` calls it from the top of the tree.
build=$1 listen=$2 data=$3 catalogue=$4
mkdir -p "$data" || exit 1
ready=$(mktemp -u) && mkfifo "$ready" || exit 1
"$build/tollerd" --set listen="$listen" --set data="$data" >"$ready" &
daemon=$!
trap 'kill $daemon 2>/dev/null; wait $daemon; exit 0' INT TERM
read -r word address <"$ready"
rm -f "$ready"
[ "$word" = ready ] || { wait $daemon; exit 1; }

toller="$build/toller"
[ "$address" = 127.0.0.1:7700 ] || toller="$toller -s $address"
if [ "$($toller COUNT music)" = 0 ]; then
	for kind in artist album track; do
		for file in "$catalogue/${kind}s.jsonl" "$catalogue/${kind}s.jsonl.gz"; do
			[ -e "$file" ] || continue
			printf '%s: ' "$file"
			$toller load music "$file" --set kind=$kind --prefix $kind: ||
				{ kill $daemon; wait $daemon; exit 1; }
		done
	done
fi
cat <<END

Serving $($toller COUNT music) entities at $address; Ctrl-C ends it.  In another terminal:

  $toller search music 'tayler love'
  $toller arms music
  $toller                 # a prompt; HELP lists the commands
END
case $address in
unix:*) echo "  redis-cli -s ${address#unix:} SEARCH music 'country love songs' EXPLAIN" ;;
*) echo "  redis-cli -p ${address##*:} SEARCH music 'country love songs' EXPLAIN" ;;
esac
echo
echo "Edit a file of scripts/music and search again: README.md tells the tour."
wait $daemon
