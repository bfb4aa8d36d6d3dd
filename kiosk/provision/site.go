package provision

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Site is what a kiosk keeps of its sheet: where it stands and whom it belongs
// to. It is no secret; the token and the network's passphrase are not in it.
type Site struct {
	Kiosk  string    `json:"kiosk"`
	Site   string    `json:"site"`           // code of the post
	Unit   string    `json:"unit,omitempty"` // code of the administrative unit
	Role   string    `json:"role,omitempty"`
	Server string    `json:"server"`
	Root   string    `json:"root,omitempty"` // SHA-256 of the bundle's first root metadata, hexadecimal
	Sheet  string    `json:"sheet"`          // its number
	Issued time.Time `json:"issued"`         // it is later than that
}

func (s Sheet) site() Site {
	return Site{
		Kiosk: s.Kiosk, Site: s.Site, Unit: s.Unit, Role: s.Role, Server: s.Server,
		Root: hex.EncodeToString(s.Root), Sheet: s.Number, Issued: s.IssuedAt.UTC(),
	}
}

const siteFile = "site.json"

// LoadSite reads what a provisioning left in a kiosk's state folder. A kiosk that
// was enrolled by other means has none: the zero Site.
func LoadSite(state string) (Site, error) {
	path := filepath.Join(state, siteFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Site{}, nil
	}
	var s Site
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return Site{}, fmt.Errorf("reading where this kiosk stands from %s: %w", path, err)
	}
	return s, nil
}

// save puts the file in its place whole, or not at all.
func (s Site) save(state string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	path := filepath.Join(state, siteFile)
	f, err := os.CreateTemp(state, ".site-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already where all went well
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
