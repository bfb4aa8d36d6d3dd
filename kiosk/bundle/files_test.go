package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

func TestVerifiedFilesAreAFileSystem(t *testing.T) {
	t.Parallel()
	v := verified{place: t.TempDir(), files: map[string]File{}}
	write := func(name, content string) {
		path := filepath.Join(v.place, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"policy.json", "trust/eu-dcc/keys.json", "trust/version.json", "empty.json"} {
		content := name
		if name == "empty.json" {
			content = ""
		}
		write(name, content)
		sum := sha256.Sum256([]byte(content))
		v.files[name] = File{Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), target: name}
	}
	write("trust/evil.json", "not signed")
	if err := fstest.TestFS(v, "policy.json", "trust/eu-dcc/keys.json", "trust/version.json", "empty.json"); err != nil {
		t.Error(err)
	}
	if _, err := fs.ReadFile(v, "trust/evil.json"); err == nil {
		t.Error("a file that nothing vouches for can be read")
	}
	for name, content := range map[string]string{"policy.json": "policy.jsoN", "trust/version.json": "", "empty.json": "x"} {
		write(name, content)
		if got, err := fs.ReadFile(v, name); err == nil {
			t.Errorf("%s was changed after it was opened once, and reads %q", name, got)
		}
		if v.check() == nil {
			t.Errorf("%s was changed, and the generation is whole", name)
		}
	}
	if got, err := fs.ReadFile(v, "trust/eu-dcc/keys.json"); err != nil || string(got) != "trust/eu-dcc/keys.json" {
		t.Errorf("what was not changed reads %q, %v", got, err)
	}
}
