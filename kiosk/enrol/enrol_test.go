package enrol_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"chot/kiosk/enrol"
)

// authority is a province in a few lines.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	url  string
	// answer changes what an enrolment gives: status, and the certificate for a key.
	answer func(public any) (int, []byte)
	asked  int
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.key = newKey(t)
	a.cert = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "Province"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, &a.key.PublicKey)
	serverKey := newKey(t)
	leaf := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "server"}, DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, &serverKey.PublicKey)
	a.answer = func(public any) (int, []byte) { return http.StatusOK, a.client("hall-1", public).Raw }
	server := httptest.NewUnstartedServer(http.HandlerFunc(a.serve))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, a.cert.Raw}, PrivateKey: serverKey}},
		ClientAuth:   tls.RequestClientCert,
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	a.url = fmt.Sprintf("https://localhost:%s", server.Listener.Addr().String()[len("127.0.0.1:"):])
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(template *x509.Certificate, public any) *x509.Certificate {
	a.t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour)
	parent := a.cert
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert
}

func (a *authority) client(name string, public any) *x509.Certificate {
	return a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, public)
}

func (a *authority) serve(w http.ResponseWriter, r *http.Request) {
	a.asked++
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	der, _ := base64.StdEncoding.DecodeString(string(body)) // checked by the next line
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	status, cert := a.answer(request.PublicKey)
	w.WriteHeader(status)
	if status != http.StatusOK {
		fmt.Fprintln(w, "the token was used before")
		return
	}
	bag, err := pkcs7.DegenerateCertificate(cert)
	if err != nil {
		return
	}
	fmt.Fprintln(w, base64.StdEncoding.EncodeToString(bag))
}

func (a *authority) invitation() enrol.Invitation {
	pin := sha256.Sum256(a.cert.RawSubjectPublicKeyInfo)
	return enrol.Invitation{Server: a.url, Pins: [][]byte{pin[:]}, Kiosk: "hall-1", Token: "once"}
}

func TestEnrolKeepsAnIdentity(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	if _, err := enrol.Load(dir); !errors.Is(err, enrol.ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
	id, err := enrol.Enrol(t.Context(), dir, a.invitation(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := enrol.Load(dir)
	if err != nil || loaded.Kiosk != "hall-1" || loaded.Server != a.url || !loaded.Key.Equal(id.Key) || !loaded.Certificate.Equal(id.Certificate) {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	if _, err := enrol.Enrol(t.Context(), dir, a.invitation(), time.Now); err != nil || a.asked != 1 {
		t.Errorf("enrolled again: %v, the province was asked %d times", err, a.asked)
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
		change func(*authority, *enrol.Invitation)
		want   error // nil for any
	}{
		{"another pin", func(_ *authority, i *enrol.Invitation) { i.Pins = [][]byte{make([]byte, 32)} }, enrol.ErrPin},
		{"no pin", func(_ *authority, i *enrol.Invitation) { i.Pins = nil }, enrol.ErrPin},
		{"another host name", func(a *authority, i *enrol.Invitation) {
			i.Server = "https://127.0.0.1" + a.url[len("https://localhost"):]
		}, nil},
		{"no TLS", func(_ *authority, i *enrol.Invitation) { i.Server = "http://localhost:1" }, nil},
		{"a refusal", func(a *authority, _ *enrol.Invitation) {
			a.answer = func(any) (int, []byte) { return http.StatusUnauthorized, nil }
		}, enrol.ErrRefused},
		{"a fault of the server", func(a *authority, _ *enrol.Invitation) {
			a.answer = func(any) (int, []byte) { return http.StatusServiceUnavailable, nil }
		}, nil},
		{"another's name", func(a *authority, _ *enrol.Invitation) {
			a.answer = func(public any) (int, []byte) { return http.StatusOK, a.client("hall-2", public).Raw }
		}, nil},
		{"another key", func(a *authority, _ *enrol.Invitation) {
			other := newKey(a.t)
			a.answer = func(any) (int, []byte) { return http.StatusOK, a.client("hall-1", &other.PublicKey).Raw }
		}, nil},
		{"no certificate", func(a *authority, _ *enrol.Invitation) {
			a.answer = func(any) (int, []byte) { return http.StatusOK, []byte("nothing") }
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, dir := newAuthority(t), t.TempDir()
			inv := a.invitation()
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
	a, dir := newAuthority(t), t.TempDir()
	var keys []any
	answer := a.answer
	a.answer = func(public any) (int, []byte) {
		if keys = append(keys, public); len(keys) == 1 {
			return http.StatusServiceUnavailable, nil
		}
		return answer(public)
	}
	if _, err := enrol.Enrol(t.Context(), dir, a.invitation(), time.Now); err == nil || errors.Is(err, enrol.ErrRefused) {
		t.Errorf("the first try: %v", err)
	}
	if _, err := enrol.Enrol(t.Context(), dir, a.invitation(), time.Now); err != nil {
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
			a, dir := newAuthority(t), t.TempDir()
			if _, err := enrol.Enrol(t.Context(), dir, a.invitation(), time.Now); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := enrol.Load(dir); err == nil || errors.Is(err, enrol.ErrNone) {
				t.Errorf("error %v", err)
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
