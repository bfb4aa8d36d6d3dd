package appliance

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// The watchdog is fed while the loop turns, and not while something vital hangs.
func TestWatchdogKnowsWhatIsVital(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fed, hung := 0, time.Duration(0)
		alive := watchdog(20*time.Second, time.Now, slog.New(slog.DiscardHandler), func() { fed++ },
			[]vital{{"journal", func() time.Duration { return 0 }}, {"display", func() time.Duration { return hung }}})
		turn := func(d time.Duration) int {
			fed = 0
			for range d / tick {
				alive()
				time.Sleep(tick)
			}
			return fed
		}
		if n := turn(time.Minute); n < 8 || n > 10 {
			t.Errorf("fed %d times in a minute of 20 seconds each", n)
		}
		if hung = 10 * time.Second; turn(time.Minute) == 0 {
			t.Error("not fed while the display is slow")
		}
		if hung = 20 * time.Second; turn(time.Minute) != 0 {
			t.Error("fed while the display hangs")
		}
		if hung = 0; turn(time.Minute) == 0 {
			t.Error("not fed after the display came back")
		}
	})
}
