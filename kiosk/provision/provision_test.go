package provision_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential/owncode"
	"chot/kiosk/enrol"
	"chot/kiosk/internal/authority"
	"chot/kiosk/provision"
)

// office prints sheets.
type office struct {
	t   *testing.T
	key *ecdsa.PrivateKey
}

func newOffice(t *testing.T) office {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return office{t, key}
}

func (o office) keys() provision.Keys { return provision.Keys{&o.key.PublicKey} }

func (o office) sheet(issued time.Time, of owncode.Sheet) string {
	o.t.Helper()
	text, err := owncode.Sign(rand.Reader, o.key, owncode.Terms{
		Issuer: "province", Number: "S-0007", IssuedAt: issued, NotBefore: issued, NotAfter: issued.Add(72 * time.Hour),
	}, of)
	if err != nil {
		o.t.Fatal(err)
	}
	return text
}

func sheetOf(a *authority.Authority) owncode.Sheet {
	return owncode.Sheet{
		Kiosk: "hall-1", Site: "nha-van-hoa", Unit: "11074", Role: "checkpoint", Server: a.URL, Pins: [][]byte{a.Pin()},
		Root: make([]byte, 32), Token: "once",
	}
}

// hall is a network that can be joined, or not.
type hall struct {
	joined []owncode.WiFi
	err    error
}

func (h *hall) Join(_ context.Context, w owncode.WiFi) error {
	h.joined = append(h.joined, w)
	return h.err
}

func newProvisioner(t *testing.T, keys provision.Keys, h *hall) *provision.Provisioner {
	return &provision.Provisioner{
		State: t.TempDir(), Keys: keys, Network: h, Now: time.Now, Log: slog.New(slog.DiscardHandler), Patience: time.Millisecond,
	}
}

func TestASheetMakesAKiosk(t *testing.T) {
	t.Parallel()
	a, o, h := authority.New(t), newOffice(t), &hall{}
	p := newProvisioner(t, o.keys(), h)
	wifi := owncode.WiFi{SSID: "hall", Passphrase: "invented words"}
	says := sheetOf(a)
	says.WiFi = &wifi
	issued := time.Now().Add(-time.Hour).Truncate(time.Second)
	var stages []provision.Stage
	id, err := p.Run(t.Context(), o.sheet(issued, says), func(s provision.Stage) { stages = append(stages, s) })
	if err != nil {
		t.Fatal(err)
	}
	if want := []provision.Stage{provision.Joining, provision.Clock, provision.Enrolling}; !slices.Equal(stages, want) {
		t.Errorf("stages %v, want %v", stages, want)
	}
	if !slices.Equal(h.joined, []owncode.WiFi{wifi}) {
		t.Errorf("joined %v", h.joined)
	}
	if loaded, err := enrol.Load(provision.Identity(p.State)); err != nil || loaded.Kiosk != "hall-1" || !loaded.Key.Equal(id.Key) {
		t.Errorf("the identity was not kept: %v", err)
	}
	site, err := provision.LoadSite(p.State)
	want := provision.Site{
		Kiosk: "hall-1", Site: "nha-van-hoa", Unit: "11074", Role: "checkpoint", Server: a.URL,
		Root: strings.Repeat("00", 32), Sheet: "S-0007", Issued: issued.UTC(),
	}
	if err != nil || site != want {
		t.Errorf("kept %+v, %v", site, err)
	}
	for _, name := range []string{"once", wifi.Passphrase} {
		if found := holding(t, p.State, name); found != "" {
			t.Errorf("%q is kept in %s", name, found)
		}
	}
}

// holding is the file below a folder that holds a text.
func holding(t *testing.T, dir, text string) (found string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), text) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWhatASheetIsRefusedFor(t *testing.T) {
	t.Parallel()
	refusing := func(why string) func(*authority.Authority) {
		return func(a *authority.Authority) {
			a.Why, a.Answer = why, func(any) (int, []byte) { return http.StatusUnauthorized, nil }
		}
	}
	fine := func(*authority.Authority) {}
	for _, c := range []struct {
		name     string
		province func(*authority.Authority)
		change   func(*owncode.Sheet)
		age      time.Duration
		another  bool // signed by another key
		hall     error
		want     provision.Problem
		asked    bool // the province was
	}{
		{name: "signed by another key", province: fine, another: true, want: provision.Forged},
		{name: "too old", province: fine, age: 100 * time.Hour, want: provision.Expired},
		{name: "a network that is not there", province: fine, hall: errors.New("no such network"), want: provision.NoWiFi,
			change: func(s *owncode.Sheet) { s.WiFi = &owncode.WiFi{SSID: "gone"} }},
		{name: "used by another kiosk", province: refusing("token-used"), want: provision.Used, asked: true},
		{name: "revoked meanwhile", province: refusing("token-expired"), want: provision.Expired, asked: true},
		{name: "an unknown token", province: refusing("token-unknown"), want: provision.Refused, asked: true},
		{name: "another server", province: fine, want: provision.Server,
			change: func(s *owncode.Sheet) { s.Pins = [][]byte{make([]byte, 32)} }},
		{name: "no server", province: fine, want: provision.NoNetwork,
			change: func(s *owncode.Sheet) { s.Server = "https://localhost:1" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, o, h := authority.New(t), newOffice(t), &hall{err: c.hall}
			c.province(a)
			p := newProvisioner(t, o.keys(), h)
			if c.another {
				o = newOffice(t)
			}
			says := sheetOf(a)
			if c.change != nil {
				c.change(&says)
			}
			_, err := p.Run(t.Context(), o.sheet(time.Now().Add(-c.age), says), func(provision.Stage) {})
			var problem *provision.Error
			if !errors.As(err, &problem) || problem.Problem != c.want {
				t.Fatalf("error %v, want %s", err, c.want)
			}
			if asked := a.Asked > 0; asked != c.asked {
				t.Errorf("the province was asked %d times", a.Asked)
			}
			if _, err := enrol.Load(provision.Identity(p.State)); !errors.Is(err, enrol.ErrNone) {
				t.Errorf("there is an identity: %v", err)
			}
		})
	}
}

// The power failed after the province had answered: the same sheet goes on.
func TestTheSameSheetGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	a, o := authority.New(t), newOffice(t)
	p := newProvisioner(t, o.keys(), &hall{})
	answer := a.Answer
	a.Answer = func(any) (int, []byte) { return http.StatusBadGateway, nil }
	sheet := o.sheet(time.Now(), sheetOf(a))
	if _, err := p.Run(t.Context(), sheet, func(provision.Stage) {}); err == nil {
		t.Fatal("there is an identity without an answer")
	}
	key, err := os.ReadFile(filepath.Join(provision.Identity(p.State), "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	a.Answer = answer
	if _, err := p.Run(t.Context(), sheet, func(provision.Stage) {}); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(filepath.Join(provision.Identity(p.State), "key.pem")); err != nil || string(again) != string(key) {
		t.Errorf("another key was made: %v", err)
	}
}

// A kiosk whose clock starts in 1970 takes the sheet's time for the least.
func TestTheSheetSetsTheClocksLowerBound(t *testing.T) {
	t.Parallel()
	a, o := authority.New(t), newOffice(t)
	p := newProvisioner(t, nil, &hall{})
	p.Now = func() time.Time { return time.Unix(60, 0) }
	text := o.sheet(time.Now(), sheetOf(a))
	read, err := provision.Read(text, nil, p.Now())
	if err != nil || read.Problem != "" || read.Known {
		t.Errorf("read %+v, %v", read, err)
	}
	if _, err := p.Run(t.Context(), text, func(provision.Stage) {}); err != nil {
		t.Errorf("with a clock of 1970: %v", err)
	}
}

func TestAnotherCodeIsNoSheet(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "HC1:NCF", "https://example.org"} {
		if _, err := provision.Read(text, nil, time.Now()); !errors.Is(err, provision.ErrNoSheet) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if s, err := provision.Read("CHOT1P:XXX", nil, time.Now()); err != nil || s.Problem != provision.Forged {
		t.Errorf("a damaged sheet: %+v, %v", s, err)
	}
}

func TestKeysComeFromAPEMFile(t *testing.T) {
	t.Parallel()
	o, dir := newOffice(t), t.TempDir()
	der, err := x509.MarshalPKIXPublicKey(&o.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keys, err := provision.LoadKeys(write("good.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	if err != nil || len(keys) != 1 || !keys[0].Equal(&o.key.PublicKey) {
		t.Errorf("read %v, %v", keys, err)
	}
	for name, text := range map[string]string{"empty": "", "nonsense": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		if _, err := provision.LoadKeys(write(name, []byte(text))); err == nil {
			t.Errorf("%s keys were taken", name)
		}
	}
	if _, err := provision.LoadKeys(filepath.Join(dir, "none")); err == nil {
		t.Error("missing keys were taken")
	}
}

// nmcli is handed what it needs to join, the passphrase where no other user sees it.
func TestNetworkManagerIsAskedByNmcli(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := filepath.Join(dir, "nmcli")
	log := filepath.Join(dir, "log")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$@\" >> "+log+"\nsed 's/^/stdin: /' >> "+log+"\ncase \"$*\" in *refused*) exit 10;; esac\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	n := provision.NetworkManager{Command: script}
	if err := n.Join(t.Context(), owncode.WiFi{SSID: "Nhà văn hóa", Passphrase: "invented words"}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ssid Nhà văn hóa", "wifi-sec.key-mgmt wpa-psk", "connection up id chot", "stdin: 802-11-wireless-security.psk:invented words"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%q is not in what nmcli was told:\n%s", want, data)
		}
	}
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, "invented") && !strings.HasPrefix(line, "stdin: ") {
			t.Errorf("the passphrase is an argument: %s", line)
		}
	}
	if err := n.Join(t.Context(), owncode.WiFi{SSID: "refused"}); err == nil {
		t.Error("a network was joined that refused")
	}
	if err := (provision.NetworkManager{Command: filepath.Join(dir, "absent")}).Join(t.Context(), owncode.WiFi{SSID: "x"}); err == nil {
		t.Error("a network was joined without NetworkManager")
	}
}
