package appliance

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"chot/kiosk/appliance/service"
	"chot/kiosk/enrol"
	"chot/kiosk/internal/authority"
)

// A new kiosk has no identity; one that was enrolled has no data before the
// province gave it some. Both are set up instead of served.
func TestKioskThatCannotServeYetSaysWhy(t *testing.T) {
	t.Parallel()
	c := config{State: t.TempDir(), Language: "vi"}
	env := environment{now: time.Now, rand: rand.Reader, log: slog.New(slog.DiscardHandler)}
	if _, err := openKiosk(t.Context(), c, env); !errors.Is(err, enrol.ErrNone) {
		t.Errorf("without an identity: %v", err)
	}
	a := authority.New(t)
	invitation := enrol.Invitation{Kiosk: "hall-1", Server: a.URL, Pins: [][]byte{a.Pin()}, Token: "once"}
	if _, err := enrol.Enrol(t.Context(), c.identity(), invitation, time.Now); err != nil {
		t.Fatal(err)
	}
	if _, err := openKiosk(t.Context(), c, env); !errors.Is(err, service.ErrNoData) {
		t.Errorf("without data: %v", err)
	}
}
