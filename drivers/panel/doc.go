// Package panel drives what stands around a checkpoint: a lamp with three
// colours, a buzzer, the relay of a barrier, an exit button and a door contact,
// each on one GPIO line.
//
// # Lines
//
// Every part is optional. A line is addressed through the kernel's GPIO
// character device (https://docs.kernel.org/userspace-api/gpio/chardev.html) by
// the name that the device tree gives it, such as GPIO17 on a Raspberry Pi: the
// name is the same on every model, the chip and the number are not.
//
// Outputs are on when the line is high. Inputs are contacts to ground: the line
// is pulled up inside the chip, and a closed contact reads low. A button closes
// its contact when it is pressed; a door contact (reed switch) is closed while
// the door is shut, so that a cut wire reads as an open door. An exclamation
// mark before the line's name turns each of these round.
//
// # Safety
//
// The barrier is shut and everything else off when a [Panel] is made, when it
// is halted, when the barrier's time is over, and when whoever opened it is
// gone. However often it is opened again, it never stays open longer than
// [Options.Longest] in one go. What cannot be shut is tried again until it is,
// and reported.
//
// When the program dies, the kernel takes the lines back. Its drivers for the
// Raspberry Pi make a returned line an input (pinctrl-bcm2835, parameter
// persist_gpio_outputs; the vendor's own kernel only with dtparam=strict_gpiod),
// and the pull that the chip starts with decides: down for GPIO9 to GPIO27, up
// for GPIO0 to GPIO8. So a relay that opens on high belongs on GPIO9 to GPIO27
// and needs no "!". A relay that opens on low also sees a pulse of some
// microseconds when the line is taken, since the line starts low.
package panel
