// Package hardware tests the drivers on the virtual bench: the kernel's own
// drivers below them, package virtual's hardware at the other end. It has no
// code but tests, which run in the bench's machine alone: make test-bench.
package hardware
