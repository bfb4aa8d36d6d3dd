// Package update keeps a kiosk's program current: it installs the releases that
// the province publishes for this kiosk, and says why one did not last.
//
// A release is a bundle of RAUC (rauc.io) for one architecture, published as
//
//	releases/1.4.0/chot-arm64.raucb
//
// It carries a whole root file system. The system has two: the release is
// written to the one that is not running, and the machine starts from it once. A
// release that has run for [Probation] is confirmed; one that has not, for
// whatever reason, is not started again, and the machine comes back with what it
// had. What was tried and how far it came is kept in a file, so that the old
// release can say what became of the new one.
//
// Groups, percentages and the first moment are decided in package bundle, by
// which releases are offered; here, the window of the day and that the kiosk is
// free.
package update
