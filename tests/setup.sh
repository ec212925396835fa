#!/bin/sh
# setup.sh PACKAGE ... -- install the Debian packages that are missing.
# Silent when all are there; says what it installs otherwise.
missing=
for package; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		missing="$missing $package"
done
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null || { echo "setup: please install:$missing" >&2; exit 1; }
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq &&
	$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
