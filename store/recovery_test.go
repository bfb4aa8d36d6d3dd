package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/store"
)

// breakMeta damages the sums of both meta pages: the file cannot be opened as it
// is, and everything in it is whole.
func breakMeta(t testing.TB, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for page := range int64(2) {
		var b [1]byte
		at := page*4096 + 16 + 56 // the sum follows the header and 56 bytes
		if _, err := f.ReadAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		b[0] ^= 1
		if _, err := f.WriteAt(b[:], at); err != nil {
			t.Fatal(err)
		}
	}
}

// Of all the states that a damaged file holds, the newest counts: nothing is lost
// that is still in the file, nothing that was covered is to be sent again, and
// nothing that was purged is back.
func TestRecoveryGoesOnFromTheNewestState(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, options())
	appendN(t, j, 50)
	coverUpTo(t, j, 20, noon)
	if _, err := j.Purge(t.Context(), noon.Add(8*time.Second)); err != nil {
		t.Fatal(err)
	}
	coverUpTo(t, j, 30, noon)
	appendN(t, j, 50)
	before := status(t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	breakMeta(t, path)
	j = open(t, path, options())
	after := status(t, j)
	if len(after.Older) != 1 {
		t.Fatalf("%d older chains, not 1", len(after.Older))
	}
	old := after.Older[0]
	if old.Journal != before.Journal || old.Base != before.Base || old.Covered != before.Covered || old.Head != before.Head || len(old.Lost) != 0 {
		t.Errorf("the chain is recovered as %+v, it was %+v", old, before.Chain)
	}
	if after.Journal == before.Journal || after.Base.Number != 0 || after.Head.Number != 2 { // segment and incident
		t.Errorf("the new chain is %+v", after.Chain)
	}
	if n := len(entriesOf(t, j, old)); n != int(before.Head.Number-before.Base.Number) {
		t.Errorf("%d entries of the old chain", n)
	}
	c := readAll(t, j)
	if len(c.incidents) != 1 {
		t.Fatalf("%d incidents, not 1", len(c.incidents))
	}
	i := c.incidents[0]
	if kept, err := os.Stat(filepath.Join(filepath.Dir(path), i.File)); err != nil || kept.Size() == 0 {
		t.Errorf("the damaged file %q is not kept: %v", i.File, err)
	}
	if i.What != store.Damage || i.Journal != before.Journal || i.First != 0 || i.Last != 0 || i.Cause == "" || !i.Time.Equal(after.Oldest) && i.Time.Before(noon) {
		t.Errorf("the incident is %+v", i)
	}
}

// An older chain is forgotten when all of it is purged; the one that grows never
// is, whatever is left of it.
func TestAChainThatIsPurgedIsForgottenAndTheLiveOneIsNot(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "journal")
	j := open(t, path, options())
	appendN(t, j, 20)
	j.Close()
	breakMeta(t, path)
	j = open(t, path, options())
	appendN(t, j, 10)
	st := status(t, j)
	live, old := st.Chain, st.Older[0]
	far := noon.Add(24 * time.Hour)
	steps := []struct {
		what         string
		cover        store.Chain
		older        int
		oldBase      uint64
		base         uint64
		purgeAtLeast int
	}{
		{"the live chain alone", live, 1, 0, live.Head.Number, int(live.Head.Number)},
		{"then the old one", old, 0, 0, live.Head.Number, int(old.Head.Number)},
	}
	for _, s := range steps {
		if err := j.Cover(t.Context(), s.cover.Journal, s.cover.Head, noon, validUntil, []byte("receipt")); err != nil {
			t.Fatal(err)
		}
		n, err := j.Purge(t.Context(), far)
		if err != nil || n != s.purgeAtLeast {
			t.Errorf("%s: %d entries were purged, not %d: %v", s.what, n, s.purgeAtLeast, err)
		}
		st := status(t, j)
		if len(st.Older) != s.older || st.Journal != live.Journal || st.Base != live.Head || st.Head != live.Head || st.Backlog() != uint64(s.older)*old.Head.Number {
			t.Errorf("%s: %+v", s.what, st)
		}
	}
	e, err := j.Append(t.Context(), 1, noon, []byte("next"))
	if err != nil || e.Number != live.Head.Number+1 || e.Prev != live.Head.Hash {
		t.Errorf("the next entry is %d after %s: %v", e.Number, e.Prev, err)
	}
}

// entriesOf reads the entries of a chain that are kept.
func entriesOf(t testing.TB, j *store.Journal, c store.Chain) (all []store.Entry) {
	t.Helper()
	for next := c.Base.Number + 1; next <= c.Head.Number; {
		run, err := j.Batch(t.Context(), c.Journal, next, 4000)
		if err != nil {
			t.Fatal(err)
		}
		if len(run.Entries) == 0 {
			break
		}
		all = append(all, run.Entries...)
		next = all[len(all)-1].Number + 1
	}
	return all
}

// damageOf is a way of damaging a closed journal's file, and what may be lost by it.
type damageOf struct {
	what  string
	loses bool
	do    func(t testing.TB, path string)
}

var damages = []damageOf{
	{"meta pages", false, breakMeta},
	{"a page of entries", true, func(t testing.TB, path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for page := 2; page < len(data)/4096; page++ {
			if data[page*4096+8] == 2 { // a leaf
				for i := range 64 {
					data[page*4096+2000+i] ^= 0x55
				}
				data[(page+0)*4096+16] ^= 0x55
				break
			}
		}
		writeFile(t, path, data)
	}},
}

// A journal that was damaged, purged and damaged again holds every entry that was
// acknowledged and not purged, once, or says that it is lost.
func TestASecondDamageLosesNothingSilently(t *testing.T) {
	t.Parallel()
	for _, first := range damages {
		for _, second := range damages {
			for _, between := range []string{"nothing", "purge", "erase", "restart"} {
				t.Run(fmt.Sprintf("%s, %s, %s", first.what, between, second.what), func(t *testing.T) {
					t.Parallel()
					path := filepath.Join(memoryDir(t), "journal")
					var want []store.Entry
					add := func(j *store.Journal, n int) {
						t.Helper()
						for i := range n {
							e, err := j.Append(t.Context(), 1, noon.Add(time.Duration(i)*time.Second), fmt.Appendf(nil, "visitor %d", len(want)))
							if err != nil {
								t.Fatal(err)
							}
							want = append(want, e)
						}
					}
					// What may be gone, by digest.
					purged, erased := map[store.Hash]bool{}, map[store.Hash]bool{}
					j := open(t, path, options())
					add(j, 60)
					j.Close()
					first.do(t, path)
					j = open(t, path, options())
					add(j, 60)
					st := status(t, j)
					switch between {
					case "purge", "erase":
						coverUpTo(t, j, 40, noon)
						before := entriesOf(t, j, st.Chain)
						if between == "purge" {
							if _, err := j.Purge(t.Context(), noon.Add(30*time.Second)); err != nil {
								t.Fatal(err)
							}
							for _, e := range before {
								purged[e.Digest] = e.Number <= status(t, j).Base.Number
							}
						} else {
							if err := j.Erase(t.Context(), st.Journal, []uint64{20, 21}, 12, noon, []byte("order")); err != nil {
								t.Fatal(err)
							}
							erased[before[19].Digest], erased[before[20].Digest] = true, true
						}
					case "restart":
						j.Close()
						j = open(t, path, options())
						add(j, 10)
					}
					j.Close()
					second.do(t, path)
					j = open(t, path, options())
					add(j, 5)
					j.Status() // finds the damage, if it was not found yet
					st = status(t, j)
					here := map[store.Hash]store.Entry{}
					var lost []store.Span
					for _, c := range st.Chains() {
						if c.Head.Number == c.Base.Number {
							continue
						}
						for _, e := range entriesOf(t, j, c) {
							if _, twice := here[e.Digest]; twice {
								t.Errorf("entry %d is there twice", e.Number)
							}
							here[e.Digest] = e
						}
						lost = append(lost, c.Lost...)
					}
					gone := 0
					for _, w := range want {
						e, ok := here[w.Digest]
						switch {
						case ok && (e.Number != w.Number || e.Hash() != w.Hash() || !e.Time.Equal(w.Time)):
							t.Errorf("entry %d is now entry %d", w.Number, e.Number)
						case ok && purged[w.Digest]:
							t.Errorf("entry %d was purged and is back", w.Number)
						case ok && (e.Sealed == nil) != erased[w.Digest]:
							t.Errorf("entry %d is erased: %t", w.Number, e.Sealed == nil)
						case !ok && !purged[w.Digest]:
							gone++
							if !isLost(lost, w.Number) {
								t.Errorf("entry %d is gone and not among the lost ones, %v", w.Number, lost)
							}
						}
					}
					if gone > 0 && !first.loses && !second.loses {
						t.Errorf("%d entries are lost, though all of them were in the file", gone)
					}
					if files, _ := filepath.Glob(path + ".damaged-*"); len(files) == 0 || len(files) < len(st.Older) {
						t.Errorf("%d files were set aside, %d chains ended", len(files), len(st.Older))
					}
				})
			}
		}
	}
}
