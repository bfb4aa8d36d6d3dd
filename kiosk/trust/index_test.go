package trust

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/credential"
)

// written is the bytes of an index.
func written(t testing.TB, b builder) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.writeTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// loaded is an index of bytes.
func loaded(t testing.TB, data []byte) *index {
	t.Helper()
	var x index
	if err := x.add(data); err != nil {
		t.Fatal(err)
	}
	return &x
}

// numbered is an identifier of 16 bytes that a number spreads over all prefixes.
func numbered(n int) []byte {
	id := make([]byte, hashLen)
	binary.BigEndian.PutUint64(id, uint64(n)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// The format, to the byte: what was published must be read by kiosks of any
// version.
func TestTheFormatOfAnIndexStays(t *testing.T) {
	t.Parallel()
	b := builder{}
	b.add("uvci", "0a", bytes.Repeat([]byte{0x22}, 16), 0)
	b.add("uvci", "0a", bytes.Repeat([]byte{0x11}, 16), 0)
	b.add("rid", "", []byte("abc"), 1640000000)
	const want = "43484f5452455631" + "00000002" +
		"03726964" + "0000" + "00" + "01" + "00000001" + "ba7816bf8f01cfea414140de5dae2223" + "61c06600" +
		"0475766369" + "00023061" + "00" + "00" + "00000002" + "11111111111111111111111111111111" + "22222222222222222222222222222222"
	got := hex.EncodeToString(written(t, b))
	if got != strings.Replace(want, "61c06600", fmt.Sprintf("%08x", 1640000000), 1) {
		t.Errorf("written is %s, want %s", got, want)
	}
	if n := b.count(); n != 3 {
		t.Errorf("%d identifiers", n)
	}
}

// How long prefixes are changes with the number of entries; at each border all are
// found, and none beside them.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	for n, prefix := range map[int]byte{0: 0, 1: 0, 511: 0, 512: 1, 513: 1, 65535: 1, 65536: 2} {
		b := builder{{kind: "uvci", key: "k"}: {}}
		for i := range n {
			b.add("uvci", "k", numbered(i), 0)
		}
		data := written(t, b)
		if at := len(indexMagic) + 4 + 1 + len("uvci") + 2 + len("k"); data[at] != prefix || data[at+1] != 0 {
			t.Errorf("%d entries have a prefix of %d, timed %d", n, data[at], data[at+1])
		}
		x := loaded(t, data)
		for i := range n {
			if !x.has(credential.RevocationID{Kind: "uvci", Key: "k", Hash: numbered(i)}, time.Time{}) {
				t.Fatalf("of %d entries number %d is not found", n, i)
			}
		}
		for i := range 1000 {
			if x.has(credential.RevocationID{Kind: "uvci", Key: "k", Hash: numbered(n + i)}, time.Time{}) {
				t.Fatalf("beside %d entries number %d is found", n, n+i)
			}
		}
	}
}

// Whatever was added is found under its kind and key, and nothing else: a model of
// plain maps says what.
func TestAnIndexIsWhatWasAdded(t *testing.T) {
	t.Parallel()
	type key struct{ kind, key, id string }
	found := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		kinds, keys := rapid.SampledFrom([]string{"uvci", "rid", "jti"}), rapid.SampledFrom([]string{"", "k1", "k2"})
		ids := rapid.Custom(func(t *rapid.T) string {
			if n := rapid.IntRange(0, 20).Draw(t, "n"); rapid.Bool().Draw(t, "hash") {
				return string(numbered(n))
			} else {
				return fmt.Sprint(n)
			}
		})
		model := map[key]uint32{}
		b := builder{}
		for range rapid.IntRange(0, 120).Draw(t, "entries") {
			k := key{kinds.Draw(t, "kind"), keys.Draw(t, "key"), ids.Draw(t, "id")}
			before := rapid.SampledFrom([]uint32{0, 1000, 2000, 3000}).Draw(t, "before")
			b.add(k.kind, k.key, []byte(k.id), before)
			// The wider of two holds: for all time, or up to the later moment.
			if old, twice := model[k]; !twice || before == 0 || old != 0 && before > old {
				model[k] = before
			}
		}
		if b.count() != len(model) {
			t.Fatalf("%d identifiers, want %d", b.count(), len(model))
		}
		var data bytes.Buffer
		if err := b.writeTo(&data); err != nil {
			t.Fatal(err)
		}
		var x index
		if err := x.add(data.Bytes()); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			k := key{kinds.Draw(t, "kind"), keys.Draw(t, "key"), ids.Draw(t, "id")}
			issued := rapid.SampledFrom([]int64{999, 1000, 1999, 2000, 2999, 3000}).Draw(t, "issued")
			want := false
			for _, of := range []string{k.key, ""} { // without a key a list is for all
				before, there := model[key{k.kind, of, k.id}]
				want = want || there && (before == 0 || issued < int64(before))
			}
			found[want]++
			if got := x.has(credential.RevocationID{Kind: k.kind, Key: k.key, Hash: []byte(k.id)}, time.Unix(issued, 0)); got != want {
				t.Fatalf("%q issued at %d is revoked: %v, want %v", k, issued, got, want)
			}
		}
	})
	t.Logf("revoked and not: %v", found)
	if found[true] < 100 || found[false] < 100 {
		t.Errorf("revoked and not were %v", found)
	}
}

// several is an index of three sections: timed, with a prefix, and a denylist.
func several(t testing.TB) []byte {
	b := builder{}
	b.add("rid", "key", []byte("timed"), 7)
	b.add("rid", "key", []byte("for all time"), 0)
	for i := range 600 {
		b.add("uvci", "k", numbered(i), 0)
	}
	b.add("jti", "", []byte("denied"), 0)
	return written(t, b)
}

// An index that was cut anywhere, or has more behind it, is refused.
func TestACutIndexIsRefused(t *testing.T) {
	t.Parallel()
	whole := several(t)
	for n := range whole {
		var x index
		if err := x.add(whole[:n]); !errors.Is(err, errIndex) {
			t.Fatalf("cut to %d of %d bytes it gives %v", n, len(whole), err)
		}
	}
	var x index
	if err := x.add(append(slices.Clone(whole), 0)); !errors.Is(err, errIndex) {
		t.Errorf("with a byte more it gives %v", err)
	}
	if err := x.add(whole); err != nil {
		t.Error(err)
	}
}

// Each field that contradicts the others, or is not one of its values.
func TestAContradictoryIndexIsRefused(t *testing.T) {
	t.Parallel()
	// Offsets within an index of one section "k", "" with a prefix.
	const sections, kind, key, prefix, timed, count, buckets = 8, 12, 14, 16, 17, 18, 22
	bare, bucketed, withTimes := builder{}, builder{}, builder{}
	bare.add("k", "", numbered(1), 0)
	withTimes.add("k", "", numbered(1), 9)
	for i := range 512 {
		bucketed.add("k", "", numbered(i), 0)
	}
	put := func(at int, n uint32) func([]byte) {
		return func(data []byte) { binary.BigEndian.PutUint32(data[at:], n) }
	}
	set := func(at int, v byte) func([]byte) { return func(data []byte) { data[at] = v } }
	for name, c := range map[string]struct {
		of     builder
		change func([]byte)
		ok     bool
	}{
		"nothing":                     {bare, func([]byte) {}, true},
		"nothing, with buckets":       {bucketed, func([]byte) {}, true},
		"nothing, with times":         {withTimes, func([]byte) {}, true},
		"another magic":               {bare, set(7, '2'), false},
		"no sections":                 {bare, put(sections, 0), false},
		"a section more":              {bare, put(sections, 2), false},
		"a longer kind":               {bare, set(kind, 2), false},
		"a longer key":                {bare, set(key+1, 1), false},
		"a prefix of three":           {bare, set(prefix, 3), false},
		"a prefix that is not there":  {bare, set(prefix, 1), false},
		"no prefix":                   {bucketed, set(prefix, 0), false},
		"timed twice":                 {bare, set(timed, 2), false},
		"times that are not there":    {bare, set(timed, 1), false},
		"times that are left":         {withTimes, set(timed, 0), false},
		"an entry more":               {bare, put(count, 2), false},
		"an entry less":               {bare, put(count, 0), false},
		"more entries than bytes":     {bare, put(count, 1<<31), false},
		"buckets that begin later":    {bucketed, put(buckets, 1), false},
		"buckets that go back":        {bucketed, put(buckets+4*100, 0), false},
		"a bucket beyond the entries": {bucketed, put(buckets+4*255, 513), false},
		"buckets that end before":     {bucketed, put(buckets+4*256, 511), false},
	} {
		data := written(t, c.of)
		c.change(data)
		var x index
		if err := x.add(data); c.ok != (err == nil) || err != nil && !errors.Is(err, errIndex) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Names are as long as their lengths can say.
func TestNamesOfSections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, key int
		ok        bool
	}{{255, 65535, true}, {256, 1, false}, {1, 65536, false}} {
		b := builder{}
		kind, key := strings.Repeat("a", c.kind), strings.Repeat("b", c.key)
		b.add(kind, key, []byte("x"), 0)
		var out bytes.Buffer
		err := b.writeTo(&out)
		if c.ok != (err == nil) {
			t.Errorf("%d and %d: %v", c.kind, c.key, err)
		}
		if err == nil && !loaded(t, out.Bytes()).has(credential.RevocationID{Kind: kind, Key: key, Hash: []byte("x")}, time.Time{}) {
			t.Errorf("%d and %d: not found", c.kind, c.key)
		}
	}
}
