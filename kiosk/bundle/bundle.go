package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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
	Log      *slog.Logger     // nil for none
	// Accept loads all of a generation before the kiosk turns to it, and says what
	// of it cannot be used; nil takes every generation that is signed. It is called
	// from one goroutine at a time.
	Accept func(fs.FS) error
}

func (o Options) accept(files fs.FS) error {
	if o.Accept == nil {
		return nil
	}
	if err := o.Accept(files); err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return nil
}

// Bundle is the kiosk's copy. It is safe for concurrent use; updates run one at
// a time.
type Bundle struct {
	dir string
	o   Options

	updating sync.Mutex
	mu       sync.Mutex
	present  generation
	signed   []generation // whose metadata verify, though not all of their files
	status   Status
}

// generation is a set of files that was published together.
type generation struct {
	verified
	status Status
}

// Inside the folder: current is a symbolic link to one of the generations, which
// holds the files and, in metaFolder, the metadata that vouches for them; previous
// is one to the generation before it.
const (
	current       = "current"
	previous      = "previous"
	metaFolder    = ".tuf"
	partialFolder = "partial"
	firstRoot     = "1.root.json"
	latestRoot    = "root.json" // as the TUF library names it
)

// Open returns the bundle in dir, as the last update left it, checked against its
// signatures and accepted again. A generation that was damaged, or that this
// program does not accept, is not used at all: the one before it is, or else the
// bundle is empty; the status says why. An empty or missing folder is an empty
// bundle.
func Open(dir string, o Options) (*Bundle, error) {
	if err := os.MkdirAll(filepath.Join(dir, partialFolder), 0o755); err != nil {
		return nil, fmt.Errorf("opening the bundle: %w", err)
	}
	b := &Bundle{dir: dir, o: o}
	var failed error
	for _, link := range []string{current, previous} {
		place, err := filepath.EvalSymlinks(filepath.Join(dir, link))
		if errors.Is(err, fs.ErrNotExist) && link == previous {
			break
		}
		if _, missing := os.Lstat(filepath.Join(dir, link)); errors.Is(missing, fs.ErrNotExist) {
			continue // nothing was fetched yet, or the power failed while it was turned
		}
		var g generation
		if err == nil {
			g, err = b.load(place)
		}
		if err == nil {
			b.present, b.status = g, g.status
			break
		}
		failed = errors.Join(failed, fmt.Errorf("opening the bundle: %w", err))
	}
	if failed != nil {
		b.status.Problem, b.status.Err = Local, failed
		if errors.Is(failed, errRefused) {
			b.status.Problem = Refused
		}
	}
	return b, nil
}

// load reads a generation, checks all of its files and has it accepted.
func (b *Bundle) load(place string) (generation, error) {
	g, err := b.metadata(place)
	if err != nil {
		return generation{}, err
	}
	b.signed = append(b.signed, g)
	if err := g.check(); err != nil {
		return generation{}, err
	}
	return g, b.o.accept(g.verified)
}

// metadata reads and checks the metadata of a generation. That they may have
// expired does not matter here: how old they are is shown, and judged elsewhere.
func (b *Bundle) metadata(place string) (generation, error) {
	up, err := b.updater(fetcher{ctx: context.Background(), from: offline}, "https://offline.invalid", place, true)
	if err != nil {
		return generation{}, err
	}
	up.UnsafeSetRefTime(time.Time{})
	if err := up.Refresh(); err != nil {
		return generation{}, err
	}
	files, err := b.chosen(up)
	if err != nil {
		return generation{}, err
	}
	return generation{verified{place, files}, status(up.GetTrustedMetadataSet())}, nil
}

// offline is a source that has nothing.
var offline = Source{Client: &http.Client{Transport: nothing{}}}

type nothing struct{}

func (nothing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("not asked for")
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

// Files are the files of the generation in use, a consistent set, every one of
// which verifies when it is opened: ask again after an update.
func (b *Bundle) Files() fs.FS {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.present.verified
}

// Rescue returns one file by itself, from whichever generation has it as it was
// signed: of a bundle that is not whole any more, what a kiosk cannot do without.
func (b *Bundle) Rescue(name string) ([]byte, error) {
	b.mu.Lock()
	signed := slices.Clone(b.signed)
	b.mu.Unlock()
	err := error(fs.ErrNotExist)
	for _, g := range signed {
		var data []byte
		if data, err = fs.ReadFile(g.verified, name); err == nil {
			return data, nil
		}
	}
	return nil, fmt.Errorf("rescuing %s: %w", name, err)
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
	for _, name := range slices.Sorted(maps.Keys(b.present.files)) {
		if f := b.present.files[name]; which(f) {
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
