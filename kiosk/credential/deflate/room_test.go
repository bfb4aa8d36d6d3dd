//go:build !race

// The race detector allocates on its own account.

package deflate_test

import (
	"compress/flate"
	"testing"

	"chot/kiosk/credential/deflate"
)

func TestABombTakesNoMoreRoomThanAsked(t *testing.T) {
	// A megabyte of zeros costs no more room than the limit asks for.
	bomb := compress(t, make([]byte, 1<<20), flate.BestCompression)
	room := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(20, func() { _, _ = deflate.Append(room, bomb, 4000) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
