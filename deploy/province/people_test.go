package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/person"
	"chot/kiosk/record"
	"chot/store/wire"
)

// finder looks into the server's database from beside it.
func (s *server) finder() *person.Finder {
	s.t.Helper()
	d := s.database()
	box, err := datakeys.New(d, s.keys().Data)
	if err != nil {
		s.t.Fatal(err)
	}
	return &person.Finder{DB: d, Keys: box}
}

// declare appends a declaration of an invented person.
func (k *kiosk) declare(at time.Time, name, document, phone string) {
	k.server.t.Helper()
	err := k.Add(at, record.Declaration{
		Number: fmt.Sprintf("%s-%d", k.Name, len(k.Entries)), Level: 1, Form: "health/2026-01",
		Person: record.Person{Name: name, Document: document, Phone: phone},
	})
	if err != nil {
		k.server.t.Fatal(err)
	}
}

// orders asks for the kiosk's orders of erasure.
func (k *kiosk) orders() (orders [][]byte, err error) {
	r, err := http.NewRequestWithContext(k.server.t.Context(), http.MethodGet, k.server.Kiosks+wire.PathErasures+"?kiosk="+k.Name, nil)
	if err != nil {
		return nil, err
	}
	answer, err := k.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	err = cbor.NewDecoder(answer.Body).Decode(&orders)
	return orders, err
}

func (k *kiosk) sendAll() {
	k.server.t.Helper()
	if _, err := k.send(1, len(k.Entries)); err != nil {
		k.server.t.Fatal(err)
	}
}

func TestAPersonIsFoundByExactValueInTheAreaOnly(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		here, there := s.kioskIn("hall-1", "30/298/11194"), s.kioskIn("hall-2", "30/299/11300")
		for _, k := range []*kiosk{here, there} {
			k.declare(time.Now(), "Nguyễn Thử", "030199000001", "+84 912 345 678")
			k.declare(time.Now(), "Trần Thử", "030199000002", "0912345679")
			k.sendAll()
		}
		f := s.finder()
		for _, c := range []struct {
			area         db.Area
			field, value string
			want         int
		}{
			{"30", "document", "030199000001", 2},
			{"30/298", "document", "030199000001", 1},
			{"30/298/11194", "phone", "0912.345.678", 1},
			{"30/29", "document", "030199000001", 0},
			{"", "document", "030199000001", 0},
			{"30", "phone", "030199000001", 0},
			{"30", "document", "03019900000", 0},
		} {
			found, err := f.Find(t.Context(), c.area, c.field, c.value)
			if err != nil || len(found) != c.want {
				t.Errorf("%q sees %d entries with %s %q, want %d (%v)", c.area, len(found), c.field, c.value, c.want, err)
			}
			for _, e := range found {
				r, err := f.Read(t.Context(), e)
				if err != nil || r.Body.(record.Declaration).Person.Name != "Nguyễn Thử" {
					t.Errorf("read back %+v, %v", r, err)
				}
			}
		}
	})
}

func TestErasureLeavesCountsAndProofAndTellsTheKiosk(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.declare(time.Now(), "Nguyễn Thử", "030199000001", "0912345678")
		k.declare(time.Now(), "Trần Thử", "030199000002", "0912345679")
		k.sendAll()
		f := s.finder()
		found, err := f.Find(t.Context(), "30", "document", "030199000001")
		if err != nil || len(found) != 1 {
			t.Fatalf("found %d, %v", len(found), err)
		}
		done, err := f.Erase(t.Context(), "30", "document", "030199000001", "YC-2026-17", time.Now())
		if err != nil || done != (person.Erased{Entries: 1}) {
			t.Fatalf("erased %+v, %v", done, err)
		}
		if again, err := f.Find(t.Context(), "30", "phone", "0912345678"); err != nil || len(again) != 0 {
			t.Errorf("still found: %d, %v", len(again), err)
		}
		var rows []db.Entry
		if err := f.DB.NewSelect().Model(&rows).Where("journal = ?", k.heldAs()).Order("number").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows[1].State != db.Erased || rows[1].Body != nil || rows[2].State != db.Held {
			t.Errorf("states %d and %d", rows[1].State, rows[2].State)
		}
		for i, row := range rows {
			if e := k.Entries[i]; [32]byte(row.Hash) != e.Hash() || [32]byte(row.Digest) != e.Digest {
				t.Errorf("the proof of entry %d is gone", i+1)
			}
		}
		var count int64
		if err := f.DB.NewSelect().Table("tallies").ColumnExpr("SUM(count)").Where("kind = 2 AND label = ''").Scan(t.Context(), &count); err != nil || count != 2 {
			t.Errorf("%d declarations are counted (%v)", count, err)
		}
		orders, err := k.orders()
		if err != nil || len(orders) != 1 {
			t.Fatalf("%d orders, %v", len(orders), err)
		}
		order, err := wire.DecodeErasure(orders[0])
		if err != nil || len(order.Numbers) != 1 || order.Numbers[0] != 2 || order.Journal != k.Journal {
			t.Errorf("the order is %+v, %v", order, err)
		}
	})
}

// Retention counts from when a record came: an old one that waited on a kiosk
// without a network is kept as long as a young one.
func TestRetention(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		now := time.Now()
		k.declare(now.Add(-30*24*time.Hour), "Nguyễn Thử", "030199000001", "0912345678")
		k.declare(now.Add(-time.Hour), "Trần Thử", "030199000002", "0912345679")
		k.sendAll()
		f := s.finder()
		for _, c := range []struct {
			name  string
			after time.Duration
			want  int // entries that expire
			found int
		}{
			{"at once", 0, 0, 1}, {"before its end", 20 * 24 * time.Hour, 0, 1},
			{"after its end", 22 * 24 * time.Hour, 2, 0}, {"again", 22 * 24 * time.Hour, 0, 0},
		} {
			n, err := f.Expire(t.Context(), 21*24*time.Hour, now.Add(c.after))
			if err != nil || n != c.want {
				t.Errorf("%s: %d entries expired, want %d (%v)", c.name, n, c.want, err)
			}
			for _, document := range []string{"030199000001", "030199000002"} {
				if found, err := f.Find(t.Context(), "30", "document", document); err != nil || len(found) != c.found {
					t.Errorf("%s: %d entries of %s are found, want %d (%v)", c.name, len(found), document, c.found, err)
				}
			}
		}
		// The key of the day goes a day later: the day must be over.
		if _, err := f.Expire(t.Context(), 21*24*time.Hour, now.Add(23*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Keys.Open(context.Background(), db.DayOf(now), []byte("whatever a copy holds of that day"), nil); !errors.Is(err, datakeys.ErrGone) {
			t.Errorf("the key of the day is still there: %v", err)
		}
	})
}
