package main

import (
	"encoding/binary"
	"testing"
)

func TestTheRootIsNamedByTheCommandLine(t *testing.T) {
	t.Parallel()
	if id, err := partition("quiet root=PARTUUID=C407C407-02 ro\n"); err != nil || id != "c407c407-02" {
		t.Errorf("%q, %v", id, err)
	}
	if id, err := partition("quiet ro"); err == nil {
		t.Errorf("%q, want no id", id)
	}
}

func TestAPartitionIsNamedByTheDisksSignature(t *testing.T) {
	t.Parallel()
	var mbr [512]byte
	copy(mbr[440:], []byte{0x07, 0xc4, 0x07, 0xc4})
	if id := name(mbr, "2"); id != "c407c407-02" {
		t.Errorf("%q", id)
	}
}

func TestTheDataPartitionReachesToTheCardsEnd(t *testing.T) {
	t.Parallel()
	const from, had, gib = 3_410_000, 131_072, 1 << 21 // sectors
	table := func() (mbr [512]byte) {
		mbr[510], mbr[511] = 0x55, 0xaa
		mbr[lastEntry+entryType] = 0x83
		binary.LittleEndian.PutUint32(mbr[lastEntry+entryFrom:], from)
		binary.LittleEndian.PutUint32(mbr[lastEntry+entrySize:], had)
		return mbr
	}
	for name, c := range map[string]struct {
		sectors, want int64
		spoil         func(*[512]byte)
	}{
		"a card of 32 GiB":                 {32 * gib, 32*gib - from, nil},
		"a card as small as the image":     {from + had, had, nil},
		"a few sectors more":               {from + had + 2047, had, nil},
		"more than the table can say":      {5000 * gib, 1<<32 - 1 - from, nil},
		"a card that is shorter than that": {from, had, nil},
		"no table":                         {32 * gib, had, func(m *[512]byte) { m[511] = 0 }},
		"no fourth partition":              {32 * gib, had, func(m *[512]byte) { m[lastEntry+entryType] = 0 }},
	} {
		mbr := table()
		if c.spoil != nil {
			c.spoil(&mbr)
		}
		before := mbr
		changed := stretch(&mbr, c.sectors)
		if got := int64(binary.LittleEndian.Uint32(mbr[lastEntry+entrySize:])); got != c.want || changed != (c.want != had) {
			t.Errorf("%s: %d sectors, changed %v; want %d", name, got, changed, c.want)
		}
		if stretch(&mbr, c.sectors) {
			t.Errorf("%s: it grows a second time", name)
		}
		copy(mbr[lastEntry+entrySize:lastEntry+entryEnd], before[lastEntry+entrySize:])
		if mbr != before {
			t.Errorf("%s: something else was changed", name)
		}
	}
}
