package appliance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/declaration"
	"chot/ui"
	"chot/ui/catalog"
)

// content is a file of content/ in the bundle: the official messages in turn,
// and the addresses that the idle screen shows as QR codes.
type content struct {
	Messages []message         `json:"messages"`
	Links    []checkpoint.Link `json:"links"`
}

type message struct {
	ID     string            `json:"id"`
	Texts  map[string]string `json:"texts"` // by language
	Source string            `json:"source"`
	Date   time.Time         `json:"date"`
	From   time.Time         `json:"from,omitzero"`
	Until  time.Time         `json:"until,omitzero"`
}

// setup makes the data of the day from the bundle's files. What a bundle does
// not have is the shipped default; what it has and cannot be read is an error,
// and the kiosk goes on with what it had.
func (c config) setup(bundle fs.FS, name string) (*checkpoint.Setup, error) {
	forms := declaration.Default()
	if err := eachFile(bundle, "forms", ".json", func(_ string, data []byte) error {
		form, err := declaration.Parse(data)
		forms = append(forms, form)
		return err
	}); err != nil {
		return nil, err
	}
	var units *declaration.Units
	if err := eachFile(bundle, "units", ".tsv", func(file string, data []byte) (err error) {
		set := strings.TrimSuffix(path.Base(file), ".tsv")
		if units == nil || set > units.Set() { // the newest set holds
			units, err = declaration.LoadUnits(set, strings.NewReader(string(data)))
		}
		return err
	}); err != nil {
		return nil, err
	}
	var shown content
	if err := eachFile(bundle, "content", ".json", func(_ string, data []byte) error {
		return json.Unmarshal(data, &shown)
	}); err != nil {
		return nil, err
	}
	day, err := loadDay(bundle)
	if err != nil {
		return nil, err
	}
	s := &checkpoint.Setup{
		Kiosk: name, Place: c.Unit, Provisioned: true,
		Languages: languages(c.Language),
		Links:     shown.Links, Retention: c.retention(day),
		Forms: forms,
		Units: units,
		Rows:  ui.Rows,
		// Paper for receipts has no labels on it.
		Printer: c.Printer.Port != "", Labels: c.Printer.Port != "" && c.Printer.Language != "escpos",
		Barrier: c.Panel != "", Thermometer: c.Thermometer != "",
		Times: checkpoint.DefaultTimes(),
	}
	day.put(s)
	for _, m := range shown.Messages {
		s.Content = append(s.Content, checkpoint.Content{ID: m.ID, Texts: m.Texts, Source: m.Source, Date: m.Date, From: m.From, Until: m.Until})
	}
	return s, nil
}

// retention is how long personal data stays here: what the kiosk is set to, or
// what the province allows where that is less.
func (c config) retention(d day) time.Duration {
	if most := d.Retention.Duration; most > 0 {
		return min(c.Retention.Duration, most)
	}
	return c.Retention.Duration
}

// languages lists the codes of the screen's languages, the first one first.
func languages(first string) []string {
	codes := []string{first}
	for _, code := range catalog.Codes() {
		if code != first {
			codes = append(codes, code)
		}
	}
	return codes
}

// eachFile reads the files below a folder of the bundle, in the order of their
// names; the folder need not be there.
func eachFile(bundle fs.FS, folder, ending string, read func(name string, data []byte) error) error {
	err := fs.WalkDir(bundle, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ending {
			return err
		}
		data, err := fs.ReadFile(bundle, name)
		if err == nil {
			err = read(name, data)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
