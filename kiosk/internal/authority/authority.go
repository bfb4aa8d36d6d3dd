// Package authority is a small certificate authority with Enrolment over Secure
// Transport (RFC 7030), for tests.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
)

// Authority is a province in a few lines: a certificate authority that enrols
// whoever asks, unless a test has it answer otherwise.
type Authority struct {
	URL string // https, on this machine
	// Answer changes what an enrolment gives: status, and the certificate for a key.
	Answer func(public any) (int, []byte)
	Why    string // the error of the challenge
	Asked  int    // requests so far

	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// New starts an authority that ends with the test. It certifies "hall-1".
func New(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t}
	a.key = newKey(t)
	a.cert = a.Sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "Province"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, &a.key.PublicKey)
	serverKey := newKey(t)
	leaf := a.Sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "server"}, DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, &serverKey.PublicKey)
	a.Answer = func(public any) (int, []byte) { return http.StatusOK, a.Client("hall-1", public).Raw }
	server := httptest.NewUnstartedServer(http.HandlerFunc(a.serve))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, a.cert.Raw}, PrivateKey: serverKey}},
		ClientAuth:   tls.RequestClientCert,
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	a.URL = fmt.Sprintf("https://localhost:%s", server.Listener.Addr().String()[len("127.0.0.1:"):])
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Sign completes a certificate, for 90 days unless it says otherwise, and signs it.
func (a *Authority) Sign(template *x509.Certificate, public any) *x509.Certificate {
	a.t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour)
	}
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

// Client is a certificate for a kiosk.
func (a *Authority) Client(name string, public any) *x509.Certificate {
	return a.Sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, public)
}

func (a *Authority) serve(w http.ResponseWriter, r *http.Request) {
	a.Asked++
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
	status, cert := a.Answer(request.PublicKey)
	if a.Why != "" {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Basic realm=\"estrealm\", error=%q", a.Why))
	}
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

// Pin is the SHA-256 of the authority's SubjectPublicKeyInfo.
func (a *Authority) Pin() []byte {
	sum := sha256.Sum256(a.cert.RawSubjectPublicKeyInfo)
	return sum[:]
}
