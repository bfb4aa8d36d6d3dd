package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// This file reads bbolt's pages (go.etcd.io/bbolt, internal/common) without
// bbolt: it never panics, faults or recurses for ever, whatever the file holds.
// It checks a file before bbolt opens it, finds what is left in a damaged one,
// and looks into one that a kiosk has open.

const (
	pageSize   = 4096
	pageHeader = 16 // id, flags, count, overflow
	flagBranch = 0x01
	flagLeaf   = 0x02
	flagMeta   = 0x04
	flagFree   = 0x10
	elemSize   = 16 // of both branch and leaf elements
	elemBucket = 0x01

	boltMagic   = 0xED0CDAED
	boltVersion = 2
	maxDepth    = 16
)

var little = binary.LittleEndian

// page is a page with its overflow.
type page []byte

func (p page) id() uint64    { return little.Uint64(p) }
func (p page) flags() uint16 { return little.Uint16(p[8:]) }
func (p page) count() int    { return int(little.Uint16(p[10:])) }

// meta is what a meta page says.
type meta struct {
	root     uint64 // page of the root bucket
	freelist uint64
	high     uint64 // pages in use are below
	txid     uint64
}

func (p page) meta() (m meta, ok bool) {
	b := p[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:56])
	if p.flags() != flagMeta || little.Uint32(b) != boltMagic || little.Uint32(b[4:]) != boltVersion ||
		little.Uint32(b[8:]) != pageSize || sum.Sum64() != little.Uint64(b[56:]) {
		return meta{}, false
	}
	return meta{
		root: little.Uint64(b[16:]), freelist: little.Uint64(b[32:]),
		high: little.Uint64(b[40:]), txid: little.Uint64(b[48:]),
	}, true
}

// element is one of a leaf (key and value) or a branch (key and child).
type element struct {
	key, value []byte
	child      uint64
	bucket     bool
}

// elements returns the elements of a leaf or branch page.
func (p page) elements() ([]element, error) {
	leaf := p.flags() == flagLeaf
	if !leaf && p.flags() != flagBranch {
		return nil, fmt.Errorf("it is neither leaf nor branch (%#x)", p.flags())
	}
	n := p.count()
	if pageHeader+n*elemSize > len(p) {
		return nil, fmt.Errorf("it has no room for %d elements", n)
	}
	all := make([]element, n)
	for i := range all {
		at := pageHeader + i*elemSize
		h := p[at:]
		var e element
		var pos, keyLen, valueLen uint64
		if leaf {
			e.bucket = little.Uint32(h) == elemBucket
			pos, keyLen, valueLen = uint64(little.Uint32(h[4:])), uint64(little.Uint32(h[8:])), uint64(little.Uint32(h[12:]))
		} else {
			pos, keyLen = uint64(little.Uint32(h)), uint64(little.Uint32(h[4:]))
			e.child = little.Uint64(h[8:])
		}
		start := uint64(at) + pos
		if start+keyLen+valueLen > uint64(len(p)) {
			return nil, fmt.Errorf("element %d lies outside of it", i)
		}
		e.key, e.value = p[start:start+keyLen], p[start+keyLen:start+keyLen+valueLen]
		all[i] = e
	}
	return all, nil
}

// boltFile reads a bbolt file page by page.
type boltFile struct {
	f     *os.File
	count uint64
}

func openBoltFile(path string) (*boltFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &boltFile{f, uint64(info.Size()) / pageSize}, nil
}

func (p *boltFile) Close() error { return p.f.Close() }

// page reads a page with its overflow.
func (p *boltFile) page(id uint64) (page, error) {
	if id >= p.count {
		return nil, fmt.Errorf("page %d of %d is missing", id, p.count)
	}
	b := make(page, pageSize)
	if _, err := p.f.ReadAt(b, int64(id)*pageSize); err != nil {
		return nil, fmt.Errorf("reading page %d: %w", id, err)
	}
	if b.id() != id {
		return nil, fmt.Errorf("page %d says that it is page %d", id, b.id())
	}
	if more := uint64(little.Uint32(b[12:])); more > 0 {
		if more >= p.count-id {
			return nil, fmt.Errorf("page %d overflows the file", id)
		}
		b = append(b, make(page, more*pageSize)...)
		if _, err := io.ReadFull(io.NewSectionReader(p.f, int64(id+1)*pageSize, int64(more)*pageSize), b[pageSize:]); err != nil {
			return nil, fmt.Errorf("reading page %d: %w", id, err)
		}
	}
	return b, nil
}

// meta returns the newer of the two meta pages. Sure is false where one of them
// does not hold: what was committed last may then be missing.
func (p *boltFile) meta() (newest meta, sure bool, err error) {
	sure = true
	found := false
	for id := range uint64(2) {
		b, err := p.page(id)
		if err != nil {
			sure = false
			continue
		}
		m, ok := b.meta()
		switch {
		case !ok:
			sure = false
		case !found || m.txid > newest.txid:
			newest, found = m, true
		}
	}
	if !found {
		return newest, false, errors.New("no meta page holds")
	}
	return newest, sure, nil
}

// buckets are the elements of the two buckets' own pages.
type buckets struct {
	state     []byte
	clock     []byte // nil in a file of an earlier version
	key, tail []byte // the tail with its key; nil if there is no tail
	entries   uint64 // page of the root of the entries; 0 where they are inline
	inline    page
}

func (p *boltFile) buckets(m meta) (b buckets, err error) {
	root, err := p.page(m.root)
	if err != nil {
		return b, err
	}
	elements, err := root.elements()
	if err != nil {
		return b, fmt.Errorf("the root: %w", err)
	}
	found := 0
	for _, e := range elements {
		if !e.bucket || len(e.value) < 16 {
			return b, errors.New("the root: it holds something else than buckets")
		}
		at, inline := little.Uint64(e.value), page(e.value[16:])
		if at == 0 && len(inline) < pageHeader {
			return b, errors.New("the root: a bucket is cut short")
		}
		switch string(e.key) {
		case string(bucketMeta):
			found++
			if at != 0 {
				if inline, err = p.page(at); err != nil {
					return b, err
				}
			}
			if err = b.own(inline); err != nil {
				return b, err
			}
		case string(bucketEntries):
			found++
			b.entries, b.inline = at, inline
		}
	}
	if found != 2 {
		return b, errors.New("the root: a bucket is missing")
	}
	return b, nil
}

// own finds the state and the tail in the page of their bucket.
func (b *buckets) own(p page) error {
	elements, err := p.elements()
	if err != nil {
		return fmt.Errorf("the state: %w", err)
	}
	for _, e := range elements {
		switch {
		case string(e.key) == string(keyState):
			b.state = e.value
		case string(e.key) == string(keyClock):
			b.clock = e.value
		case len(e.key) == keySize:
			b.key, b.tail = e.key, e.value
		}
	}
	if b.state == nil {
		return errors.New("the state is missing")
	}
	return nil
}

// walk visits the chunks in order, the tail last, until yield returns false.
func (p *boltFile) walk(b buckets, yield func(key, value []byte) bool) (err error) {
	var goOn bool
	if b.entries == 0 {
		goOn, err = eachOf(b.inline, yield)
	} else {
		goOn, err = p.walkPage(b.entries, maxDepth, yield)
	}
	if goOn && err == nil && b.key != nil {
		yield(b.key, b.tail)
	}
	return err
}

func (p *boltFile) walkPage(id uint64, depth int, yield func(key, value []byte) bool) (goOn bool, err error) {
	if depth == 0 {
		return false, errors.New("the tree is too deep")
	}
	b, err := p.page(id)
	if err != nil {
		return false, err
	}
	if b.flags() == flagLeaf {
		return eachOf(b, yield)
	}
	elements, err := b.elements()
	if err != nil {
		return false, fmt.Errorf("page %d: %w", id, err)
	}
	for _, e := range elements {
		if goOn, err = p.walkPage(e.child, depth-1, yield); err != nil || !goOn {
			return goOn, err
		}
	}
	return true, nil
}

func eachOf(leaf page, yield func(key, value []byte) bool) (goOn bool, err error) {
	elements, err := leaf.elements()
	if err != nil {
		return false, err
	}
	for _, e := range elements {
		if !yield(e.key, e.value) {
			return false, nil
		}
	}
	return true, nil
}

// check finds out whether bbolt can open and change the file: both meta pages
// hold, the tree is one down to its leaves, and no page of it is also listed as
// free. The content of leaves proves itself by its hashes when it is used.
func (p *boltFile) check(far checkDepth) error {
	m, sure, err := p.meta()
	if err != nil {
		return err
	}
	if !sure {
		return errors.New("one of the two meta pages does not hold")
	}
	if m.high > p.count {
		return fmt.Errorf("the file is cut short: %d pages of %d", p.count, m.high)
	}
	used := make(bitmap, m.high/64+1)
	used.set(0)
	used.set(1)
	if err := p.checkFreelist(m, used); err != nil {
		return err
	}
	root, err := p.page(m.root)
	if err != nil {
		return err
	}
	if root.flags() != flagLeaf || !used.setAll(m.root, len(root)/pageSize, m.high) {
		return errors.New("the root page is not one")
	}
	b, err := p.buckets(m)
	if err != nil || b.entries == 0 {
		return err
	}
	t := &tree{boltFile: p, high: m.high, used: used, depth: far}
	return t.check(b.entries, maxDepth, true)
}

func (p *boltFile) checkFreelist(m meta, used bitmap) error {
	b, err := p.page(m.freelist)
	if err != nil {
		return err
	}
	if b.flags() != flagFree || !used.setAll(m.freelist, len(b)/pageSize, m.high) {
		return errors.New("the list of free pages is not one")
	}
	n, ids := uint64(b.count()), b[pageHeader:]
	if n == 0xffff { // then the first element is the count
		n, ids = little.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids)/8) {
		return errors.New("the list of free pages is cut short")
	}
	for i := range n {
		if id := little.Uint64(ids[8*i:]); id >= m.high || !used.set(id) {
			return fmt.Errorf("page %d is listed as free and is not", id)
		}
	}
	return nil
}

// tree is a tree of pages that is checked.
type tree struct {
	*boltFile
	high  uint64
	used  bitmap
	depth checkDepth
}

// checkDepth is how much of a tree is checked.
type checkDepth int

const (
	tailOnly checkDepth = iota // the way to the last leaf, which is read and changed first
	branches                   // all branches: what reading needs
	// leaves are needed for changes elsewhere than at the tail: bbolt frees as
	// many pages as a leaf's header claims to have.
	leaves
)

// check marks the pages of a branch as used. Last says that it is the last of its
// level.
func (t *tree) check(id uint64, depth int, last bool) error {
	if depth == 0 {
		return errors.New("the tree is too deep")
	}
	b, err := t.page(id)
	if err != nil {
		return err
	}
	if !t.used.setAll(id, len(b)/pageSize, t.high) {
		return fmt.Errorf("page %d is used twice", id)
	}
	if b.flags() == flagLeaf {
		return nil
	}
	elements, err := b.elements()
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	if len(elements) == 0 {
		return fmt.Errorf("page %d is an empty branch", id)
	}
	// The tree is even: what the first child is, all are.
	first, err := t.page(elements[0].child)
	if err != nil {
		return err
	}
	for i, e := range elements {
		lastChild := last && i == len(elements)-1
		switch {
		case t.depth == tailOnly && !lastChild:
			continue
		case t.depth == leaves || lastChild || first.flags() != flagLeaf:
			err = t.check(e.child, depth-1, lastChild)
		case e.child >= t.high || !t.used.set(e.child):
			err = fmt.Errorf("page %d is used twice", e.child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bitmap is a set of page numbers.
type bitmap []uint64

// set adds a page and reports whether it is new.
func (b bitmap) set(id uint64) bool {
	word, bit := id/64, uint64(1)<<(id%64)
	if b[word]&bit != 0 {
		return false
	}
	b[word] |= bit
	return true
}

func (b bitmap) setAll(id uint64, n int, high uint64) bool {
	for i := id; i < id+uint64(n); i++ {
		if i >= high || !b.set(i) {
			return false
		}
	}
	return true
}
