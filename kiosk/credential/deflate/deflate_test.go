package deflate_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"testing"

	"chot/kiosk/credential/deflate"

	"pgregory.net/rapid"
)

const limit = 64 << 10

func compress(t testing.TB, plain []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAppend(t *testing.T) {
	t.Parallel()
	plain := bytes.Repeat([]byte("một hai ba bốn "), 20)
	stream := compress(t, plain, 9)
	got, err := deflate.Append([]byte("before "), stream, limit)
	if err != nil || string(got) != "before "+string(plain) {
		t.Fatalf("%q, %v", got, err)
	}
	for n := range stream {
		if got, err := deflate.Append([]byte("x"), stream[:n], limit); err == nil || string(got) != "x" {
			t.Errorf("cut to %d bytes: %q, %v", n, got, err)
		}
	}
	for _, behind := range []string{"\x00", "8 bytes.", string(stream)} {
		if got, err := deflate.Append(nil, append(bytes.Clone(stream), behind...), limit); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("followed by %q: %q, %v", behind, got, err)
		}
	}
}

func TestLimit(t *testing.T) { // not parallel: it counts allocations
	for _, level := range []int{flate.NoCompression, flate.HuffmanOnly, flate.BestCompression} {
		stream := compress(t, make([]byte, 1000), level)
		if got, err := deflate.Append([]byte("x"), stream, 1000); err != nil || len(got) != 1001 {
			t.Errorf("level %d, at the limit: %d bytes, %v", level, len(got), err)
		}
		if got, err := deflate.Append([]byte("x"), stream, 999); !errors.Is(err, deflate.ErrTooLong) || string(got) != "x" {
			t.Errorf("level %d, beyond the limit: %d bytes, %v", level, len(got), err)
		}
	}
}

func TestWhatWasCompressed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		letters := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(rt, "letters")
		plain := rapid.SliceOf(rapid.SampledFrom(letters)).Draw(rt, "plain")
		got, err := deflate.Append(nil, compress(t, plain, rapid.IntRange(-2, 9).Draw(rt, "level")), limit)
		if err != nil || !bytes.Equal(got, plain) {
			rt.Fatalf("%x, %v", got, err)
		}
	})
}

// FuzzAppend holds that what is accepted is what the standard library reads, and
// that nothing grows beyond the limit.
func FuzzAppend(f *testing.F) {
	for _, level := range []int{flate.HuffmanOnly, 0, 9} {
		f.Add(compress(f, []byte("bốn mươi bốn con ngựa, bốn mươi bốn con ngựa"), level))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		got, err := deflate.Append(nil, stream, limit)
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(stream)), limit+1))
		if len(got) > limit || (err == nil) != (wantErr == nil && len(want) <= limit) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%x is read as %x, %v, but should be %x, %v", stream, got, err, want, wantErr)
		}
	})
}
