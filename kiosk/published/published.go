// Package published loads what the province publishes for its kiosks: trust lists
// and revocations, rules and policy, staff, forms, administrative units, official
// messages and the settings of the work at its checkpoints.
//
// It is the one loader. A kiosk turns to a bundle only after it has loaded all of
// it here, and `kioskctl publish` runs the same over what would be published, so
// that a mistake is seen before it reaches a thousand kiosks. Errors are of type
// [*Error] and name the file, the key and what is allowed.
//
//	data, err := published.Load(os.DirFS(dir))
package published

import (
	"crypto/ecdsa"
	"crypto/hpke"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"chot/drivers/printer"
	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/credential/venuecode"
	"chot/kiosk/declaration"
	"chot/kiosk/policy"
	"chot/kiosk/staff"
	"chot/kiosk/trust"
)

// Data is everything that is published, loaded and checked as a whole. It does
// not change.
type Data struct {
	Trust      *trust.Store
	Policy     *policy.RuleSet
	Venues     []credential.Family // app and venue codes, recognised by signed patterns
	Staff      staff.List
	Forms      []*declaration.Form
	Units      *declaration.Units // nil: addresses cannot be asked
	Content    Content
	Checkpoint Checkpoint
	Province   ProvinceKeys
	Layouts    printer.Layouts // of labels and slips, the built-in ones among them

	// Unknown lists keys that this program does not know, as "file: key". A kiosk
	// goes on without them, who publishes them has misspelt them.
	Unknown []string
}

// ProvinceKeys are whom to believe a receipt and what to seal records to. They
// are zero where receipt-keys.json is not there, as before it is published.
type ProvinceKeys struct {
	Receipt []*ecdsa.PublicKey
	Seal    hpke.PublicKey
}

// Content is what the idle screen shows: the official messages in turn, and
// addresses as QR codes.
type Content struct {
	Messages []checkpoint.Content
	Links    []checkpoint.Link
}

// Defaults is what a kiosk works by before anything was published: built-in
// forms and policy, and trust in no issuer.
func Defaults() *Data {
	d, err := Load(emptyFS{})
	if err != nil {
		panic(fmt.Sprintf("the built-in data cannot be loaded: %v", err)) // a test holds that it can
	}
	return d
}

type emptyFS struct{}

func (emptyFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Load loads all files of a bundle. What a bundle does not have is the shipped
// default; of what it has, anything that cannot be used is an error.
func Load(files fs.FS) (*Data, error) {
	l := &loader{files: files}
	d := new(Data)
	for _, load := range []func(*loader, *Data) error{
		loadTrust, loadPolicy, loadVenues, loadStaff, loadForms, loadUnits, loadContent, loadCheckpoint, loadProvinceKeys, loadLayouts,
	} {
		if err := load(l, d); err != nil {
			return nil, fmt.Errorf("published data refused: %w", err)
		}
	}
	d.Unknown = sorted(l.unknown)
	return d, nil
}

func loadTrust(l *loader, d *Data) (err error) {
	d.Trust, err = trust.Load(l.files)
	return err
}

func loadPolicy(l *loader, d *Data) (err error) {
	d.Policy, err = policy.Load(l.files)
	return err
}

// loadVenues reads the patterns of app and venue codes.
func loadVenues(l *loader, d *Data) error {
	return l.each("trust/place", ".json", func(_ string, data []byte) error {
		patterns, err := venuecode.Parse(data)
		if err == nil {
			d.Venues = append(d.Venues, patterns.Family())
		}
		return err
	})
}

func loadForms(l *loader, d *Data) error {
	d.Forms = declaration.Default()
	return l.each("forms", ".json", func(_ string, data []byte) error {
		form, err := declaration.Parse(data)
		d.Forms = append(d.Forms, form)
		return err
	})
}

// loadUnits reads the administrative units; the newest set holds, all must be
// right.
func loadUnits(l *loader, d *Data) error {
	return l.each("units", ".tsv", func(file string, data []byte) error {
		set := strings.TrimSuffix(path.Base(file), ".tsv")
		units, err := declaration.LoadUnits(set, strings.NewReader(string(data)))
		if err == nil && (d.Units == nil || set > d.Units.Set()) {
			d.Units = units
		}
		return err
	})
}

// loadLayouts reads published layouts, which take the place of built-in ones.
func loadLayouts(l *loader, d *Data) error {
	published, err := printer.LoadLayouts(l.files, "labels/*.json")
	d.Layouts = printer.Builtin().With(published)
	return err
}

// contentFile is a file of content/.
type contentFile struct {
	Messages []struct {
		ID     string            `json:"id"`
		Texts  map[string]string `json:"texts"` // by language
		Source string            `json:"source"`
		Date   time.Time         `json:"date"`
		From   time.Time         `json:"from,omitzero"`
		Until  time.Time         `json:"until,omitzero"`
	} `json:"messages"`
	Links []checkpoint.Link `json:"links"`
}

func loadContent(l *loader, d *Data) error {
	return l.each("content", ".json", func(file string, data []byte) error {
		var of contentFile // one for each file: a slice that is decoded into again keeps old fields
		if err := l.decode(file, data, &of); err != nil {
			return err
		}
		for _, m := range of.Messages {
			if m.ID == "" || len(m.Texts) == 0 {
				return wrong("messages", "a message needs an id and texts by language")
			}
			d.Content.Messages = append(d.Content.Messages, checkpoint.Content{
				ID: m.ID, Texts: m.Texts, Source: m.Source, Date: m.Date, From: m.From, Until: m.Until,
			})
		}
		d.Content.Links = append(d.Content.Links, of.Links...)
		return nil
	})
}

// Fitted is what differs from one kiosk to the next: where it stands and what is
// fitted to it.
type Fitted struct {
	Kiosk       string   // its name
	Unit        string   // code of the administrative unit where it stands
	Languages   []string // of the screen, the first one first
	Rows        int      // lines of a list that fit the screen
	Printer     bool
	Labels      bool // the printer makes labels for tubes
	Barrier     bool
	Thermometer bool
	Retention   time.Duration // that the kiosk is set to; the province may shorten it
}

// Setup is the checkpoint's data of the day on a kiosk.
func (d *Data) Setup(on Fitted) *checkpoint.Setup {
	s := &checkpoint.Setup{
		Kiosk: on.Kiosk, Place: on.Unit, Provisioned: true, Languages: on.Languages, Rows: on.Rows,
		Content: d.Content.Messages, Links: d.Content.Links, Forms: d.Forms, Units: d.Units,
		Retention: d.Checkpoint.Keep(on.Retention),
		Printer:   on.Printer, Labels: on.Labels, Barrier: on.Barrier, Thermometer: on.Thermometer,
		Times: checkpoint.DefaultTimes(),
	}
	d.Checkpoint.put(s)
	return s
}
