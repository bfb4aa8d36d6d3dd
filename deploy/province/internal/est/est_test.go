package est

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"testing"
)

func request(t testing.TB, curve elliptic.Curve) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "hall-1"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestParseRequest(t *testing.T) {
	t.Parallel()
	good, other := request(t, elliptic.P256()), request(t, elliptic.P384())
	forged := append([]byte(nil), good...)
	forged[len(forged)-1] ^= 1
	encode := func(der []byte) string { return base64.StdEncoding.EncodeToString(der) }
	for _, c := range []struct {
		name, body string
		ok         bool
	}{
		{"base64", encode(good), true},
		{"base64 in lines", encode(good)[:64] + "\r\n" + encode(good)[64:] + "\n", true},
		{"PEM", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: good})), true},
		{"DER", string(good), false},
		{"another curve", encode(other), false},
		{"a forged signature", encode(forged), false},
		{"cut short", encode(good[:len(good)-4]), false},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := ParseRequest([]byte(c.body))
			if (err == nil) != c.ok {
				t.Errorf("error %v, want one: %v", err, !c.ok)
			}
			if err == nil && r.Subject.CommonName != "hall-1" {
				t.Errorf("it names %q", r.Subject.CommonName)
			}
		})
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(base64.StdEncoding.EncodeToString(request(f, elliptic.P256()))))
	f.Add([]byte("-----BEGIN X-----\nAAAA\n-----END X-----\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParseRequest(body)
		if err == nil && r.CheckSignature() != nil {
			t.Error("a request that its key did not sign was taken")
		}
	})
}
