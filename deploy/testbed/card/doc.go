// Package card tests the image of a kiosk's card in a machine that QEMU
// emulates: from the first start to a release that is left again.
//
//	make test-image
//
// The machine is not a Raspberry Pi: UEFI and GRUB start it, where on a Pi its
// own firmware and U-Boot stand before GRUB. From there on everything is what a
// kiosk runs, of its own architecture: the choice between the two roots, the
// read-only root, the sandboxed units, the display, RAUC. What is not there are
// a camera and Wi-Fi: pictures on the data partition are replayed instead, and
// the network is a cable.
//
// The card's disk is served by nbdkit with a write-back cache, so that a power
// cut, which ends both with SIGKILL, loses what was not flushed.
package card
