#!/bin/bash
# Makes what the test of a card's life needs, beside build/image/amd64/card.img:
# into build/card/
#
#   next.raucb     release NEXT
#   broken.raucb   release BROKEN: a kernel, and a root with nothing to start
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
mkdir "$OUT/rest"
mv "$OUT/root/boot" "$OUT/rest/"
rm -rf "$OUT/root"
mv "$OUT/rest" "$OUT/root"
mkdir "$OUT/root/dev" "$OUT/root/proc" "$OUT/root/sys"
deploy/image/image.sh "$broken" amd64 squash bundle
mv "$OUT/chot-amd64.raucb" "$out/broken.raucb"
rm -rf "$OUT"
