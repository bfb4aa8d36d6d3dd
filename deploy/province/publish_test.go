package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/tufpublish"
	"chot/kiosk/bundle"
	"chot/store/wire"
)

// bundle opens the kiosk's copy of what the province publishes.
func (k *kiosk) bundle(group string) (*bundle.Bundle, bundle.Source) {
	k.server.t.Helper()
	root, err := hex.DecodeString(k.server.Root)
	if err != nil {
		k.server.t.Fatal(err)
	}
	b, err := bundle.Open(k.server.t.TempDir(), bundle.Options{Kiosk: k.Name, Group: group, RootHash: root, Now: time.Now})
	if err != nil {
		k.server.t.Fatal(err)
	}
	return b, bundle.Source{Client: k.client, URL: k.server.Kiosks + "/tuf"}
}

// eventually repeats an update until what it brings is as wanted.
func (s *server) eventually(b *bundle.Bundle, from bundle.Source, wanted func() bool) {
	s.t.Helper()
	var status bundle.Status
	for range 200 {
		if status = b.Update(s.t.Context(), from); status.Problem == "" && wanted() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("it did not come: %+v", status)
}

func read(t *testing.T, b *bundle.Bundle, name string) []byte {
	t.Helper()
	body, err := fs.ReadFile(b.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestWhatIsPublishedReachesKiosks(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		b, from := k.bundle("")
		root, err := hex.DecodeString(s.Root)
		if err != nil {
			t.Fatal(err)
		}
		big := bytes.Repeat([]byte("a long revocation list "), 50000)
		for version, body := range [][]byte{[]byte(`{"v":1}`), []byte(`{"v":2}`)} {
			e, err := tufpublish.Open(t.Context(), k.client, s.Kiosks, root)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Put("policy.json", body, tufpublish.Rollout{}); err != nil {
				t.Fatal(err)
			}
			if err := e.Put("revocation/eu-dcc.bin", big, tufpublish.Rollout{}); err != nil {
				t.Fatal(err)
			}
			if err := e.Publish(t.Context(), s.keys().TUF["targets"], time.Now()); err != nil {
				t.Fatal(err)
			}
			s.eventually(b, from, func() bool { return true })
			if got := read(t, b, "policy.json"); !bytes.Equal(got, body) {
				t.Errorf("version %d is %s", version, got)
			}
		}
		if !bytes.Equal(read(t, b, "revocation/eu-dcc.bin"), big) {
			t.Error("a file of several chunks did not arrive whole")
		}
		var keys struct {
			Receipt []struct {
				SPKI []byte `json:"spki"`
			} `json:"receipt"`
		}
		if err := json.Unmarshal(read(t, b, "receipt-keys.json"), &keys); err != nil {
			t.Fatal(err)
		}
		want, err := x509.MarshalPKIXPublicKey(&s.keys().Receipt.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		if len(keys.Receipt) != 1 || !bytes.Equal(keys.Receipt[0].SPKI, want) {
			t.Error("the receipt key is not published")
		}
	})
}

// Officers read the names that visitors chose from, on the pages and in workbooks.
func TestPlacesAreNamedAsPublished(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(1)
		k.sendAll()
		root, err := hex.DecodeString(s.Root)
		if err != nil {
			t.Fatal(err)
		}
		e, err := tufpublish.Open(t.Context(), k.client, s.Kiosks, root)
		if err != nil {
			t.Fatal(err)
		}
		const units = "level\tcode\tparent\tname\tname_ascii\nprovince\t30\t\tTỉnh Thử\tThu\n" +
			"district\t298\t30\tHuyện Thử\tThu\ncommune\t11194\t298\tXã Thử\tThu\n"
		if err := e.Put("units/2022.tsv", []byte(units), tufpublish.Rollout{}); err != nil {
			t.Fatal(err)
		}
		if err := e.Publish(t.Context(), s.keys().TUF["targets"], time.Now()); err != nil {
			t.Fatal(err)
		}
		o := s.officer("tinh", "province", "30")
		for path, want := range map[string]string{"/kiosks": "Xã Thử", "/": "Tỉnh Thử", "/reports": "Huyện Thử"} {
			if _, body := o.get(path); !strings.Contains(body, want) {
				t.Errorf("%s does not name %s: %s", path, want, body)
			}
		}
		if rows := o.workbook("/reports/daily.xlsx"); !slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, "Xã Thử, Huyện Thử") }) {
			t.Errorf("the workbook has no name: %q", rows)
		}
	})
}

// The server signs its own list again for each kiosk that comes, on the same
// timestamp that an operator's change goes on.
func TestPublishingWhileKiosksComeIsNotRefused(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		root, err := hex.DecodeString(s.Root)
		if err != nil {
			t.Fatal(err)
		}
		published := make(chan error, 1)
		go func() {
			published <- func() error {
				for n := range 12 {
					e, err := tufpublish.Open(t.Context(), k.client, s.Kiosks, root)
					if err != nil {
						return err
					}
					if err := e.Put("policy.json", fmt.Appendf(nil, `{"v":%d}`, n), tufpublish.Rollout{}); err != nil {
						return err
					}
					if err := e.Publish(t.Context(), s.keys().TUF["targets"], time.Now()); err != nil {
						return fmt.Errorf("change %d: %w", n, err)
					}
				}
				return nil
			}()
		}()
		last := ""
		for n := range 12 {
			last = fmt.Sprintf("hall-%d", n+2)
			s.kiosk(last)
		}
		if err := <-published; err != nil {
			t.Error(err)
		}
		b, from := k.bundle("")
		s.eventually(b, from, func() bool {
			return bytes.Contains(read(t, b, "kiosks.json"), []byte(last)) && string(read(t, b, "policy.json")) == `{"v":11}`
		})
	})
}

// What is copied to a stick serves a kiosk without a network.
func TestAStickCarriesWhatIsPublished(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		root, err := hex.DecodeString(s.Root)
		if err != nil {
			t.Fatal(err)
		}
		e, err := tufpublish.Open(t.Context(), k.client, s.Kiosks, root)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Put("rules/vn.json", []byte(`{"rules":[]}`), tufpublish.Rollout{}); err != nil {
			t.Fatal(err)
		}
		if err := e.Publish(t.Context(), s.keys().TUF["targets"], time.Now()); err != nil {
			t.Fatal(err)
		}
		b, from := k.bundle("")
		s.eventually(b, from, func() bool { return true }) // the server has signed its own too
		stick := t.TempDir()
		for range 2 {
			if err := tufpublish.Mirror(t.Context(), k.client, s.Kiosks, root, stick); err != nil {
				t.Fatal(err)
			}
		}
		offline, _ := k.bundle("")
		if status := offline.Update(t.Context(), bundle.Stick(stick)); status.Problem != "" {
			t.Fatalf("the stick: %+v", status)
		}
		if got := read(t, offline, "rules/vn.json"); string(got) != `{"rules":[]}` {
			t.Errorf("the rules are %s", got)
		}
	})
}

func TestOnlyTheTargetsKeyPublishes(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		root, err := hex.DecodeString(s.Root)
		if err != nil {
			t.Fatal(err)
		}
		e, err := tufpublish.Open(t.Context(), k.client, s.Kiosks, root)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Put("policy.json", []byte("{}"), tufpublish.Rollout{}); err != nil {
			t.Fatal(err)
		}
		if err := e.Publish(t.Context(), s.keys().TUF["online"], time.Now()); err == nil || !strings.Contains(err.Error(), "not signed by a key that may publish") {
			t.Errorf("another key published: %v", err)
		}
		for method, path := range map[string]string{
			http.MethodPost: tufpublish.UploadPath,
			http.MethodPut:  tufpublish.UploadPath + "/" + strings.Repeat("0", 64),
		} {
			r, err := http.NewRequestWithContext(t.Context(), method, s.Kiosks+path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := k.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s: %s", method, path, answer.Status)
			}
		}
	})
}

func TestARevokedKioskIsRefusedAndItsSlipsToo(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k, other := s.kiosk("hall-1"), s.kiosk("hall-2")
		k.visits(2)
		if _, err := k.send(1, 3); err != nil {
			t.Fatal(err)
		}
		b, from := other.bundle("")
		listed := func() bool {
			var file struct {
				Kiosks []struct{ Name string }
			}
			if err := json.Unmarshal(read(t, b, "kiosks.json"), &file); err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(file.Kiosks, func(k struct{ Name string }) bool { return k.Name == "hall-1" })
		}
		s.eventually(b, from, listed)
		s.command("", "revoke", "--kiosk", "hall-1", "--reason", "stolen")
		k.visits(1)
		_, err := k.send(4, 4)
		refused(t, err, wire.Revoked)
		_, err = other.carry(k.batch(4, 4, time.Now()))
		refused(t, err, wire.Revoked)
		if _, err := k.id.Renew(t.Context(), time.Now); err == nil {
			t.Error("a revoked kiosk renewed its certificate")
		}
		s.eventually(b, from, func() bool { return !listed() })
	})
}

// A key of the publisher's is replaced; kiosks follow, and the old key is worth
// nothing any more.
func TestKeysOfTheWayDownAreRotated(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		b, from := k.bundle("")
		firstRoot, err := hex.DecodeString(s.Root)
		if err != nil {
			t.Fatal(err)
		}
		open := func() *tufpublish.Editor {
			t.Helper()
			e, err := tufpublish.Open(t.Context(), k.client, s.Kiosks, firstRoot)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		version := 0
		put := func(key ed25519.PrivateKey) error {
			e := open()
			version++
			if err := e.Put("policy.json", fmt.Appendf(nil, `{"v":%d}`, version), tufpublish.Rollout{}); err != nil {
				t.Fatal(err)
			}
			return e.Publish(t.Context(), key, time.Now())
		}
		arrives := func() {
			t.Helper()
			want := fmt.Sprintf(`{"v":%d}`, version)
			s.eventually(b, from, func() bool { return string(read(t, b, "policy.json")) == want })
		}
		root, targets := s.keys().TUF["root"], s.keys().TUF["targets"]
		if err := put(targets); err != nil {
			t.Fatal(err)
		}
		arrives()
		_, newTargets, _ := ed25519.GenerateKey(nil)
		_, newRoot, _ := ed25519.GenerateKey(nil)
		if err := open().Rotate(t.Context(), "targets", targets, newTargets, time.Now()); err == nil {
			t.Error("the targets key made a root")
		}
		if err := open().Rotate(t.Context(), "targets", root, newTargets, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := put(targets); err == nil {
			t.Error("the old targets key publishes")
		}
		if err := put(newTargets); err != nil {
			t.Fatal(err)
		}
		arrives()
		if err := open().Rotate(t.Context(), "root", root, newRoot, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := open().Rotate(t.Context(), "targets", root, targets, time.Now()); err == nil {
			t.Error("the old root key makes a root")
		}
		if err := open().Rotate(t.Context(), "snapshot", newRoot, targets, time.Now()); err == nil {
			t.Error("the server's own key was replaced from outside")
		}
		if err := put(newTargets); err != nil {
			t.Fatal(err)
		}
		arrives()
		// A kiosk that knows nothing but the sheet follows too.
		b, from = k.bundle("")
		arrives()
	})
}
