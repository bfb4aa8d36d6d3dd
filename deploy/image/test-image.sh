#!/bin/bash
# Makes what the test of a card's life needs, beside build/image/ARCH/card.img:
# into build/card/ARCH/
#
#   next.raucb     release NEXT
#   broken.raucb   release BROKEN: a kernel, and a root with nothing to start
#
#   deploy/image/test-image.sh ARCH NEXT BROKEN
#
# from the top of the tree, as root.
set -euo pipefail
arch=$1 next=$2 broken=$3
out=$PWD/build/card/$arch
mkdir -p "$out"
ln -sf "../../image/$arch/card.img" "$out/card.img"
deploy/image/package.sh "$next" "$arch"
export OUT=$PWD/build/image/next
deploy/image/image.sh "$next" "$arch" root squash bundle
mv "$OUT/chot-$arch.raucb" "$out/next.raucb"
mkdir "$OUT/rest"
mv "$OUT/root/boot" "$OUT/rest/"
rm -rf "$OUT/root"
mv "$OUT/rest" "$OUT/root"
mkdir "$OUT/root/dev" "$OUT/root/proc" "$OUT/root/sys"
deploy/image/image.sh "$broken" "$arch" squash bundle
mv "$OUT/chot-$arch.raucb" "$out/broken.raucb"
rm -rf "$OUT"
