// Package keys holds the province's private keys: one PEM file each in a folder
// that only the server's user can read.
//
//	ca.pem        certificate authority of the kiosks' and the server's certificates
//	ca.crt        its certificate; kiosks pin the hash of its public key
//	server.pem    TLS key of this instance, with its certificate in server.crt
//	receipt.pem   signs receipts and erasure orders (ES256)
//	seal.pem      opens what kiosks seal (HPKE, MLKEM768X25519)
//	data.pem      encrypts personal columns in the database; never stored there
//	result.pem badge.pem sheet.pem   sign those codes (ES256)
//	tuf/*.pem     Ed25519 keys of the way down: root, targets, snapshot, timestamp, online
//
// The folder is made whole or not at all, and is never added to silently: a
// lost key must be seen, not replaced. Instances of one cluster share a copy of
// it, but for server.*, which each makes for itself. The keys tuf/root.pem and
// tuf/targets.pem are better kept elsewhere: the server does not need them once
// the first root is published.
package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Roles of the Ed25519 keys of the way down.
var Roles = []string{"root", "targets", "snapshot", "timestamp", "online"}

// Set is the province's keys.
type Set struct {
	Dir     string
	CA      *Authority
	Receipt *ecdsa.PrivateKey
	Seal    hpke.PrivateKey
	Data    []byte                       // 32 bytes
	Signing map[string]*ecdsa.PrivateKey // "result", "badge", "sheet"
	TUF     map[string]ed25519.PrivateKey
}

var signing = []string{"result", "badge", "sheet"}

// Open reads the keys from dir, and makes them where dir does not exist. The
// name is the province's, as it stands in the certificate authority's subject.
func Open(dir, name string, random io.Reader, now time.Time) (*Set, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := create(dir, name, random, now); err != nil {
			return nil, fmt.Errorf("making the province's keys in %s: %w", dir, err)
		}
	}
	s, err := load(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the province's keys in %s: %w", dir, err)
	}
	return s, nil
}

func load(dir string) (*Set, error) {
	s := &Set{Dir: dir, Signing: map[string]*ecdsa.PrivateKey{}, TUF: map[string]ed25519.PrivateKey{}}
	var err error
	caKey, err := readECDSA(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return nil, err
	}
	if s.CA, err = loadAuthority(filepath.Join(dir, "ca.crt"), caKey); err != nil {
		return nil, err
	}
	if s.Receipt, err = readECDSA(filepath.Join(dir, "receipt.pem")); err != nil {
		return nil, err
	}
	for _, name := range signing {
		if s.Signing[name], err = readECDSA(filepath.Join(dir, name+".pem")); err != nil {
			return nil, err
		}
	}
	raw, err := readPEM(filepath.Join(dir, "seal.pem"), sealType)
	if err != nil {
		return nil, err
	}
	if s.Seal, err = hpke.MLKEM768X25519().NewPrivateKey(raw); err != nil {
		return nil, fmt.Errorf("reading the seal key: %w", err)
	}
	if s.Data, err = readPEM(filepath.Join(dir, "data.pem"), dataType); err != nil {
		return nil, err
	}
	if len(s.Data) != 32 {
		return nil, fmt.Errorf("the data key has %d bytes, not 32", len(s.Data))
	}
	for _, role := range Roles {
		key, err := readEd25519(filepath.Join(dir, "tuf", role+".pem"))
		switch {
		case errors.Is(err, fs.ErrNotExist) && (role == "root" || role == "targets"):
			continue // kept elsewhere
		case err != nil:
			return nil, err
		}
		s.TUF[role] = key
	}
	return s, nil
}

const (
	keyType  = "PRIVATE KEY"
	sealType = "CHOT SEAL KEY"
	dataType = "CHOT DATA KEY"
)

func create(dir, name string, random io.Reader, now time.Time) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	half, err := os.MkdirTemp(filepath.Dir(dir), "keys-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(half) // gone already where all went well
	if err := os.Mkdir(filepath.Join(half, "tuf"), 0o700); err != nil {
		return err
	}
	for _, name := range append([]string{"ca", "receipt"}, signing...) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), random)
		if err != nil {
			return err
		}
		if err := writeKey(filepath.Join(half, name+".pem"), key); err != nil {
			return err
		}
	}
	caKey, err := readECDSA(filepath.Join(half, "ca.pem"))
	if err != nil {
		return err
	}
	if err := createAuthority(filepath.Join(half, "ca.crt"), name, caKey, random, now); err != nil {
		return err
	}
	for _, role := range Roles {
		_, key, err := ed25519.GenerateKey(random)
		if err != nil {
			return err
		}
		if err := writeKey(filepath.Join(half, "tuf", role+".pem"), key); err != nil {
			return err
		}
	}
	seal, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return err
	}
	raw, err := seal.Bytes()
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(half, "seal.pem"), sealType, raw); err != nil {
		return err
	}
	data := make([]byte, 32)
	if _, err := io.ReadFull(random, data); err != nil {
		return err
	}
	if err := writePEM(filepath.Join(half, "data.pem"), dataType, data); err != nil {
		return err
	}
	return errors.Join(syncDir(half), os.Rename(half, dir), syncDir(filepath.Dir(dir)))
}

func writeKey(path string, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, keyType, der)
}

// writePEM writes a file whole: under another name first, then renamed.
func writePEM(path, kind string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = pem.Encode(f, &pem.Block{Type: kind, Bytes: body})
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func readPEM(path, kind string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s is no PEM file of type %q", path, kind)
	}
	return block.Bytes, nil
}

func readKey[K crypto.Signer](path string) (K, error) {
	var none K
	der, err := readPEM(path, keyType)
	if err != nil {
		return none, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", path, err)
	}
	key, ok := parsed.(K)
	if !ok {
		return none, fmt.Errorf("%s holds a %T, not a %T", path, parsed, none)
	}
	return key, nil
}

func readECDSA(path string) (*ecdsa.PrivateKey, error) { return readKey[*ecdsa.PrivateKey](path) }

// readEd25519 reads one key of the way down.
func readEd25519(path string) (ed25519.PrivateKey, error) { return readKey[ed25519.PrivateKey](path) }
