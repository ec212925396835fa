#!/bin/sh
# layers.sh -- includes point down only, and each library has one home.
# Run from the top of the tree; prints what breaks the rule and fails.
layers="base store text index query learn plugin script funnel feed server"
status=0
rank() {
	n=0
	for l in $layers; do
		[ "$l" = "$1" ] && { echo $n; return; }
		n=$((n + 1))
	done
	echo -1
}
for layer in $layers client; do
	for file in core/$layer/*.[ch]; do
		[ -e "$file" ] || continue
		for inc in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
			if [ "$layer" = client ]; then
				[ "$inc" = base ] || [ "$inc" = client ] ||
					{ echo "$file includes $inc/, client may use base only"; status=1; }
			elif [ "$(rank "$inc")" -lt 0 ] || [ "$(rank "$inc")" -gt "$(rank "$layer")" ]; then
				echo "$file includes $inc/, which is above $layer/"
				status=1
			fi
		done
	done
done
home() { # header pattern, rooms
	grep -lE "^#include <($1)" core/*/*.[ch] core/main.c 2>/dev/null | while read -r file; do
		room=$(echo "$file" | cut -d/ -f2)
		case " $2 " in *" $room "*) ;; *) echo "$file includes <$1>, at home in $2" ;; esac
	done
}
out=$(home lmdb store; home utf8proc text; home libstemmer text; home 'lua|luajit|lauxlib' script
	home event2 'server main.c'; home hiredis 'feed client'; home 'zlib|histedit' client)
[ -n "$out" ] && { echo "$out"; status=1; }
[ $status = 0 ] && echo "layers: includes point down only"
exit $status
