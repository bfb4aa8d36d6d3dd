package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"io"
	"path/filepath"
	"testing"
	"time"
)

// token signs as a PKCS#11 token does: the key is behind an interface, and only
// digests go in.
type token struct {
	inside *ecdsa.PrivateKey
	signed int
}

func (t *token) Public() crypto.PublicKey { return t.inside.Public() }

func (t *token) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	t.signed++
	return t.inside.Sign(random, digest, opts)
}

func TestAnAuthorityWhoseKeyIsOnAToken(t *testing.T) {
	t.Parallel()
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	now, path := time.Now(), filepath.Join(t.TempDir(), "ca.crt")
	key := &token{inside: newKey()}
	if err := createAuthority(path, "Token", key, rand.Reader, now); err != nil {
		t.Fatal(err)
	}
	authority, err := loadAuthority(path, key)
	if err != nil {
		t.Fatal(err)
	}
	kiosk := newKey()
	cert, err := authority.IssueKiosk("hall-1", &kiosk.PublicKey, rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = cert.Verify(x509.VerifyOptions{Roots: authority.Pool(), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil || key.signed != 2 {
		t.Errorf("the certificate: %v; the token has signed %d times, want 2", err, key.signed)
	}
	if _, err := NewAuthority(authority.Certificate, &token{inside: newKey()}); err == nil {
		t.Error("another token's key was taken")
	}
}
