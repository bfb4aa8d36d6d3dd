#!/bin/bash
# Installs, upgrades, removes and purges the Debian packages in a fresh Debian
# tree that is booted with its own systemd, and says what systemd says:
#
#   deploy/image/test-package.sh VERSION
#
# from the top of the tree, as root, after make package. The tree has no screen:
# there Xvfb stands in for the X server of chot-display.service. All else is as
# it was packaged, the sandbox included.
set -euo pipefail
export LC_ALL=C.UTF-8
version=$1
arch=$(dpkg --print-architecture)
suite=bookworm
kiosk=build/package/chot-kiosk_${version}_$arch.deb
province=build/package/chot-province_${version}_$arch.deb
cache=$PWD/.cache/package
tree=$(mktemp -d)
trap 'rm -rf --one-file-system "$tree"' EXIT

# What the packages depend on is in the tree before; nothing is fetched later.
needs=$(for deb in "$kiosk" "$province"; do dpkg-deb -f "$deb" Depends Recommends; done | tr ',' '\n' | sed 's/^[A-Z][a-z]*://; s/^ *//; s/ *(.*//; s/[ |].*//; /^$/d' | sort -u | paste -sd,)
mkdir -p "$cache"
base=$cache/$suite-$(echo "$needs" | sha256sum | cut -c1-12).tar
[ -s "$base" ] || {
  mmdebstrap --quiet --variant=minbase --include="systemd-sysv,dbus,init-system-helpers,xvfb,$needs" "$suite" "${base%.tar}.part.tar"
  mv "${base%.tar}.part.tar" "$base"
}
tar -xf "$base" -C "$tree" --exclude='./dev/*'

mkdir -p "$tree/packages" "$tree/etc/systemd/system/chot-display.service.d"
cp "$kiosk" "$tree/packages/kiosk.deb"
cp "$province" "$tree/packages/province.deb"
# The same again as the next version.
dpkg-deb -R "$kiosk" "$tree/packages/next"
sed -i "s/^Version: .*/&+next/" "$tree/packages/next/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -z1 -b "$tree/packages/next" "$tree/packages/next.deb" >/dev/null
rm -r "$tree/packages/next"

printf '[Service]\nExecStart=\nExecStart=/usr/bin/Xvfb :0 -auth /run/chot-display/xauth -nolisten tcp -screen 0 1024x600x24\n' \
  >"$tree/etc/systemd/system/chot-display.service.d/no-screen.conf"
cp deploy/image/trial/package "$tree/packages/trial"
printf '[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nExecStart=/packages/trial\nStandardOutput=file:/packages/said\nStandardError=inherit\nExecStopPost=/usr/bin/systemctl poweroff --no-block\n' \
  >"$tree/etc/systemd/system/trial.service"
mkdir -p "$tree/etc/systemd/system/default.target.wants"
ln -s ../trial.service "$tree/etc/systemd/system/default.target.wants/trial.service"

timeout 600 systemd-nspawn --quiet --register=no --keep-unit --private-network --boot -D "$tree" >"$cache/boot.log" 2>&1 </dev/null || true
cat "$tree/packages/said"
grep -q '^all is as it should be$' "$tree/packages/said"
