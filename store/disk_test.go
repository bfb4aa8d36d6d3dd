package store_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// disk is a file system in memory that can lose its power. Writes and changes of
// names are in the cache until they are synced; at a cut, any of them may have
// reached the platter, whole, in part or not at all.
type disk struct {
	fs.Inode
	mu      sync.Mutex
	names   map[string]*platter
	durable map[string]*platter
	pending []func(map[string]*platter) // changes of names, which reach the disk in order
	ops     int                         // that change something, so far
	cutAt   int                         // at which of them the power is cut; 0 for never
	off     chan struct{}               // closed by the cut
	faults  func(op int) syscall.Errno  // what the nth operation that changes something fails with; nil for none
	failed  int                         // operations that did
}

// platter is a file's content.
type platter struct {
	fs.Inode
	d       *disk
	now     []byte
	durable []byte
	pending []write
}

type write struct {
	off      int64
	data     []byte
	truncate bool // to off
}

func newDisk() *disk {
	return &disk{names: map[string]*platter{}, durable: map[string]*platter{}, off: make(chan struct{})}
}

func (w write) apply(b []byte) []byte {
	end := w.off + int64(len(w.data))
	switch {
	case int64(len(b)) < end:
		b = append(b, make([]byte, end-int64(len(b)))...)
	case w.truncate:
		return b[:w.off:w.off]
	}
	copy(b[w.off:], w.data)
	return b
}

// begin is called at the start of each operation: after the cut none works.
func (d *disk) begin(changes bool) syscall.Errno {
	select {
	case <-d.off:
		return syscall.EIO
	default:
	}
	if changes {
		if d.ops++; d.ops == d.cutAt {
			close(d.off)
			return syscall.EIO
		}
		if d.faults != nil {
			if errno := d.faults(d.ops); errno != 0 {
				d.failed++
				return errno
			}
		}
	}
	return 0
}

// afterCut is the disk that is found when the power comes back.
func (d *disk) afterCut(rnd *rand.Rand) *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	after := newDisk()
	names := maps.Clone(d.durable)
	for _, change := range d.pending[:rnd.IntN(len(d.pending)+1)] {
		change(names)
	}
	for name, p := range names {
		content := append([]byte(nil), p.durable...)
		mode := rnd.IntN(3)
		for i, w := range p.pending {
			switch {
			case mode == 0, mode == 1 && rnd.IntN(2) == 0:
				continue // lost
			case mode == 2 && i == len(p.pending)-1 && len(w.data) > 1:
				// Torn: at a sector's end, or anywhere.
				at := rnd.IntN(len(w.data))
				if rnd.IntN(4) > 0 {
					at -= at % 512
				}
				w.data = w.data[:at]
			}
			content = w.apply(content)
		}
		q := &platter{d: after, now: content, durable: append([]byte(nil), content...)}
		after.names[name], after.durable[name] = q, q
	}
	return after
}

func (d *disk) rename(change func(map[string]*platter)) {
	change(d.names)
	d.pending = append(d.pending, change)
}

func (d *disk) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.names[name]
	if errno := d.begin(false); errno != 0 {
		return nil, errno
	}
	if !ok {
		return nil, syscall.ENOENT
	}
	p.attr(&out.Attr)
	return d.NewInode(ctx, p, fs.StableAttr{Mode: fuse.S_IFREG}), 0
}

func (d *disk) Create(ctx context.Context, name string, _, _ uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if errno := d.begin(true); errno != 0 {
		return nil, nil, 0, errno
	}
	p := &platter{d: d}
	d.rename(func(m map[string]*platter) { m[name] = p })
	p.attr(&out.Attr)
	return d.NewInode(ctx, p, fs.StableAttr{Mode: fuse.S_IFREG}), nil, 0, 0
}

func (d *disk) Link(_ context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if errno := d.begin(true); errno != 0 {
		return nil, errno
	}
	p := target.(*platter)
	d.rename(func(m map[string]*platter) { m[name] = p })
	p.attr(&out.Attr)
	return p.EmbeddedInode(), 0
}

func (d *disk) Unlink(_ context.Context, name string) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if errno := d.begin(true); errno != 0 {
		return errno
	}
	d.rename(func(m map[string]*platter) { delete(m, name) })
	return 0
}

func (d *disk) Rename(_ context.Context, from string, _ fs.InodeEmbedder, to string, _ uint32) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if errno := d.begin(true); errno != 0 {
		return errno
	}
	d.rename(func(m map[string]*platter) {
		if p, ok := m[from]; ok {
			delete(m, from)
			m[to] = p
		}
	})
	return 0
}

// Fsync of the directory makes names durable.
func (d *disk) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if errno := d.begin(true); errno != 0 {
		return errno
	}
	for _, change := range d.pending {
		change(d.durable)
	}
	d.pending = nil
	return 0
}

func (p *platter) attr(a *fuse.Attr) {
	a.Mode, a.Size, a.Nlink = fuse.S_IFREG|0o600, uint64(len(p.now)), 1
}

func (p *platter) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.attr(&out.Attr)
	return 0
}

func (p *platter) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if size, ok := in.GetSize(); ok {
		if errno := p.d.begin(true); errno != 0 {
			return errno
		}
		p.write(write{off: int64(size), truncate: true})
	}
	p.attr(&out.Attr)
	return 0
}

func (p *platter) write(w write) {
	p.now = w.apply(p.now)
	p.pending = append(p.pending, w)
}

func (p *platter) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, 0, 0
}

func (p *platter) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if errno := p.d.begin(false); errno != 0 {
		return nil, errno
	}
	n := 0
	if off < int64(len(p.now)) {
		n = copy(dest, p.now[off:])
	}
	return fuse.ReadResultData(dest[:n]), 0
}

func (p *platter) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	w := write{off: off, data: append([]byte(nil), data...)}
	if errno := p.d.begin(true); errno != 0 {
		p.pending = append(p.pending, w) // it was on its way
		return 0, errno
	}
	p.write(w)
	return uint32(len(data)), 0
}

func (p *platter) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if errno := p.d.begin(true); errno != 0 {
		return errno
	}
	for _, w := range p.pending {
		p.durable = w.apply(p.durable)
	}
	p.pending = nil
	return 0
}

func (p *platter) Flush(context.Context, fs.FileHandle) syscall.Errno { return 0 }

// mount mounts the disk at dir, and skips the test where that cannot be done.
func (d *disk) mount(t testing.TB, dir string) *fuse.Server {
	t.Helper()
	server, err := fs.Mount(dir, d, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true, Name: "chot-test"}})
	if err != nil {
		t.Fatalf("mounting a disk that can lose its power: %v", err)
	}
	return server
}

// needFUSE skips a test where file systems cannot be mounted.
func needFUSE(t testing.TB) {
	t.Helper()
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil || os.Getuid() != 0 {
		t.Skip("skipped: power cuts need /dev/fuse and root")
	}
	f.Close()
}
