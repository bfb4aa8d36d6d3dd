package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// How long certificates hold. A kiosk renews when a third of its time is left.
const (
	authorityLife = 20 * 365 * 24 * time.Hour
	kioskLife     = 180 * 24 * time.Hour
	serverLife    = 90 * 24 * time.Hour
	backdate      = time.Hour // for clocks that are a little behind
)

// Authority issues certificates. Its key is any [crypto.Signer]: the file ca.pem by
// default. A key that never leaves its token comes in by [NewAuthority], with the
// signer of a PKCS#11 library; nothing else of this package touches it.
type Authority struct {
	Certificate *x509.Certificate
	key         crypto.Signer
}

func createAuthority(path, name string, key crypto.Signer, random io.Reader, now time.Time) error {
	serial, err := newSerial(random)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Chốt"}},
		NotBefore:    now.Add(-backdate), NotAfter: now.Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(random, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	return writePEM(path, certificateType, der)
}

const certificateType = "CERTIFICATE"

func loadAuthority(path string, key crypto.Signer) (*Authority, error) {
	der, err := readPEM(path, certificateType)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	authority, err := NewAuthority(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return authority, nil
}

// NewAuthority returns the authority of a certificate whose key signs.
func NewAuthority(cert *x509.Certificate, key crypto.Signer) (*Authority, error) {
	if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(cert.PublicKey) {
		return nil, errors.New("the certificate is for another key")
	}
	return &Authority{cert, key}, nil
}

// Pin is the SHA-256 of the authority's SubjectPublicKeyInfo, which kiosks are
// told on their provisioning sheet.
func (a *Authority) Pin() [32]byte { return sha256.Sum256(a.Certificate.RawSubjectPublicKeyInfo) }

// Pool holds the authority's certificate alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate)
	return pool
}

// IssueKiosk returns a client certificate for a kiosk's key.
func (a *Authority) IssueKiosk(kiosk string, public *ecdsa.PublicKey, random io.Reader, now time.Time) (*x509.Certificate, error) {
	return a.issue(&x509.Certificate{
		Subject:   pkix.Name{CommonName: kiosk, OrganizationalUnit: []string{"kiosk"}},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(kioskLife),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, public, random)
}

func (a *Authority) issue(template *x509.Certificate, public *ecdsa.PublicKey, random io.Reader) (*x509.Certificate, error) {
	serial, err := newSerial(random)
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.BasicConstraintsValid = true
	if template.NotAfter.After(a.Certificate.NotAfter) {
		template.NotAfter = a.Certificate.NotAfter
	}
	der, err := x509.CreateCertificate(random, template, a.Certificate, public, a.key)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

func newSerial(random io.Reader) (*big.Int, error) {
	serial := make([]byte, 16) // RFC 5280, 4.1.2.2: positive, at most 20 bytes
	if _, err := io.ReadFull(random, serial); err != nil {
		return nil, err
	}
	serial[0] &= 0x7f
	serial[0] |= 0x40
	return new(big.Int).SetBytes(serial), nil
}

// Server keeps this instance's TLS certificate, and renews it from the
// authority when a third of its time is left or the names have changed.
type Server struct {
	set   *Set
	names []string
	now   func() time.Time

	mu   sync.Mutex
	cert *tls.Certificate
}

// NewServer returns the certificate for the names: host names and addresses.
func (s *Set) NewServer(names []string, now func() time.Time) (*Server, error) {
	srv := &Server{set: s, names: names, now: now}
	key, cert := filepath.Join(s.Dir, "server.pem"), filepath.Join(s.Dir, "server.crt")
	if der, err := readPEM(cert, certificateType); err == nil {
		private, keyErr := readECDSA(key)
		leaf, leafErr := x509.ParseCertificate(der)
		if keyErr == nil && leafErr == nil && private.PublicKey.Equal(leaf.PublicKey) && srv.covers(leaf) {
			srv.cert = srv.chain(leaf, private)
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the server's certificate: %w", err)
	}
	_, err := srv.Certificate(nil)
	return srv, err
}

func (srv *Server) covers(leaf *x509.Certificate) bool {
	for _, name := range srv.names {
		if leaf.VerifyHostname(name) != nil {
			return false
		}
	}
	return leaf.CheckSignatureFrom(srv.set.CA.Certificate) == nil
}

func (srv *Server) chain(leaf *x509.Certificate, key *ecdsa.PrivateKey) *tls.Certificate {
	return &tls.Certificate{
		Certificate: [][]byte{leaf.Raw, srv.set.CA.Certificate.Raw}, PrivateKey: key, Leaf: leaf,
	}
}

// Certificate is for tls.Config.GetCertificate.
func (srv *Server) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	now := srv.now()
	if srv.cert != nil && now.Add(serverLife/3).Before(srv.cert.Leaf.NotAfter) {
		return srv.cert, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: srv.names[0]},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(serverLife),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(srv.names))) {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	leaf, err := srv.set.CA.issue(template, &key.PublicKey, rand.Reader)
	if err != nil {
		return nil, err
	}
	err = errors.Join(writeKey(filepath.Join(srv.set.Dir, "server.pem"), key),
		writePEM(filepath.Join(srv.set.Dir, "server.crt"), certificateType, leaf.Raw))
	if err != nil {
		return nil, fmt.Errorf("keeping the server's certificate: %w", err)
	}
	srv.cert = srv.chain(leaf, key)
	return srv.cert, nil
}
