package appliance

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential/pass"
	"chot/kiosk/enrol"
	"chot/kiosk/internal/authority"
	"chot/kiosk/provision"
	"chot/kiosk/record"
)

func newNewcomer(t *testing.T, h *heard, keys provision.Keys) *newcomer {
	t.Helper()
	return &newcomer{
		config: config{State: t.TempDir(), Language: "vi"}, keys: keys, network: provision.NetworkManager{Command: "/nonexistent"},
		world: world{now: time.Now, rand: rand.Reader, log: quiet}, send: h.send, ask: func(task func()) { task() }, done: func() {},
	}
}

func sheetFor(t *testing.T, a *authority.Authority) (text string, keys provision.Keys) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	text, err = pass.Sign(rand.Reader, key, pass.Terms{
		Issuer: "province", Number: "S-1", IssuedAt: now.Add(-time.Minute), NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Hour),
	}, pass.Sheet{Kiosk: "hall-1", Site: "nha-van-hoa", Server: a.URL, Pins: [][]byte{a.Pin()}, Root: make([]byte, 32), Token: "once"})
	if err != nil {
		t.Fatal(err)
	}
	return text, provision.Keys{&key.PublicKey}
}

// A new kiosk tells how far it is. This province enrols and has nothing to give.
func TestANewcomerTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	a, h := authority.New(t), &heard{}
	text, keys := sheetFor(t, a)
	n := newNewcomer(t, h, keys)
	if read, ok := n.check(checkpoint.Check{ID: 3, Texts: []string{text}}).(checkpoint.SheetRead); !ok || read.ID != 3 ||
		!read.Signed || read.Problem != "" || read.Kiosk != "hall-1" || read.Number != "S-1" {
		t.Errorf("the sheet is %+v", read)
	}
	if e := n.check(checkpoint.Check{ID: 4, Texts: []string{"HC1:X"}}); e != (checkpoint.Unreadable{ID: 4, Problem: "unreadable"}) {
		t.Errorf("a certificate is %+v", e)
	}
	n.do(t.Context(), checkpoint.ProvisionBy{Sheet: text})
	var moves []string
	for _, m := range eventsOf[checkpoint.ProvisionMoved](h) {
		moves = append(moves, string(m.Stage)+m.Problem)
	}
	if want := []string{"wifi", "clock", "enrol", "bundle", "bundle"}; !slices.Equal(moves, want) {
		t.Errorf("it told %q, want %q", moves, want)
	}
	if id, err := enrol.Load(n.config.identity()); err != nil || id.Kiosk != "hall-1" {
		t.Errorf("its identity: %v", err)
	}
	// When the power comes back it goes on without the sheet.
	s, err := n.firstState()
	if v, ok := s.View.(checkpoint.Provision); err != nil || !ok || v.Stage != checkpoint.Fetching {
		t.Errorf("after that it begins with %+v, %v", s.View, err)
	}
	if _, err := open(t.Context(), n.config, n.world); !errors.Is(err, errNoData) {
		t.Errorf("and it is opened: %v", err)
	}
}

func TestANewcomerIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	a, h := authority.New(t), &heard{}
	a.Why, a.Answer = "token-used", func(any) (int, []byte) { return http.StatusUnauthorized, nil }
	text, keys := sheetFor(t, a)
	n := newNewcomer(t, h, keys)
	n.do(t.Context(), checkpoint.ProvisionBy{Sheet: text})
	if m := eventsOf[checkpoint.ProvisionMoved](h); len(m) == 0 || m[len(m)-1].Problem != "used" {
		t.Errorf("a copied sheet: %+v", m)
	}
	n.do(t.Context(), checkpoint.Keep{Record: record.Record{Time: time.Now(), Body: record.Staff{Action: "sheet-refused"}}})
	if len(n.refused) != 1 {
		t.Error("what was refused is forgotten")
	}
	s, err := n.firstState()
	if v, ok := s.View.(checkpoint.Provision); err != nil || !ok || v.Stage != checkpoint.ShowSheet {
		t.Errorf("a kiosk without an identity begins with %+v, %v", s.View, err)
	}
	if _, err := open(t.Context(), n.config, n.world); !errors.Is(err, enrol.ErrNone) {
		t.Errorf("and it is opened: %v", err)
	}
}
