package trust

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
)

// Store is trust data as it was when it was loaded. It does not change, and may
// be used by several goroutines.
type Store struct {
	keys    map[slot][]credential.Key
	revoked index
	version Version
	skipped int
}

// parser reads one file of keys.
type parser = func(data []byte) (credential.KeySet, error)

// parsers are those of the folders below trust, as the families have them.
var parsers = sync.OnceValue(func() map[string]parser {
	all := map[string]parser{}
	for _, f := range families.All() {
		for _, k := range f.Keys {
			all[k.Folder] = k.Parse
		}
	}
	return all
})

// slot is where keys of one id lie.
type slot struct {
	family credential.FamilyID
	id     string
}

// Version names trust data and says when it was gathered.
type Version struct {
	Version string    `json:"version"`
	Time    time.Time `json:"time"`
}

const versionFile = "trust/version.json"

// Load reads all trust data of a directory. An empty directory gives a store
// without keys.
func Load(dir fs.FS) (*Store, error) {
	s := &Store{keys: map[slot][]credential.Key{}}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := s.load(dir, name); err != nil {
			return fmt.Errorf("reading the trust data %s: %w", name, err)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return s, nil
}

// load takes in one file, if it is one of ours.
func (s *Store) load(dir fs.FS, name string) error {
	folder, base := path.Split(name)
	folder = strings.TrimSuffix(folder, "/")
	parse, known := kiosks, name == "kiosks.json"
	switch {
	case known:
	case name == versionFile:
		data, err := fs.ReadFile(dir, name)
		if err == nil {
			err = json.Unmarshal(data, &s.version)
		}
		return err
	case folder == "revocation" && path.Ext(base) == indexExt:
		data, err := fs.ReadFile(dir, name)
		if err == nil {
			err = s.revoked.add(data)
		}
		return err
	case path.Dir(folder) == "trust":
		if parse, known = parsers()[path.Base(folder)]; !known {
			return fmt.Errorf("%q is not a folder of keys: %v", path.Base(folder), slices.Sorted(maps.Keys(parsers())))
		}
	default:
		return nil
	}
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	found, err := parse(data)
	if err != nil {
		return err
	}
	s.skipped += found.Skipped
	for _, k := range found.Keys {
		at := slot{k.Family, string(k.ID)}
		s.keys[at] = append(s.keys[at], k)
	}
	return nil
}

// Keys implements [credential.Keyring]. What it gives must not be changed.
func (s *Store) Keys(family credential.FamilyID, issuer string, id []byte) []credential.Key {
	keys := s.keys[slot{family, string(id)}]
	if issuer == "" {
		return keys
	}
	other := func(k credential.Key) bool { return k.Issuer != issuer }
	if !slices.ContainsFunc(keys, other) {
		return keys
	}
	return slices.DeleteFunc(slices.Clone(keys), other)
}

// Version names the data.
func (s *Store) Version() string { return s.version.Version }

// At is when the data was gathered, zero where it does not say.
func (s *Store) At() time.Time { return s.version.Time }

// Skipped is the number of keys that could not be read.
func (s *Store) Skipped() int { return s.skipped }

// Entry describes one key for a list.
type Entry struct {
	Family    credential.FamilyID `json:"family"`
	Issuer    string              `json:"issuer,omitempty"`
	Country   string              `json:"country,omitempty"`
	KeyID     string              `json:"kid"` // a text as it is, other bytes hexadecimal
	Algorithm string              `json:"algorithm"`
	Usage     []string            `json:"usage,omitempty"`
	NotBefore time.Time           `json:"notBefore,omitzero"`
	NotAfter  time.Time           `json:"notAfter,omitzero"`
}

// List describes all keys, ordered by family, issuer, country and id.
func (s *Store) List() []Entry {
	var list []Entry
	for _, keys := range s.keys {
		for _, k := range keys {
			list = append(list, Entry{
				Family: k.Family, Issuer: k.Issuer, Country: k.Country, KeyID: printable(k.ID),
				Algorithm: algorithm(k.Public), Usage: k.Usage, NotBefore: k.NotBefore, NotAfter: k.NotAfter,
			})
		}
	}
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Issuer, b.Issuer),
			cmp.Compare(a.Country, b.Country), cmp.Compare(a.KeyID, b.KeyID), a.NotBefore.Compare(b.NotBefore))
	})
	return list
}

// printable is the id of a family that uses texts, else hexadecimal.
func printable(id []byte) string {
	if slices.ContainsFunc(id, func(c byte) bool { return c < '-' || c > 'z' }) || len(id) < 5 {
		return fmt.Sprintf("%x", id)
	}
	return string(id)
}

func algorithm(public any) string {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		return "EC " + k.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	}
	return fmt.Sprintf("%T", public)
}

// Revoked says whether the credential is revoked under one of its identifiers.
func (s *Store) Revoked(c *credential.Credential) bool {
	for _, id := range c.Revocation {
		if s.revoked.has(id, c.IssuedAt) {
			return true
		}
	}
	return false
}
