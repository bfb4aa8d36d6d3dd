package store

import (
	"bytes"
	"context"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

var partsNoon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func partsKey(t testing.TB) hpke.PrivateKey {
	t.Helper()
	key, err := hpke.MLKEM768X25519().DeriveKeyPair(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func partsJournal(t testing.TB, alter func(*Options)) (*Journal, string) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "chot-parts-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "journal")
	o := Options{Kiosk: "hall-1", SealKey: partsKey(t).PublicKey(), Clock: func() time.Time { return partsNoon }, Rand: rand.Reader}
	if alter != nil {
		alter(&o)
	}
	j, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j, path
}

func TestWhatAJournalNeeds(t *testing.T) {
	t.Parallel()
	full := Options{Kiosk: "k", SealKey: partsKey(t).PublicKey(), Clock: time.Now, Rand: rand.Reader}
	for what, leaveOut := range map[string]func(*Options){
		"kiosk": func(o *Options) { o.Kiosk = "" }, "seal key": func(o *Options) { o.SealKey = nil },
		"clock": func(o *Options) { o.Clock = nil }, "randomness": func(o *Options) { o.Rand = nil },
	} {
		o := full
		leaveOut(&o)
		path := filepath.Join(t.TempDir(), "journal")
		if j, err := Open(path, o); j != nil || err == nil || !strings.Contains(err.Error(), "opening the journal "+path+": the options lack") {
			t.Errorf("without its %s: %v", what, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("without its %s there is a file", what)
		}
	}
	o, err := full.complete()
	if err != nil || o.Log == nil || o.Reserve != 32<<20 || o.MaxAhead != 366*24*time.Hour || o.Free == nil {
		t.Errorf("%+v, %v", o, err)
	}
	first := o.Uptime()
	time.Sleep(time.Millisecond)
	if d := o.Uptime() - first; d <= 0 || d > time.Minute {
		t.Errorf("the uptime moves by %s", d)
	}
	i := Incident{What: Damage, Time: partsNoon, Cause: "x"}
	if kind, payload := o.Incident(i); kind != KindIncident || !bytes.Equal(payload, i.Encode()) {
		t.Errorf("kind %d", kind)
	}
	full.Reserve, full.MaxAhead = 7, 8
	if o, _ := full.complete(); o.Reserve != 7 || o.MaxAhead != 8 {
		t.Errorf("%+v", o)
	}
}

func TestHowManyWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		covered, head uint64
		lost          []Span
		want          uint64
	}{
		{0, 0, nil, 0}, {0, 10, nil, 10}, {4, 10, nil, 6}, {10, 10, nil, 0},
		{0, 10, []Span{{1, 1}}, 9}, {0, 10, []Span{{3, 5}}, 7}, {4, 10, []Span{{3, 5}}, 5}, {5, 10, []Span{{3, 5}}, 5},
		{4, 10, []Span{{2, 3}, {6, 7}}, 4}, {4, 10, []Span{{5, 10}}, 0}, {4, 10, []Span{{1, 4}}, 6},
	} {
		chain := Chain{Covered: Position{Number: c.covered}, Head: Position{Number: c.head}, Lost: c.lost}
		if got := chain.Waiting(); got != c.want {
			t.Errorf("%+v: %d wait", c, got)
		}
	}
	s := Status{Chain: Chain{Head: Position{Number: 3}}, Older: []Chain{{Head: Position{Number: 5}}}}
	if got := s.Backlog(); got != 8 {
		t.Errorf("%d wait in two chains", got)
	}
	if all := s.Chains(); len(all) != 2 || all[1].Head.Number != 3 || len(s.Older) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestWhatIsLost(t *testing.T) {
	t.Parallel()
	c := Chain{Lost: []Span{{3, 5}, {6, 6}, {9, 10}}}
	for _, q := range []struct {
		first, last uint64
		want        bool
	}{{3, 5, true}, {3, 6, true}, {3, 7, false}, {2, 3, false}, {4, 4, true}, {5, 6, true}, {6, 9, false}, {9, 10, true}, {10, 11, false}, {7, 8, false}, {1, 1, false}} {
		if got := c.lost(q.first, q.last); got != q.want {
			t.Errorf("%d to %d: %t", q.first, q.last, got)
		}
	}
}

func TestIncidentsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for _, want := range []Incident{
		{What: ClockJump, Time: partsNoon, From: partsNoon.Add(-time.Hour)},
		{What: Damage, Time: partsNoon, Journal: ID{1, 15: 2}, First: 3, Last: 4, File: "journal.damaged", Cause: "a page"},
		{What: ClockSource, Time: partsNoon, Synchronised: true, MaxError: 1500 * time.Microsecond},
		{What: ClockSource, Time: partsNoon},
	} {
		got, err := DecodeIncident(want.Encode())
		if err != nil || got != want {
			t.Errorf("%+v became %+v: %v", want, got, err)
		}
	}
	if _, err := DecodeIncident([]byte{0x80}); err == nil || !strings.HasPrefix(err.Error(), "reading an incident: ") {
		t.Errorf("an array: %v", err)
	}
}

// Heads of CBOR items have their shortest form, and are read back with nothing
// left over; one that is cut, or of another kind, is not read.
func TestHeadsOfItems(t *testing.T) {
	t.Parallel()
	for n, size := range map[uint64]int{
		0: 1, 23: 1, 24: 2, 255: 2, 256: 3, 65535: 3, 65536: 5, 1<<32 - 1: 5, 1 << 32: 9, 1<<64 - 1: 9,
	} {
		b := appendUint(nil, n)
		if !bytes.Equal(b, encode(n)) || len(b) != size {
			t.Errorf("%d: %x, not %x", n, b, encode(n))
		}
		r := reader(b)
		if got, ok := r.uint(); !ok || got != n || len(r) != 0 {
			t.Errorf("%d is read as %d, %t", n, got, ok)
		}
		for cut := range b {
			r := reader(b[:cut])
			if got, ok := r.uint(); ok {
				t.Errorf("%d cut to %d bytes is read as %d", n, cut, got)
			}
		}
		r = reader(b)
		if _, ok := r.bytes(); ok {
			t.Errorf("%d is read as bytes", n)
		}
	}
	for _, bad := range [][]byte{{0x1c, 0, 0, 0, 0, 0, 0, 0, 0}, {0x1f}, {0x5c}, {0x5f, 0xff}} {
		r, s := reader(bad), reader(bad)
		_, ok1 := r.uint()
		_, ok2 := s.bytes()
		if ok1 || ok2 {
			t.Errorf("%x is read", bad)
		}
	}
	r := reader([]byte{0x43, 1, 2, 3, 4})
	if got, ok := r.bytes(); !ok || !bytes.Equal(got, []byte{1, 2, 3}) || len(r) != 1 {
		t.Errorf("%x, %t", got, ok)
	}
	r = reader([]byte{0x43, 1, 2})
	if got, ok := r.bytes(); ok {
		t.Errorf("bytes that are cut: %x", got)
	}
}

func partsEntries() []Entry {
	prev := Hash{1}
	var entries []Entry
	for i, sealed := range [][]byte{bytes.Repeat([]byte{5}, 30), nil, {}, bytes.Repeat([]byte{6}, 300)} {
		e := Entry{Number: uint64(7 + i), Time: partsNoon.Add(time.Duration(i) * time.Hour), Kind: uint8(i * 85), Prev: prev, Digest: sha256.Sum256(sealed), Sealed: sealed}
		entries, prev = append(entries, e), e.Hash()
	}
	return entries
}

// A chunk that is cut anywhere is refused, or holds the entries up to there; one
// with a byte changed never holds the same entries.
func TestChunksCutAndAlteredAnywhere(t *testing.T) {
	t.Parallel()
	want := partsEntries()
	c := pack(want)
	got, err := c.unpack(7)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v became %+v: %v", want, got, err)
	}
	ends := map[int]int{}
	for n := range want {
		ends[len(pack(want[:n+1]))] = n + 1
	}
	for cut := range len(c) {
		got, err := c[:cut].unpack(7)
		if n, whole := ends[cut]; whole && (err != nil || !reflect.DeepEqual(got, want[:n])) || !whole && (err == nil || got != nil) {
			t.Errorf("cut to %d bytes: %d entries, %v", cut, len(got), err)
		}
		altered := bytes.Clone(c)
		altered[cut] ^= 1
		if got, err := chunk(altered).unpack(7); err == nil && reflect.DeepEqual(got, want) {
			t.Errorf("byte %d changes nothing", cut)
		}
	}
	e := want[0]
	at := uint64(e.Time.UnixMilli())
	head := func(prev []byte, ms uint64) []byte { return appendUint(appendBytes(nil, prev), ms) }
	entry := func(b []byte, step, kind uint64) []byte {
		return appendBytes(appendUint(appendUint(b, step), kind), []byte{1})
	}
	for what, c := range map[string]struct {
		data []byte
		ok   bool
	}{
		"one entry":                      {entry(head(make([]byte, 32), at), 0, 255), true},
		"the last time":                  {entry(head(make([]byte, 32), maxMilli), 0, 1), true},
		"the last time by a step":        {entry(head(make([]byte, 32), 0), maxMilli, 1), true},
		"no entries":                     {head(make([]byte, 32), at), false},
		"a previous hash of 31 bytes":    {entry(head(make([]byte, 31), at), 0, 1), false},
		"a previous hash of 33 bytes":    {entry(head(make([]byte, 33), at), 0, 1), false},
		"a time after the last":          {entry(head(make([]byte, 32), maxMilli+1), 0, 1), false},
		"a step beyond the last time":    {entry(head(make([]byte, 32), maxMilli), 1, 1), false},
		"a step beyond all":              {entry(head(make([]byte, 32), 0), 1<<64-1, 1), false},
		"kind 256":                       {entry(head(make([]byte, 32), at), 0, 256), false},
		"a digest of 31 bytes":           {appendBytes(append(appendUint(appendUint(head(make([]byte, 32), at), 0), 1), 0x81), make([]byte, 31)), false},
		"a digest of 33 bytes":           {appendBytes(append(appendUint(appendUint(head(make([]byte, 32), at), 0), 1), 0x81), make([]byte, 33)), false},
		"a digest":                       {appendBytes(append(appendUint(appendUint(head(make([]byte, 32), at), 0), 1), 0x81), make([]byte, 32)), true},
		"an array of one without digest": {append(appendUint(appendUint(head(make([]byte, 32), at), 0), 1), 0x81), false},
		"a payload that is a number":     {append(appendUint(appendUint(head(make([]byte, 32), at), 0), 1), 7), false},
		"nothing":                        {nil, false},
	} {
		got, err := chunk(c.data).unpack(1)
		if (err == nil) != c.ok || c.ok != (len(got) == 1) {
			t.Errorf("%s: %d entries, %v", what, len(got), err)
		}
		if _, err := chunk(c.data).unpackDamaged(5); !c.ok && (!errors.Is(err, errDamaged) || !strings.Contains(err.Error(), "what is kept as entry 5")) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func partsState() *state {
	return &state{
		Kiosk: "hall-1", High: partsNoon, Erased: [][]byte{{1, 2, 3, 4, 5, 6, 7, 8}, {9}},
		Chains: []Chain{
			{place: 1, Journal: ID{1}, Base: Position{3, Hash{1}}, Covered: Position{5, Hash{2}}, Head: Position{9, Hash{3}}, Lost: []Span{{4, 4}, {6, 8}}, receipt: []byte("receipt")},
			{place: 2, Journal: ID{2}, Base: Position{0, Hash{4}}, Covered: Position{0, Hash{4}}, Head: Position{1 << 40, Hash{5}}, receipt: []byte{}},
		},
	}
}

// A state is read as it was written; one that is cut, or has a bit changed, is
// damaged.
func TestStatesCutAndAlteredAnywhere(t *testing.T) {
	t.Parallel()
	want := partsState()
	data := want.encode()
	got, err := decodeState(data)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v became %+v: %v", want, got, err)
	}
	for at := range data {
		if _, err := decodeState(data[:at]); !errors.Is(err, errDamaged) {
			t.Errorf("cut to %d bytes: %v", at, err)
		}
		altered := bytes.Clone(data)
		altered[at] ^= 4
		if _, err := decodeState(altered); !errors.Is(err, errDamaged) {
			t.Errorf("byte %d altered: %v", at, err)
		}
	}
	if _, err := decodeState((&state{Kiosk: "k"}).encode()); !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), "names no chain") {
		t.Errorf("without a chain: %v", err)
	}
	c := want.clone()
	c.Chains[0].Lost[0].First, c.Chains[1].Head.Number, c.Erased[0] = 99, 99, nil
	if !reflect.DeepEqual(want, partsState()) {
		t.Error("what a clone is changed by changes the original")
	}
	if chain, err := want.chain(ID{2}); err != nil || chain != want.live() {
		t.Errorf("%v, %v", chain, err)
	}
	if _, err := want.chain(ID{3}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestClocksCutAndAlteredAnywhere(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		want := clockState{
			floor: partsNoon, serial: 7, seen: partsNoon.Add(time.Hour), jumped: i&1 != 0, qualityKnown: i&2 != 0, synchronised: i&4 != 0,
			qualitySince: partsNoon.Add(-time.Hour),
		}
		data := want.encode()
		if got := decodeClock(data); got != want {
			t.Errorf("%+v became %+v", want, got)
		}
		for at := range data {
			altered := bytes.Clone(data)
			altered[at] ^= 4
			if decodeClock(data[:at]) != (clockState{}) || decodeClock(altered) != (clockState{}) {
				t.Errorf("byte %d cut or altered counts", at)
			}
		}
	}
	if got := decodeClock((clockState{}).encode()); got != (clockState{}) {
		t.Errorf("nothing became %+v", got)
	}
	if decodeClock(nil) != (clockState{}) {
		t.Error("a file of an earlier version has a clock")
	}
}

// Of two states the one that reaches farther is newer.
func TestWhichStateIsNewer(t *testing.T) {
	t.Parallel()
	older := func(alter func(*state)) bool {
		a, b := partsState(), partsState()
		alter(b)
		if !a.olderThan(b) || b.olderThan(a) {
			return false
		}
		return true
	}
	for what, alter := range map[string]func(*state){
		"a later chain": func(s *state) { s.live().place++; s.live().Head.Number = 1 },
		"more entries":  func(s *state) { s.live().Head.Number++ },
		"more covered":  func(s *state) { s.live().Covered.Number++ },
		"more purged":   func(s *state) { s.live().Base.Number++ },
		"a later entry": func(s *state) { s.High = s.High.Add(1) },
	} {
		if !older(alter) {
			t.Errorf("%s is not newer", what)
		}
	}
	if partsState().olderThan(partsState()) {
		t.Error("a state is older than itself")
	}
}

func TestWhatIsUnpacked(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("record "), MaxPayload/7+1)[:MaxPayload]
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderDict(dictionary1))
	if err != nil {
		t.Fatal(err)
	}
	bomb := append([]byte{packedDict1}, enc.EncodeAll(make([]byte, MaxPayload+1), nil)[4:]...)
	for _, c := range []struct {
		what   string
		packed []byte
		want   []byte
		err    string
	}{
		{"as it is", []byte{0, 1, 2}, []byte{1, 2}, ""},
		{"as it is, empty", []byte{0}, []byte{}, ""},
		{"packed", compress([]byte("Nguyễn Văn An, Nguyễn Văn An")), []byte("Nguyễn Văn An, Nguyễn Văn An"), ""},
		{"the largest", compress(large), large, ""},
		{"nothing", nil, nil, "nothing is sealed"},
		{"of a later version", []byte{2, 1}, nil, "packed in a way that this version does not know (2)"},
		{"not a frame", []byte{1, 1, 2, 3}, nil, "decompressing: "},
		{"more than a payload", bomb, nil, "decompressing: "},
	} {
		got, err := decompress(c.packed)
		if !bytes.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.HasPrefix(err.Error(), c.err) {
			t.Errorf("%s: %d bytes, %v", c.what, len(got), err)
		}
	}
	if p := compress(bytes.Repeat([]byte{7}, 100)); p[0] != packedDict1 || len(p) > 40 {
		t.Errorf("what repeats takes %d bytes", len(p))
	}
	if p := compress([]byte{7}); !bytes.Equal(p, []byte{packedPlain, 7}) {
		t.Errorf("one byte becomes %x", p)
	}
	if p := compress(nil); !bytes.Equal(p, []byte{packedPlain}) {
		t.Errorf("nothing becomes %x", p)
	}
}

// Each field of an entry, its segment and its journal is bound by its seal; what
// does not open costs no other entry.
func TestWhatASealBinds(t *testing.T) {
	t.Parallel()
	j, _ := partsJournal(t, nil)
	for i := range 3 {
		if _, err := j.Append(t.Context(), 1, partsNoon, fmt.Append(nil, "payload ", i)); err != nil {
			t.Fatal(err)
		}
	}
	st, err := j.Status()
	if err != nil {
		t.Fatal(err)
	}
	run, err := j.Batch(t.Context(), st.Journal, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	segment := run.Entries[0].Sealed
	other, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	wrongEnc := encode(segmentOf(t, segment, func(s *segmentPayload) { s.Enc[0] ^= 1 }))
	shortEnc := encode(segmentOf(t, segment, func(s *segmentPayload) { s.Enc = s.Enc[:100] }))
	for _, c := range []struct {
		what    string
		keys    []hpke.PrivateKey
		kiosk   string
		journal ID
		segment []byte
		alter   func([]Entry) []Entry
		opens   [3]bool
		err     string
	}{
		{what: "as it is", alter: func(e []Entry) []Entry { return e }, opens: [3]bool{true, true, true}},
		{what: "among other keys", keys: []hpke.PrivateKey{other, partsKey(t)}, alter: func(e []Entry) []Entry { return e }, opens: [3]bool{true, true, true}},
		{what: "without its segment", alter: func(e []Entry) []Entry { return e[1:] }, err: "reading the segment"},
		{what: "with its segment", segment: segment, alter: func(e []Entry) []Entry { return e[1:] }, opens: [3]bool{true, true, true}},
		{what: "with a segment that was altered", segment: wrongEnc, alter: func(e []Entry) []Entry { return e[1:] }, err: "message authentication failed"},
		{what: "with a segment that was cut", segment: shortEnc, alter: func(e []Entry) []Entry { return e[1:] }, err: "opening the segment"},
		{what: "without the key", keys: []hpke.PrivateKey{other}, alter: func(e []Entry) []Entry { return e }, err: "the segment was made for the key " + fmt.Sprintf("%x", keyID(partsKey(t).PublicKey())) + ", which is not here"},
		{what: "another kiosk", kiosk: "hall-2", alter: func(e []Entry) []Entry { return e }, err: "message authentication failed"},
		{what: "another journal", journal: ID{1}, alter: func(e []Entry) []Entry { return e }, err: "message authentication failed"},
		{what: "another number", alter: func(e []Entry) []Entry { e[2].Number++; return e }, opens: [3]bool{true, false, true}, err: "entry 4 of kind 1"},
		{what: "another time", alter: func(e []Entry) []Entry { e[2].Time = e[2].Time.Add(time.Millisecond); return e }, opens: [3]bool{true, false, true}, err: "entry 3 of kind 1"},
		{what: "another kind", alter: func(e []Entry) []Entry { e[2].Kind = 9; return e }, opens: [3]bool{true, false, true}, err: "entry 3 of kind 9"},
		{what: "another payload", alter: func(e []Entry) []Entry { e[2].Sealed = bytes.Clone(e[2].Sealed); e[2].Sealed[0] ^= 1; return e }, opens: [3]bool{true, false, true}, err: "entry 3"},
		{what: "no payload", alter: func(e []Entry) []Entry { e[2].Sealed = []byte{}; return e }, opens: [3]bool{true, false, true}, err: "entry 3"},
		{what: "erased", alter: func(e []Entry) []Entry { e[2].Sealed = nil; return e }, opens: [3]bool{true, false, true}},
	} {
		if c.keys == nil {
			c.keys = []hpke.PrivateKey{partsKey(t)}
		}
		if c.kiosk == "" {
			c.kiosk = "hall-1"
		}
		if c.journal == (ID{}) {
			c.journal = st.Journal
		}
		entries := c.alter(append([]Entry(nil), run.Entries...))
		payloads, last, err := NewOpener(c.keys...).Open(c.kiosk, c.journal, c.segment, entries)
		if (err == nil) != (c.err == "") || err != nil && (!errors.Is(err, ErrSealed) || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, not %q", c.what, err, c.err)
		}
		payloads = payloads[len(payloads)-3:]
		for i, want := range c.opens {
			if got := string(payloads[i]) == fmt.Sprint("payload ", i); got != want {
				t.Errorf("%s: payload %d is %q", c.what, i, payloads[i])
			}
		}
		wantLast := segment
		if len(entries) == 3 {
			wantLast = c.segment
		}
		if !bytes.Equal(last, wantLast) {
			t.Errorf("%s: another segment is handed on", c.what)
		}
	}
}

type segmentPayload = segment

func segmentOf(t testing.TB, payload []byte, alter func(*segmentPayload)) segmentPayload {
	t.Helper()
	var s segmentPayload
	if err := strict.Unmarshal(payload, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Enc) != 1120 || len(s.KeyID) != 8 {
		t.Errorf("an encapsulation of %d bytes for the key %x", len(s.Enc), s.KeyID)
	}
	alter(&s)
	return s
}

func TestWhatAppendRefuses(t *testing.T) {
	t.Parallel()
	j, _ := partsJournal(t, nil)
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		what    string
		ctx     context.Context
		kind    uint8
		payload []byte
		is      error
		text    string
	}{
		{"the journal's own kind", t.Context(), KindSegment, nil, nil, "kind 0 is the journal's own"},
		{"too much", t.Context(), 1, make([]byte, MaxPayload+1), ErrTooLarge, "65537 bytes of 65536"},
		{"a context that has ended", ended, 1, nil, context.Canceled, ""},
	} {
		e, err := j.Append(c.ctx, c.kind, partsNoon, c.payload)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.HasPrefix(err.Error(), "appending to the journal: ") || !strings.Contains(err.Error(), c.text) || e.Number != 0 {
			t.Errorf("%s: %+v, %v", c.what, e, err)
		}
	}
	if st, err := j.Status(); err != nil || st.Head.Number != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	if e, err := j.Append(t.Context(), 255, partsNoon, make([]byte, MaxPayload)); err != nil || e.Number != 2 || e.Kind != 255 {
		t.Errorf("the largest payload: %+v, %v", e, err)
	}
	j.Close()
	if _, err := j.Append(t.Context(), 1, partsNoon, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	if err := j.Cover(t.Context(), ID{}, Position{}, partsNoon, partsNoon, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// A receipt covers what it is for, and changes nothing if it is older, a fork or
// for entries that were never written.
func TestWhatAReceiptCovers(t *testing.T) {
	t.Parallel()
	j, path := partsJournal(t, nil)
	var positions []Position
	for i := range 10 {
		e, err := j.Append(t.Context(), 1, partsNoon.Add(time.Duration(i)*time.Second), []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		positions = append(positions, Position{e.Number, e.Hash()})
	}
	st, err := j.Status()
	if err != nil {
		t.Fatal(err)
	}
	other := positions[4]
	other.Hash[0] ^= 1
	for _, c := range []struct {
		what    string
		journal ID
		p       Position
		is      error
		covered uint64
	}{
		{"entry 3", st.Journal, positions[1], nil, 3},
		{"an older one", st.Journal, positions[0], nil, 3},
		{"the same again", st.Journal, positions[1], nil, 3},
		{"an unknown journal", ID{}, positions[4], ErrUnknown, 3},
		{"another entry 6", st.Journal, other, ErrFork, 3},
		{"an entry that was never written", st.Journal, Position{12, Hash{}}, ErrAhead, 3},
		{"the last one", st.Journal, positions[9], nil, 11},
	} {
		err := j.Cover(t.Context(), c.journal, c.p, partsNoon, partsNoon, []byte(c.what))
		if !errors.Is(err, c.is) || (err == nil) != (c.is == nil) || err != nil && !strings.HasPrefix(err.Error(), fmt.Sprintf("recording a receipt up to %d: ", c.p.Number)) {
			t.Errorf("%s: %v", c.what, err)
		}
		st, err := j.Status()
		if err != nil || st.Covered.Number != c.covered || st.Waiting() != 11-c.covered {
			t.Errorf("%s: %+v, %v", c.what, st, err)
		}
	}
	if n, err := j.Purge(t.Context(), partsNoon.Add(5*time.Second)); err != nil || n != 6 {
		t.Errorf("%d are purged: %v", n, err)
	}
	if err := j.Cover(t.Context(), st.Journal, positions[1], partsNoon, partsNoon, nil); err != nil {
		t.Errorf("for an entry that was purged: %v", err)
	}
	j.Close()
	look, err := Inspect(path)
	if err != nil || string(look.Chains[0].receipt) != "the last one" || look.Chains[0].Base.Number != 6 || !look.Floor.Equal(partsNoon) || !look.High.Equal(partsNoon.Add(9*time.Second)) {
		t.Errorf("%+v, %v", look, err)
	}
}

func TestWhatIsErased(t *testing.T) {
	t.Parallel()
	j, _ := partsJournal(t, nil)
	for i := range 10 {
		if _, err := j.Append(t.Context(), 1, partsNoon.Add(time.Duration(i)*time.Second), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	st, _ := j.Status()
	run, err := j.Batch(t.Context(), st.Journal, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Cover(t.Context(), st.Journal, Position{8, run.Entries[0].Hash()}, partsNoon, partsNoon, nil); err != nil {
		t.Fatal(err)
	}
	erase := func(journal ID, proof string, numbers ...uint64) error {
		return j.Erase(t.Context(), journal, numbers, 12, partsNoon.Add(10*time.Second), []byte(proof))
	}
	for want, err := range map[string]error{
		"erasing entries: entry 9: no receipt covers it":                           erase(st.Journal, "a", 7, 9),
		"erasing entries: entry 1: it begins a segment and holds no person's data": erase(st.Journal, "b", 7, 1),
		"erasing entries: there is no journal 01000000000000000000000000000000":    erase(ID{1}, "c", 7),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, not %q", err, want)
		}
	}
	erased := func() (all []uint64, entries int) {
		run, err := j.Batch(t.Context(), st.Journal, 1, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range run.Entries {
			if e.Sealed == nil {
				all = append(all, e.Number)
			}
		}
		return all, len(run.Entries)
	}
	if all, n := erased(); len(all) != 0 || n != 11 {
		t.Errorf("an order that failed erased %v and left %d entries", all, n)
	}
	for i, c := range []struct {
		proof   string
		numbers []uint64
		want    string
		entries int
	}{
		{"first", []uint64{3, 8}, "[3 8]", 12}, {"first", []uint64{3, 8}, "[3 8]", 12}, {"second", []uint64{3, 4}, "[3 4 8]", 14}, {"first", []uint64{5}, "[3 4 5 8]", 16}, // a rewritten file begins another segment
	} {
		if err := erase(st.Journal, c.proof, c.numbers...); err != nil {
			t.Fatal(err)
		}
		if all, n := erased(); fmt.Sprint(all) != c.want || n != c.entries {
			t.Errorf("step %d: %v are erased, %d entries", i, all, n)
		}
	}
	// The last 32 are remembered.
	for i := range 31 {
		if err := erase(st.Journal, fmt.Sprint("more ", i)); err != nil {
			t.Fatal(err)
		}
	}
	_, before := erased()
	if err := erase(st.Journal, "first", 5); err != nil {
		t.Fatal(err)
	}
	_, remembered := erased()
	if err := erase(st.Journal, "second", 3, 4); err != nil {
		t.Fatal(err)
	}
	if _, forgotten := erased(); remembered != before || forgotten != before+2 {
		t.Errorf("%d entries, then %d, then %d", before, remembered, forgotten)
	}
}

// A batch ends where its bytes do, and begins where it is asked to.
func TestWhatABatchHolds(t *testing.T) {
	t.Parallel()
	j, _ := partsJournal(t, nil)
	for i := range 5 {
		payload := make([]byte, 100)
		rand.Read(payload)
		if _, err := j.Append(t.Context(), 1, partsNoon.Add(time.Duration(i)*time.Second), payload); err != nil {
			t.Fatal(err)
		}
	}
	st, _ := j.Status()
	const sealed = 100 + 1 + 16
	for _, c := range []struct {
		from     uint64
		maxBytes int
		want     string
	}{
		{2, 1, "2-2"}, {2, sealed, "2-2"}, {2, 2*sealed - 1, "2-2"}, {2, 2 * sealed, "2-3"}, {2, 3*sealed - 1, "2-3"}, {2, 1 << 20, "2-6"}, {6, 1 << 20, "6-6"}, {7, 1 << 20, ""}, {99, 1 << 20, ""},
	} {
		run, err := j.Batch(t.Context(), st.Journal, c.from, c.maxBytes)
		got := ""
		if n := len(run.Entries); n > 0 {
			got = fmt.Sprintf("%d-%d", run.Entries[0].Number, run.Entries[n-1].Number)
		}
		if err != nil || got != c.want || run.Kiosk != "hall-1" || run.Journal != st.Journal || run.Lost != 0 {
			t.Errorf("from %d, %d bytes: %s, %v", c.from, c.maxBytes, got, err)
		}
	}
	for want, from := range map[error]struct {
		journal ID
		from    uint64
	}{ErrUnknown: {ID{1}, 1}, ErrPurged: {st.Journal, 0}} {
		if run, err := j.Batch(t.Context(), from.journal, from.from, 1); !errors.Is(err, want) || run.Entries != nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("reading the journal from entry %d: ", from.from)) {
			t.Errorf("%+v: %v", from, err)
		}
	}
}

// The room on the disk is looked at once a second, and what is left is said.
func TestRoomOnTheDisk(t *testing.T) {
	t.Parallel()
	free, looks, up := int64(100<<20), 0, time.Hour
	fails := error(nil)
	j, _ := partsJournal(t, func(o *Options) {
		o.Reserve = 10 << 20
		o.Uptime = func() time.Duration { return up }
		o.Clock = func() time.Time { return partsNoon.Add(up) }
		o.Free = func(string) (int64, error) { looks++; return free, fails }
	})
	for _, c := range []struct {
		what  string
		free  int64
		after time.Duration
		fails error
		is    error
		text  string
		looks int
	}{
		{"at first", 100 << 20, 0, nil, nil, "", 1},
		{"almost a second later", 0, time.Second - 1, nil, nil, "", 0},
		{"a second later", 10<<20 - 1, 1, nil, ErrFull, "9 MiB are left", 1},
		{"at once again", 10<<20 - 1, 0, nil, ErrFull, "9 MiB are left", 1},
		{"with just the reserve", 10 << 20, 0, nil, nil, "", 1},
		{"when it cannot be asked", 10 << 20, 2 * time.Second, errors.New("no answer"), ErrDisk, "no answer", 1},
	} {
		free, fails = c.free, c.fails
		up += c.after
		looks = 0
		_, err := j.Append(t.Context(), 1, partsNoon, nil)
		if !errors.Is(err, c.is) || (err == nil) != (c.is == nil) || err != nil && !strings.Contains(err.Error(), c.text) || looks != c.looks {
			t.Errorf("%s: %v, %d looks", c.what, err, looks)
		}
	}
	fails = nil
	for free, full := range map[int64]bool{10 << 20: false, 10<<20 - 1: true} {
		freeNow := free
		j.o.Free = func(string) (int64, error) { return freeNow, nil }
		if st, err := j.Status(); err != nil || st.Full != full || st.Free != free {
			t.Errorf("%d bytes: %+v, %v", free, st, err)
		}
	}
	if n, err := freeBytes(filepath.Join(t.TempDir(), "journal")); err != nil || n <= 0 {
		t.Errorf("%d bytes are free: %v", n, err)
	}
	if _, err := freeBytes("/none/journal"); err == nil || !strings.Contains(err.Error(), "asking for the room on the disk") {
		t.Error(err)
	}
}

// A damaged file has a name that tells when; a hundred in a second is too many.
func TestHowAFileIsSetAside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		want := "journal.damaged-20260302T120000Z"
		if i > 0 {
			want += fmt.Sprint("-", i)
		}
		if name, err := setAside(path, partsNoon.In(time.FixedZone("", 7*3600))); err != nil || name != want {
			t.Fatalf("%d: %q, %v", i, name, err)
		}
	}
	if name, err := setAside(path, partsNoon); err == nil || name != "" {
		t.Errorf("the hundred and first: %q, %v", name, err)
	}
	if _, err := setAside(path+"none", partsNoon); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of no file: %v", err)
	}
}

// A journal is one kiosk's, and one process's.
func TestWhoseJournalItIs(t *testing.T) {
	t.Parallel()
	j, path := partsJournal(t, nil)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	o := j.o
	o.Kiosk = "hall-2"
	if _, err := Open(path, o); err == nil || !strings.Contains(err.Error(), `it is the journal of kiosk "hall-1", not of "hall-2"`) {
		t.Errorf("another kiosk's: %v", err)
	}
	again, err := Open(path, j.o) // the lock is not held
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if _, err := Open(filepath.Join(path, "under", "a", "file"), j.o); err == nil {
		t.Error("a journal is opened under a file")
	}
}
