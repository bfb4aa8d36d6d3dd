//go:build race

package lab

// racing is whether the race detector watches, under which the simulated
// laboratory takes ten times as long.
const racing = true
