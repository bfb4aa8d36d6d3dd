package store

import (
	"bytes"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A chunk either is refused or holds a chain, which is packed and read as itself.
func FuzzChunk(f *testing.F) {
	at := time.UnixMilli(1_790_000_000_000).UTC()
	first := Entry{Number: 1, Time: at, Kind: 1, Sealed: []byte("sealed"), Digest: sha256.Sum256([]byte("sealed"))}
	f.Add([]byte(pack([]Entry{first, {Number: 2, Time: at.Add(time.Second), Kind: 3, Prev: first.Hash(), Digest: hashOf("erased")}})))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := chunk(data).unpack(1)
		if err != nil {
			return
		}
		if len(entries) == 0 {
			t.Fatal("a chunk of nothing")
		}
		if _, err := Verify(Position{Hash: entries[0].Prev}, entries); err != nil {
			t.Error(err)
		}
		again, err := pack(entries).unpack(1)
		if err != nil || again[len(again)-1].Hash() != entries[len(entries)-1].Hash() {
			t.Errorf("packed again it is something else: %v", err)
		}
	})
}

// A state with a sum that holds is refused or written as it was read.
func FuzzState(f *testing.F) {
	s := &state{Kiosk: "cho-tu-ky-1", High: time.UnixMilli(1_790_000_000_000).UTC(), Erased: [][]byte{{1, 2}}}
	if err := s.begin(0, rand.Reader); err != nil {
		f.Fatal(err)
	}
	s.Chains[0].Lost = []Span{{3, 5}}
	data := s.encode()
	f.Add(data[:len(data)-checkLen])
	f.Fuzz(func(t *testing.T, data []byte) {
		sum := sha256.Sum256(data)
		s, err := decodeState(append(bytes.Clone(data), sum[:checkLen]...))
		if err != nil {
			if !errors.Is(err, errDamaged) {
				t.Error(err)
			}
			return
		}
		again, err := decodeState(s.encode())
		if err != nil || !bytes.Equal(again.encode(), s.encode()) {
			t.Errorf("written again it is something else: %v", err)
		}
	})
}

// Whatever a frame claims, no more comes out of it than a payload may have.
func FuzzDecompress(f *testing.F) {
	f.Add(compress(bytes.Repeat([]byte("khai báo y tế "), 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if payload, err := decompress(data); err == nil && len(payload) > max(MaxPayload, len(data)) {
			t.Errorf("%d bytes", len(payload))
		}
	})
}

func FuzzIncident(f *testing.F) {
	f.Add(Incident{What: ClockJump, Time: time.UnixMilli(1_790_000_000_000)}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		i, err := DecodeIncident(data)
		if err != nil {
			return
		}
		if again, err := DecodeIncident(i.Encode()); err != nil || !bytes.Equal(again.Encode(), i.Encode()) {
			t.Errorf("written again it is something else: %v", err)
		}
	})
}

// Any file is read, checked and recovered without a panic.
func FuzzFile(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "journal")
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		f.Fatal(err)
	}
	j, err := Open(path, Options{Kiosk: "k", SealKey: key.PublicKey(), Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		f.Fatal(err)
	}
	for range 20 {
		if _, err := j.Append(f.Context(), 1, time.Now(), []byte("a visitor")); err != nil {
			f.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	whole = bytes.TrimRight(whole, "\x00")
	// What is fuzzed is one change of the whole file: where, and what is there then.
	f.Add(uint32(0), []byte{})
	f.Add(uint32(pageSize+20), []byte{0xff})
	f.Fuzz(func(t *testing.T, at uint32, change []byte) {
		bad := append(bytes.Clone(whole), make([]byte, pageSize)...)
		copy(bad[int(at)%len(bad):], change)
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if look, err := Inspect(path); err == nil {
			for _, c := range look.Chains {
				for range look.Entries(c.Journal) {
				}
			}
		}
		p, err := openBoltFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		_ = p.check(leaves)
		if _, err := recoverFile(path); err != nil {
			t.Error(err)
		}
	})
}
