package appliance

import (
	"bytes"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/kiosk/appliance/service"
	"chot/kiosk/enrol"
	"chot/kiosk/internal/authority"
	"chot/kiosk/record"
	"chot/store"
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

// What happened to the journal or its clock is a record of ours, by its kind.
func TestIncidentsAreRecords(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		incident store.Incident
		want     record.Loss
	}{
		{store.Incident{What: store.Damage, First: 7, Last: 9, Cause: "cut"}, record.Loss{What: "journal", First: 7, Last: 9, Cause: "cut"}},
		{store.Incident{What: store.ClockJump, From: at.Add(time.Hour), Time: at}, record.Loss{What: "clock", Jump: -3600}},
		{store.Incident{What: store.ClockSource}, record.Loss{What: "clock", Cause: "not synchronised"}},
		{store.Incident{What: store.ClockSource, Synchronised: true, MaxError: 12345 * time.Microsecond},
			record.Loss{What: "clock", Cause: "synchronised within 12ms"}},
	} {
		kind, payload := incident(c.incident)
		want, err := record.Encode(c.want)
		if err != nil {
			t.Fatal(err)
		}
		if kind != uint8(record.KindLoss) || !bytes.Equal(payload, want) {
			t.Errorf("%+v is %x of kind %d, want %x", c.incident, payload, kind, want)
		}
	}
}

// A small file that is damaged and cannot be fetched again ends the start with its
// path, which the failure page shows; it does not make a new kiosk of an old one.
func TestADamagedSiteFileIsNamed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "cut": `{"kiosk": "hall-1", "si`, "of another kind": `{"issued": 7}`, "no text": "\x00\xff\x00"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config{State: t.TempDir(), Language: "vi"}
			path := filepath.Join(c.State, "site.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			env := environment{now: time.Now, rand: rand.Reader, log: slog.New(slog.DiscardHandler)}
			_, err := openKiosk(t.Context(), c, env)
			if err == nil || errors.Is(err, enrol.ErrNone) || errors.Is(err, service.ErrNoData) || !strings.Contains(err.Error(), path) {
				t.Errorf("the start ends with %v", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != text {
				t.Errorf("the file is %q now, %v", got, err)
			}
		})
	}
}
