package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chot/kiosk/record"
	"chot/store"

	"pgregory.net/rapid"
)

func status(t testing.TB, j *store.Journal) store.Status {
	t.Helper()
	st, err := j.Status()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// validUntil is the end of the validity of what signs in the tests.
var validUntil = noon.Add(10 * 365 * 24 * time.Hour)

// coverUpTo pretends that the province signed for everything up to a number.
func coverUpTo(t testing.TB, j *store.Journal, number uint64, at time.Time) {
	t.Helper()
	st := status(t, j)
	run, err := j.Batch(t.Context(), st.Journal, number, 1)
	if err != nil || len(run.Entries) == 0 {
		t.Fatalf("entry %d: %v", number, err)
	}
	p := store.Position{Number: number, Hash: run.Entries[0].Hash()}
	if err := j.Cover(t.Context(), st.Journal, p, at, validUntil, []byte("receipt")); err != nil {
		t.Fatal(err)
	}
}

func TestPurgeDeletesOnlyWhatIsCoveredAndOld(t *testing.T) {
	t.Parallel()
	j := open(t, filepath.Join(memoryDir(t), "journal"), options())
	appendN(t, j, 100) // entry 1 begins the segment; entry n is from second n-2
	for _, c := range []struct {
		covered uint64
		before  int // seconds after noon
		base    uint64
	}{
		{covered: 50, before: 20, base: 21},
		{covered: 50, before: 20, base: 21},
		{covered: 50, before: 90, base: 50},
		{covered: 101, before: 60, base: 61},
		{covered: 101, before: 1000, base: 101},
	} {
		coverUpTo(t, j, c.covered, noon)
		if _, err := j.Purge(t.Context(), noon.Add(time.Duration(c.before)*time.Second)); err != nil {
			t.Fatal(err)
		}
		st := status(t, j)
		if st.Base.Number != c.base {
			t.Errorf("covered to %d and older than %d s: purged to %d, not %d", c.covered, c.before, st.Base.Number, c.base)
		}
		if _, err := j.Batch(t.Context(), st.Journal, c.base, 1); !errors.Is(err, store.ErrPurged) {
			t.Errorf("entry %d after the purge: %v", c.base, err)
		}
		run, err := j.Batch(t.Context(), st.Journal, c.base+1, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if end, err := store.Verify(st.Base, run.Entries); err != nil || end != st.Head {
			t.Errorf("what is left is no chain: %v", err)
		}
	}
	appendN(t, j, 10)
}

func TestPurgedFileShrinksWhileAppendsGoOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "journal")
	o := options()
	store.NoSync(&o)
	j := open(t, path, o)
	// Few and large: it is the file that must be large to be worth rewriting.
	r := newRand(4)
	payloads := make([][]byte, 8)
	for i := range payloads {
		payloads[i] = make([]byte, 8<<10)
		for k := range payloads[i] {
			payloads[i][k] = byte(r.Uint32())
		}
	}
	fill(t, j, []uint8{1}, payloads, 1000, 64)
	big, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	st := status(t, j)
	coverUpTo(t, j, st.Head.Number, noon)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if _, err := j.Append(context.Background(), 1, time.Now().Add(1e6*time.Hour), fmt.Appendf(nil, "meanwhile %d", i)); err != nil {
				t.Error(err)
			}
		}
	})
	if _, err := j.Purge(t.Context(), time.Now().Add(1e5*time.Hour)); err != nil {
		t.Error(err)
	}
	cancel()
	wg.Wait()
	small, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if small.Size() > big.Size()/2 {
		t.Errorf("the file went from %d to %d bytes", big.Size(), small.Size())
	}
	after := status(t, j)
	run, err := j.Batch(t.Context(), after.Journal, after.Base.Number+1, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if end, err := store.Verify(after.Base, run.Entries); err != nil || end != after.Head {
		t.Errorf("the chain ends at %v, not %v: %v", end, after.Head, err)
	}
}

func TestErasedPayloadIsGoneAndTheChainHolds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, options())
	appendN(t, j, 50)
	st := status(t, j)
	before, err := j.Batch(t.Context(), st.Journal, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Erase(t.Context(), st.Journal, []uint64{20}, 12, noon.Add(time.Minute), nil); err == nil {
		t.Error("an entry that only the kiosk holds was erased")
	}
	coverUpTo(t, j, 40, noon)
	for range 2 { // a second time changes nothing
		if err := j.Erase(t.Context(), st.Journal, []uint64{20, 21, 22}, 12, noon.Add(time.Minute), []byte("order")); err != nil {
			t.Fatal(err)
		}
	}
	st = status(t, j)
	after, err := j.Batch(t.Context(), st.Journal, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if end, err := store.Verify(st.Base, after.Entries); err != nil || end != st.Head {
		t.Errorf("the chain does not hold: %v", err)
	}
	if added := len(after.Entries) - len(before.Entries); added != 1 {
		t.Errorf("one erasure is proven by %d entries", added)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range before.Entries {
		erased := e.Number >= 20 && e.Number <= 22
		if got := after.Entries[i].Sealed == nil; got != erased {
			t.Errorf("entry %d erased: %t", e.Number, got)
		}
		if bytes.Contains(file, e.Sealed) == erased {
			t.Errorf("the sealed bytes of entry %d are in the file: %t", e.Number, !erased)
		}
	}
}

func TestFullDiskRefusesEarly(t *testing.T) {
	t.Parallel()
	o := options()
	free := int64(1 << 30)
	o.Free = func(string) (int64, error) { return free, nil }
	up := time.Duration(0)
	o.Uptime = func() time.Duration { return up }
	o.Clock = func() time.Time { return noon.Add(up) }
	j := open(t, filepath.Join(memoryDir(t), "journal"), o)
	appendN(t, j, 1)
	free = 1 << 20
	up += time.Second // the disk is roomInterval at once a second
	if _, err := j.Append(t.Context(), 1, noon, []byte("x")); !errors.Is(err, store.ErrFull) {
		t.Errorf("with 1 MiB left: %v", err)
	}
	if st := status(t, j); !st.Full || st.Head.Number != 2 {
		t.Errorf("%+v", st)
	}
	free = 1 << 30
	appendN(t, j, 1)
}

// Any mixture of appends, restarts, receipts and purges leaves one chain from
// the base to the head, with what is not purged in it.
func TestJournalKeepsOneChain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("/dev/shm", "chot-rapid-")
		if err != nil {
			rt.Skip("no /dev/shm")
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "journal")
		now := noon
		o := options()
		o.Clock = func() time.Time { return now }
		o.Uptime = func() time.Duration { return now.Sub(noon) }
		j, err := store.Open(path, o)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { j.Close() }()
		kept := map[uint64]string{}
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) {
				payload := rapid.SliceOfN(rapid.Byte(), 0, 700).Draw(rt, "payload")
				now = now.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(rt, "ms")) * time.Millisecond)
				e, err := j.Append(context.Background(), 1, now, payload)
				if err != nil {
					rt.Fatal(err)
				}
				kept[e.Number] = e.Digest.String()
			},
			"restart": func(rt *rapid.T) {
				if err := j.Close(); err != nil {
					rt.Fatal(err)
				}
				if j, err = store.Open(path, o); err != nil {
					rt.Fatal(err)
				}
			},
			"purge": func(rt *rapid.T) {
				st, _ := j.Status()
				if st.Head.Number == 0 {
					return
				}
				number := rapid.Uint64Range(st.Base.Number+1, st.Head.Number+1).Draw(rt, "covered")
				run, err := j.Batch(context.Background(), st.Journal, number, 1)
				if err != nil {
					rt.Fatal(err)
				}
				if len(run.Entries) > 0 {
					e := run.Entries[0]
					if err := j.Cover(context.Background(), st.Journal, store.Position{Number: number, Hash: e.Hash()}, now, validUntil, nil); err != nil {
						rt.Fatal(err)
					}
				}
				if _, err := j.Purge(context.Background(), now.Add(time.Millisecond)); err != nil {
					rt.Fatal(err)
				}
			},
			"": func(rt *rapid.T) {
				st, err := j.Status()
				if err != nil {
					rt.Fatal(err)
				}
				run, err := j.Batch(context.Background(), st.Journal, st.Base.Number+1, 1<<30)
				if err != nil {
					rt.Fatal(err)
				}
				if end, err := store.Verify(st.Base, run.Entries); err != nil || end != st.Head {
					rt.Fatalf("the chain ends at %v, not %v: %v", end, st.Head, err)
				}
				for _, e := range run.Entries {
					if want, ok := kept[e.Number]; ok && want != e.Digest.String() {
						rt.Fatalf("entry %d is another", e.Number)
					}
				}
			},
		})
	})
}

// After a day's work nothing that went in is found in the clear, in the journal,
// its free pages, or the files beside it.
func TestAThiefFindsNothing(t *testing.T) {
	t.Parallel()
	dir := memoryDir(t)
	path := filepath.Join(dir, "journal")
	j := open(t, path, options())
	var secrets []string
	r := newRand(5)
	for i := range 1000 {
		body := sampleDeclaration(r).(record.Declaration)
		p := body.Person
		secrets = append(secrets, p.Name, p.Document, p.Phone, p.Address.Line)
		payload, err := record.Encode(body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(t.Context(), uint8(body.Kind()), noon.Add(time.Duration(i)*time.Second), payload); err != nil {
			t.Fatal(err)
		}
		if i == 500 {
			coverUpTo(t, j, 400, noon)
			if _, err := j.Purge(t.Context(), noon.Add(200*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
	}
	st := status(t, j)
	if err := j.Erase(t.Context(), st.Journal, nil, 12, noon, []byte("order")); err != nil {
		t.Fatal(err)
	}
	j.Close()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lower := strings.ToLower(string(data))
		for _, s := range secrets {
			if strings.Contains(lower, strings.ToLower(s)) {
				t.Errorf("%s holds %q", filepath.Base(path), s)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files: %v", files, err)
	}
}

func TestInspectionSeesTheChainWithoutAKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, options())
	appendN(t, j, 500)
	st := status(t, j)
	i, err := store.Inspect(path) // while it is open
	if err != nil {
		t.Fatal(err)
	}
	n := uint64(0)
	for e, err := range i.Entries(st.Journal) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if e.Number != n {
			t.Fatalf("entry %d after %d", e.Number, n-1)
		}
	}
	if n != st.Head.Number || i.Kiosk != "cho-tu-ky-1" {
		t.Errorf("%d entries of %d", n, st.Head.Number)
	}
	if _, err := store.Inspect(filepath.Join(memoryDir(t), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func ExampleJournal() {
	dir, _ := os.MkdirTemp("", "example-")
	defer os.RemoveAll(dir)
	j, err := store.Open(filepath.Join(dir, "journal"), options())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	e, err := j.Append(context.Background(), 1, noon, []byte("what happened"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("entry", e.Number, "is durable") // entry 1 begins the segment
	// Output: entry 2 is durable
}
