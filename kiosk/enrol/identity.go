package enrol

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Identity is who a kiosk is to the province.
type Identity struct {
	Kiosk       string // its name
	Server      string // https://host[:port]
	Key         *ecdsa.PrivateKey
	Certificate *x509.Certificate
	Authority   *x509.Certificate

	dir string
}

// Files of the identity's folder.
const (
	keyFile         = "key.pem"      // made first
	certificateFile = "identity.pem" // the certificate, then the authority's
	serverFile      = "server.json"  // name and address
)

// ErrNone means that the folder holds no identity yet.
var ErrNone = errors.New("this kiosk is not enrolled")

// Load reads the identity that an enrolment left in dir. The error wraps
// [ErrNone] if it has no certificate; any other error names the file at fault.
func Load(dir string) (*Identity, error) {
	id := &Identity{dir: dir}
	if _, err := os.Stat(filepath.Join(dir, certificateFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the identity in %s: %w", dir, ErrNone)
	}
	err := id.load()
	var missing *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &missing):
		// The certificate is written last: what is not beside it was lost since.
		return nil, fmt.Errorf("reading the identity in %s: %s is missing beside the certificate: it was deleted, or the card is damaged; "+
			"the kiosk must be set up again on another card, or with this folder emptied", dir, filepath.Base(missing.Path))
	case err != nil:
		return nil, fmt.Errorf("reading the identity in %s: %w", dir, err)
	}
	return id, nil
}

func (id *Identity) load() error {
	text, err := os.ReadFile(filepath.Join(id.dir, certificateFile))
	if err != nil {
		return err
	}
	if id.Certificate, text, err = nextCertificate(text); err != nil {
		return err
	}
	if id.Authority, _, err = nextCertificate(text); err != nil {
		return err
	}
	if id.Key, err = readKey(filepath.Join(id.dir, keyFile)); err != nil {
		return err
	}
	if !id.Key.PublicKey.Equal(id.Certificate.PublicKey) {
		return errors.New("the certificate is for another key than the one beside it")
	}
	text, err = os.ReadFile(filepath.Join(id.dir, serverFile))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &struct {
		Kiosk, Server *string
	}{&id.Kiosk, &id.Server})
}

func nextCertificate(text []byte) (*x509.Certificate, []byte, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, nil, fmt.Errorf("%s does not hold two certificates", certificateFile)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	return cert, rest, err
}

// save keeps the identity: the certificate last, because it is what says that
// there is one.
func (id *Identity) save() error {
	server, err := json.Marshal(struct{ Kiosk, Server string }{id.Kiosk, id.Server})
	if err != nil {
		return err
	}
	var text []byte
	for _, cert := range []*x509.Certificate{id.Certificate, id.Authority} {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	if err := write(filepath.Join(id.dir, serverFile), server); err != nil {
		return err
	}
	return write(filepath.Join(id.dir, certificateFile), text)
}

// makeKey returns the key in dir, which it makes if it is absent.
func makeKey(dir string) (*ecdsa.PrivateKey, error) {
	path := filepath.Join(dir, keyFile)
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, write(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%s holds no key on P-256", path)
	}
	return key, nil
}

// write puts a file in its place whole, or not at all.
func write(path string, body []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already where all went well
	_, err = f.Write(body)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Due says whether it is time to renew: a third of the certificate's life is left.
func (id *Identity) Due(now time.Time) bool {
	life := id.Certificate.NotAfter.Sub(id.Certificate.NotBefore)
	return now.After(id.Certificate.NotAfter.Add(-life / 3))
}

// TLS is the configuration of a client that speaks to the province as this kiosk.
func (id *Identity) TLS() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(id.Authority)
	return &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: roots,
		Certificates: []tls.Certificate{{
			Certificate: [][]byte{id.Certificate.Raw}, PrivateKey: id.Key, Leaf: id.Certificate,
		}},
	}
}
