package bundle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// Update brings what a source has. Whatever goes wrong, the present files stay;
// the status says what it was.
func (b *Bundle) Update(ctx context.Context, from Source) Status {
	b.updating.Lock()
	defer b.updating.Unlock()
	files, next, err := b.update(ctx, from)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.status.Changed, b.status.Problem = false, problem(err)
		b.status.Err = fmt.Errorf("updating the bundle from %s: %w", from.URL, err)
		return b.status
	}
	next.Changed = !maps.Equal(files, b.files)
	b.files, b.status = files, next
	return b.status
}

func (b *Bundle) update(ctx context.Context, from Source) (map[string]File, Status, error) {
	next, err := os.MkdirTemp(b.dir, "next-")
	if err != nil {
		return nil, Status{}, fmt.Errorf("%w: %w", errLocal, err)
	}
	defer os.RemoveAll(next) // gone already where all went well
	f := fetcher{ctx, from}
	if err := b.carryMetadata(f, next); err != nil {
		return nil, Status{}, err
	}
	up, err := b.updater(f, strings.TrimRight(from.URL, "/"), next, false)
	if err != nil {
		return nil, Status{}, err
	}
	up.UnsafeSetRefTime(b.o.Now())
	if err := up.Refresh(); err != nil {
		return nil, Status{}, err
	}
	files, err := b.chosen(up)
	if err != nil {
		return nil, Status{}, err
	}
	after := status(up.GetTrustedMetadataSet())
	if before := b.Status(); before.Version == after.Version && maps.Equal(files, b.files) {
		return files, after, nil // nothing is new
	}
	for _, file := range files {
		if !file.fetched() {
			continue
		}
		if err := b.bring(ctx, from, file, next); err != nil {
			return nil, Status{}, err
		}
	}
	if err := b.turn(next, files); err != nil {
		return nil, Status{}, fmt.Errorf("%w: %w", errLocal, err)
	}
	return files, after, nil
}

// carryMetadata copies the present metadata into the next generation, which the
// new one is checked against: that is what keeps an attacker from going back.
// Where there is none, the source's first root is taken, if it is ours.
func (b *Bundle) carryMetadata(f fetcher, next string) error {
	to := filepath.Join(next, metaFolder)
	if err := os.Mkdir(to, 0o755); err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	present := filepath.Join(b.Dir(), metaFolder)
	if b.Status().Version > 0 {
		if err := os.CopyFS(to, os.DirFS(present)); err != nil {
			return fmt.Errorf("%w: %w", errLocal, err)
		}
		return nil
	}
	root, err := b.anchor(f)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, latestRoot), root, 0o644); err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	return nil
}

// bring puts a file into the next generation: by a link to the present one where
// it is the same.
func (b *Bundle) bring(ctx context.Context, from Source, f File, next string) error {
	place := filepath.Join(next, filepath.FromSlash(f.Name))
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	b.mu.Lock()
	present, held := b.files[f.Name]
	b.mu.Unlock()
	if held && present.SHA256 == f.SHA256 && os.Link(filepath.Join(b.Dir(), filepath.FromSlash(f.Name)), place) == nil {
		return nil
	}
	came, err := from.download(ctx, f, filepath.Join(b.dir, partialFolder))
	if err != nil {
		return err
	}
	// A link, because two names may have the same content.
	if err := os.Link(came, place); err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	return nil
}

// turn makes the next generation current, and removes those before and what was
// left of downloads.
func (b *Bundle) turn(next string, files map[string]File) error {
	if err := syncTree(next); err != nil {
		return err
	}
	name := strings.Replace(filepath.Base(next), "next-", "files-", 1)
	if err := os.Rename(next, filepath.Join(b.dir, name)); err != nil {
		return err
	}
	link := filepath.Join(b.dir, current+".new")
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(name, link); err != nil {
		return err
	}
	if err := os.Rename(link, b.Dir()); err != nil {
		return err
	}
	if err := syncFile(b.dir); err != nil {
		return err
	}
	return b.sweep(name, files)
}

// sweep removes what no longer belongs to anything: other generations, and
// downloads of what is not a release for this kiosk.
func (b *Bundle) sweep(keep string, files map[string]File) error {
	generations, err := os.ReadDir(b.dir)
	if err != nil {
		return err
	}
	for _, e := range generations {
		if e.Name() != keep && (strings.HasPrefix(e.Name(), "files-") || strings.HasPrefix(e.Name(), "next-")) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(b.dir, e.Name())))
		}
	}
	downloads, listErr := os.ReadDir(filepath.Join(b.dir, partialFolder))
	err = errors.Join(err, listErr)
	kept := map[string]bool{}
	for _, f := range files {
		kept[f.SHA256] = f.release() && !f.Halted
	}
	for _, e := range downloads {
		if !kept[e.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(b.dir, partialFolder, e.Name())))
		}
	}
	return err
}

func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncFile(path)
	})
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Fetch brings the content of a release and returns the path of the file, which
// is the caller's. What an earlier try left is gone on with.
func (b *Bundle) Fetch(ctx context.Context, from Source, f File) (string, error) {
	place, err := from.download(ctx, f, filepath.Join(b.dir, partialFolder))
	if err != nil {
		return "", fmt.Errorf("fetching %s: %w", f.Name, err)
	}
	return place, nil
}
