package store_test

import (
	"bytes"
	"context"
	"crypto/hpke"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// sealKey is the province's, made once: the tests do not change it.
var sealKey = func() hpke.PrivateKey {
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		panic(err)
	}
	return key
}()

func options() store.Options {
	return store.Options{
		Kiosk: "cho-tu-ky-1", SealKey: sealKey.PublicKey(), Rand: rand.Reader,
		Clock: func() time.Time { return noon },
	}
}

func open(t testing.TB, path string, o store.Options) *store.Journal {
	t.Helper()
	j, err := store.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func appendN(t testing.TB, j *store.Journal, n int) {
	t.Helper()
	for i := range n {
		if _, err := j.Append(context.Background(), 1, noon.Add(time.Duration(i)*time.Second), fmt.Appendf(nil, "payload %d", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsAppendedIsReadInOrderAndOpensForTheProvince(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path, options())
	appendN(t, j, 300)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path, options())
	appendN(t, j, 300)

	st, err := j.Status()
	if err != nil {
		t.Fatal(err)
	}
	at := store.Position{Hash: store.Genesis(st.Kiosk, st.Journal)}
	opener := store.NewOpener(sealKey)
	var segment []byte
	var got [][]byte
	for at.Number < st.Head.Number {
		run, err := j.Batch(t.Context(), st.Journal, at.Number+1, 2000)
		if err != nil {
			t.Fatal(err)
		}
		entries := run.Entries
		if at, err = store.Verify(at, entries); err != nil {
			t.Fatal(err)
		}
		var payloads [][]byte
		if payloads, segment, err = opener.Open(st.Kiosk, st.Journal, segment, entries); err != nil {
			t.Fatal(err)
		}
		for i, p := range payloads {
			if entries[i].Kind == 1 {
				got = append(got, p)
			}
		}
	}
	if at != st.Head {
		t.Errorf("the entries end at %v, the journal at %v", at, st.Head)
	}
	if len(got) != 600 {
		t.Fatalf("%d payloads, not 600", len(got))
	}
	for i, p := range got {
		if want := fmt.Appendf(nil, "payload %d", i%300); !bytes.Equal(p, want) {
			t.Fatalf("payload %d is %q, not %q", i, p, want)
		}
	}
}
