package setup

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"chot/kiosk/appliance/internal/heard"
	"chot/kiosk/checkpoint"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/enrol"
	"chot/kiosk/internal/authority"
	"chot/kiosk/provision"
	"chot/kiosk/record"
)

// newMode is a set-up mode at a province that enrols and has no data to give.
func newMode(t *testing.T, h *heard.Events, keys provision.Keys) *Mode {
	t.Helper()
	return New(Options{
		State: t.TempDir(), Keys: keys, Network: provision.NetworkManager{Command: "/nonexistent"}, Languages: []string{"vi", "en"},
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Send: h.Send,
		Background: func(task func()) { task() }, Done: func() {},
		Begin: func(context.Context, []record.Record, func(checkpoint.ProvisionStage)) ([]checkpoint.DeviceChanged, error) {
			return nil, errors.New("the province has no data")
		},
	})
}

func sheetFor(t *testing.T, a *authority.Authority) (text string, keys provision.Keys) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	text, err = owncode.Sign(rand.Reader, key, owncode.Terms{
		Issuer: "province", Number: "S-1", IssuedAt: now.Add(-time.Minute), NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Hour),
	}, owncode.Sheet{Kiosk: "hall-1", Site: "nha-van-hoa", Server: a.URL, Pins: [][]byte{a.Pin()}, Root: make([]byte, 32), Token: "once"})
	if err != nil {
		t.Fatal(err)
	}
	return text, provision.Keys{&key.PublicKey}
}

// A new kiosk tells how far it is. This province enrols and has nothing to give.
func TestSetUpTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	a, h := authority.New(t), new(heard.Events)
	text, keys := sheetFor(t, a)
	m := newMode(t, h, keys)
	if read, ok := m.check(checkpoint.Check{ID: 3, Texts: []string{text}}).(checkpoint.SheetRead); !ok || read.ID != 3 ||
		!read.Signed || read.Problem != "" || read.Kiosk != "hall-1" || read.Number != "S-1" {
		t.Errorf("the sheet is %+v", read)
	}
	if e := m.check(checkpoint.Check{ID: 4, Texts: []string{"HC1:X"}}); e != (checkpoint.Unreadable{ID: 4, Problem: "unreadable"}) {
		t.Errorf("a certificate is %+v", e)
	}
	m.Do(t.Context(), checkpoint.ProvisionBy{Sheet: text})
	var moves []string
	for _, m := range heard.Of[checkpoint.ProvisionMoved](h) {
		moves = append(moves, string(m.Stage)+m.Problem)
	}
	if want := []string{"wifi", "clock", "enrol", "bundle", "bundle"}; !slices.Equal(moves, want) {
		t.Errorf("it told %q, want %q", moves, want)
	}
	if id, err := enrol.Load(provision.Identity(m.o.State)); err != nil || id.Kiosk != "hall-1" {
		t.Errorf("its identity: %v", err)
	}
	// When the power comes back it goes on without the sheet.
	s, err := m.FirstState()
	if v, ok := s.View.(checkpoint.Provision); err != nil || !ok || v.Stage != checkpoint.Fetching {
		t.Errorf("after that it begins with %+v, %v", s.View, err)
	}
}

func TestSetUpIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	a, h := authority.New(t), new(heard.Events)
	a.Why, a.Answer = "token-used", func(any) (int, []byte) { return http.StatusUnauthorized, nil }
	text, keys := sheetFor(t, a)
	m := newMode(t, h, keys)
	m.Do(t.Context(), checkpoint.ProvisionBy{Sheet: text})
	if moves := heard.Of[checkpoint.ProvisionMoved](h); len(moves) == 0 || moves[len(moves)-1].Problem != "used" {
		t.Errorf("a copied sheet: %+v", moves)
	}
	m.Do(t.Context(), checkpoint.Keep{Record: record.Record{Time: time.Now(), Body: record.Staff{Action: "sheet-refused"}}})
	if len(m.refused) != 1 {
		t.Error("what was refused is forgotten")
	}
	s, err := m.FirstState()
	if v, ok := s.View.(checkpoint.Provision); err != nil || !ok || v.Stage != checkpoint.ShowSheet {
		t.Errorf("a kiosk without an identity begins with %+v, %v", s.View, err)
	}
}
