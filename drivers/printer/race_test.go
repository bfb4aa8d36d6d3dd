//go:build race

package printer

// racing is whether the race detector watches, under which drawing takes ten
// times as long. What is drawn does not depend on it.
const racing = true
