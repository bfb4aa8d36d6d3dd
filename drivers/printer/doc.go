// Package printer prints labels and slips on what a checkpoint can buy: label
// printers that speak TSPL or ZPL and receipt printers that speak ESC/POS, over
// USB, a serial line or the network.
//
// A [Layout] is data: texts, a Code 128, QR codes and lines in millimetres. It
// is filled with a job's fields and rendered to dots for the printer's
// resolution; all text is drawn here, with a font that has every Vietnamese
// letter, because the printers' own fonts have not. The same [Page] becomes the
// printer's commands or a picture for a screen.
//
// A job is printed once, or [Printer.Print] says that it was not: where the
// language offers it, the printer is asked before and after, and a job that it
// could not finish is taken back, so that it does not come out later beside its
// repetition.
//
// Sources: TSC, "TSPL/TSPL2 Programming Language"; Zebra, "ZPL II Programming
// Guide"; Epson, "ESC/POS Command Reference"; IEEE 1284-2000 for the device id
// that USB printers tell; ISO/IEC 15417 (Code 128) and 18004 (QR).
package printer
