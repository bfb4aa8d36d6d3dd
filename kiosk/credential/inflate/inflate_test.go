package inflate_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"chot/kiosk/credential/inflate"

	"pgregory.net/rapid"
)

const limit = 64 << 10

func deflate(t testing.TB, plain []byte, level int) []byte {
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

// texts of several kinds: repetitive, skewed, random, empty.
func texts() [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	random, skewed := make([]byte, 5000), make([]byte, 20000)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	for i := range skewed {
		skewed[i] = byte(r.ExpFloat64() * 9)
	}
	return [][]byte{
		nil, {0}, random, skewed,
		bytes.Repeat([]byte("HC1:6BF"), 900), make([]byte, limit),
		[]byte(`{"ver":"1.3.0","nam":{"fn":"Thử","fnt":"THU"},"dob":"1990-01-01"}`),
	}
}

func TestWhatOthersDeflated(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	for i, plain := range texts() {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 6, 9} {
			got, err := d.Raw(nil, deflate(t, plain, level), limit)
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("text %d at level %d: %d bytes of %d, %v", i, level, len(got), len(plain), err)
			}
		}
	}
}

func TestZlib(t *testing.T) {
	t.Parallel()
	plain := []byte(strings.Repeat("một hai ba bốn ", 20))
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(plain)
	_ = w.Close()
	stream := b.Bytes()
	var d inflate.Decoder
	got, err := d.Zlib([]byte("before "), stream, limit)
	if err != nil || string(got) != "before "+string(plain) {
		t.Fatalf("%q, %v", got, err)
	}
	for i := range stream {
		if _, err := d.Zlib(nil, stream[:i], limit); err == nil {
			t.Errorf("cut to %d bytes it passes", i)
		}
	}
	if _, err := d.Zlib(nil, append(bytes.Clone(stream), 0), limit); err == nil {
		t.Error("with a byte behind it passes")
	}
	for _, i := range []int{0, 1, len(stream) - 1} {
		bad := bytes.Clone(stream)
		bad[i] ^= 1
		if _, err := d.Zlib(nil, bad, limit); err == nil {
			t.Errorf("with byte %d changed it passes", i)
		}
	}
}

func TestTheLimitHolds(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	for _, level := range []int{0, flate.HuffmanOnly, 9} {
		stream := deflate(t, make([]byte, 1000), level)
		if _, err := d.Raw(nil, stream, 1000); err != nil {
			t.Errorf("level %d, at the limit: %v", level, err)
		}
		out, err := d.Raw(nil, stream, 999)
		if !errors.Is(err, inflate.ErrTooLong) || len(out) > 999 {
			t.Errorf("level %d, beyond: %d bytes, %v", level, len(out), err)
		}
	}
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "letters")
		plain := rapid.SliceOf(rapid.SampledFrom(letters)).Draw(t, "plain")
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, rapid.IntRange(-2, 9).Draw(t, "level"))
		_, _ = w.Write(plain)
		_ = w.Close()
		var d inflate.Decoder
		got, err := d.Raw(nil, b.Bytes(), limit)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x, %v", got, err)
		}
	})
}

// FuzzRaw holds that whatever is accepted is what the standard library reads,
// and that nothing grows beyond the limit.
func FuzzRaw(f *testing.F) {
	for _, plain := range texts()[:2] {
		f.Add(deflate(f, plain, 9))
	}
	for _, level := range []int{flate.HuffmanOnly, 0, 9} {
		f.Add(deflate(f, []byte("bốn mươi bốn con ngựa, bốn mươi bốn con ngựa"), level))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		var d inflate.Decoder
		got, err := d.Raw(nil, stream, limit)
		if len(got) > limit {
			t.Fatalf("%d bytes", len(got))
		}
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(stream)), limit+1))
		if err == nil && (wantErr != nil || !bytes.Equal(got, want)) {
			t.Fatalf("%x is read as %x, but should be %x, %v", stream, got, want, wantErr)
		}
	})
}

func BenchmarkZlib(b *testing.B) {
	// As much and as well compressible as a certificate: random bytes for the
	// signature, texts for the rest.
	plain := make([]byte, 90)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range plain {
		plain[i] = byte(r.Uint32())
	}
	plain = append(plain, `bco"VNbdn"bdt"2021-09-18bis"Ministry of Healthbma"ORG-100030215bmp"EU/1/20/1528bsd"`+
		`btg"840539006bvp"1119349007bci"URN:UVCI:01:VN:0123456789ABCDEF0123456789ABCDEF#Bcdob"1990-01-01`+
		`cnam"bfn"Nguyễn Thị Thửcfnt"NGUYEN<THI<THUcver"1.3.0`...)
	var z bytes.Buffer
	w, _ := zlib.NewWriterLevel(&z, 9)
	_, _ = w.Write(plain)
	_ = w.Close()
	stream, buf := z.Bytes(), make([]byte, 0, 1024)
	b.Run("here", func(b *testing.B) {
		var d inflate.Decoder
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Zlib(buf, stream, limit); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("standard", func(b *testing.B) {
		in := bytes.NewReader(stream)
		z, err := zlib.NewReader(in)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			in.Reset(stream)
			_ = z.(zlib.Resetter).Reset(in, nil)
			if _, err := io.ReadFull(z, buf[:len(plain)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
