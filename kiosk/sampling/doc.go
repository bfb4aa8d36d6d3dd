// Package sampling is the sampling desk's book: tubes given out, specimens,
// pools, and the balance at the end of a shift.
package sampling
