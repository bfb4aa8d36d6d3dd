package trust

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"chot/kiosk/credential"
)

// An index holds revoked identifiers, exactly: sorted, and looked up by their
// first bytes. A million take 14.3 MB, all of it one slice that the garbage
// collector does not look into.
//
//	"CHOTREV1"
//	u32 number of sections, then for each of them
//	    u8 length and kind, u16 length and key, u8 prefix length p (0, 1 or 2),
//	    u8 timed (0 or 1), u32 number of entries n
//	    p > 0: 256^p + 1 numbers u32, how many entries come before each prefix
//	    n entries of 16-p bytes, sorted: identifiers without their prefix
//	    timed: n numbers u32, seconds since 1970: only what was issued before is
//	    revoked, 0 for all
//
// Numbers are big-endian. An identifier is what it was published as where it has
// 16 bytes, as DCC hashes and UUIDs have, else the first 16 bytes of its SHA-256.
type index struct {
	sections map[sectionName][]section
}

// sectionName is a kind of identifier and the key that it belongs to; "" is a
// denylist, for all keys.
type sectionName struct{ kind, key string }

type section struct {
	prefix  int
	count   int
	buckets []byte // u32 each
	entries []byte
	times   []byte // u32 each, nil where not timed
}

const (
	indexExt   = ".idx"
	indexMagic = "CHOTREV1"
	hashLen    = 16
)

var errIndex = errors.New("corrupt index of revocations")

func normal(id []byte) (h [hashLen]byte) {
	if len(id) == hashLen {
		return [hashLen]byte(id)
	}
	sum := sha256.Sum256(id)
	return [hashLen]byte(sum[:])
}

// has says whether an identifier of something issued at that time is revoked.
func (x *index) has(id credential.RevocationID, issued time.Time) bool {
	if len(x.sections) == 0 {
		return false
	}
	h := normal(id.Hash)
	for _, key := range [...]string{id.Key, ""} {
		for _, s := range x.sections[sectionName{id.Kind, key}] {
			if s.has(h, issued) {
				return true
			}
		}
		if key == "" {
			break
		}
	}
	return false
}

func (s *section) has(h [hashLen]byte, issued time.Time) bool {
	lo, hi := 0, s.count
	if s.prefix > 0 {
		bucket := int(h[0])
		if s.prefix == 2 {
			bucket = bucket<<8 | int(h[1])
		}
		lo, hi = s.bucket(bucket), s.bucket(bucket+1)
	}
	width, tail := hashLen-s.prefix, h[s.prefix:]
	for lo < hi {
		i := int(uint(lo+hi) / 2)
		switch bytes.Compare(s.entries[i*width:(i+1)*width], tail) {
		case -1:
			lo = i + 1
		case 1:
			hi = i
		default:
			return s.times == nil || s.revokedFrom(i, issued)
		}
	}
	return false
}

// revokedFrom says whether what was issued at that time is meant by an entry.
func (s *section) revokedFrom(i int, issued time.Time) bool {
	before := binary.BigEndian.Uint32(s.times[4*i:])
	return before == 0 || issued.Unix() < int64(before)
}

func (s *section) bucket(i int) int { return int(binary.BigEndian.Uint32(s.buckets[4*i:])) }

// add takes in the content of a file.
func (x *index) add(data []byte) error {
	r := bytes.NewBuffer(data)
	if string(r.Next(len(indexMagic))) != indexMagic {
		return errIndex
	}
	cut := false // whether the file ended before what it announces
	take := func(n int) []byte {
		b := r.Next(n)
		if len(b) < n {
			cut = true
			return nil
		}
		return b
	}
	number := func(n int) int {
		v := 0
		for _, b := range take(n) {
			v = v<<8 | int(b)
		}
		return v
	}
	if x.sections == nil {
		x.sections = map[sectionName][]section{}
	}
	for range number(4) {
		var s section
		name := sectionName{kind: string(take(number(1)))}
		name.key = string(take(number(2)))
		s.prefix = number(1)
		timed := number(1)
		s.count = number(4)
		if s.prefix > 2 || timed > 1 || s.count > len(data)/(hashLen-2) {
			return errIndex
		}
		if s.prefix > 0 {
			s.buckets = take(4 * (1<<(8*s.prefix) + 1))
		}
		s.entries = take(s.count * (hashLen - s.prefix))
		if timed == 1 {
			s.times = take(4 * s.count)
		}
		if cut || !s.sound(timed == 1) {
			return errIndex
		}
		x.sections[name] = append(x.sections[name], s)
	}
	if cut || r.Len() != 0 {
		return errIndex
	}
	return nil
}

// sound says whether every look-up stays within the section.
func (s *section) sound(timed bool) bool {
	if s.count > 0 && (s.entries == nil || timed && s.times == nil) {
		return false
	}
	if s.prefix == 0 {
		return true
	}
	if s.buckets == nil {
		return false
	}
	last := 0
	for i := range len(s.buckets) / 4 {
		n := s.bucket(i)
		if n < last || n > s.count {
			return false
		}
		last = n
	}
	return last == s.count && s.bucket(0) == 0
}

// builder gathers identifiers for an index.
type builder map[sectionName]map[[hashLen]byte]uint32

// add takes in an identifier; before is 0 where it is revoked for all time. Of
// two entries the wider holds.
func (b builder) add(kind, key string, id []byte, before uint32) {
	name := sectionName{kind, key}
	if b[name] == nil {
		b[name] = map[[hashLen]byte]uint32{}
	}
	h := normal(id)
	if old, there := b[name][h]; there && (old == 0 || before != 0 && before < old) {
		return
	}
	b[name][h] = before
}

func (b builder) count() (n int) {
	for _, ids := range b {
		n += len(ids)
	}
	return n
}

// writeTo writes the index.
func (b builder) writeTo(w io.Writer) error {
	names := slices.SortedFunc(maps.Keys(b), func(a, b sectionName) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key))
	})
	out := binary.BigEndian.AppendUint32([]byte(indexMagic), uint32(len(names)))
	for _, name := range names {
		if len(name.kind) > 255 || len(name.key) > 65535 {
			return fmt.Errorf("the key %q is too long", name.key)
		}
		out = append(append(out, byte(len(name.kind))), name.kind...)
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(name.key))), name.key...)
		out = appendSection(out, b[name])
	}
	_, err := w.Write(out)
	return err
}

func appendSection(out []byte, ids map[[hashLen]byte]uint32) []byte {
	sorted := slices.SortedFunc(maps.Keys(ids), func(a, b [hashLen]byte) int { return bytes.Compare(a[:], b[:]) })
	timed, prefix := byte(0), 0
	for _, before := range ids {
		if before != 0 {
			timed = 1
			break
		}
	}
	switch n := len(sorted); {
	case n >= 1<<16:
		prefix = 2
	case n >= 1<<9:
		prefix = 1
	}
	out = append(out, byte(prefix), timed)
	out = binary.BigEndian.AppendUint32(out, uint32(len(sorted)))
	if prefix > 0 {
		next := 0
		for bucket := range 1<<(8*prefix) + 1 {
			for next < len(sorted) && int(binary.BigEndian.Uint16(sorted[next][:]))>>(16-8*prefix) < bucket {
				next++
			}
			out = binary.BigEndian.AppendUint32(out, uint32(next))
		}
	}
	for _, h := range sorted {
		out = append(out, h[prefix:]...)
	}
	if timed == 1 {
		for _, h := range sorted {
			out = binary.BigEndian.AppendUint32(out, ids[h])
		}
	}
	return out
}
