package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/est"
	"chot/kiosk/enrol"
	"chot/store/wire"
)

func TestATokenIsGoodForOneKioskOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		inv, dir := s.invitation("hall-1", commune), t.TempDir()
		id, err := enrol.Enrol(t.Context(), dir, inv, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		again, err := enrol.Enrol(t.Context(), dir, inv, time.Now)
		if err != nil || !again.Certificate.Equal(id.Certificate) {
			t.Errorf("enrolled again in the same folder: %v", err)
		}
		// The answer was lost: the key is there, the certificate is not.
		if err := os.Remove(filepath.Join(dir, "identity.pem")); err != nil {
			t.Fatal(err)
		}
		again, err = enrol.Enrol(t.Context(), dir, inv, time.Now)
		if err != nil || !again.Certificate.Equal(id.Certificate) {
			t.Errorf("tried again with the same key: %v", err)
		}
		// A copied sheet: another key.
		if _, err := enrol.Enrol(t.Context(), t.TempDir(), inv, time.Now); !errors.Is(err, enrol.ErrRefused) {
			t.Errorf("a copied sheet: %v", err)
		}
		s.sees("token")
		other := inv
		other.Kiosk = "hall-2"
		if _, err := enrol.Enrol(t.Context(), t.TempDir(), other, time.Now); !errors.Is(err, enrol.ErrRefused) {
			t.Errorf("another kiosk's token: %v", err)
		}
	})
}

func TestATokenExpires(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		inv := s.invitation("hall-1", commune)
		_, err := s.database().NewUpdate().Model((*db.Token)(nil)).Set("expires = ?", db.At(time.Now().Add(-time.Minute))).Where("TRUE").Exec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := enrol.Enrol(t.Context(), t.TempDir(), inv, time.Now); !errors.Is(err, enrol.ErrRefused) {
			t.Errorf("an expired token: %v", err)
		}
		s.sees("token")
	})
}

func TestTheServerIsPinned(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	inv := s.invitation("hall-1", commune)
	inv.Pins[0][0] ^= 1
	if _, err := enrol.Enrol(t.Context(), t.TempDir(), inv, time.Now); !errors.Is(err, enrol.ErrPin) {
		t.Errorf("another pin: %v", err)
	}
	inv.Pins[0][0] ^= 1
	if _, err := enrol.Enrol(t.Context(), t.TempDir(), inv, time.Now); err != nil {
		t.Errorf("the token was spent on an unpinned server: %v", err)
	}
}

func TestACertificateIsRenewedForTheSameKey(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		if k.id.Due(time.Now()) || !k.id.Due(k.id.Certificate.NotAfter.Add(-24*time.Hour)) {
			t.Error("due at the wrong time")
		}
		next, err := k.id.Renew(t.Context(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if next.Certificate.SerialNumber.Cmp(k.id.Certificate.SerialNumber) == 0 || !next.Key.Equal(k.id.Key) {
			t.Error("not another certificate for the same key")
		}
		k.client = newClient(t, next.TLS())
		k.visits(1)
		if _, err := k.send(1, 2); err != nil {
			t.Error(err)
		}
	})
}

// A broken kiosk's place is taken by a new card under a new token; what the old
// one had sent stays, and its identity does not come back.
func TestAReplacedKioskGoesOnUnderItsName(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		old := s.kiosk("hall-1")
		old.visits(2)
		if _, err := old.send(1, 3); err != nil {
			t.Fatal(err)
		}
		s.command("", "revoke", "--kiosk", "hall-1", "--reason", "replaced")
		fresh := s.kiosk("hall-1")
		fresh.visits(2)
		if _, err := fresh.send(1, 3); err != nil {
			t.Error(err)
		}
		if _, err := old.send(1, 3); err == nil {
			t.Error("the old identity is welcome")
		}
	})
}

// The answers are standard enough for curl and openssl.
func TestEnrolmentWithCurlAndOpenSSL(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"curl", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: skipped", program)
		}
	}
	s, dir := start(t, t.TempDir()), t.TempDir()
	inv := s.invitation("hall-1", commune)
	shell := func(line string) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "SERVER="+s.Kiosks, "TOKEN="+inv.Token, "CA="+filepath.Join(s.dir, "keys", "ca.crt"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", line, err, out)
		}
		return string(out)
	}
	shell(`curl -sSf --cacert "$CA" "$SERVER/.well-known/est/cacerts" | base64 -d | openssl pkcs7 -inform DER -print_certs -out ca.pem`)
	shell(`openssl ecparam -name prime256v1 -genkey -noout -out key.pem`)
	shell(`openssl req -new -key key.pem -subj /CN=hall-1 -outform DER | base64 > request`)
	shell(`curl -sSf --cacert ca.pem -u "hall-1:$TOKEN" -H "Content-Type: application/pkcs10" -H "Content-Transfer-Encoding: base64" --data-binary @request "$SERVER/.well-known/est/simpleenroll" | base64 -d | openssl pkcs7 -inform DER -print_certs -out cert.pem`)
	if said := shell(`openssl verify -CAfile ca.pem -purpose sslclient cert.pem`); !strings.Contains(said, "cert.pem: OK") {
		t.Errorf("openssl says %s", said)
	}
	shell(`curl -sSf --cacert ca.pem --cert cert.pem --key key.pem -H "Content-Type: application/pkcs10" --data-binary @request "$SERVER/.well-known/est/simplereenroll" | base64 -d | openssl pkcs7 -inform DER -print_certs -out next.pem`)
	if said := shell(`openssl x509 -in next.pem -noout -subject`); !strings.Contains(said, "hall-1") {
		t.Errorf("openssl says %s", said)
	}
}

func TestEnrolmentRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	inv := s.invitation("hall-2", commune)
	for name, c := range map[string]struct {
		path, kind, body string
		want             int
	}{
		"no type":        {"simpleenroll", "", "AAAA", http.StatusBadRequest},
		"no base64":      {"simpleenroll", "application/pkcs10", "!", http.StatusBadRequest},
		"no request":     {"simpleenroll", "application/pkcs10", "AAAA", http.StatusBadRequest},
		"endless":        {"simpleenroll", "application/pkcs10", strings.Repeat("A", 1<<20), http.StatusBadRequest},
		"another's name": {"simplereenroll", "application/pkcs10", request(t, "hall-9"), http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.Kiosks+"/.well-known/est/"+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", c.kind)
			r.SetBasicAuth("hall-2", inv.Token)
			answer, err := k.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != c.want {
				t.Errorf("answered %s, want %d", answer.Status, c.want)
			}
		})
	}
}

// request is a certificate request for a name, in base64.
func request(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// A kiosk that was off for longer than its certificate holds renews it with the key
// that the province knows, and until then can do nothing else; it can fetch what is
// published, which needs no certificate. Not for ever, not when it was revoked, and not
// with a key of another authority.
func TestAKioskComesBackAfterItsCertificateHasExpired(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		const day = 24 * time.Hour
		for _, c := range []struct {
			name    string
			issued  time.Duration // ago; a certificate holds for 180 days
			revoked bool
			renews  bool
		}{
			{"in-time", 170 * day, false, true},
			{"half-a-year-off", 200 * day, false, true},
			{"two-years-off", 900 * day, false, true},
			{"years-off", 920 * day, false, false},
			{"revoked", 200 * day, true, false},
		} {
			k := s.kiosk(c.name)
			cert, err := s.keys().CA.IssueKiosk(c.name, &k.id.Key.PublicKey, rand.Reader, time.Now().Add(-c.issued))
			if err != nil {
				t.Fatal(err)
			}
			row := &db.Certificate{
				Serial: est.Serial(cert), Kiosk: c.name, Public: cert.RawSubjectPublicKeyInfo, DER: cert.Raw,
				NotBefore: db.At(cert.NotBefore), NotAfter: db.At(cert.NotAfter),
			}
			if c.revoked {
				row.Revoked = db.At(time.Now())
			}
			if _, err := s.database().NewInsert().Model(row).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			old := *k.id
			old.Certificate = cert
			k.client = newClient(t, old.TLS())
			k.visits(1)
			_, err = k.send(1, 2)
			if c.issued < 180*day {
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			} else {
				refused(t, err, wire.Unavailable)
			}
			answer, err := k.client.Get(s.Kiosks + "/tuf/timestamp.json")
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%s: what is published: %s", c.name, answer.Status)
			}
			next, err := old.Renew(t.Context(), time.Now)
			if (err == nil) != c.renews {
				t.Errorf("%s: renewing: %v", c.name, err)
			}
			if err != nil {
				continue
			}
			k.client = newClient(t, next.TLS())
			if _, err := k.send(1, 2); err != nil {
				t.Errorf("%s: after renewing: %v", c.name, err)
			}
		}

		// An expired certificate does not outlive a new token for the name.
		k := s.kiosk("replaced")
		cert, err := s.keys().CA.IssueKiosk("replaced", &k.id.Key.PublicKey, rand.Reader, time.Now().Add(-200*day))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.database().NewInsert().Model(&db.Certificate{
			Serial: est.Serial(cert), Kiosk: "replaced", Public: cert.RawSubjectPublicKeyInfo, DER: cert.Raw,
			NotBefore: db.At(cert.NotBefore), NotAfter: db.At(cert.NotAfter),
		}).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.kiosk("replaced")
		old := *k.id
		old.Certificate = cert
		if _, err := old.Renew(t.Context(), time.Now); err == nil {
			t.Error("a replaced key is renewed")
		}

		// One of another authority does not come in at all.
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: cert.SerialNumber, Subject: cert.Subject, NotBefore: cert.NotBefore, NotAfter: time.Now().Add(day),
			ExtKeyUsage: cert.ExtKeyUsage,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		forged := *k.id
		forged.Key = key
		if forged.Certificate, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		config := forged.TLS()
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &config.Certificates[0], nil }
		if answer, err := newClient(t, config).Get(s.Kiosks + "/healthz"); err == nil {
			answer.Body.Close()
			t.Errorf("a forged certificate is answered %s", answer.Status)
		}
	})
}
