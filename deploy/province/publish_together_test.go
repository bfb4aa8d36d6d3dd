package main

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"chot/deploy/province/tufpublish"
)

// What would be published together is what is published already and what was put
// since, as each group has it: without releases, and without what was removed.
func TestPublishedFilesAreSeenTogetherBeforeTheyArePublished(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		root, err := hex.DecodeString(s.Root)
		if err != nil {
			t.Fatal(err)
		}
		open := func() *tufpublish.Editor {
			e, err := tufpublish.Open(t.Context(), k.client, s.Kiosks, root)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		put := func(e *tufpublish.Editor, files map[string]string) {
			for name, content := range files {
				if err := e.Put(name, []byte(content), tufpublish.Rollout{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		large := string(bytes.Repeat([]byte("a long revocation list "), 300_000)) // longer than metadata may be
		e := open()
		put(e, map[string]string{"rules/a.json": "a", "rules/b.json": "b", "revocation/eu-dcc.bin": large, "releases/2/k.raucb": "program"})
		if err := e.Publish(t.Context(), s.keys().TUF["targets"], time.Now()); err != nil {
			t.Fatal(err)
		}
		e = open()
		put(e, map[string]string{"rules/a.json": "newer", "group/pilot/rules/b.json": "pilot", "group/pilot/rules/c.json": "c"})
		if err := e.Remove("revocation/eu-dcc.bin"); err != nil {
			t.Fatal(err)
		}
		if groups := e.Groups(); !slices.Equal(groups, []string{"pilot"}) {
			t.Errorf("groups %q", groups)
		}
		check := func(e *tufpublish.Editor, group string, want map[string]string) {
			t.Helper()
			folder, got := t.TempDir(), map[string]string{}
			if err := e.Save(t.Context(), group, folder); err != nil {
				t.Fatal(err)
			}
			err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				content, err := fs.ReadFile(os.DirFS(folder), name)
				got[name] = string(content)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, want) {
				t.Errorf("group %q has %d files, %q", group, len(got), slices.Sorted(maps.Keys(got)))
			}
		}
		check(e, "", map[string]string{"rules/a.json": "newer", "rules/b.json": "b"})
		check(e, "pilot", map[string]string{"rules/a.json": "newer", "rules/b.json": "pilot", "rules/c.json": "c"})
		check(open(), "", map[string]string{"rules/a.json": "a", "rules/b.json": "b", "revocation/eu-dcc.bin": large})
	})
}
