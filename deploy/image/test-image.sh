#!/bin/bash
# Makes what the test of a card's life needs, beside build/image/amd64/card.img of
# VERSION: into build/card/
#
#   next.raucb     release NEXT
#   broken.raucb   release BROKEN: its root has no systemd
#
#   deploy/image/test-image.sh NEXT BROKEN
#
# from the top of the tree, as root.
set -euo pipefail
next=$1 broken=$2
out=$PWD/build/card
mkdir -p "$out"
ln -sf ../image/amd64/card.img "$out/card.img"
deploy/image/package.sh "$next" amd64
export OUT=$PWD/build/image/next
deploy/image/image.sh "$next" amd64 root squash bundle
mv "$OUT/chot-amd64.raucb" "$out/next.raucb"
echo "$broken" >"$OUT/root/etc/chot/version"
rm "$OUT/root/usr/lib/systemd/systemd"
deploy/image/image.sh "$broken" amd64 squash bundle
mv "$OUT/chot-amd64.raucb" "$out/broken.raucb"
rm -rf "$OUT"
