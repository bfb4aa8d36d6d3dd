package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// The file has two buckets.
var (
	bucketMeta    = []byte("meta")    // keyState → state, and the tail; small enough to live in the root page
	bucketEntries = []byte("entries") // place and number of the first entry → chunk
	keyState      = []byte("state")
	keyClock      = []byte("clock") // what is known of the time; absent in files of earlier versions
)

// errDamaged means that the file does not hold what was written to it.
var errDamaged = errors.New("the journal is damaged")

// Chain is the run of entries of one journal. A kiosk has one, and older ones
// for a while after a damaged file had to be set aside.
type Chain struct {
	Journal ID
	Base    Position // up to here everything was purged
	Covered Position // up to here the province has signed
	Head    Position // the last entry
	Lost    []Span   // entries between base and head that were lost, ascending

	place   uint16 // of its entries among those of the other chains
	receipt []byte // that covers
}

// Waiting is the number of entries that no receipt covers.
func (c Chain) Waiting() uint64 {
	n := c.Head.Number - c.Covered.Number
	for _, l := range c.Lost {
		if l.Last > c.Covered.Number {
			n -= l.Last - max(l.First, c.Covered.Number+1) + 1
		}
	}
	return n
}

// Span is a range of numbers, both ends included.
type Span struct{ First, Last uint64 }

// key is where a chunk of the chain is kept.
func (c *Chain) key(number uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(c.place)<<numberBits|number)
}

// keySize is the size of such a key in bytes.
const keySize = 8

// numberBits are the bits of a key that hold the number.
const numberBits = 48

func splitKey(k []byte) (place uint16, number uint64) {
	n := binary.BigEndian.Uint64(k)
	return uint16(n >> numberBits), n & (1<<numberBits - 1)
}

func placeOf(k []byte) uint16 {
	place, _ := splitKey(k)
	return place
}

// state is what the journal knows of itself. It is written with each commit.
type state struct {
	Kiosk string
	// High is the time of the last entry. Earlier versions never wrote an earlier
	// one, and their files may hold a time here that no clock will reach.
	High   time.Time
	Chains []Chain  // the last one grows
	Erased [][]byte // digests of the latest erasures, so that none is proven twice

	clock clockState
}

// clockState is what the journal keeps of the time. It stands beside the state,
// under a key of its own, so that an earlier version can read the file.
type clockState struct {
	floor  time.Time // see [Clock]; zero before anything signed was seen
	serial uint64    // of the last statement about the clock
	seen   time.Time // what the system's clock showed at the last commit
	jumped bool      // and has not been confirmed since

	qualityKnown bool // and recorded
	synchronised bool
	qualitySince time.Time
}

type storedClock struct {
	_            struct{} `cbor:",toarray"`
	Floor        int64    // milliseconds since 1970; 0 for none
	Serial       uint64
	Seen         int64
	Flags        uint8 // 1 jumped, 2 quality known, 4 synchronised
	QualitySince int64
}

const (
	flagJumped = 1 << iota
	flagQualityKnown
	flagSynchronised
)

func milliOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(0, t.UnixMilli())
}

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (c clockState) encode() []byte {
	w := storedClock{Floor: milliOf(c.floor), Serial: c.serial, Seen: milliOf(c.seen), QualitySince: milliOf(c.qualitySince)}
	for flag, set := range map[uint8]bool{flagJumped: c.jumped, flagQualityKnown: c.qualityKnown, flagSynchronised: c.synchronised} {
		if set {
			w.Flags |= flag
		}
	}
	b := encode(w)
	sum := sha256.Sum256(b)
	return append(b, sum[:checkLen]...)
}

// decodeClock reads what encode wrote. Data that is missing, as in a file of an
// earlier version, or damaged is no reason to give a journal up: the floor rises
// again with the next signed time.
func decodeClock(data []byte) clockState {
	n := len(data) - checkLen
	if n < 0 {
		return clockState{}
	}
	var w storedClock
	if sum := sha256.Sum256(data[:n]); !bytes.Equal(sum[:checkLen], data[n:]) || strict.Unmarshal(data[:n], &w) != nil {
		return clockState{}
	}
	return clockState{
		floor: timeOf(w.Floor), serial: w.Serial, seen: timeOf(w.Seen), jumped: w.Flags&flagJumped != 0,
		qualityKnown: w.Flags&flagQualityKnown != 0, synchronised: w.Flags&flagSynchronised != 0, qualitySince: timeOf(w.QualitySince),
	}
}

func (s *state) live() *Chain { return &s.Chains[len(s.Chains)-1] }

func (s *state) clone() *state {
	c := *s
	c.Chains, c.Erased = slices.Clone(s.Chains), slices.Clone(s.Erased)
	for i := range c.Chains {
		c.Chains[i].Lost = slices.Clone(c.Chains[i].Lost)
	}
	return &c
}

// chain finds a chain by its name.
func (s *state) chain(id ID) (*Chain, error) {
	for i := range s.Chains {
		if s.Chains[i].Journal == id {
			return &s.Chains[i], nil
		}
	}
	return nil, fmt.Errorf("%w %s", ErrUnknown, id)
}

type storedState struct {
	_      struct{} `cbor:",toarray"`
	Kiosk  string
	High   int64
	Chains []storedChain
	Erased [][]byte
}

type storedChain struct {
	_                   struct{} `cbor:",toarray"`
	Place               uint16
	Journal             []byte
	Base, Covered, Head storedPosition
	Lost                []uint64 // first, last, first, last, …
	Receipt             []byte
}

type storedPosition struct {
	_      struct{} `cbor:",toarray"`
	Number uint64
	Hash   []byte
}

func (p storedPosition) position() (q Position) {
	q.Number = p.Number
	copy(q.Hash[:], p.Hash)
	return q
}

// checkLen is the size in bytes of the sum after an encoded state: the start of
// its SHA-256.
const checkLen = 8

// encode is by hand, as in [Entry.Hash]: each commit writes the state.
func (s *state) encode() []byte {
	b := make([]byte, 0, 1<<10)
	b = append(b, 0x84)
	b = append(appendHead(b, majorText, uint64(len(s.Kiosk))), s.Kiosk...)
	b = appendUint(b, uint64(max(0, s.High.UnixMilli())))
	b = appendHead(b, majorArray, uint64(len(s.Chains)))
	for i := range s.Chains {
		b = s.Chains[i].appendTo(b)
	}
	b = appendHead(b, majorArray, uint64(len(s.Erased)))
	for _, digest := range s.Erased {
		b = appendBytes(b, digest)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:checkLen]...)
}

func (c *Chain) appendTo(b []byte) []byte {
	b = append(b, 0x87)
	b = appendUint(b, uint64(c.place))
	b = appendBytes(b, c.Journal[:])
	for _, p := range []*Position{&c.Base, &c.Covered, &c.Head} {
		b = appendBytes(appendUint(append(b, 0x82), p.Number), p.Hash[:])
	}
	b = appendHead(b, majorArray, 2*uint64(len(c.Lost)))
	for _, l := range c.Lost {
		b = appendUint(appendUint(b, l.First), l.Last)
	}
	return appendBytes(b, c.receipt)
}

func appendBytes(b, data []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(data))), data...)
}

func decodeState(data []byte) (*state, error) {
	n := len(data) - checkLen
	if n < 0 {
		return nil, fmt.Errorf("%w: its state is missing", errDamaged)
	}
	if sum := sha256.Sum256(data[:n]); !bytes.Equal(sum[:checkLen], data[n:]) {
		return nil, fmt.Errorf("%w: its state does not match its sum", errDamaged)
	}
	var w storedState
	if err := strict.Unmarshal(data[:n], &w); err != nil {
		return nil, fmt.Errorf("%w: reading its state: %w", errDamaged, err)
	}
	s := &state{Kiosk: w.Kiosk, High: time.UnixMilli(w.High).UTC(), Erased: w.Erased}
	for _, sc := range w.Chains {
		c := Chain{
			place: sc.Place, Base: sc.Base.position(), Covered: sc.Covered.position(),
			Head: sc.Head.position(), receipt: sc.Receipt,
		}
		copy(c.Journal[:], sc.Journal)
		for l := range slices.Chunk(sc.Lost, 2) {
			if len(l) == 2 {
				c.Lost = append(c.Lost, Span{l[0], l[1]})
			}
		}
		s.Chains = append(s.Chains, c)
	}
	if len(s.Chains) == 0 {
		return nil, fmt.Errorf("%w: its state names no chain", errDamaged)
	}
	return s, nil
}

func (s *state) put(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if err := meta.Put(keyClock, s.clock.encode()); err != nil {
		return err
	}
	return meta.Put(keyState, s.encode())
}

// stateOf is the state as the transaction sees it.
func stateOf(tx *bbolt.Tx) (*state, error) {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || tx.Bucket(bucketEntries) == nil {
		return nil, fmt.Errorf("%w: a part of the file is missing", errDamaged)
	}
	s, err := decodeState(meta.Get(keyState))
	if err != nil {
		return nil, err
	}
	s.clock = decodeClock(meta.Get(keyClock))
	return s, nil
}
