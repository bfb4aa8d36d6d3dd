#!/bin/bash
# Builds the Debian packages chot-kiosk (with kioskctl) and chot-province:
#
#   deploy/image/package.sh VERSION amd64 arm64
#
# from the top of the tree into build/package/. The kiosk draws with C libraries;
# for another architecture than the machine's it is compiled by Debian's cross
# compiler against a Debian tree of that architecture, which is unpacked, not
# installed, below .cache/.
set -euo pipefail
version=$1; shift
out=build/package
suite=bookworm # the oldest that the kiosk's package runs on: its C library counts
mkdir -p "$out/doc"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export VERSION=$version
flags=(-trimpath -ldflags "-s -w -X main.version=$version")

# compile ARCH: the programs of one architecture.
compile() {
  local arch=$1 tree
  if [ "$arch" != "$(dpkg --print-architecture)" ]; then
    [ "$arch" = arm64 ] || { echo "no cross compiler is set up for $arch" >&2; exit 1; }
    tree=$PWD/.cache/sysroot-$arch
    if [ ! -e "$tree/usr/include/GLES2" ]; then
      mkdir -p .cache
      mmdebstrap --quiet --variant=extract --architectures="$arch" \
        --include=libc6-dev,libgcc-12-dev,linux-libc-dev,libgl1-mesa-dev,libgles2-mesa-dev,libegl1-mesa-dev,xorg-dev,libxkbcommon-dev \
        "$suite" "$tree"
    fi
    export CC=aarch64-linux-gnu-gcc CGO_CFLAGS="-O2 --sysroot=$tree" CGO_LDFLAGS="--sysroot=$tree"
    export PKG_CONFIG_SYSROOT_DIR=$tree
    export PKG_CONFIG_LIBDIR=$tree/usr/lib/aarch64-linux-gnu/pkgconfig:$tree/usr/share/pkgconfig
  fi
  export GOOS=linux GOARCH=$arch
  CGO_ENABLED=1 go build -tags gles "${flags[@]}" -o "$out/$arch/kiosk" ./kiosk
  CGO_ENABLED=0 go build "${flags[@]}" -o "$out/$arch/" ./deploy/kioskctl ./deploy/province
}

# documents: what each package must have, and what is made of the command lines.
documents() {
  local doc=$out/doc name page
  cp deploy/image/copyright "$doc/copyright"
  for name in chot-kiosk chot-province; do
    printf '%s (%s) unstable; urgency=medium\n\n  * Release %s.\n\n -- %s  %s\n' "$name" "$version" "$version" \
      "Chốt developers <chot@example.org>" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/$name.changelog.gz"
  done
  go build -o "$doc/kioskctl" ./deploy/kioskctl
  "$doc/kioskctl" man | gzip -9n >"$doc/kioskctl.1.gz"
  for shell in bash zsh fish; do "$doc/kioskctl" completion "$shell" >"$doc/kioskctl.$shell"; done
  for page in kiosk/chot-kiosk province/chot-province; do gzip -9n <"deploy/image/$page.8" >"$doc/${page#*/}.8.gz"; done
}

documents
for arch in "$@"; do
  (compile "$arch")
  for name in kiosk province; do
    ARCH=$arch go tool -modfile=deploy/image/tools/go.mod nfpm package --config "deploy/image/$name/nfpm.yaml" --packager deb --target "$out/" 
  done
done
