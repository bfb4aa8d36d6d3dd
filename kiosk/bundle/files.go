package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// verified is a generation's files as a file system that gives nothing which does
// not verify: a file is read whole and hashed at every opening, and what the
// signed metadata does not name does not exist, whatever lies in the folder.
type verified struct {
	place string // folder of the generation; "" for an empty one
	files map[string]File
}

// Open implements [fs.FS].
func (v verified) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if f, is := v.files[name]; is && f.fetched() {
		data, err := v.read(f)
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		return &openFile{info: info{name: path.Base(name), size: int64(len(data))}, Reader: bytes.NewReader(data)}, nil
	}
	entries := v.list(name)
	if len(entries) == 0 && name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &openDir{info: info{name: path.Base(name), dir: true}, entries: entries}, nil
}

// read returns a file's content if it is what was signed.
func (v verified) read(f File) ([]byte, error) {
	in, err := os.Open(filepath.Join(v.place, filepath.FromSlash(f.Name)))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, f.Size+1))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, fmt.Errorf("%s was changed on the disk", f.Name)
	}
	return data, nil
}

// check reads every file.
func (v verified) check() error {
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		if f := v.files[name]; f.fetched() {
			if _, err := v.read(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// list returns what lies in a folder, by name.
func (v verified) list(folder string) []fs.DirEntry {
	prefix := folder + "/"
	if folder == "." {
		prefix = ""
	}
	found := map[string]info{}
	for name, f := range v.files {
		rest, inside := strings.CutPrefix(name, prefix)
		if !inside || !f.fetched() {
			continue
		}
		base, _, deeper := strings.Cut(rest, "/")
		if deeper {
			found[base] = info{name: base, dir: true}
		} else {
			found[base] = info{name: base, size: f.Size}
		}
	}
	var entries []fs.DirEntry
	for _, name := range slices.Sorted(maps.Keys(found)) {
		entries = append(entries, fs.FileInfoToDirEntry(found[name]))
	}
	return entries
}

// info implements [fs.FileInfo].
type info struct {
	name string
	size int64
	dir  bool
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.dir }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type openFile struct {
	info info
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	info    info
	entries []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: fs.ErrInvalid}
}

// ReadDir implements [fs.ReadDirFile].
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		all := d.entries
		d.entries = nil
		return all, nil
	}
	if len(d.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.entries))
	some := d.entries[:n]
	d.entries = d.entries[n:]
	return some, nil
}
