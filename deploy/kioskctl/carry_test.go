package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"chot/store"
	"chot/store/wire"
)

// drawn is a batch of one entry as a series of pictures.
func drawn(t *testing.T, kiosk, dir string) (batch []byte, pictures []string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealed := make([]byte, 700)
	rand.Read(sealed)
	b := wire.Batch{Kiosk: kiosk, Made: time.Now(), Entries: []store.Entry{{
		Number: 1, Time: time.Now().Truncate(time.Millisecond), Kind: 1,
		Prev: store.Genesis(kiosk, store.ID{}), Digest: sha256.Sum256(sealed), Sealed: sealed,
	}}}
	if batch, err = b.Encode(key, rand.Reader); err != nil {
		t.Fatal(err)
	}
	texts, err := wire.Codes(batch, 400)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d.png", kiosk, i))
		if err := qrcode.WriteFile(text, qrcode.Low, -4, path); err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, path)
	}
	return batch, pictures
}

func TestPicturesOfSeriesBecomeBatchesInAnyOrder(t *testing.T) {
	t.Parallel()
	dir, keep := t.TempDir(), t.TempDir()
	first, ones := drawn(t, "hall-1", dir)
	second, twos := drawn(t, "hall-2", dir)
	mixed := []string{ones[2], twos[0], ones[0], ones[2]} // one of them twice
	mixed = append(append(mixed, twos[1:]...), ones[1])
	mixed = append(mixed, ones[3:]...)
	if n, err := unroll(mixed, keep); err != nil || n != 2 {
		t.Fatalf("%d batches: %v", n, err)
	}
	var got [][]byte
	files, err := filepath.Glob(filepath.Join(keep, "*.batch"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, data)
	}
	if len(got) != 2 || !bytes.Equal(got[0], first) || !bytes.Equal(got[1], second) {
		t.Errorf("what was kept in %v is not what was drawn", files)
	}
	if n, err := unroll(ones[1:], keep); n != 0 || err == nil || !strings.Contains(err.Error(), fmt.Sprintf("1 of %d are missing", len(ones))) {
		t.Errorf("without one picture: %d batches, %v", n, err)
	}
	other := filepath.Join(dir, "other.png")
	if err := qrcode.WriteFile("xin chào", qrcode.Low, -4, other); err != nil {
		t.Fatal(err)
	}
	if n, err := unroll([]string{other}, keep); n != 0 || err == nil {
		t.Errorf("a picture of something else: %d batches, %v", n, err)
	}
}

func TestCarryingNeedsAnIdentity(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"export", "import", "relay"} {
		status, _, errs := command(t, "", name, "--state", t.TempDir(), t.TempDir())
		if status != exitFailure || !strings.Contains(errs, "identity") {
			t.Errorf("%s: status %d, %q", name, status, errs)
		}
	}
}
