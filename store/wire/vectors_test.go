package wire_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/store"
	"chot/store/wire"

	"github.com/fxamacker/cbor/v2"
)

// The vectors are what another implementation checks itself with. README.md says
// what the files hold. The same files are run by package forward and by the
// province's intake.

var write = flag.Bool("write", false, "write testdata/vectors again")

const vectorsDir = "testdata/vectors"

// vector is a message and what a receiver does with it.
type vector struct {
	Name    string `json:"name"`
	Data    string `json:"data"`    // hexadecimal
	Outcome string `json:"outcome"` // valid, malformed, too-large, signature

	// What a valid one says.
	Kiosk   string        `json:"kiosk,omitempty"`
	Journal string        `json:"journal,omitempty"`
	Number  uint64        `json:"number,omitempty"`
	Hash    string        `json:"hash,omitempty"`
	Time    int64         `json:"time,omitempty"`
	Numbers []uint64      `json:"numbers,omitempty"`
	Lost    uint64        `json:"lost,omitempty"`
	Entries []vectorEntry `json:"entries,omitempty"`
	Code    string        `json:"code,omitempty"`
	Text    string        `json:"text,omitempty"`
	Limit   uint64        `json:"limit,omitempty"`
}

type vectorEntry struct {
	Number uint64 `json:"number"`
	Time   int64  `json:"time"`
	Kind   uint8  `json:"kind"`
	Prev   string `json:"prev"`
	Digest string `json:"digest"`
	Sealed string `json:"sealed,omitempty"` // left out if erased
	Hash   string `json:"hash"`
}

// vectorKey derives a key that is used for the vectors alone.
func vectorKey(t testing.TB, name string) *ecdsa.PrivateKey {
	t.Helper()
	scalar := sha256.Sum256([]byte("chot test vectors: " + name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var vectorJournal = store.ID{0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f}

const vectorKiosk = "cho-tu-ky-1"

// longKiosk is a name as long as one may be, and lastTime the last time that a
// message may bear.
var (
	longKiosk = strings.Repeat("k", wire.MaxKiosk)
	lastTime  = time.UnixMilli(253402300799999).UTC()
)

var vectorTime = time.UnixMilli(1772452800000).UTC()

// vectorEntries are three entries of which the second is erased.
func vectorEntries() (entries []store.Entry) {
	prev := store.Genesis(vectorKiosk, vectorJournal)
	for i, sealed := range [][]byte{bytes.Repeat([]byte{0xa5}, 20), nil, bytes.Repeat([]byte{0x5a}, 30)} {
		e := store.Entry{
			Number: uint64(i + 1), Time: vectorTime.Add(time.Duration(i*i) * 7 * time.Second),
			Kind: uint8(i + 1), Prev: prev, Digest: sha256.Sum256(sealed), Sealed: sealed,
		}
		entries, prev = append(entries, e), e.Hash()
	}
	return entries
}

// altered is a valid message with one field of its map changed; a nil value
// removes the field.
func altered(t testing.TB, data []byte, key uint64, value any) []byte {
	t.Helper()
	var m map[uint64]any
	if err := cbor.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	if value == nil {
		delete(m, key)
	} else {
		m[key] = value
	}
	return canonicalBytes(t, m)
}

func canonicalBytes(t testing.TB, v any) []byte {
	t.Helper()
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	data, err := mode.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func fieldOf(t testing.TB, data []byte, key uint64) any {
	t.Helper()
	var m map[uint64]any
	if err := cbor.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m[key]
}

// broken are the ways in which any of the signed messages can be wrong: its
// bytes, and its signature under key sig.
func broken(t testing.TB, data []byte, sig uint64) []vector {
	t.Helper()
	signature := fieldOf(t, data, sig).([]byte)
	flipped := bytes.Clone(signature)
	flipped[40] ^= 1
	wrongLength := "signature"
	if sig == 13 { // a batch is checked for it when it is decoded
		wrongLength = "malformed"
	}
	bad := func(name, outcome string, data []byte) vector {
		return vector{Name: name, Data: hex.EncodeToString(data), Outcome: outcome}
	}
	long := bytes.Clone(data)
	long[0] = 0xb8 // a map whose size is in the next byte
	long = slices.Insert(long, 1, data[0]&0x1f)
	indefinite := append(bytes.Clone(data), 0xff)
	indefinite[0] = 0xbf
	return []vector{
		bad("no bytes", "malformed", nil),
		bad("the last byte is missing", "malformed", data[:len(data)-1]),
		bad("a byte follows", "malformed", append(bytes.Clone(data), 0)),
		bad("an array instead of a map", "malformed", canonicalBytes(t, []any{1, 2})),
		bad("a longer spelling of the map's size", "malformed", long),
		bad("a map of indefinite length", "malformed", indefinite),
		bad("a key that version 1 does not know", "malformed", altered(t, data, 99, 1)),
		bad("a signature of 0 bytes", wrongLength, altered(t, data, sig, []byte{})),
		bad("no signature", "malformed", altered(t, data, sig, nil)),
		bad("a signature of 63 bytes", wrongLength, altered(t, data, sig, signature[:63])),
		bad("a signature of 65 bytes", wrongLength, altered(t, data, sig, append(bytes.Clone(signature), 0))),
		bad("a signature with a bit flipped", "signature", altered(t, data, sig, flipped)),
		bad("a signature of zeros", "signature", altered(t, data, sig, make([]byte, 64))),
	}
}

func encodeBatch(t testing.TB, b wire.Batch, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	data, err := b.Encode(key, nil) // nil: deterministic, RFC 6979
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func validBatch(b wire.Batch, name string, data []byte) vector {
	v := vector{
		Name: name, Data: hex.EncodeToString(data), Outcome: "valid", Kiosk: b.Kiosk, Journal: b.Journal.String(),
		Time: b.Made.UnixMilli(), Lost: b.Lost, Number: b.Head().Number, Hash: b.Head().Hash.String(),
	}
	for _, e := range b.Entries {
		v.Entries = append(v.Entries, vectorEntry{
			Number: e.Number, Time: e.Time.UnixMilli(), Kind: e.Kind, Prev: e.Prev.String(),
			Digest: e.Digest.String(), Sealed: hex.EncodeToString(e.Sealed), Hash: e.Hash().String(),
		})
	}
	return v
}

func batchVectors(t testing.TB) []vector {
	key := vectorKey(t, "kiosk")
	entries := vectorEntries()
	three := wire.Batch{Kiosk: vectorKiosk, Journal: vectorJournal, Made: vectorTime.Add(time.Minute), Entries: entries}
	data := encodeBatch(t, three, key)
	second := three
	second.Entries = entries[1:]
	afterLoss := three
	afterLoss.Entries, afterLoss.Lost = entries[2:], 2
	vectors := []vector{
		validBatch(three, "three entries, of which the second is erased", data),
		validBatch(second, "the second and third entry alone", encodeBatch(t, second, key)),
		validBatch(afterLoss, "one entry after two that are lost", encodeBatch(t, afterLoss, key)),
	}
	// At the ends of what is allowed.
	last := store.Entry{Number: math.MaxInt64 - wire.MaxEntries, Time: lastTime, Kind: 255, Prev: store.Hash{1}, Digest: sha256.Sum256([]byte{7}), Sealed: []byte{7}}
	end := wire.Batch{Kiosk: longKiosk, Journal: vectorJournal, Made: lastTime, Entries: []store.Entry{last}, Lost: last.Number - 1}
	vectors = append(vectors, validBatch(end, "the longest name, the last times, the highest number, the largest loss", encodeBatch(t, end, key)))
	early := last
	early.Number, early.Time, early.Sealed, early.Prev = 1, time.UnixMilli(0).UTC(), nil, store.Genesis("k", store.ID{})
	late := store.Entry{Number: 2, Time: lastTime, Kind: 0, Prev: early.Hash(), Digest: sha256.Sum256([]byte{8}), Sealed: []byte{8}}
	span := wire.Batch{Kiosk: "k", Journal: store.ID{}, Made: time.UnixMilli(0).UTC(), Entries: []store.Entry{early, late}}
	vectors = append(vectors, validBatch(span, "the shortest name, the first and the last time", encodeBatch(t, span, key)))
	allErased := span
	late.Sealed = nil
	allErased.Entries = []store.Entry{early, late}
	vectors = append(vectors, validBatch(allErased, "all entries erased", encodeBatch(t, allErased, key)))
	field := func(name, outcome string, key uint64, value any) {
		vectors = append(vectors, vector{Name: name, Outcome: outcome, Data: hex.EncodeToString(altered(t, data, key, value))})
	}
	vectors = append(vectors, broken(t, data, 13)...)
	vectors = append(vectors, vector{Name: "signed by another key", Outcome: "signature", Data: hex.EncodeToString(encodeBatch(t, three, vectorKey(t, "other")))})
	field("another kiosk", "signature", 1, "cho-tu-ky-2")
	field("a kiosk's name of 0 bytes", "malformed", 1, "")
	field("a kiosk's name of 65 bytes", "malformed", 1, string(bytes.Repeat([]byte{'k'}, 65)))
	field("another journal", "signature", 2, bytes.Repeat([]byte{7}, 16))
	field("a journal of 15 bytes", "malformed", 2, bytes.Repeat([]byte{7}, 15))
	field("a journal of 17 bytes", "malformed", 2, bytes.Repeat([]byte{7}, 17))
	field("another first number", "signature", 3, 2)
	field("a first number of 0", "malformed", 3, 0)
	field("a first number beyond 2^63", "malformed", 3, uint64(1)<<63)
	field("another previous hash", "signature", 4, bytes.Repeat([]byte{7}, 32))
	field("a previous hash of 31 bytes", "malformed", 4, bytes.Repeat([]byte{7}, 31))
	field("another first time", "signature", 5, uint64(vectorTime.UnixMilli())+1)
	field("a first time beyond the year 9999", "malformed", 5, uint64(253402300800000))
	field("another step", "signature", 6, []byte{0xd9, 0x36, 0x88, 0xa4, 0x01})
	field("a step that is missing", "malformed", 6, []byte{0xd8, 0x36})
	field("no steps", "malformed", 6, nil)
	field("a step too many", "malformed", 6, []byte{0xd8, 0x36, 0x88, 0xa4, 0x01, 0x00})
	field("a longer spelling of a step", "malformed", 6, []byte{0xd8, 0xb6, 0x00, 0x88, 0xa4, 0x01})
	field("a step beyond the year 9999", "malformed", 6, []byte{0xd8, 0x36, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f})
	field("a step beyond 64 bits", "malformed", 6, []byte{0xd8, 0x36, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	field("another kind", "signature", 7, []byte{1, 2, 4})
	field("a kind too few", "malformed", 7, []byte{1, 2})
	field("no kinds", "malformed", 7, []byte{})
	field("lengths that are longer than the payloads", "malformed", 8, []byte{0x14, 0x20, 0x1f})
	field("lengths that are shorter than the payloads", "malformed", 8, []byte{0x14, 0x20, 0x1d})
	field("a length of 0", "malformed", 8, []byte{0x00, 0x20, 0x1e})
	field("a length that is missing", "malformed", 8, []byte{0x14, 0x20})
	sealed := bytes.Clone(fieldOf(t, data, 9).([]byte))
	sealed[0] ^= 1
	field("another payload", "signature", 9, sealed)
	field("a payload that is cut", "malformed", 9, sealed[:len(sealed)-1])
	field("a byte after the payloads", "malformed", 9, append(bytes.Clone(sealed), 0))
	field("an erased entry that is said to be there", "signature", 10, nil)
	field("an empty list of erased entries", "malformed", 10, []uint64{})
	field("an erased entry whose digest has 20 bytes", "malformed", 10, []uint64{0})
	field("an erased entry beyond the last", "malformed", 10, []uint64{1, 3})
	field("an erased entry that is listed twice", "malformed", 10, []uint64{1, 1})
	field("more erased entries than entries", "malformed", 10, []uint64{0, 1, 2, 3})
	field("a loss that is spelled out as 0", "malformed", 11, 0)
	field("as many entries lost as the first one's number", "malformed", 11, 1)
	field("another time at which it was made", "signature", 12, uint64(vectorTime.UnixMilli()))
	field("a time of making beyond the year 9999", "malformed", 12, uint64(253402300800000))
	return vectors
}

// tooLarge is not among the files, for its size.
func TestABatchBeyondAMebibyteIsTooLarge(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]wire.Code{wire.MaxBatch: wire.Malformed, wire.MaxBatch + 1: wire.TooLarge} {
		_, err := wire.DecodeBatch(make([]byte, size))
		var refused *wire.Error
		if !errors.As(err, &refused) || refused.Code != want {
			t.Errorf("%d bytes: %v, not %s", size, err, want)
		}
	}
}

func receiptVectors(t testing.TB) []vector {
	key := vectorKey(t, "province")
	entries := vectorEntries()
	held := store.Position{Number: 3, Hash: entries[2].Hash()}
	encode := func(r wire.Receipt, key *ecdsa.PrivateKey) []byte {
		data, err := r.Encode(key, nil)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	r := wire.Receipt{Kiosk: vectorKiosk, Journal: vectorJournal, Held: held, Time: vectorTime.Add(2 * time.Minute)}
	data := encode(r, key)
	vectors := []vector{{
		Name: "up to the third entry", Data: hex.EncodeToString(data), Outcome: "valid", Kiosk: r.Kiosk, Journal: r.Journal.String(),
		Number: 3, Hash: held.Hash.String(), Time: r.Time.UnixMilli(),
	}}
	end := wire.Receipt{Kiosk: longKiosk, Journal: vectorJournal, Held: held, Time: lastTime}
	vectors = append(vectors, vector{
		Name: "the longest name, the last time", Data: hex.EncodeToString(encode(end, key)), Outcome: "valid", Kiosk: end.Kiosk,
		Journal: end.Journal.String(), Number: 3, Hash: held.Hash.String(), Time: end.Time.UnixMilli(),
	})
	field := func(name, outcome string, key uint64, value any) {
		vectors = append(vectors, vector{Name: name, Outcome: outcome, Data: hex.EncodeToString(altered(t, data, key, value))})
	}
	vectors = append(vectors, broken(t, data, 7)...)
	vectors = append(vectors, vector{Name: "signed by another key under its own id", Outcome: "signature", Data: hex.EncodeToString(encode(r, vectorKey(t, "other")))})
	field("signed by another key under the province's id", "signature", 7, fieldOf(t, encode(r, vectorKey(t, "other")), 7))
	field("another kiosk", "signature", 1, "cho-tu-ky-2")
	field("a kiosk's name of 0 bytes", "malformed", 1, "")
	field("a kiosk's name of 65 bytes", "malformed", 1, string(bytes.Repeat([]byte{'k'}, 65)))
	field("another journal", "signature", 2, bytes.Repeat([]byte{7}, 16))
	field("a journal of 15 bytes", "malformed", 2, bytes.Repeat([]byte{7}, 15))
	field("a journal of 17 bytes", "malformed", 2, bytes.Repeat([]byte{7}, 17))
	field("another number", "signature", 3, 4)
	field("number 0", "malformed", 3, 0)
	field("another hash", "signature", 4, bytes.Repeat([]byte{7}, 32))
	field("a hash of 31 bytes", "malformed", 4, bytes.Repeat([]byte{7}, 31))
	field("a hash of 33 bytes", "malformed", 4, bytes.Repeat([]byte{7}, 33))
	field("another time", "signature", 5, uint64(r.Time.UnixMilli())+1)
	field("a time beyond the year 9999", "malformed", 5, uint64(253402300800000))
	field("another key's id", "signature", 6, wire.KeyID(&vectorKey(t, "other").PublicKey))
	field("a key id of 7 bytes", "signature", 6, wire.KeyID(&key.PublicKey)[:7])
	field("no key id", "signature", 6, []byte{})
	return vectors
}

func erasureVectors(t testing.TB) []vector {
	key := vectorKey(t, "province")
	e := wire.Erasure{Kiosk: vectorKiosk, Journal: vectorJournal, Numbers: []uint64{2, 3}, Time: vectorTime.Add(time.Hour)}
	data, err := e.Encode(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	vectors := []vector{{
		Name: "of the second and third entry", Data: hex.EncodeToString(data), Outcome: "valid", Kiosk: e.Kiosk,
		Journal: e.Journal.String(), Numbers: e.Numbers, Time: e.Time.UnixMilli(),
	}}
	end := wire.Erasure{Kiosk: longKiosk, Journal: vectorJournal, Numbers: []uint64{1}, Time: lastTime}
	endData, err := end.Encode(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	vectors = append(vectors, vector{
		Name: "the longest name, the last time", Data: hex.EncodeToString(endData), Outcome: "valid", Kiosk: end.Kiosk,
		Journal: end.Journal.String(), Numbers: end.Numbers, Time: end.Time.UnixMilli(),
	})
	other, err := (&wire.Erasure{Kiosk: e.Kiosk, Journal: e.Journal, Numbers: e.Numbers, Time: e.Time}).Encode(vectorKey(t, "other"), nil)
	if err != nil {
		t.Fatal(err)
	}
	field := func(name, outcome string, key uint64, value any) {
		vectors = append(vectors, vector{Name: name, Outcome: outcome, Data: hex.EncodeToString(altered(t, data, key, value))})
	}
	vectors = append(vectors, broken(t, data, 6)...)
	vectors = append(vectors, vector{Name: "signed by another key", Outcome: "signature", Data: hex.EncodeToString(other)})
	field("another kiosk", "signature", 1, "cho-tu-ky-2")
	field("a kiosk's name of 0 bytes", "malformed", 1, "")
	field("a kiosk's name of 65 bytes", "malformed", 1, string(bytes.Repeat([]byte{'k'}, 65)))
	field("another journal", "signature", 2, bytes.Repeat([]byte{7}, 16))
	field("a journal of 17 bytes", "malformed", 2, bytes.Repeat([]byte{7}, 17))
	field("other numbers", "signature", 3, []uint64{2, 4})
	field("one number fewer", "signature", 3, []uint64{2})
	field("another time", "signature", 4, uint64(e.Time.UnixMilli())+1)
	field("a time beyond the year 9999", "malformed", 4, uint64(253402300800000))
	field("another key's id", "signature", 5, wire.KeyID(&vectorKey(t, "other").PublicKey))
	return vectors
}

func clockVectors(t testing.TB) []vector {
	c := wire.Clock{Kiosk: vectorKiosk, Serial: 7, Time: vectorTime}
	data, err := c.Encode(vectorKey(t, "province"), nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := (&wire.Clock{Kiosk: c.Kiosk, Serial: 7, Time: c.Time}).Encode(vectorKey(t, "other"), nil)
	if err != nil {
		t.Fatal(err)
	}
	vectors := []vector{{
		Name: "the seventh", Data: hex.EncodeToString(data), Outcome: "valid", Kiosk: c.Kiosk, Number: 7, Time: c.Time.UnixMilli(),
	}}
	end := wire.Clock{Kiosk: longKiosk, Serial: 1, Time: lastTime}
	endData, err := end.Encode(vectorKey(t, "province"), nil)
	if err != nil {
		t.Fatal(err)
	}
	vectors = append(vectors, vector{
		Name: "the longest name, the last time", Data: hex.EncodeToString(endData), Outcome: "valid", Kiosk: end.Kiosk, Number: 1, Time: end.Time.UnixMilli(),
	})
	field := func(name, outcome string, key uint64, value any) {
		vectors = append(vectors, vector{Name: name, Outcome: outcome, Data: hex.EncodeToString(altered(t, data, key, value))})
	}
	vectors = append(vectors, broken(t, data, 5)...)
	vectors = append(vectors, vector{Name: "signed by another key", Outcome: "signature", Data: hex.EncodeToString(other)})
	field("another kiosk", "signature", 1, "cho-tu-ky-2")
	field("a kiosk's name of 0 bytes", "malformed", 1, "")
	field("a kiosk's name of 65 bytes", "malformed", 1, string(bytes.Repeat([]byte{'k'}, 65)))
	field("another serial", "signature", 2, 8)
	field("serial 0", "malformed", 2, 0)
	field("another time", "signature", 3, uint64(vectorTime.UnixMilli())+1)
	field("a time beyond the year 9999", "malformed", 3, uint64(253402300800000))
	field("another key's id", "signature", 4, wire.KeyID(&vectorKey(t, "other").PublicKey))
	return vectors
}

func answerVectors(t testing.TB) []vector {
	head := store.Position{Number: 3, Hash: vectorEntries()[2].Hash()}
	var vectors []vector
	for _, e := range []wire.Error{
		{Code: wire.Gap, Have: head}, {Code: wire.Fork, Have: head, Text: "another entry"}, {Code: wire.None},
		{Code: wire.TooLarge, Limit: 65536}, {Code: wire.Busy}, {Code: wire.Unavailable},
		{Code: wire.Malformed, Text: "reading the batch"}, {Code: wire.BadSignature}, {Code: wire.Unknown}, {Code: wire.Revoked},
	} {
		v := vector{Name: string(e.Code), Data: hex.EncodeToString(e.Encode()), Outcome: "valid", Code: string(e.Code), Text: e.Text, Number: e.Have.Number, Limit: e.Limit}
		if e.Have.Number > 0 {
			v.Hash = e.Have.Hash.String()
		}
		vectors = append(vectors, v)
	}
	data := (&wire.Error{Code: wire.Gap, Have: head}).Encode()
	for _, c := range []struct {
		name  string
		key   uint64
		value any
	}{
		{"a hash of 31 bytes", 4, bytes.Repeat([]byte{7}, 31)}, {"a hash of 33 bytes", 4, bytes.Repeat([]byte{7}, 33)},
		{"the clock of an earlier version", 5, uint64(1772452800000)}, {"a key that version 1 does not know", 9, 1},
		{"a number that is spelled out as 0", 3, 0}, {"a code that is a number", 1, 1},
	} {
		vectors = append(vectors, vector{Name: c.name, Outcome: "malformed", Data: hex.EncodeToString(altered(t, data, c.key, c.value))})
	}
	return append(vectors,
		vector{Name: "a page of a proxy", Outcome: "malformed", Data: hex.EncodeToString([]byte("<html>log in</html>"))},
		vector{Name: "no bytes", Outcome: "malformed"})
}

// The files are what this code makes: a change of the format shows here.
func TestTheVectorsAreWhatThisVersionWrites(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(testing.TB) []vector{
		"batches": batchVectors, "receipts": receiptVectors, "erasures": erasureVectors, "clocks": clockVectors, "answers": answerVectors,
	} {
		vectors := make(t)
		names := map[string]bool{}
		for _, v := range vectors {
			if names[v.Name] {
				t.Errorf("%s: %q is there twice", name, v.Name)
			}
			names[v.Name] = true
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(vectors); err != nil {
			t.Fatal(err)
		}
		compareFile(t, name+".json", want.Bytes())
	}
	for _, name := range []string{"kiosk", "province"} {
		der, err := x509.MarshalPKIXPublicKey(&vectorKey(t, name).PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		compareFile(t, name+".pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
}

func compareFile(t *testing.T, name string, want []byte) {
	t.Helper()
	path := filepath.Join(vectorsDir, name)
	if *write {
		if err := os.MkdirAll(vectorsDir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what this version writes; where that is meant: go test ./store/wire -write", path)
	}
}

func readVectors(t *testing.T, name string) (vectors []vector) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectorsDir, name))
	if err == nil {
		err = json.Unmarshal(data, &vectors)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatalf("%s holds no vectors", name)
	}
	return vectors
}

func readKey(t *testing.T, name string) *ecdsa.PublicKey {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectorsDir, name))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*ecdsa.PublicKey)
}

// TestVectors reads the files as another implementation would, and checks what a
// receiver makes of each message.
func TestVectors(t *testing.T) {
	t.Parallel()
	kiosk, province := readKey(t, "kiosk.pem"), readKey(t, "province.pem")
	outcome := func(decode, verify error) string {
		var refused *wire.Error
		switch {
		case errors.As(decode, &refused):
			return string(refused.Code)
		case decode != nil:
			return "malformed"
		case errors.Is(verify, wire.ErrSignature):
			return "signature"
		case errors.As(verify, &refused):
			return string(refused.Code)
		case verify != nil:
			return verify.Error()
		}
		return "valid"
	}
	for file, read := range map[string]func(data []byte) vector{
		"batches.json": func(data []byte) vector {
			b, err := wire.DecodeBatch(data)
			if err != nil {
				return vector{Outcome: outcome(err, nil)}
			}
			if err := b.Verify(kiosk); err != nil {
				return vector{Outcome: outcome(nil, err)}
			}
			return validBatch(*b, "", data)
		},
		"receipts.json": func(data []byte) vector {
			r, err := wire.DecodeReceipt(data)
			if err != nil {
				return vector{Outcome: outcome(err, nil)}
			}
			if err := r.Verify([]*ecdsa.PublicKey{kiosk, province}); err != nil {
				return vector{Outcome: outcome(nil, err)}
			}
			return vector{Outcome: "valid", Kiosk: r.Kiosk, Journal: r.Journal.String(), Number: r.Held.Number, Hash: r.Held.Hash.String(), Time: r.Time.UnixMilli()}
		},
		"erasures.json": func(data []byte) vector {
			e, err := wire.DecodeErasure(data)
			if err != nil {
				return vector{Outcome: outcome(err, nil)}
			}
			if err := e.Verify([]*ecdsa.PublicKey{province}); err != nil {
				return vector{Outcome: outcome(nil, err)}
			}
			return vector{Outcome: "valid", Kiosk: e.Kiosk, Journal: e.Journal.String(), Numbers: e.Numbers, Time: e.Time.UnixMilli()}
		},
		"clocks.json": func(data []byte) vector {
			c, err := wire.DecodeClock(data)
			if err != nil {
				return vector{Outcome: outcome(err, nil)}
			}
			if err := c.Verify([]*ecdsa.PublicKey{province}); err != nil {
				return vector{Outcome: outcome(nil, err)}
			}
			return vector{Outcome: "valid", Kiosk: c.Kiosk, Number: c.Serial, Time: c.Time.UnixMilli()}
		},
		"answers.json": func(data []byte) vector {
			e, err := wire.DecodeError(data)
			if err != nil {
				return vector{Outcome: outcome(err, nil)}
			}
			v := vector{Outcome: "valid", Code: string(e.Code), Text: e.Text, Number: e.Have.Number, Limit: e.Limit}
			if e.Have.Number > 0 {
				v.Hash = e.Have.Hash.String()
			}
			return v
		},
	} {
		outcomes := map[string]int{}
		for _, want := range readVectors(t, file) {
			data, err := hex.DecodeString(want.Data)
			if err != nil {
				t.Fatal(err)
			}
			got := read(data)
			got.Name, got.Data = want.Name, want.Data
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s: %+v, not %+v", file, want.Name, got, want)
			}
			outcomes[want.Outcome]++
		}
		t.Log(file, fmt.Sprint(outcomes), slices.Sorted(maps.Keys(outcomes)))
	}
}
