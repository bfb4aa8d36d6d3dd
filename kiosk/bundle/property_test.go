package bundle_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"chot/deploy/province/tufpublish"
	"chot/kiosk/bundle"
	"chot/kiosk/published"
)

// variants are what a file may be published as: right ones first, then wrong ones.
var variants = map[string][]string{
	"checkpoint.json":   {`{"fever": 38}`, `{"fever": 37.2, "copies": 2}`, `{"fever": "38"}`, `{"fever": 38,}`, `{"pool_most": 99}`, ``},
	"staff.json":        {`{"badges": []}`, `{"badges": [{"number": "7", "pin": "1$2"}]}`, `[`},
	"content/5k.json":   {`{"messages": [{"id": "a", "texts": {"vi": "x"}}]}`, `{"messages": [{"id": "a"}]}`},
	"content/more.json": {`{"links": [{"ID": "app", "URL": "https://example.org"}]}`, `{"links": {}}`},
	"units/2025.tsv": {"level\tcode\tparent\tname\tascii\nprovince\t30\t\tTỉnh\tTinh\n",
		"level\tcode\tparent\tname\tascii\nprovince\t30\tTỉnh\n"},
	"forms/deep/x.json": {"", "{"}, // the first is left out: every form has a schema of its own
}

// set is what is published, by name.
type set map[string]string

func (s set) files() fs.FS {
	all := fstest.MapFS{}
	for name, text := range s {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// Any set of files, in any order of puts and removals, with damage to the card in
// between: what a kiosk serves, running or restarted, is one whole published set
// that can be loaded, or the defaults; and once the province publishes a right set
// the kiosk serves it.
func TestAKioskServesOneWholeGenerationOrTheDefaults(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		m, dir := newMirror(t), t.TempDir()
		sum := sha256.Sum256(m.files["1.root.json"])
		var served *published.Data // what the kiosk runs with
		open := func() *bundle.Bundle {
			served = nil
			var accepted *published.Data
			b, err := bundle.Open(dir, bundle.Options{Kiosk: "hall-1", RootHash: sum[:], Now: func() time.Time { return m.now },
				Accept: func(files fs.FS) (err error) { accepted, err = published.Load(without(files)); return err }})
			if err != nil {
				r.Fatalf("the kiosk does not start: %v", err)
			}
			served = accepted
			return b
		}
		now := set{}             // what is published
		whole := []string{"[]:"} // the sets that were published and can be loaded, and the defaults
		publish := func() bool {
			for name := range variants {
				if text, has := now[name]; has {
					m.put(name, text, tufpublish.Rollout{})
				} else {
					delete(m.targets.Signed.Targets, name)
				}
			}
			delete(m.targets.Signed.Targets, "policy.json")
			m.publish()
			data, err := published.Load(now.files())
			if err == nil {
				whole = append(whole, print(data))
			}
			return err == nil
		}
		check := func(when string) {
			shown := "[]:"
			if served != nil {
				shown = print(served)
			}
			for _, w := range whole {
				if w == shown {
					return
				}
			}
			r.Fatalf("%s it serves %s, which is no set that was published: %q", when, shown, whole)
		}
		whole = append(whole, print(published.Defaults()))
		b := open()
		update := func() bundle.Status {
			s := b.Update(t.Context(), m.source())
			if s.Changed { // the kiosk turns to it
				data, err := published.Load(without(b.Files()))
				if err != nil {
					r.Fatalf("it turned to what cannot be loaded: %v", err)
				}
				served = data
			}
			return s
		}
		for range rapid.IntRange(1, 8).Draw(r, "acts") {
			for range rapid.IntRange(1, 3).Draw(r, "puts") {
				name := rapid.SampledFrom([]string{"checkpoint.json", "staff.json", "content/5k.json", "content/more.json", "units/2025.tsv", "forms/deep/x.json"}).Draw(r, "name")
				if text := rapid.SampledFrom(variants[name]).Draw(r, "text"); text == "" && name == "forms/deep/x.json" || rapid.IntRange(0, 4).Draw(r, "remove") == 0 {
					delete(now, name)
				} else {
					now[name] = text
				}
			}
			right := publish()
			if s := update(); right != (s.Problem == "") {
				r.Fatalf("%v: a set that can be loaded (%v) gives %q: %v", now, right, s.Problem, s.Err)
			}
			check("running")
			if rapid.Bool().Draw(r, "damage") {
				harm(r, dir)
				check("damaged")
			}
			if rapid.Bool().Draw(r, "restart") {
				b = open()
				check("restarted")
			}
		}
		now = set{"checkpoint.json": `{"fever": 38.5}`}
		publish()
		if s := update(); s.Problem != "" || served == nil || served.Checkpoint.Fever != 38.5 {
			r.Fatalf("a right set does not heal it: %q, %v", s.Problem, s.Err)
		}
		if b = open(); served == nil || served.Checkpoint.Fever != 38.5 {
			r.Fatalf("after a restart it is not healed: %+v", b.Status())
		}
	})
}

// harm changes a file of the card.
func harm(r *rapid.T, dir string) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	if len(files) == 0 {
		return
	}
	for range rapid.IntRange(1, 3).Draw(r, "files") {
		path := rapid.SampledFrom(files).Draw(r, "file")
		if rapid.Bool().Draw(r, "gone") {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, []byte(rapid.SampledFrom([]string{"", "{}", `{"fever": 41}`}).Draw(r, "bytes")), 0o644)
		}
		if err != nil && !os.IsNotExist(err) {
			r.Fatal(err)
		}
	}
}

// print names a set of data by what is loaded of it.
func print(d *published.Data) string {
	units := ""
	if d.Units != nil {
		units = d.Units.Set()
	}
	return fmt.Sprintf("%g/%d/%d/%d/%d/%s:", d.Checkpoint.Fever, d.Checkpoint.Copies, len(d.Staff.Badges), len(d.Content.Messages), len(d.Content.Links), units)
}

// without hides the province's own files, which this mirror fills with nothing.
func without(files fs.FS) fs.FS { return hidden{files} }

type hidden struct{ fs.FS }

func (h hidden) Open(name string) (fs.File, error) {
	if name == "receipt-keys.json" || name == "kiosks.json" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return h.FS.Open(name)
}
