package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hpke"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
)

// earlierJournal writes the file of a journal that an earlier version of this
// package wrote: 120 records in two segments, of which eight are purged, two
// erased and a receipt covers 40. Its seal key is derived from 32 bytes of 7.
func earlierJournal(t *testing.T) (path string, key hpke.PrivateKey) {
	t.Helper()
	key, err := hpke.MLKEM768X25519().DeriveKeyPair(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(filepath.Join("testdata", "journals", "1.gz"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	// The zeros at its end, which were preallocated, are not in the test data.
	data = append(data, make([]byte, 299008-len(data))...)
	path = filepath.Join(memoryDir(t), "journal")
	writeFile(t, path, data)
	return path, key
}

func TestAJournalOfAnEarlierVersionIsReadAndGoesOn(t *testing.T) {
	t.Parallel()
	path, key := earlierJournal(t)
	o := options()
	o.SealKey = key.PublicKey()
	o.Clock = func() time.Time { return noon.Add(2 * time.Hour) }
	j := open(t, path, o)
	before := status(t, j)
	if before.Base.Number != 9 || before.Covered.Number != 40 || before.Head.Number != 124 || len(before.Older) != 0 {
		t.Fatalf("it is read as %+v", before)
	}
	next, err := j.Append(context.Background(), 1, o.Clock(), []byte("next"))
	if err != nil {
		t.Fatal(err)
	}
	run, err := j.Batch(t.Context(), before.Journal, 10, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if end, err := store.Verify(before.Base, run.Entries); err != nil || end.Number != next.Number {
		t.Errorf("the chain ends with %d, not %d: %v", end.Number, next.Number, err)
	}
	type written struct {
		Number  uint64
		Kind    uint8
		Payload string
	}
	var want []written
	data, err := os.ReadFile(filepath.Join("testdata", "journals", "1.json"))
	if err == nil {
		err = json.Unmarshal(data, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	// Entry 1, which began the first segment, is purged: what follows up to the
	// second segment opens with its payload, which the province keeps.
	opener := store.NewOpener(key)
	payloads, _, _ := opener.Open(before.Kiosk, before.Journal, nil, run.Entries)
	opened := 0
	for _, w := range want {
		if w.Number < run.Entries[0].Number {
			continue
		}
		i := w.Number - run.Entries[0].Number
		e := run.Entries[i]
		if erased := w.Number == 20 || w.Number == 21; (e.Sealed == nil) != erased || e.Kind != w.Kind {
			t.Errorf("entry %d: kind %d, erased %t", w.Number, e.Kind, e.Sealed == nil)
		}
		if payloads[i] == nil {
			continue
		}
		if got := hex.EncodeToString(payloads[i]); got != w.Payload {
			t.Errorf("entry %d is read as %s, not %s", w.Number, got, w.Payload)
		}
		opened++
	}
	if last := payloads[next.Number-run.Entries[0].Number]; string(last) != "next" || opened != 60 {
		t.Errorf("%d entries of the second segment open, not 60; the new one says %q", opened, last)
	}
}
