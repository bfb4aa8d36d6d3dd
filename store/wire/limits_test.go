package wire_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"chot/store"
	"chot/store/wire"
)

// chain returns n entries of a journal, each of size bytes sealed.
func chain(n, size int) (entries []store.Entry) {
	prev := store.Genesis(vectorKiosk, vectorJournal)
	sealed := make([]byte, size)
	digest := sha256.Sum256(sealed)
	for i := range n {
		e := store.Entry{Number: uint64(i + 1), Time: vectorTime, Kind: 1, Prev: prev, Digest: digest, Sealed: sealed}
		entries, prev = append(entries, e), e.Hash()
	}
	return entries
}

// A batch has 1 to 16384 entries, in order, in at most a mebibyte; what is not so
// is not made.
func TestWhatABatchIsMadeOf(t *testing.T) {
	t.Parallel()
	key := vectorKey(t, "kiosk")
	swapped := chain(3, 1)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	broken := chain(3, 1)
	broken[1].Sealed = []byte{9}
	back := chain(2, 1)
	back[1].Time = back[0].Time.Add(-time.Millisecond)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what    string
		entries []store.Entry
		key     crypto.Signer
		err     string // that it says; "" if it is made
	}{
		{"no entries", nil, key, "making a batch: 0 entries, not 1 to 16384"},
		{"one entry", chain(1, 1), key, ""},
		{"as many as there may be", chain(wire.MaxEntries, 1), key, ""},
		{"one more", chain(wire.MaxEntries+1, 1), key, "making a batch: 16385 entries, not 1 to 16384"},
		{"as large as it may be", chain(1, wire.MaxBatch-172), key, ""},
		{"one byte more", chain(1, wire.MaxBatch-171), key, "making a batch: 1048577 bytes, more than 1048576"},
		{"entries out of order", swapped, key, "making a batch: the chain is broken"},
		{"a payload that is another", broken, key, "making a batch: the chain is broken"},
		{"a time that goes back", back, key, "making a batch: entry 2 bears an earlier time"},
		{"a key on P-384", chain(1, 1), p384, "making a batch: signing: the key is not on P-256"},
		{"an Ed25519 key", chain(1, 1), ed, "making a batch: signing: the key is not on P-256"},
		{"a key that does not sign", chain(1, 1), failing{key}, "making a batch: signing: the module is not there"},
		{"a key that signs nonsense", chain(1, 1), nonsense{key}, "making a batch: reading the signature that the key gave"},
	} {
		b := wire.Batch{Kiosk: vectorKiosk, Journal: vectorJournal, Made: vectorTime, Entries: c.entries}
		data, err := b.Encode(c.key, rand.Reader)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || data != nil {
				t.Errorf("%s: %d bytes, %v, not %q", c.what, len(data), err, c.err)
			}
			continue
		}
		if err != nil || len(data) > wire.MaxBatch {
			t.Errorf("%s: %d bytes, %v", c.what, len(data), err)
			continue
		}
		got, err := wire.DecodeBatch(data)
		if err != nil || len(got.Entries) != len(c.entries) || got.Head() != b.Head() || got.Verify(&key.PublicKey) != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// failing is a key of a module that is gone, nonsense one that does not keep to DER.
type (
	failing  struct{ *ecdsa.PrivateKey }
	nonsense struct{ *ecdsa.PrivateKey }
)

func (failing) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the module is not there")
}

func (nonsense) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return []byte("signed"), nil
}

// The province's messages are not made by a key that does not sign.
func TestNothingIsMadeWithoutASignature(t *testing.T) {
	t.Parallel()
	key := failing{vectorKey(t, "province")}
	for what, encode := range map[string]func() ([]byte, error){
		"making a receipt":                   func() ([]byte, error) { return (&wire.Receipt{Kiosk: "k"}).Encode(key, nil) },
		"making an erasure order":            func() ([]byte, error) { return (&wire.Erasure{Kiosk: "k"}).Encode(key, nil) },
		"making a statement about the clock": func() ([]byte, error) { return (&wire.Clock{Kiosk: "k"}).Encode(key, nil) },
	} {
		if data, err := encode(); data != nil || err == nil || err.Error() != what+": signing: the module is not there" {
			t.Errorf("%s: %x, %v", what, data, err)
		}
	}
}

// A signature is checked by the key that it names, which is on P-256, alone; an
// error says whose message it is.
func TestWhoseSignatureItIs(t *testing.T) {
	t.Parallel()
	key := vectorKey(t, "province")
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := wire.Receipt{Kiosk: "hall-1", Journal: vectorJournal, Held: store.Position{Number: 7, Hash: store.Hash{9}}, Time: vectorTime}
	e := wire.Erasure{Kiosk: "hall-1", Journal: vectorJournal, Numbers: []uint64{7}, Time: vectorTime}
	k := wire.Clock{Kiosk: "hall-1", Serial: 7, Time: vectorTime}
	for _, encode := range []func(crypto.Signer, io.Reader) ([]byte, error){r.Encode, e.Encode, k.Encode} {
		if _, err := encode(key, rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	good, others := []*ecdsa.PublicKey{&key.PublicKey}, []*ecdsa.PublicKey{&p384.PublicKey, &newKey(t).PublicKey}
	for _, c := range []struct {
		what   string
		verify func([]*ecdsa.PublicKey) error
	}{
		{"the receipt for kiosk hall-1 up to 7", r.Verify},
		{"the erasure order for kiosk hall-1", e.Verify},
		{"statement 7 about the clock of kiosk hall-1", k.Verify},
	} {
		if err := c.verify(append(others, good...)); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		for _, keys := range [][]*ecdsa.PublicKey{nil, others} {
			if err := c.verify(keys); !errors.Is(err, wire.ErrSignature) || !strings.HasPrefix(err.Error(), c.what+": ") {
				t.Errorf("%s by %d other keys: %v", c.what, len(keys), err)
			}
		}
	}
	b := wire.Batch{Kiosk: "hall-1", Journal: vectorJournal, Made: vectorTime, Entries: chain(3, 1)}
	if _, err := b.Encode(key, rand.Reader); err != nil {
		t.Fatal(err)
	}
	for what, key := range map[string]*ecdsa.PublicKey{"no key": nil, "on P-384": &p384.PublicKey, "another": &newKey(t).PublicKey} {
		var refused *wire.Error
		err := b.Verify(key)
		if !errors.As(err, &refused) || refused.Code != wire.BadSignature || refused.Text != "the batch 1 to 3 of kiosk hall-1: the signature does not hold" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A key's id is what it is for everybody: the start of the SHA-256 of its DER.
func TestAKeysID(t *testing.T) {
	t.Parallel()
	key := vectorKey(t, "province")
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	if got := wire.KeyID(&key.PublicKey); !bytes.Equal(got, sum[:8]) {
		t.Errorf("%x, not %x", got, sum[:8])
	}
	if got := wire.KeyID(&ecdsa.PublicKey{}); got != nil {
		t.Errorf("of no key: %x", got)
	}
}

// An answer has the status of its code, and says itself in words.
func TestAnswersInWordsAndNumbers(t *testing.T) {
	t.Parallel()
	for code, want := range map[wire.Code]int{
		wire.Malformed: 400, wire.BadSignature: 403, wire.Unknown: 403, wire.Revoked: 403, wire.None: 404, wire.Gap: 409, wire.Fork: 409,
		wire.TooLarge: 413, wire.Busy: 429, wire.Unavailable: 503, "of a later version": http.StatusInternalServerError,
	} {
		if got := (&wire.Error{Code: code}).Status(); got != want {
			t.Errorf("%s: status %d, not %d", code, got, want)
		}
	}
	for want, e := range map[string]wire.Error{"gap": {Code: wire.Gap}, "gap: entries are missing": {Code: wire.Gap, Text: "entries are missing"}} {
		if got := e.Error(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// What is wrong with a batch is said, for whoever reads the answer.
func TestWhyABatchIsRefused(t *testing.T) {
	t.Parallel()
	data := encodeBatch(t, wire.Batch{Kiosk: vectorKiosk, Journal: vectorJournal, Made: vectorTime, Entries: vectorEntries()}, vectorKey(t, "kiosk"))
	for want, bad := range map[string][]byte{
		"a batch of 1048577 bytes, more than 1048576":                                               make([]byte, wire.MaxBatch+1),
		"reading the batch: EOF":                                                                    nil,
		"reading the batch: the kiosk's name has 65 bytes, not 1 to 64":                             altered(t, data, 1, strings.Repeat("k", 65)),
		"reading the batch: the journal's name has 15 bytes, not 16":                                altered(t, data, 2, make([]byte, 15)),
		"reading the batch: the previous hash has 31 bytes":                                         altered(t, data, 4, make([]byte, 31)),
		"reading the batch: the signature has 63 bytes":                                             altered(t, data, 13, make([]byte, 63)),
		"reading the batch: 0 entries, not 1 to 16384":                                              altered(t, data, 7, []byte{}),
		"reading the batch: there are not 2 steps and 3 lengths":                                    altered(t, data, 6, []byte{1}),
		"reading the batch: the first entry is number 0":                                            altered(t, data, 3, 0),
		"reading the batch: 1 entries lost before number 1":                                         altered(t, data, 11, 1),
		"reading the batch: a time beyond the year 9999":                                            altered(t, data, 12, uint64(253402300800000)),
		"reading the batch: more erased entries than entries":                                       altered(t, data, 10, []uint64{0, 1, 2, 3}),
		"reading the batch: the payloads are not as long as their lengths say":                      altered(t, data, 8, []byte{0x14, 0x20, 0x1f}),
		"reading the batch: the digest of erased entry 1 has 20 bytes":                              altered(t, data, 10, []uint64{0}),
		"reading the batch: erased entries are listed out of order: 1":                              altered(t, data, 10, []uint64{1, 1}),
		"reading the batch: 1 bytes follow the payloads":                                            altered(t, data, 8, []byte{0x14, 0x20, 0x1d}),
		"reading the batch: the CBOR is not canonical, or has keys that this version does not know": altered(t, data, 99, 1),
	} {
		var refused *wire.Error
		b, err := wire.DecodeBatch(bad)
		if b != nil || !errors.As(err, &refused) || refused.Text != want {
			t.Errorf("%v, not %q", err, want)
		}
	}
	tooMany := altered(t, data, 7, make([]byte, wire.MaxEntries+1))
	tooMany = altered(t, tooMany, 6, make([]byte, wire.MaxEntries))
	tooMany = altered(t, tooMany, 8, bytes.Repeat([]byte{1}, wire.MaxEntries+1))
	tooMany = altered(t, tooMany, 9, make([]byte, wire.MaxEntries+1))
	tooMany = altered(t, tooMany, 10, nil)
	if _, err := wire.DecodeBatch(tooMany); err == nil || !strings.Contains(err.Error(), "16385 entries, not 1 to 16384") {
		t.Errorf("one entry too many: %v", err)
	}
}

// What After refuses says what is held and which entry it is about.
func TestWhatAfterSays(t *testing.T) {
	t.Parallel()
	entries := chain(10, 1)
	at := func(n uint64) store.Position {
		if n == 0 {
			return store.Position{Hash: store.Genesis(vectorKiosk, vectorJournal)}
		}
		return store.Position{Number: n, Hash: entries[n-1].Hash()}
	}
	hashAt := func(n uint64) (store.Hash, error) { return entries[n-1].Hash(), nil }
	fails := errors.New("the database is gone")
	for _, c := range []struct {
		what        string
		first, last int
		have        store.Position
		hashAt      func(uint64) (store.Hash, error)
		code        wire.Code
		text        string
	}{
		{"a gap", 6, 8, at(3), hashAt, wire.Gap, "the batch begins with entry 6, the last one held is 3"},
		{"a gap at the beginning", 6, 8, store.Position{}, hashAt, wire.Gap, "the batch begins with entry 6, the last one held is 0"},
		{"another entry before it", 4, 8, store.Position{Number: 3, Hash: store.Hash{1}}, hashAt, wire.Fork, "kiosk cho-tu-ky-1 sent another entry 3 than is held: a cloned or tampered card"},
		{"another entry in it", 4, 8, store.Position{Number: 6, Hash: store.Hash{1}}, hashAt, wire.Fork, "kiosk cho-tu-ky-1 sent another entry 6 than is held: a cloned or tampered card"},
		{"another last entry", 4, 8, store.Position{Number: 8, Hash: store.Hash{1}}, hashAt, wire.Fork, "kiosk cho-tu-ky-1 sent another entry 8 than is held: a cloned or tampered card"},
		{"another entry long ago", 4, 8, at(10), func(uint64) (store.Hash, error) { return store.Hash{2}, nil }, wire.Fork, "kiosk cho-tu-ky-1 sent another entry 8 than is held: a cloned or tampered card"},
		{"a database that fails", 4, 8, at(10), func(uint64) (store.Hash, error) { return store.Hash{}, fails }, "", "looking up entry 8 of kiosk cho-tu-ky-1: the database is gone"},
	} {
		b := wire.Batch{Kiosk: vectorKiosk, Journal: vectorJournal, Entries: entries[c.first-1 : c.last]}
		fresh, err := b.After(c.have, c.hashAt)
		if fresh != nil || err == nil {
			t.Errorf("%s: %d entries are new, %v", c.what, len(fresh), err)
			continue
		}
		var refused *wire.Error
		if c.code == "" {
			if !errors.Is(err, fails) || errors.As(err, &refused) || err.Error() != c.text {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		have := c.have
		if have.Number == 0 {
			have = at(0)
		}
		if !errors.As(err, &refused) || refused.Code != c.code || refused.Text != c.text || refused.Have != have {
			t.Errorf("%s: %+v", c.what, err)
		}
	}
}

// A series has 1 to 400 codes of a size that has room for some data.
func TestHowASeriesIsCut(t *testing.T) {
	t.Parallel()
	const head = len("CHOT1/01234567/400/400/")
	for _, c := range []struct {
		what       string
		size, data int
		codes      int
		err        string
	}{
		{"codes that are too small", head + 25, 100, 0, "making a series of codes: 48 characters are too few for one"},
		{"the smallest codes", head + 26, 100, 7, ""},
		{"no data", 1200, 0, 0, "making a series of codes: 0 codes, not 1 to 400"},
		{"one byte", 1200, 1, 1, ""},
		{"just one code", head + 32, 20, 1, ""},
		{"just two codes", head + 32, 21, 2, ""},
		{"as many codes as there may be", head + 32, 8000, 400, ""},
		{"one more", head + 32, 8001, 0, "making a series of codes: 401 codes, not 1 to 400"},
	} {
		data := bytes.Repeat([]byte{0xa5, 1, 2, 3, 4, 5, 6}, c.data/7+1)[:c.data]
		texts, err := wire.Codes(data, c.size)
		if len(texts) != c.codes || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %d codes, %v", c.what, len(texts), err)
		}
		for i, text := range texts {
			if want := fmt.Sprintf("CHOT1/%08X/%d/%d/", crc32.ChecksumIEEE(data), i+1, c.codes); !strings.HasPrefix(text, want) || len(text) > c.size {
				t.Errorf("%s: code %d is %q", c.what, i, text)
			}
		}
	}
}

// A series says how far it is, takes only its own codes, and begins another by
// the code of another.
func TestHowASeriesComesTogether(t *testing.T) {
	t.Parallel()
	cut := func(data []byte) []string {
		texts, err := wire.Codes(data, 60)
		if err != nil {
			t.Fatal(err)
		}
		return texts
	}
	one, other := cut(bytes.Repeat([]byte{1}, 50)), cut(bytes.Repeat([]byte{2}, 70))
	var s wire.Series
	check := func(what string, missing, count int) {
		t.Helper()
		if m, c := s.Missing(); m != missing || c != count {
			t.Errorf("%s: %d of %d are missing, not %d of %d", what, m, c, missing, count)
		}
	}
	add := func(text string) {
		t.Helper()
		if data, err := s.Add(text); data != nil || err != nil {
			t.Errorf("%q: %x, %v", text, data, err)
		}
	}
	check("at first", 0, 0)
	if s.Follows(one[0]) {
		t.Error("a series that was not begun is followed")
	}
	add(one[1])
	check("after one code", 2, 3)
	add(one[1])
	check("after the same one", 2, 3)
	id, _, _ := strings.Cut(strings.TrimPrefix(one[0], "CHOT1/"), "/")
	for text, want := range map[string]bool{
		one[0]: true, one[2]: true, other[0]: false, "": false,
		"CHOT1/" + id + "/1/4/AA": false, // another count
	} {
		if s.Follows(text) != want {
			t.Errorf("%q follows: %t", text, !want)
		}
	}
	for _, bad := range []string{
		"CHOT1/" + id + "/1/3/", "CHOT1/" + id + "/1/3/a", "CHOT1/" + id + "/1/3/AA/AA", "CHOT1/" + id + "/x/3/AA", "CHOT1/1" + id + "/1/3/AA",
		"CHOT1/" + id + "/1/401/AA", "CHOT1/" + id + "/0/3/AA", "CHOT1/" + id + "/4/3/AA", "CHOT2/" + id + "/1/3/AA", "CHOT1/GGGGGGGG/1/3/AA",
	} {
		if data, err := s.Add(bad); data != nil || !errors.Is(err, wire.ErrNoCode) {
			t.Errorf("%q: %x, %v", bad, data, err)
		}
		check(bad, 2, 3)
	}
	add(other[0])
	check("after a code of another series", len(other)-1, len(other))
	add(one[0])
	check("after one of the first again", 2, 3)
	add(one[1])
	data, err := s.Add(one[2])
	if err != nil || !bytes.Equal(data, bytes.Repeat([]byte{1}, 50)) {
		t.Errorf("%x, %v", data, err)
	}
	check("when it is complete", 0, 0)
	// One code was read wrong: the sum of all does not hold, and it begins again.
	wrong := one[2][:len(one[2])-2] + "AA"
	if wrong == one[2] {
		t.Fatal("the code is right")
	}
	add(one[0])
	add(one[1])
	if data, err := s.Add(wrong); data != nil || err == nil || !strings.Contains(err.Error(), "its sum "+id+" does not hold") {
		t.Errorf("%x, %v", data, err)
	}
	check("after a sum that did not hold", 0, 0)
	// As many codes as there may be.
	many, err := wire.Codes(bytes.Repeat([]byte{3}, 8000), 23+32)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range many[:399] {
		add(text)
	}
	if data, err := s.Add(many[399]); err != nil || len(data) != 8000 {
		t.Errorf("%d bytes of 400 codes: %v", len(data), err)
	}
}
