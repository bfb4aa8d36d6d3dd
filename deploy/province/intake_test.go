package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/simulate"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/wire"
)

// visits appends visits to a kiosk's journal.
func (k *kiosk) visits(n int) {
	k.server.t.Helper()
	for range n {
		err := k.Add(time.Now(), record.Visit{Direction: record.In, Family: "eu-dcc", Level: 1, Reasons: []record.Reason{{Code: "doses"}}})
		if err != nil {
			k.server.t.Fatal(err)
		}
	}
}

// heldAs is under what the province keeps the kiosk's journal.
func (k *kiosk) heldAs() []byte { return db.JournalID(k.Name, k.Journal[:]) }

// refused checks that an error is the province's, with a code.
func refused(t *testing.T, err error, code wire.Code) *wire.Error {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("answered %v, want %s", err, code)
	}
	return e
}

func TestABatchIsCommittedAndReceipted(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(10)
		receipt, err := k.send(1, 11)
		if err != nil {
			t.Fatal(err)
		}
		if receipt.Held.Number != 11 || receipt.Held.Hash != k.Entries[10].Hash() {
			t.Errorf("the receipt is for %d, %s", receipt.Held.Number, receipt.Held.Hash)
		}
	})
}

func TestARepeatGetsTheSameReceipt(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(5)
		first, err := k.send(1, 6)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][2]int{{1, 6}, {2, 4}, {6, 6}} {
			again, err := k.send(part[0], part[1])
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(first, again) {
				t.Errorf("entries %v again gave %+v, at first %+v", part, again, first)
			}
		}
		k.visits(2)
		if r, err := k.send(4, 8); err != nil || r.Held.Number != 8 {
			t.Errorf("a batch that overlaps: %+v, %v", r, err)
		}
		s.holds(k, 8)
	})
}

// holds checks that the province has each entry of a kiosk once.
func (s *server) holds(k *kiosk, want int) {
	s.t.Helper()
	d := s.database()
	var count, last int64
	err := d.NewSelect().Table("entries").ColumnExpr("COUNT(*), COALESCE(MAX(number), 0)").
		Where("journal = ?", k.heldAs()).Scan(s.t.Context(), &count, &last)
	if err != nil {
		s.t.Fatal(err)
	}
	if int(count) != want || int(last) != want {
		s.t.Errorf("the province holds %d entries up to %d, want %d", count, last, want)
	}
}

func TestAGapIsAnsweredWithWhatIsHeld(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(9)
		if _, err := k.send(1, 3); err != nil {
			t.Fatal(err)
		}
		_, err := k.send(6, 10)
		if e := refused(t, err, wire.Gap); e.Have.Number != 3 || e.Have.Hash != k.Entries[2].Hash() {
			t.Errorf("the province says that it has %+v", e.Have)
		}
		s.sees("gap")
		if _, err := k.send(4, 10); err != nil {
			t.Fatal(err)
		}
	})
}

// sees checks that officers are shown an incident.
func (s *server) sees(kind string) {
	s.t.Helper()
	n, err := s.database().NewSelect().Table("incidents").Where("kind = ?", kind).Count(s.t.Context())
	if err != nil || n == 0 {
		s.t.Errorf("no incident of kind %q is shown (%v)", kind, err)
	}
}

func TestAForkIsRefusedAndShown(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(5)
		clone := *k
		clone.Kiosk = &simulate.Kiosk{}
		*clone.Kiosk = *k.Kiosk
		clone.Entries = slices.Clone(k.Entries[:3])
		if _, err := k.send(1, 6); err != nil {
			t.Fatal(err)
		}
		clone.visits(4)
		for _, part := range [][2]int{{1, 5}, {4, 7}, {1, 7}} {
			_, err := clone.send(part[0], part[1])
			refused(t, err, wire.Fork)
		}
		s.sees("fork")
		s.holds(k, 6)
	})
}

func TestWhatABatchMayNotBe(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k, other := s.kiosk("hall-1"), s.kiosk("hall-2")
		k.visits(3)
		forged := *k.Kiosk
		forged.Key = other.Key
		batch, err := forged.Batch(1, 4, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		_, err = other.carry(batch)
		refused(t, err, wire.BadSignature)
		stranger := simulate.New("hall-9", other.Key, s.keys().Seal.PublicKey())
		if err := stranger.Add(time.Now(), record.Visit{}); err != nil {
			t.Fatal(err)
		}
		if batch, err = stranger.Batch(1, 2, time.Now()); err != nil {
			t.Fatal(err)
		}
		_, err = other.carry(batch)
		refused(t, err, wire.Unknown)
		_, err = k.carry([]byte("no batch"))
		refused(t, err, wire.Malformed)
		_, err = k.carry(make([]byte, wire.MaxBatch+1))
		if e := refused(t, err, wire.TooLarge); e.Limit != wire.MaxBatch {
			t.Errorf("the limit is said to be %d", e.Limit)
		}
		s.holds(k, 0)
	})
}

func TestANeighbourCarriesABatchAndAllPathsMayBeUsedAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k, other := s.kiosk("hall-1"), s.kiosk("hall-2")
		k.visits(40)
		var ways sync.WaitGroup
		for i := range 8 {
			ways.Go(func() {
				by := []*kiosk{k, other}[i%2]
				for _, part := range [][2]int{{1, 11}, {8, 20}, {1, 30}, {21, 41}} {
					batch := k.batch(part[0], part[1], time.Now())
					for {
						_, err := by.carry(batch)
						var e *wire.Error
						if errors.As(err, &e) && e.Code == wire.Gap {
							continue // another way will close it
						}
						if err != nil {
							t.Error(err)
						}
						break
					}
				}
			})
		}
		ways.Wait()
		s.holds(k, 41)
		var total int64
		err := s.database().NewSelect().Table("tallies").ColumnExpr("SUM(count)").Where("kind = 1 AND label = ''").Scan(t.Context(), &total)
		if err != nil || total != 40 {
			t.Errorf("%d visits were counted, want 40 (%v)", total, err)
		}
	})
}

func TestWhatDoesNotOpenOrIsNotUnderstoodIsKeptAndHoldsUpNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(1)
		for _, kind := range []uint8{1, 200} { // no visit, and a kind of tomorrow
			if err := k.AddRaw(time.Now(), kind, []byte("no record")); err != nil {
				t.Fatal(err)
			}
		}
		k.visits(1)
		last := &k.Entries[len(k.Entries)-1]
		last.Sealed = append([]byte{1}, last.Sealed...) // as if sealed wrongly
		last.Digest = sha256.Sum256(last.Sealed)
		k.visits(1)
		if _, err := k.send(1, 6); err != nil {
			t.Fatal(err)
		}
		var states []db.State
		err := s.database().NewSelect().Table("entries").Column("state").Where("journal = ?", k.heldAs()).Order("number").Scan(t.Context(), &states)
		if err != nil {
			t.Fatal(err)
		}
		want := []db.State{db.Structural, db.Held, db.Unreadable, db.Unreadable, db.Unsealed, db.Held}
		if !slices.Equal(states, want) {
			t.Errorf("states %v, want %v", states, want)
		}
		s.sees("sealed")
	})
}

func TestAReceiptCanBeAskedFor(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(3)
		want, err := k.send(1, 4)
		if err != nil {
			t.Fatal(err)
		}
		get := func(journal string) []byte {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Kiosks+wire.PathReceipt+"?kiosk=hall-1&journal="+journal, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := k.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			return body
		}
		if got, err := wire.DecodeReceipt(get(k.Journal.String())); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("asked for, the receipt is %+v, %v", got, err)
		}
		if e, err := wire.DecodeError(get(store.ID{}.String())); err != nil || e.Code != wire.None {
			t.Errorf("of an unknown journal: %v, %v", e, err)
		}
	})
}

// What names a person is neither in the database nor in its files.
func TestNoPersonStandsInTheDatabaseInTheClear(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	person := record.Person{Name: "NGUYỄN THỊ THỬ NGHIỆM", Document: "030199012345", Phone: "0912345678", Address: record.Address{Line: "Ngõ 12 Phố Thử"}}
	for _, body := range []record.Body{
		record.Declaration{Number: "D-1", Person: person, Travel: "Hà Nội thử"},
		record.Sample{Tube: "T-1", Person: person}, record.Order{Number: "O-1", Person: person},
		record.Vaccination{Number: "V-1", Person: person},
	} {
		if err := k.Add(time.Now(), body); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.send(1, 5); err != nil {
		t.Fatal(err)
	}
	s.stop()
	files, err := filepath.Glob(filepath.Join(s.dir, "province.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no database", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"NGUYỄN", "THỬ NGHIỆM", "030199012345", "0912345678", "Phố Thử", "Hà Nội thử"} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
	}
}
