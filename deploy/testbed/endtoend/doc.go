// Package endtoend tests the appliance as it is used: real processes, a real
// window on a virtual display, a real province, and real trouble. It has no code
// of its own but tests.
package endtoend
