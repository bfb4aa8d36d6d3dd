package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata/config"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"
)

// Options are what a bundle needs to know.
type Options struct {
	Kiosk    string           // its name, for percentages
	Group    string           // "" for none
	RootHash []byte           // SHA-256 of the first root metadata, from the provisioning sheet
	Now      func() time.Time // the kiosk's trusted clock
}

// Bundle is the kiosk's copy. It is safe for concurrent use; updates run one at
// a time.
type Bundle struct {
	dir string
	o   Options

	updating sync.Mutex
	mu       sync.Mutex
	files    map[string]File
	status   Status
}

// Inside the folder: current is a symbolic link to one of the generations, which
// holds the files and, in metaFolder, the metadata that vouches for them.
const (
	current       = "current"
	metaFolder    = ".tuf"
	partialFolder = "partial"
	firstRoot     = "1.root.json"
	latestRoot    = "root.json" // as the TUF library names it
)

// Open returns the bundle in dir, as the last update left it, checked against its
// signatures again. An empty or missing folder is an empty bundle; so is one that
// was damaged, of which the status says so.
func Open(dir string, o Options) (*Bundle, error) {
	if err := os.MkdirAll(filepath.Join(dir, partialFolder), 0o755); err != nil {
		return nil, fmt.Errorf("opening the bundle: %w", err)
	}
	b := &Bundle{dir: dir, o: o, files: map[string]File{}}
	if _, err := os.Stat(filepath.Join(dir, current)); errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err := b.load(); err != nil {
		b.files, b.status = map[string]File{}, Status{Problem: Local, Err: fmt.Errorf("opening the bundle: %w", err)}
	}
	return b, nil
}

// load reads and checks the current generation. That its metadata may have
// expired does not matter here: how old it is is shown, and judged elsewhere.
func (b *Bundle) load() error {
	place, err := filepath.EvalSymlinks(filepath.Join(b.dir, current))
	if err != nil {
		return err
	}
	up, err := b.updater(fetcher{ctx: context.Background(), from: offline}, "https://offline.invalid", place, true)
	if err != nil {
		return err
	}
	up.UnsafeSetRefTime(time.Time{})
	if err := up.Refresh(); err != nil {
		return err
	}
	files, err := b.chosen(up)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.fetched() {
			continue
		}
		if err := check(filepath.Join(place, filepath.FromSlash(f.Name)), f); err != nil {
			return err
		}
	}
	b.files, b.status = files, status(up.GetTrustedMetadataSet())
	return nil
}

// offline is a source that has nothing.
var offline = Source{Client: &http.Client{Transport: nothing{}}}

type nothing struct{}

func (nothing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("not asked for")
}

func check(path string, f File) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s was changed on the disk", f.Name)
	}
	return nil
}

// updater checks what a source offers against the metadata in a generation; a
// local one only that metadata itself.
func (b *Bundle) updater(f fetcher, url, place string, local bool) (*updater.Updater, error) {
	root, err := os.ReadFile(filepath.Join(place, metaFolder, latestRoot))
	if err != nil {
		return nil, err
	}
	return updater.New(&config.UpdaterConfig{
		MaxRootRotations: 256, MaxDelegations: 8, RootMaxLength: 512 << 10, TimestampMaxLength: 16 << 10,
		SnapshotMaxLength: 1 << 20, TargetsMaxLength: 5 << 20, Fetcher: f, LocalTrustedRoot: root,
		LocalMetadataDir: filepath.Join(place, metaFolder), LocalTargetsDir: filepath.Join(place, metaFolder),
		RemoteMetadataURL: url, RemoteTargetsURL: url + "/targets", PrefixTargetsWithHash: true, UnsafeLocalMode: local,
	})
}

// signedField is in the province's timestamps.
const signedField = "x-chot-signed"

func status(trusted trustedmetadata.TrustedMetadata) Status {
	s := Status{Version: trusted.Timestamp.Signed.Version, Expires: trusted.Timestamp.Signed.Expires}
	text, _ := trusted.Timestamp.Signed.UnrecognizedFields[signedField].(string) // "" does not parse
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		s.Signed = at
	}
	return s
}

// own are the targets that the province's server signs itself.
var own = []string{"kiosks.json", "receipt-keys.json"}

// chosen are the files for this kiosk.
func (b *Bundle) chosen(up *updater.Updater) (map[string]File, error) {
	targets := maps.Clone(up.GetTopLevelTargets())
	for _, name := range own {
		t, err := up.GetTargetInfo(name)
		if err != nil {
			return nil, fmt.Errorf("looking for %s: %w", name, err)
		}
		targets[name] = t
	}
	return choose(targets, b.o.Kiosk, b.o.Group, b.o.Now())
}

// Dir is the folder that holds the current files. It is a symbolic link, which
// the next update turns elsewhere.
func (b *Bundle) Dir() string { return filepath.Join(b.dir, current) }

// Files are the current files, a consistent set: open it anew after an update.
func (b *Bundle) Files() fs.FS {
	place, err := filepath.EvalSymlinks(b.Dir())
	if err != nil {
		place = b.Dir() // an empty bundle: nothing can be opened
	}
	return os.DirFS(place)
}

// Status is how old the files are, and how the last update went.
func (b *Bundle) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// List returns the current files, by name.
func (b *Bundle) List() []File { return b.list(File.fetched) }

// Releases returns what is published under releases/ for this kiosk, the halted
// ones included.
func (b *Bundle) Releases() []File { return b.list(File.release) }

func (b *Bundle) list(which func(File) bool) []File {
	b.mu.Lock()
	defer b.mu.Unlock()
	var files []File
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		if f := b.files[name]; which(f) {
			files = append(files, f)
		}
	}
	return files
}

// Run updates at once and then about every so often, until the context ends. The
// times are spread by a factor from one half to one and a half, so that a fleet
// that was switched on together does not ask together. A value in sooner asks for
// an update before its time, though not within a minute of the last. changed is
// called after each update.
func (b *Bundle) Run(ctx context.Context, from Source, every time.Duration, sooner <-chan struct{}, changed func(Status)) {
	for {
		changed(b.Update(ctx, from))
		due := time.After(every/2 + time.Duration(rand.Int64N(int64(every))))
		rested, asked := time.After(time.Minute), (<-chan struct{})(nil)
		for resting := true; resting; {
			select {
			case <-ctx.Done():
				return
			case <-rested:
				asked = sooner
			case <-asked:
				resting = false
			case <-due:
				resting = false
			}
		}
	}
}

// anchor returns the first root metadata of a source, if it is ours.
func (b *Bundle) anchor(f fetcher) ([]byte, error) {
	root, err := f.DownloadFile(strings.TrimRight(f.from.URL, "/")+"/"+firstRoot, 512<<10, 0)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(root); !bytes.Equal(sum[:], b.o.RootHash) {
		return nil, errors.New("its first root is not the one that the provisioning sheet names")
	}
	return root, nil
}
