package bundle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Update brings what a source has. Whatever goes wrong, the present files stay;
// the status says what it was.
func (b *Bundle) Update(ctx context.Context, from Source) Status {
	b.updating.Lock()
	defer b.updating.Unlock()
	b.mu.Lock()
	present := b.present
	b.mu.Unlock()
	next, err := b.update(ctx, from, present)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.status.Changed, b.status.Problem = false, problem(err)
		b.status.Err = fmt.Errorf("updating the bundle from %s: %w", from.URL, err)
		return b.status
	}
	next.status.Changed = !maps.Equal(next.files, present.files)
	b.present, b.status = next, next.status
	return b.status
}

// update brings the next generation, or the present one with its newer metadata's
// status if its files are the same and whole.
func (b *Bundle) update(ctx context.Context, from Source, present generation) (generation, error) {
	next, err := os.MkdirTemp(b.dir, "next-")
	if err != nil {
		return generation{}, fmt.Errorf("%w: %w", errLocal, err)
	}
	defer os.RemoveAll(next) // gone already if all went well
	f := fetcher{ctx, from}
	_, damaged := b.metadata(present.place)
	if damaged != nil {
		present.status.Version = 0 // begin again from the first root
	}
	if err := b.carryMetadata(f, present, next); err != nil {
		return generation{}, err
	}
	up, err := b.updater(f, strings.TrimRight(from.URL, "/"), next, false)
	if err != nil {
		return generation{}, err
	}
	up.UnsafeSetRefTime(b.o.Now())
	if err := up.Refresh(); err != nil {
		return generation{}, err
	}
	files, err := b.chosen(up)
	if err != nil {
		return generation{}, err
	}
	after := generation{verified{next, files}, status(up.GetTrustedMetadataSet())}
	if present.status.Version == after.status.Version && maps.Equal(files, present.files) && present.check() == nil {
		return generation{present.verified, after.status}, nil // nothing is new, and nothing is damaged
	}
	same := maps.Equal(files, present.files)
	for _, file := range files {
		if !file.fetched() {
			continue
		}
		if err := b.bring(ctx, from, file, present, same, next); err != nil {
			return generation{}, err
		}
	}
	if err := b.o.accept(after.verified); err != nil {
		return generation{}, err
	}
	before := present.place
	if same { // only the metadata are newer: what the kiosk falls back on stays
		before, _ = filepath.EvalSymlinks(filepath.Join(b.dir, previous)) // "" for none
	}
	if after.place, err = b.turn(next, before, files); err != nil {
		return generation{}, fmt.Errorf("%w: %w", errLocal, err)
	}
	return after, nil
}

// carryMetadata copies the present metadata into the next generation, which the
// new one is checked against: that is what keeps an attacker from going back.
// Without any, the source's first root is taken, if it is ours.
func (b *Bundle) carryMetadata(f fetcher, present generation, next string) error {
	to := filepath.Join(next, metaFolder)
	if err := os.Mkdir(to, 0o755); err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	if present.status.Version > 0 {
		if err := os.CopyFS(to, os.DirFS(filepath.Join(present.place, metaFolder))); err != nil {
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

// bring puts a file into the next generation, from the present one if that has it
// as it was signed. A generation of other files gets copies: it must not share the
// damage of the one that it falls back on.
func (b *Bundle) bring(ctx context.Context, from Source, f File, present generation, same bool, next string) error {
	place := filepath.Join(next, filepath.FromSlash(f.Name))
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return fmt.Errorf("%w: %w", errLocal, err)
	}
	if held, is := present.files[f.Name]; is && held.SHA256 == f.SHA256 {
		data, err := present.read(held)
		switch {
		case err != nil: // damaged: it is fetched again
		case same && os.Link(filepath.Join(present.place, filepath.FromSlash(f.Name)), place) == nil:
			return nil
		default:
			if err := os.WriteFile(place, data, 0o644); err != nil {
				return fmt.Errorf("%w: %w", errLocal, err)
			}
			return nil
		}
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

// turn makes the next generation current and another one previous, "" for none,
// removes all others and what was left of downloads, and returns where the next
// one is.
func (b *Bundle) turn(next, before string, files map[string]File) (string, error) {
	if err := syncTree(next); err != nil {
		return "", err
	}
	name := strings.Replace(filepath.Base(next), "next-", "files-", 1)
	if err := os.Rename(next, filepath.Join(b.dir, name)); err != nil {
		return "", err
	}
	keep := []string{name}
	if before != "" {
		keep = append(keep, filepath.Base(before))
		if err := b.point(previous, filepath.Base(before)); err != nil {
			return "", err
		}
	}
	if err := b.point(current, name); err != nil {
		return "", err
	}
	if err := syncFile(b.dir); err != nil {
		return "", err
	}
	// From here on the next generation is current, whatever fails.
	if err := b.sweep(keep, files); err != nil && b.o.Log != nil {
		b.o.Log.Warn("bundle: removing what is left over", "error", err)
	}
	return filepath.Join(b.dir, name), nil
}

// point turns a symbolic link to a generation.
func (b *Bundle) point(link, name string) error {
	next := filepath.Join(b.dir, link+".new")
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(name, next); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(b.dir, link))
}

// sweep removes what no longer belongs to anything: other generations, and
// downloads of what is not a release for this kiosk.
func (b *Bundle) sweep(keep []string, files map[string]File) error {
	generations, err := os.ReadDir(b.dir)
	if err != nil {
		return err
	}
	for _, e := range generations {
		if !slices.Contains(keep, e.Name()) && (strings.HasPrefix(e.Name(), "files-") || strings.HasPrefix(e.Name(), "next-")) {
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
