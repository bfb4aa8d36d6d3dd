package tufpublish

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// A target's name that leaves the folder is refused before anything is fetched.
func TestNamesThatLeaveAFolder(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"policy.json": true, "rules/vn.json": true, "releases/1.1.0/chot-arm64.raucb": true,
		"../evil": false, "a/../../evil": false, "/etc/passwd": false, "a//b": false, "./a": false, "": false, ".": false, "..": false,
		`..\evil`: false, "a/..": false, "a\x00b": false,
	} {
		if got := CheckName(name) == nil; got != want {
			t.Errorf("%q is a proper name: %v", name, got)
		}
	}
}

// What a mirror copies has the content that was signed, or is not kept.
func TestAMirrorKeepsOnlyWhatWasSigned(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "content") }))
	t.Cleanup(s.Close)
	for signed, kept := range map[string]bool{"content": true, "CONTENT": false, "cont": false} {
		sum := sha256.Sum256([]byte(signed))
		target := &metadata.TargetFiles{Length: int64(len(signed)), Hashes: metadata.Hashes{"sha256": sum[:]}}
		folder := t.TempDir()
		e := &Editor{client: s.Client(), server: s.URL}
		err := e.copy(context.Background(), FileName(target, "a/b.json"), target, folder)
		_, there := os.Stat(filepath.Join(folder, filepath.FromSlash(FileName(target, "a/b.json"))))
		if (err == nil) != kept || (there == nil) != kept {
			t.Errorf("%s: %v, %v", signed, err, there)
		}
	}
}
