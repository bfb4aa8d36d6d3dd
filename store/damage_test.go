package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
)

// contents reads everything that the province would get from a journal: the
// payloads by number for each chain, and the incidents.
type contents struct {
	payloads  map[store.ID]map[uint64]string
	lost      map[store.ID][]store.Span
	incidents []store.Incident
}

// readAll reads the journal as the forwarder does. It goes by the chains that
// the status names after each batch, because a batch can find damage.
func readAll(t testing.TB, j *store.Journal) contents {
	t.Helper()
	for range 3 {
		c, ok := tryReadAll(t, j)
		if ok {
			return c
		}
	}
	t.Fatal("the journal is damaged again and again")
	return contents{}
}

func tryReadAll(t testing.TB, j *store.Journal) (c contents, ok bool) {
	t.Helper()
	c = contents{payloads: map[store.ID]map[uint64]string{}, lost: map[store.ID][]store.Span{}}
	opener := store.NewOpener(sealKey)
	st, err := j.Status()
	if err != nil {
		t.Fatal(err)
	}
	for _, chain := range st.Chains() {
		payloads := map[uint64]string{}
		c.payloads[chain.Journal], c.lost[chain.Journal] = payloads, chain.Lost
		var segment []byte
		for next := chain.Base.Number + 1; next <= chain.Head.Number; {
			run, err := j.Batch(context.Background(), chain.Journal, next, 4000)
			if err != nil {
				t.Fatal(err)
			}
			if len(run.Entries) == 0 {
				return c, false // mended meanwhile
			}
			for l := range run.Lost {
				if !isLost(chain.Lost, next+l) {
					return c, false
				}
			}
			before := store.Position{Number: run.Entries[0].Number - 1, Hash: run.Entries[0].Prev}
			if _, err := store.Verify(before, run.Entries); err != nil {
				t.Fatal(err)
			}
			var opened [][]byte
			opened, segment, _ = opener.Open(st.Kiosk, chain.Journal, segment, run.Entries)
			for i, e := range run.Entries {
				switch {
				case e.Kind == store.KindIncident:
					incident, err := store.DecodeIncident(opened[i])
					if err != nil {
						t.Fatal(err)
					}
					c.incidents = append(c.incidents, incident)
				case e.Kind != store.KindSegment && opened[i] != nil:
					payloads[e.Number] = string(opened[i])
				}
			}
			next = run.Entries[len(run.Entries)-1].Number + 1
		}
	}
	after, err := j.Status()
	return c, err == nil && len(after.Older) == len(st.Older)
}

func isLost(spans []store.Span, number uint64) bool {
	for _, s := range spans {
		if s.First <= number && number <= s.Last {
			return true
		}
	}
	return false
}

// written makes a journal file with a day's few entries over two segments.
func written(t testing.TB, n int) (path string, want map[uint64]string) {
	t.Helper()
	path = filepath.Join(memoryDir(t), "journal")
	want = map[uint64]string{}
	for half := range 2 {
		o := options()
		o.Clock = func() time.Time { return noon.Add(time.Duration(half) * time.Hour) }
		j := open(t, path, o)
		for i := range n / 2 {
			payload := fmt.Sprintf("visitor %d of half %d", i, half)
			e, err := j.Append(t.Context(), 1, o.Clock().Add(time.Duration(i)*time.Second), []byte(payload))
			if err != nil {
				t.Fatal(err)
			}
			want[e.Number] = payload
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return path, want
}

// damaged opens a journal that was tampered with and checks that every entry is
// there as it was written or owned up to as lost, and that check-in goes on.
func checkDamaged(t *testing.T, what, path string, want map[uint64]string) {
	t.Helper()
	o := options()
	o.Clock = func() time.Time { return noon.Add(2 * time.Hour) }
	j, err := store.Open(path, o)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer j.Close()
	c := readAll(t, j)
	damage := false
	for _, i := range c.incidents {
		damage = damage || i.What == store.Damage
	}
	for number, payload := range want {
		found := false
		for _, payloads := range c.payloads {
			if payloads[number] == payload {
				found = true
			}
		}
		if !found && !damage {
			t.Errorf("%s: entry %d is gone and no incident says so", what, number)
		}
	}
	for id, payloads := range c.payloads {
		for number, payload := range payloads {
			if want[number] != payload {
				t.Errorf("%s: entry %d of %s says %q, which was not written", what, number, id, payload)
			}
		}
	}
	if damage {
		if kept, _ := filepath.Glob(path + ".damaged-*"); len(kept) == 0 {
			t.Errorf("%s: the damaged file was not kept", what)
		}
	}
	if _, err := j.Append(context.Background(), 1, noon.Add(3*time.Hour), []byte("next")); err != nil {
		t.Errorf("%s: check-in does not go on: %v", what, err)
	}
}

func TestEachFlippedByteIsHarmlessOrOwnedUpTo(t *testing.T) {
	t.Parallel()
	path, want := written(t, 60)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Only pages in use and the ends of the file matter; beyond is room.
	end := len(bytes.TrimRight(intact, "\x00"))
	each := 97 // of the bytes; a soak takes them all
	switch {
	case soak:
		each = 1
	case racing:
		each = 499
	}
	dir := memoryDir(t)
	workers(t, end/each, func(i int) {
		at := i * each
		bad := bytes.Clone(intact)
		bad[at] ^= 1 << (at % 8)
		path := filepath.Join(dir, fmt.Sprint(at), "journal")
		writeFile(t, path, bad)
		checkDamaged(t, fmt.Sprintf("byte %d of %d flipped", at, end), path, want)
		os.RemoveAll(filepath.Dir(path))
	})
}

func TestAFileCutAtAnyLengthIsHarmlessOrOwnedUpTo(t *testing.T) {
	t.Parallel()
	path, want := written(t, 60)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	end := len(bytes.TrimRight(intact, "\x00")) + 4096
	each := 997
	if soak {
		each = 97
	}
	dir := memoryDir(t)
	workers(t, end/each, func(i int) {
		n := i * each
		path := filepath.Join(dir, fmt.Sprint(n), "journal")
		writeFile(t, path, intact[:n])
		checkDamaged(t, fmt.Sprintf("cut to %d bytes", n), path, want)
		os.RemoveAll(filepath.Dir(path))
	})
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Error(err)
	}
}
