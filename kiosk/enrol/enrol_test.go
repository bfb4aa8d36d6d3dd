package enrol_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/kiosk/enrol"
	"chot/kiosk/internal/authority"
)

func invitation(a *authority.Authority) enrol.Invitation {
	return enrol.Invitation{Server: a.URL, Pins: [][]byte{a.Pin()}, Kiosk: "hall-1", Token: "once"}
}

func TestEnrolKeepsAnIdentity(t *testing.T) {
	t.Parallel()
	a, dir := authority.New(t), t.TempDir()
	if _, err := enrol.Load(dir); !errors.Is(err, enrol.ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
	id, err := enrol.Enrol(t.Context(), dir, invitation(a), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := enrol.Load(dir)
	if err != nil || loaded.Kiosk != "hall-1" || loaded.Server != a.URL || !loaded.Key.Equal(id.Key) || !loaded.Certificate.Equal(id.Certificate) {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	if _, err := enrol.Enrol(t.Context(), dir, invitation(a), time.Now); err != nil || a.Asked != 1 {
		t.Errorf("enrolled again: %v, the province was asked %d times", err, a.Asked)
	}
	for _, name := range []string{"key.pem", "identity.pem"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v, %v", name, info.Mode(), err)
		}
	}
	renewed, err := loaded.Renew(t.Context(), time.Now)
	if err != nil || renewed.Certificate.Equal(loaded.Certificate) || !renewed.Key.Equal(loaded.Key) {
		t.Errorf("renewed: %v", err)
	}
	if again, err := enrol.Load(dir); err != nil || !again.Certificate.Equal(renewed.Certificate) {
		t.Errorf("the renewed certificate was not kept: %v", err)
	}
}

func TestEnrolRefusesWhatIsNotWhatItAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*authority.Authority, *enrol.Invitation)
		want   error // nil for any
	}{
		{"another pin", func(_ *authority.Authority, i *enrol.Invitation) { i.Pins = [][]byte{make([]byte, 32)} }, enrol.ErrPin},
		{"no pin", func(_ *authority.Authority, i *enrol.Invitation) { i.Pins = nil }, enrol.ErrPin},
		{"another host name", func(a *authority.Authority, i *enrol.Invitation) {
			i.Server = "https://127.0.0.1" + a.URL[len("https://localhost"):]
		}, nil},
		{"no TLS", func(_ *authority.Authority, i *enrol.Invitation) { i.Server = "http://localhost:1" }, nil},
		{"a refusal", func(a *authority.Authority, _ *enrol.Invitation) {
			a.Answer = func(any) (int, []byte) { return http.StatusUnauthorized, nil }
		}, enrol.ErrRefused},
		{"a token that another kiosk used", func(a *authority.Authority, _ *enrol.Invitation) {
			a.Why, a.Answer = "token-used", func(any) (int, []byte) { return http.StatusUnauthorized, nil }
		}, enrol.ErrUsed},
		{"a token whose time is over", func(a *authority.Authority, _ *enrol.Invitation) {
			a.Why, a.Answer = "token-expired", func(any) (int, []byte) { return http.StatusUnauthorized, nil }
		}, enrol.ErrExpired},
		{"a fault of the server", func(a *authority.Authority, _ *enrol.Invitation) {
			a.Answer = func(any) (int, []byte) { return http.StatusServiceUnavailable, nil }
		}, nil},
		{"another's name", func(a *authority.Authority, _ *enrol.Invitation) {
			a.Answer = func(public any) (int, []byte) { return http.StatusOK, a.Client("hall-2", public).Raw }
		}, nil},
		{"another key", func(a *authority.Authority, _ *enrol.Invitation) {
			other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				panic(err)
			}
			a.Answer = func(any) (int, []byte) { return http.StatusOK, a.Client("hall-1", &other.PublicKey).Raw }
		}, nil},
		{"no certificate", func(a *authority.Authority, _ *enrol.Invitation) {
			a.Answer = func(any) (int, []byte) { return http.StatusOK, []byte("nothing") }
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, dir := authority.New(t), t.TempDir()
			inv := invitation(a)
			c.change(a, &inv)
			_, err := enrol.Enrol(t.Context(), dir, inv, time.Now)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if _, err := enrol.Load(dir); !errors.Is(err, enrol.ErrNone) {
				t.Errorf("an identity was kept: %v", err)
			}
		})
	}
}

// A lost answer, or a power cut before it was kept: the same key asks again.
func TestTheSameKeyAsksAgain(t *testing.T) {
	t.Parallel()
	a, dir := authority.New(t), t.TempDir()
	var keys []any
	answer := a.Answer
	a.Answer = func(public any) (int, []byte) {
		if keys = append(keys, public); len(keys) == 1 {
			return http.StatusServiceUnavailable, nil
		}
		return answer(public)
	}
	if _, err := enrol.Enrol(t.Context(), dir, invitation(a), time.Now); err == nil || errors.Is(err, enrol.ErrRefused) {
		t.Errorf("the first try: %v", err)
	}
	if _, err := enrol.Enrol(t.Context(), dir, invitation(a), time.Now); err != nil {
		t.Fatal(err)
	}
	if first, second := keys[0].(*ecdsa.PublicKey), keys[1]; !first.Equal(second) {
		t.Error("another key asked the second time")
	}
}

func TestDamagedFilesAreNamed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"key.pem", "identity.pem", "server.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, dir := authority.New(t), t.TempDir()
			if _, err := enrol.Enrol(t.Context(), dir, invitation(a), time.Now); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := enrol.Load(dir); err == nil || errors.Is(err, enrol.ErrNone) {
				t.Errorf("error %v", err)
			}
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			_, err := enrol.Load(dir)
			if lost := name == "identity.pem"; errors.Is(err, enrol.ErrNone) != lost || !lost && !strings.Contains(err.Error(), name+" is missing") {
				t.Errorf("without it: %v", err)
			}
		})
	}
}

func FuzzParseCertificate(f *testing.F) {
	f.Add([]byte("MIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwEAAKCAAAAxAAAAAAAAAA=="))
	f.Add([]byte("!"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if cert, err := enrol.ParseCertificate(body); err == nil && cert == nil {
			t.Error("neither a certificate nor an error")
		}
	})
}

func Example() {
	ctx, dir := context.Background(), "/var/lib/chot/identity"
	id, err := enrol.Load(dir)
	if errors.Is(err, enrol.ErrNone) {
		pin, _ := base64.StdEncoding.DecodeString("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
		id, err = enrol.Enrol(ctx, dir, enrol.Invitation{
			Server: "https://province.example:8443", Pins: [][]byte{pin}, Kiosk: "hall-1", Token: "from the sheet",
		}, time.Now)
	}
	if err != nil {
		log.Print(err)
		return
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: id.TLS()}}
	_ = client // sends batches, asks for receipts
}

// A kiosk whose certificate has a third of its life left gets the next one, and
// presents it from then on.
func TestKeeperRenewsInTime(t *testing.T) {
	t.Parallel()
	a, dir := authority.New(t), t.TempDir()
	issued, expires := time.Now().Add(-60*24*time.Hour-time.Hour), time.Now().Add(30*24*time.Hour-time.Hour)
	a.Answer = func(public any) (int, []byte) {
		return http.StatusOK, a.Sign(&x509.Certificate{
			Subject: pkix.Name{CommonName: "hall-1"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
			NotBefore: issued, NotAfter: expires,
		}, public).Raw
	}
	id, err := enrol.Enrol(t.Context(), dir, invitation(a), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	keeper := enrol.NewKeeper(id)
	config := keeper.TLS(time.Now)
	issued, expires = time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		keeper.Run(ctx, time.Now, slog.New(slog.DiscardHandler))
	}()
	for {
		presented, err := config.GetClientCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !presented.Leaf.Equal(id.Certificate) {
			break
		}
		if ctx.Err() != nil {
			t.Fatal("the certificate was not renewed")
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	<-ran
	if again, err := enrol.Load(dir); err != nil || again.Due(time.Now()) {
		t.Errorf("the renewed certificate was not kept: %v", err)
	}
}
