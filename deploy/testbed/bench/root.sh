#!/bin/sh
# Makes the guest's disk: root.sh TREE WORK, where TREE is a fresh Debian tree
# and WORK a folder with sources/modules in it. It builds the modules that
# Debian's kernel lacks, takes out what the guest does not need, and leaves in
# WORK the disk (root.ext4), the kernel and the modules that mount the disk.
set -eu
tree=$1 work=$2
kernel=$(basename "$tree"/boot/vmlinuz-* | cut -d- -f2-)
source=linux-source-$(echo "$kernel" | cut -d. -f1,2)
mkdir -p "$tree/usr/src/bench"
cp "$work"/sources/modules/* "$tree/usr/src/bench"

chroot "$tree" sh -eu -c '
source=$0 kernel=$1
cd /usr/src/bench
apt-get -qq download v4l2loopback-dkms "$source" >/dev/null
for deb in *.deb; do dpkg -x "$deb" packages; done
cp packages/usr/src/v4l2loopback-*/v4l2loopback* .
tar -xJf "packages/usr/src/$source.tar.xz" --strip-components=1 \
  "$source/drivers/gpio/gpio-sim.c" "$source/drivers/gpio/gpiolib.h" "$source/kernel/irq/irq_sim.c"
cp drivers/gpio/gpio-sim.c gpio_sim.c
cp drivers/gpio/gpiolib.h .
# handle_simple_irq and irq_to_desc are not exported to modules.
sed "s/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq_safe(irqnum)/" kernel/irq/irq_sim.c >irq_sim.c
make -s -C "/lib/modules/$kernel/build" M="$PWD" modules
mkdir -p "/lib/modules/$kernel/extra"
cp ./*.ko "/lib/modules/$kernel/extra"
depmod "$kernel"
' "$source" "$kernel"

n=10
for module in virtio_pci virtio_blk ext4; do
  for file in $(chroot "$tree" modprobe -S "$kernel" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'); do
    cp "$tree$file" "$work/modules/$n-$(basename "$file")"
    n=$((n + 1))
  done
done
cp "$tree/boot/vmlinuz-$kernel" "$work/vmlinuz"

rm -rf "$tree"/usr/src/* "$tree"/boot/* "$tree"/usr/lib/gcc "$tree"/usr/lib/linux-kbuild* \
  "$tree"/usr/bin/*-linux-gnu-* "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/*
PATH=$PATH:/usr/sbin:/sbin
# A second view of the tree, without what is mounted in it.
mkdir "$work/tree"
mount --bind "$tree" "$work/tree"
trap 'umount "$work/tree"; rmdir "$work/tree"' EXIT
mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,root_owner=0:0 -d "$work/tree" "$work/root.ext4" 2G
