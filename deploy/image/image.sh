#!/bin/bash
# Builds the image of a kiosk's card and the release bundle of the same root:
#
#   deploy/image/image.sh VERSION arm64|amd64 [STEP…]
#
# from the top of the tree, as root, into build/image/, or the folder that OUT
# names; all steps in their order, or those named. All of it comes from
# Debian and from build/package/. Debian's trees are kept below .cache/image;
# arm64 on another machine needs qemu-user-static registered with binfmt_misc.
#
#   card.img   p1 boot (FAT: GRUB, its choice; on a Pi firmware and U-Boot)
#              p2 p3 the two roots (squashfs)   p4 data (ext4)
set -euo pipefail
version=$1 arch=$2; shift 2
suite=trixie
mirror=${MIRROR:-http://deb.debian.org/debian}
cache=$PWD/.cache/image
out=${OUT:-$PWD/build/image/$arch}
here=$PWD/deploy/image
declare -A grub=([amd64]=x86_64-efi [arm64]=arm64-efi) loader=([amd64]=BOOTX64.EFI [arm64]=BOOTAA64.EFI)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
mkdir -p "$cache" "$out"

root_packages=systemd-sysv,dbus,udev,kmod,init-system-helpers,network-manager,wpasupplicant,wireless-regdb,polkitd,systemd-timesyncd,tzdata,e2fsprogs,rauc,rauc-service,grub-common,xserver-xorg-core,xserver-xorg-input-libinput,xauth,libgl1,libgles2,libegl1,libgl1-mesa-dri,libx11-6,libxcursor1,libxrandr2,libxinerama1,libxi6,libxxf86vm1
boot_packages=linux-image-$arch,grub-efi-$arch-bin
if [ "$arch" = arm64 ]; then
  root_packages+=,firmware-brcm80211
  boot_packages+=,raspi-firmware,u-boot-rpi
fi

# trees: the root's packages installed, the boot's only unpacked: their scripts
# would build an initrd, for a quarter of an hour under emulation.
trees() {
  local common=(--quiet --architectures="$arch" --components=main,non-free-firmware --aptopt='Apt::Install-Recommends "false"')
  [ -s "$cache/tree-$arch.tar" ] || {
    mmdebstrap "${common[@]}" --variant=minbase --include="$root_packages" \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
      "$suite" "$cache/tree-$arch.part.tar" "$mirror"
    mv "$cache/tree-$arch.part.tar" "$cache/tree-$arch.tar"
  }
  [ -d "$cache/boot-$arch" ] || {
    mmdebstrap "${common[@]}" --variant=extract --include="$boot_packages" "$suite" "$cache/boot-$arch.part" "$mirror"
    mv "$cache/boot-$arch.part" "$cache/boot-$arch"
  }
}

# What a kiosk's hardware never is.
unneeded=(kernel/drivers/gpu/drm/{amd,nouveau,radeon,i915,xe,gma500,mgag200,ast} kernel/drivers/infiniband
  kernel/drivers/net/ethernet/{mellanox,intel,chelsio,qlogic,netronome,cavium,marvell} kernel/drivers/media/{pci,dvb-frontends,tuners}
  kernel/fs/{btrfs,xfs,ocfs2,gfs2,ceph,nfs,nfsd,smb,f2fs,bcachefs,jfs,reiserfs} kernel/drivers/{staging,isdn,ata,nvme,target,edac,iio} kernel/drivers/md/{bcache,dm-vdo,persistent-data}
  kernel/sound/pci kernel/drivers/net/wireless/{ath,intel,marvell,ti,atmel} kernel/drivers/accel)

# Modules that the root lies behind, in QEMU and on the Pis.
first="virtio_pci virtio_mmio virtio_blk sdhci-iproc bcm2835 mmc_block sdhci-pci usb-storage squashfs ext4 vfat nls_ascii nls_cp437"

root() {
  local root=$out/root kernel modules
  rm -rf "$root"; mkdir -p "$root"
  tar -xf "$cache/tree-$arch.tar" -C "$root" --exclude='./dev/*'
  cp "build/package/chot-kiosk_${version}_$arch.deb" "$root/tmp/kiosk.deb"
  chroot "$root" dpkg --install /tmp/kiosk.deb >"$out/install.log" 2>&1 || { cat "$out/install.log"; exit 1; }
  rm "$root/tmp/kiosk.deb"
  cp -r "$here/root/." "$root/"
  sed -i "s/@ARCH@/$arch/" "$root/etc/rauc/system.conf"
  cp "$cache/keys/release.crt" "$root/etc/rauc/keyring.pem"
  sed -i '1i updates = true' "$root/etc/chot/kiosk.toml"
  echo "$version" >"$root/etc/chot/version"
  echo kiosk >"$root/etc/hostname"
  printf '127.0.0.1 localhost kiosk\n::1 localhost\n' >"$root/etc/hosts"
  mkdir -p "$root/boot/efi" "$root/data"
  : >"$root/etc/machine-id"
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*
  ln -sf ../run/NetworkManager/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" passwd --lock root >/dev/null
  local systemctl="systemctl --root=$root --quiet"
  $systemctl set-default graphical.target
  $systemctl enable chot-settings.service chot-trial.timer
  mkdir -p "$root/etc/systemd/system/local-fs.target.wants"
  ln -sf /etc/systemd/system/chot-data.service "$root/etc/systemd/system/local-fs.target.wants/"
  $systemctl mask getty@tty1.service serial-getty@ttyS0.service serial-getty@ttyAMA0.service getty-static.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer NetworkManager-wait-online.service
  # The kernel, its modules without what no kiosk has, and our own initrd.
  kernel=$(basename "$cache"/boot-"$arch"/boot/vmlinuz-*); kernel=${kernel#vmlinuz-}
  cp "$cache/boot-$arch/boot/vmlinuz-$kernel" "$root/boot/vmlinuz"
  mkdir -p "$root/usr/lib/modules"
  cp -r "$cache/boot-$arch/usr/lib/modules/$kernel" "$root/usr/lib/modules/"
  for modules in "${unneeded[@]}"; do rm -rf "$root/usr/lib/modules/$kernel/$modules"; done
  if [ -d "$cache/boot-$arch/usr/lib/linux-image-$kernel/broadcom" ]; then
    mkdir -p "$root/boot/dtb"; cp -r "$cache/boot-$arch/usr/lib/linux-image-$kernel/broadcom" "$root/boot/dtb/"
  fi
  depmod -b "$root/usr" "$kernel" 2>/dev/null || depmod -b "$root" "$kernel"
  initrd "$root" "$kernel"
  (cd "$root" && find . -xdev -printf '%P %m %U %G %s\n' | LC_ALL=C sort) >"$out/files.txt"
}

squash() {
  rm -f "$out/root.squashfs"
  mksquashfs "$out/root" "$out/root.squashfs" -quiet -no-progress -comp gzip -Xcompression-level 6 -noappend
}

# initrd ROOT KERNEL: our own program and the modules, each after what it needs.
initrd() {
  local tree=$out/initrd n=0 name path
  rm -rf "$tree"; mkdir -p "$tree/modules"
  CGO_ENABLED=0 GOARCH=$arch go build -trimpath -ldflags '-s -w' -o "$tree/init" ./deploy/image/initrd
  for name in $first; do
    modprobe -d "$1/usr" -S "$2" --show-depends "$name" 2>/dev/null || modprobe -d "$1" -S "$2" --show-depends "$name" 2>/dev/null || true
  done | awk '$1 == "insmod" && !seen[$2]++ {print $2}' | while read -r path; do
    n=$((n + 1))
    name=$(basename "$path"); name=$(printf '%02d-%s' "$n" "${name%%.ko*}")
    case $path in
      *.xz) xz -dc "$path" >"$tree/modules/$name.ko" ;;
      *.zst) zstd -qdc "$path" >"$tree/modules/$name.ko" ;;
      *) cp "$path" "$tree/modules/$name.ko" ;;
    esac
  done
  find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  (cd "$tree" && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0 | gzip -9n) >"$1/boot/initrd.img"
}

# keys: what releases are signed with. Outside a development tree they lie
# elsewhere and are named by RELEASE_KEY and RELEASE_CERT.
keys() {
  mkdir -p "$cache/keys"
  if [ -n "${RELEASE_CERT:-}" ]; then
    cp "$RELEASE_CERT" "$cache/keys/release.crt"; cp "$RELEASE_KEY" "$cache/keys/release.key"
  elif [ ! -e "$cache/keys/release.crt" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Chot development releases" \
      -keyout "$cache/keys/release.key" -out "$cache/keys/release.crt" 2>/dev/null
  fi
}

boot() {
  local boot=$out/boot
  rm -rf "$boot"; mkdir -p "$boot/EFI/BOOT" "$boot/grub"
  printf 'search --file --set=root /grub/grub.cfg\nset prefix=($root)/grub\nconfigfile ($root)/grub/grub.cfg\n' >"$out/early.cfg"
  grub-mkimage -O "${grub[$arch]}" -d "$cache/boot-$arch/usr/lib/grub/${grub[$arch]}" -p /grub -c "$out/early.cfg" \
    -o "$boot/EFI/BOOT/${loader[$arch]}" part_msdos fat squash4 search search_fs_file configfile loadenv regexp test linux reboot echo sleep normal gzio minicmd
  cp "$here/grub.cfg" "$boot/grub/grub.cfg"
  cp "$out/root/etc/chot/kiosk.toml" "$boot/kiosk.toml"
  grub-editenv "$boot/grub/grubenv" create
  grub-editenv "$boot/grub/grubenv" set ORDER="A B" A_OK=1 A_TRY=0 B_OK=0 B_TRY=0 EXTRA="${KERNEL_EXTRA:-}"
  if [ "$arch" = arm64 ]; then
    cp -r "$cache/boot-arm64/usr/lib/raspi-firmware/." "$boot/" 2>/dev/null || cp -r "$cache/boot-arm64/boot/firmware/." "$boot/"
    cp "$cache/boot-arm64/usr/lib/u-boot/rpi_arm64/u-boot.bin" "$boot/u-boot.bin"
    cp "$out/root/boot/dtb/broadcom/"*.dtb "$boot/"
    printf 'arm_64bit=1\nkernel=u-boot.bin\nenable_uart=1\nupstream_kernel=1\ndisable_overscan=1\ndtparam=i2c_arm=on\n' >"$boot/config.txt"
  fi
  rm -f "$out/boot.vfat"
  mkfs.vfat -C -i C407B007 -n BOOT "$out/boot.vfat" 131072 >/dev/null
  find "$boot" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  mcopy -s -m -i "$out/boot.vfat" "$boot"/* ::
}

card() {
  rm -rf "$out/tmp" "$out/data"; mkdir -p "$out/data"
  genimage --config "$here/genimage.cfg" --rootpath "$out/data" --inputpath "$out" --outputpath "$out" --tmppath "$out/tmp" >"$out/genimage.log" 2>&1 || { tail -n 20 "$out/genimage.log"; exit 1; }
}

bundle() {
  local tree=$out/bundle
  rm -rf "$tree" "$out/chot-$arch.raucb"; mkdir -p "$tree"
  cp "$out/root.squashfs" "$tree/rootfs.img"
  printf '[update]\ncompatible=chot-kiosk-%s\nversion=%s\n\n[bundle]\nformat=verity\n\n[image.rootfs]\nfilename=rootfs.img\n' "$arch" "$version" >"$tree/manifest.raucm"
  rauc --cert "$cache/keys/release.crt" --key "$cache/keys/release.key" --keyring "$cache/keys/release.crt" bundle "$tree" "$out/chot-$arch.raucb" >"$out/rauc.log" 2>&1 || { tail -n 5 "$out/rauc.log"; exit 1; }
}

[ $# -gt 0 ] || set -- trees keys root squash boot card bundle
for step in "$@"; do "$step"; done
rm -rf "$out/tmp" "$out/bundle"
for made in "$out/card.img" "$out/root.squashfs" "$out/chot-$arch.raucb" "$out/root/boot/initrd.img"; do
  [ ! -e "$made" ] || du -h --apparent-size "$made"
done
[ ! -e "$out/files.txt" ] || sha256sum "$out/files.txt"
