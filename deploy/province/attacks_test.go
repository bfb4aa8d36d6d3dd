package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/simulate"
	"chot/deploy/province/tufpublish"
	"chot/kiosk/enrol"
	"chot/kiosk/record"
	"chot/store/wire"
)

// incident returns how often an incident of a kiosk was counted.
func (s *server) incident(kiosk, kind string) int64 {
	s.t.Helper()
	row := db.Incident{}
	err := s.database().NewSelect().Model(&row).Where("kiosk = ? AND kind = ?", kiosk, kind).Limit(1).Scan(s.t.Context())
	if err != nil {
		return 0
	}
	return row.Count
}

// A kiosk whose clock is wrong by years is taken at its numbers: its records are
// kept, its times marked, its visits counted on the day that they came.
func TestNoTimeIsAReasonToRefuse(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		for name, c := range map[string]struct {
			off     time.Duration
			doubted bool
		}{
			"right": {-time.Minute, false}, "a-week-old": {-7 * 24 * time.Hour, false}, "nine-minutes": {9 * time.Minute, false},
			"eleven-minutes": {11 * time.Minute, true}, "years-ahead": {14 * 365 * 24 * time.Hour, true}, "years-behind": {-14 * 365 * 24 * time.Hour, true},
		} {
			k := s.kiosk(name)
			at := time.Now().Add(c.off)
			if err := k.Add(at, record.Visit{Direction: record.In, Family: "eu-dcc", Level: 1}); err != nil {
				t.Fatal(err)
			}
			if _, err := k.carry(k.batch(1, 2, at)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			s.holds(k, 2)
			var a db.Arrival
			if err := s.database().NewSelect().Model(&a).Where("journal = ?", k.heldAs()).Scan(t.Context()); err != nil {
				t.Fatal(err)
			}
			if near := time.Duration(a.Doubt)*time.Millisecond - c.off; (a.Doubt != 0) != c.doubted || c.doubted && near.Abs() > time.Minute {
				t.Errorf("%s: the time is doubted by %d ms", name, a.Doubt)
			}
			if n := s.incident(name, "clock"); (n != 0) != c.doubted {
				t.Errorf("%s: %d incidents", name, n)
			}
			day := db.LocalDay(at)
			if c.doubted {
				day = db.LocalDay(time.Now())
			}
			n, err := s.database().NewSelect().Model((*db.Tally)(nil)).Where("kiosk = ? AND label = '' AND kind = 1 AND day = ?", name, day).Count(t.Context())
			if err != nil || n != 1 {
				t.Errorf("%s: the visit is not counted on %s (%v)", name, day.ISO(), err)
			}
		}
	})
}

// An officer's statement of the time reaches the kiosk, signed, with a serial that
// only rises; officers of another area make none.
func TestTheProvinceSetsAClock(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		ask := func() (*wire.Clock, error) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Kiosks+wire.PathClock+"?kiosk=hall-1", nil)
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
			if answer.StatusCode != http.StatusOK {
				refused, err := wire.DecodeError(body)
				if err != nil {
					t.Fatal(err)
				}
				return nil, refused
			}
			c, err := wire.DecodeClock(body)
			if err == nil {
				err = c.Verify([]*ecdsa.PublicKey{&s.keys().Receipt.PublicKey})
			}
			return c, err
		}
		_, err := ask()
		refused(t, err, wire.None)
		if status, _ := s.officer("khac", "district", "30/299").post("/kiosks/clock", url.Values{"kiosk": {"hall-1"}}); status != http.StatusNotFound {
			t.Errorf("an officer of another district: %d", status)
		}
		o := s.officer("tinh", "province", "30")
		for serial := range uint64(2) {
			if status, _ := o.post("/kiosks/clock", url.Values{"kiosk": {"hall-1"}}); status != http.StatusOK {
				t.Fatalf("setting the clock: %d", status)
			}
			c, err := ask()
			if err != nil || c.Serial != serial+1 || c.Kiosk != "hall-1" || time.Since(c.Time).Abs() > time.Minute {
				t.Errorf("the statement is %+v, %v", c, err)
			}
		}
		if _, body := o.get("/audit"); !strings.Contains(body, "Đặt lại giờ của máy") {
			t.Error("it is not in the audit log")
		}
	})
}

// A jump of the server's time deletes nothing until an officer says that the time
// is right.
func TestRetentionStopsWhenTheTimeJumps(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.declare(time.Now(), "Nguyễn Thử", "030199000001", "0912345678")
		k.sendAll()
		o := s.officer("tinh", "province", "30")
		start := time.Now()
		now := start
		r := &person.Retention{
			DB: s.database(), Finder: s.finder(), Sweep: func(context.Context) error { return nil }, Keep: 21 * 24 * time.Hour,
			Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		}
		held := func() bool {
			found, err := r.Finder.Find(t.Context(), "30", "document", "030199000001")
			if err != nil {
				t.Fatal(err)
			}
			return len(found) == 1
		}
		for _, step := range []struct {
			at       time.Duration
			settle   bool
			held     bool
			incident int64
		}{
			{0, false, true, 0},
			{71 * time.Hour, false, true, 0},
			{14 * 365 * 24 * time.Hour, false, true, 1}, // a wrong reading
			{14*365*24*time.Hour + time.Hour, false, true, 1},
			{72 * time.Hour, false, true, 1}, // right again: nothing more to do
			{60 * time.Hour, false, true, 1}, // back by hours, though shown already
			{143 * time.Hour, false, true, 1},
			{40 * 24 * time.Hour, false, true, 1}, // weeks off, really
			{40 * 24 * time.Hour, true, false, 0},
		} {
			now = start.Add(step.at)
			if step.settle {
				if status, _ := o.post("/incidents", url.Values{"kiosk": {""}, "kind": {"time"}}); status != http.StatusOK {
					t.Fatalf("settling: %d", status)
				}
			}
			if _, err := r.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := held(); got != step.held {
				t.Errorf("after %s the person is held: %v", step.at, got)
			}
			if n := s.incident("", "time"); (n > 0) != (step.incident > 0) {
				t.Errorf("after %s there are %d incidents", step.at, n)
			}
		}
		if _, body := o.get("/incidents"); strings.Contains(body, "incident.time") {
			t.Error("the incident has no words")
		}
	})
}

// packed adds an entry whose payload is sealed compressed.
func (k *kiosk) packed(payload []byte) {
	k.server.t.Helper()
	enc, err := zstd.NewWriter(nil, zstd.WithSingleSegment(true), zstd.WithEncoderCRC(false))
	if err != nil {
		k.server.t.Fatal(err)
	}
	if err := k.AddPacked(time.Now(), 1, append([]byte{1}, enc.EncodeAll(payload, nil)[4:]...)); err != nil {
		k.server.t.Fatal(err)
	}
}

// A small batch that opens to a hundred times as much as a batch may have is taken,
// and kept without being opened.
func TestABatchThatOpensToTooMuch(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		for name, c := range map[string]struct {
			entries, size int
			most          int64 // bytes of bodies in the database
		}{
			"longer-than-records":  {2000, 64 << 10, 4 << 20},  // 125 MiB
			"as-long-as-records":   {4000, 16 << 10, 40 << 20}, // 62 MiB
			"what-kiosks-may-send": {100, 16 << 10, 2 << 20},
		} {
			k := s.kiosk(name)
			for range c.entries {
				k.packed(make([]byte, c.size))
			}
			batch := k.batch(1, c.entries+1, time.Now())
			if len(batch) > 1<<20 {
				t.Fatalf("the batch has %d bytes", len(batch))
			}
			if _, err := k.carry(batch); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			s.holds(k, c.entries+1)
			var bodies int64
			err := s.database().NewSelect().Table("entries").ColumnExpr("SUM(LENGTH(body))").Where("journal = ?", k.heldAs()).Scan(t.Context(), &bodies)
			if err != nil || bodies > c.most {
				t.Errorf("%s: %d bytes are kept (%v)", name, bodies, err)
			}
			if large := s.incident(name, "large") > 0; large != (name != "what-kiosks-may-send") {
				t.Errorf("%s: the incident is shown: %v", name, large)
			}
		}
	})
}

// Erasure goes on until nothing is left, also of a person of whom no kiosk has
// recorded anything, and the kiosk is told of each entry.
func TestErasureIsComplete(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		const document, many = "030199000001", 450
		k := s.kiosk("hall-1")
		k.declare(time.Now(), "Trần Thử", "030199000002", "0912345679")
		for range many {
			k.declare(time.Now(), "Nguyễn Thử", document, "0912345678")
		}
		k.sendAll()
		o := s.officer("tinh", "province", "30")
		for n, d := range []string{document, "030199000009"} {
			hash := person.DocumentHash(s.finder().Keys, d)
			dose := &db.Dose{Document: hash, Number: 1 + n, Area: "30/298", Given: 20000, Body: []byte{1}}
			invitation := &db.Invitation{Document: hash, Area: "30/298", Body: []byte{1}}
			for _, row := range []any{dose, invitation} {
				if _, err := s.database().NewInsert().Model(row).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		erase := func(document string) string {
			status, body := o.post("/people/erase", url.Values{"field": {"document"}, "value": {document}, "reason": {"YC-17"}})
			if status != http.StatusOK {
				t.Fatalf("erasing: %d: %s", status, body)
			}
			return body
		}
		if body := erase("030199000009"); !strings.Contains(body, "Đã xóa 0 bản ghi. Đã xóa 2 mũi tiêm và giấy mời.") {
			t.Error("a person without entries is not erased")
		}
		if body := erase(document); !strings.Contains(body, "Đã xóa 450 bản ghi. Đã xóa 2 mũi tiêm và giấy mời.") {
			t.Error("the page does not say what was erased")
		}
		d := s.database()
		for table, want := range map[string]int64{"doses": 0, "invitations": 0} {
			if n, err := d.NewSelect().Table(table).Count(t.Context()); err != nil || n != want {
				t.Errorf("%d rows of %s are left (%v)", n, table, err)
			}
		}
		left, err := d.NewSelect().Model((*db.Entry)(nil)).Where("body IS NOT NULL AND state = ?", db.Held).Count(t.Context())
		if err != nil || left != 1 {
			t.Errorf("%d bodies are left (%v)", left, err)
		}
		orders, err := k.orders()
		if err != nil {
			t.Fatal(err)
		}
		named := map[uint64]bool{}
		for _, raw := range orders {
			order, err := wire.DecodeErasure(raw)
			if err != nil || order.Journal != k.Journal {
				t.Fatalf("%+v, %v", order, err)
			}
			for _, n := range order.Numbers {
				named[n] = true
			}
		}
		if len(named) != many || named[1] || named[2] || !named[3] {
			t.Errorf("the kiosk is told of %d entries", len(named))
		}
	})
}

// What a kiosk recorded before a person was erased and brings after it is erased as it
// arrives, by the kiosk too; what it recorded later, or of others, stays.
func TestALateRecordOfAnErasedPersonIsErased(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		const document = "030199000001"
		k, other := s.kiosk("hall-1"), s.kioskIn("hall-2", "30/299/11300")
		for _, k := range []*kiosk{k, other} {
			k.declare(time.Now().Add(-time.Hour), "Nguyễn Thử", document, "0912345678")
			k.declare(time.Now().Add(-time.Hour), "Trần Thử", "030199000002", "0912345679")
			k.declare(time.Now().Add(time.Minute), "Nguyễn Thử", document, "0912345678")
		}
		if _, err := s.finder().Erase(t.Context(), "30/298", "document", document, "YC-18", time.Now()); err != nil {
			t.Fatal(err)
		}
		k.sendAll()
		other.sendAll()
		for kiosk, want := range map[*kiosk][]db.State{
			k:     {db.Structural, db.Erased, db.Held, db.Held},
			other: {db.Structural, db.Held, db.Held, db.Held}, // beyond what the officer answers for
		} {
			var rows []db.Entry
			if err := s.database().NewSelect().Model(&rows).Where("journal = ?", kiosk.heldAs()).OrderExpr("number").Scan(t.Context(), &rows); err != nil {
				t.Fatal(err)
			}
			var states []db.State
			for _, row := range rows {
				states = append(states, row.State)
				if (row.Body == nil) != (row.State == db.Erased) && row.State != db.Structural {
					t.Errorf("%s: entry %d has state %d and %d bytes", kiosk.Name, row.Number, row.State, len(row.Body))
				}
			}
			if !slices.Equal(states, want) {
				t.Errorf("%s: the entries are %v, want %v", kiosk.Name, states, want)
			}
		}
		found, err := s.finder().Find(t.Context(), "30/298", "document", document)
		if err != nil || len(found) != 1 || found[0].Number != 4 {
			t.Errorf("found %+v, %v", found, err)
		}
		orders, err := k.orders()
		if err != nil || len(orders) != 1 {
			t.Fatalf("%d orders, %v", len(orders), err)
		}
		order, err := wire.DecodeErasure(orders[0])
		if err != nil || !slices.Equal(order.Numbers, []uint64{2}) || order.Journal != k.Journal {
			t.Errorf("the kiosk is told %+v, %v", order, err)
		}
	})
}

// What SQLite has deleted stands in none of its files.
func TestErasedBytesAreGoneFromTheFiles(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	for range 50 {
		k.declare(time.Now(), "Nguyễn Thử", "030199000001", "0912345678")
	}
	k.sendAll()
	d := s.database()
	var rows []db.Entry
	if err := d.NewSelect().Model(&rows).Where("body IS NOT NULL AND state = ?", db.Held).Scan(t.Context()); err != nil || len(rows) != 50 {
		t.Fatal(len(rows), err)
	}
	hash := s.finder().Keys.Hash("phone", "0912345678")
	holds := func(secret []byte) bool {
		files, err := filepath.Glob(filepath.Join(s.dir, "province.db*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, secret) {
				return true
			}
		}
		return false
	}
	if !holds(rows[7].Body) || !holds(hash) {
		t.Fatal("the test does not see what is there")
	}
	if _, err := s.finder().Erase(t.Context(), "30", "document", "030199000001", "YC-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if holds(row.Body) {
			t.Fatalf("the body of entry %d is still in a file", i)
		}
	}
	if holds(hash) {
		t.Error("the hash of the phone is still in a file")
	}
	var key []byte
	if err := d.NewSelect().Model((*db.DataKey)(nil)).Column("wrapped").Limit(1).Scan(t.Context(), &key); err != nil || !holds(key) {
		t.Fatal("the key of the day is not there", err)
	}
	k.declare(time.Now(), "Trần Thử", "030199000002", "0912345679")
	if _, err := k.send(len(k.Entries), len(k.Entries)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.finder().Expire(t.Context(), 21*24*time.Hour, time.Now().Add(23*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if holds(key) {
		t.Error("the wrapped key of the day is still in a file")
	}
}

// A text that a database cannot store is mended or its record marked; the journal
// moves on, and the person can be found.
func TestNoTextBlocksAJournal(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		long := make([]byte, 4000)
		rand.Read(long)
		huge := hex.EncodeToString(long)[:7900] // more than an index of PostgreSQL takes
		who := record.Person{Name: "Nguyễn\x00Thử", Document: "030199000001", Phone: "0912345678"}
		k := s.kiosk("hall-1")
		for _, body := range []record.Body{
			record.Order{Number: "A\x001", Person: who, Reason: "x\x00"},
			record.Sample{Tube: "T\x001", Person: who, Order: "\x00"},
			record.Pool{Tube: "\x00", Step: record.Opened},
			record.Result{Tube: "\x00", Number: "\x00", Outcome: record.Negative},
			record.Staff{Badge: "\x00", Action: "undo", Target: "\x00"},
			record.Vaccination{Number: "\x00", Group: "\x00", Wish: "\x00", Person: who},
			record.Roll{Campaign: "\x00", Agency: "\x00", Person: who},
			record.Health{Version: "\x00"},
			record.Order{Number: huge, Person: who},
			record.Sample{Tube: huge, Person: who, Order: huge},
			record.Vaccination{Number: huge, Person: who},
			record.Order{Number: "A2", Person: who},
		} {
			k.add(body)
		}
		k.sendAll()
		k.visits(1)
		if _, err := k.send(14, 14); err != nil {
			t.Errorf("the journal does not move on: %v", err)
		}
		s.holds(k, 14)
		found, err := s.finder().Find(t.Context(), "30", "document", "030199000001")
		if err != nil || len(found) != 8 {
			t.Errorf("%d entries of the person are found, want 8 (%v)", len(found), err)
		}
		var orders []string
		if err := s.database().NewSelect().Model((*db.Order)(nil)).Column("number").OrderExpr("entry").Scan(t.Context(), &orders); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(orders, "A\uFFFD1") || !slices.Contains(orders, "A2") {
			t.Errorf("the orders are %.80q", orders)
		}
		if db.Postgres(s.database()) {
			if s.incident("hall-1", "record") == 0 {
				t.Error("that a record could not be stored is not shown")
			}
		}
	})
}

// twin is the kiosk's card copied into another machine: its key, and a journal.
func (k *kiosk) twin() *kiosk {
	twin := *k
	twin.Kiosk = simulate.New(k.Name, k.Key, k.Seal)
	return &twin
}

// A copied card begins a journal of its own. That one kiosk has another journal is
// shown; that it goes on with the one before is a clone.
func TestACopiedCardIsShown(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		twin := k.twin()
		k.visits(2)
		k.sendAll()
		if n := s.incident("hall-1", "journal") + s.incident("hall-1", "clone"); n != 0 {
			t.Fatalf("%d incidents of an honest kiosk", n)
		}
		old := k.batch(2, 3, time.Now()) // on its way over a stick
		twin.visits(1)
		twin.sendAll()
		if s.incident("hall-1", "journal") != 1 || s.incident("hall-1", "clone") != 0 {
			t.Error("that the kiosk began another journal is not shown once")
		}
		if _, err := k.carry(old); err != nil {
			t.Fatal(err)
		}
		if s.incident("hall-1", "clone") != 0 {
			t.Error("an old batch brought again is taken for a copied card")
		}
		k.visits(1)
		if _, err := k.send(4, 4); err != nil {
			t.Fatal(err)
		}
		if s.incident("hall-1", "clone") != 1 {
			t.Error("two cards that take turns are not shown")
		}
	})
}

// A kiosk that takes the name of another's journal does not keep it from its own.
func TestAJournalsNameCannotBeClaimed(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k, thief := s.kiosk("hall-1"), s.kiosk("hall-2")
		thief.Journal = k.Journal
		thief.visits(3)
		thief.sendAll()
		k.visits(5)
		receipt, err := k.send(1, 6)
		if err != nil || receipt.Held.Number != 6 || receipt.Journal != k.Journal || receipt.Kiosk != "hall-1" {
			t.Fatalf("the owner is answered %+v, %v", receipt, err)
		}
		s.holds(k, 6)
		s.holds(thief, 4)
	})
}

// A second token for a name that has a key replaces the key, and is shown.
func TestANameHasOneKey(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(1)
		k.sendAll()
		second := s.invitation("hall-1", commune)
		if n := s.incident("hall-1", "replaced"); n != 0 {
			t.Errorf("%d incidents before the token is used", n)
		}
		id, err := enrol.Enrol(t.Context(), t.TempDir(), second, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if s.incident("hall-1", "replaced") != 1 {
			t.Error("the replaced key is not shown")
		}
		k.visits(1)
		_, err = k.send(3, 3)
		refused(t, err, wire.Revoked)
		fresh := &kiosk{simulate.New("hall-1", id.Key, k.Seal), s, id, newClient(t, id.TLS())}
		fresh.visits(1)
		fresh.sendAll()
		live, err := s.database().NewSelect().Model((*db.Certificate)(nil)).Where("kiosk = 'hall-1' AND revoked = 0").Count(t.Context())
		if err != nil || live != 1 {
			t.Errorf("%d keys hold (%v)", live, err)
		}
	})
}

// stalled sends the head of a request and a part of its body, and no more.
func (s *server) stalled(k *kiosk, method, path string, length int) net.Conn {
	s.t.Helper()
	c := dial(s.t, s, k)
	if _, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/cbor\r\nContent-Length: %d\r\n\r\nx", method, path, length); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// One kiosk's stalled batches keep no other kiosk waiting, and its own are few.
func TestStalledBatchesKeepNoOtherOut(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k, other := s.kiosk("hall-1"), s.kiosk("hall-2")
	var answers []net.Conn
	for range 150 {
		answers = append(answers, s.stalled(k, http.MethodPost, wire.PathBatches, 1<<20))
	}
	busy := 0
	for _, c := range answers {
		if err := c.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 12)
		if _, err := io.ReadFull(c, line); err == nil && string(line) == "HTTP/1.1 429" {
			busy++
		} else if busy > 0 && err != nil {
			continue
		}
		if busy == 146 {
			break
		}
	}
	if busy != 146 {
		t.Errorf("%d of 150 batches of one kiosk are refused, want all but 4", busy)
	}
	other.visits(3)
	began := time.Now()
	other.sendAll()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the other kiosk waited for %s", took)
	}
}

// A stranger's upload is refused before its body is read, however many there are.
func TestAnUploadIsAuthorisedBeforeItIsRead(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	for _, c := range []struct{ method, path string }{
		{http.MethodPost, tufpublish.UploadPath}, {http.MethodPost, tufpublish.RootPath},
		{http.MethodPut, tufpublish.UploadPath + "/" + strings.Repeat("0", 64)},
	} {
		conn := s.stalled(k, c.method, c.path, 5<<20)
		if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 12)
		if _, err := io.ReadFull(conn, line); err != nil || string(line) != "HTTP/1.1 403" {
			t.Errorf("%s %s: %q, %v", c.method, c.path, line, err)
		}
	}
}

// One address cannot take all connections.
func TestOneAddressKeepsNoOtherOut(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--database", "", "--province", "Test")
	k := s.kiosk("hall-1")
	address := strings.TrimPrefix(s.Kiosks, "https://")
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	for range 820 {
		c, err := from.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
	}
	k.visits(1)
	began := time.Now()
	k.sendAll()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a kiosk of another address waited for %s", took)
	}
}

// The live page ends with the account.
func TestTheLivePageEndsWithTheAccount(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	o, admin := s.officer("huyen", "district", "30/298"), s.officer("tinh", "province", "30")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Page+"/arrivals/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := o.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if status, _ := admin.post("/accounts/disable", url.Values{"name": {"huyen"}}); status != http.StatusOK {
		t.Fatalf("disabling: %d", status)
	}
	ended := make(chan error, 1)
	go func() { _, err := io.Copy(io.Discard, answer.Body); ended <- err }()
	select {
	case err := <-ended:
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the live page goes on after the account was disabled")
	}
}

// An officer's own browser is let in while strangers guess from its own address;
// a new one is told to wait.
func TestAStrangerCannotLockAnOfficerOut(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		o, stranger := s.officer("tinh", "province", "30"), s.stranger()
		for n := range 8 {
			want := http.StatusUnauthorized
			if n >= 5 {
				want = http.StatusTooManyRequests
			}
			for _, name := range []string{"tinh", "khong-co"} {
				if status, _ := stranger.post("/login", url.Values{"name": {name}, "password": {"sai sai sai"}}); status != want {
					t.Errorf("guess %d of %s: %d, want %d", n, name, status, want)
				}
			}
		}
		if status, _ := o.post("/logout", nil); status != http.StatusOK {
			t.Fatal(status)
		}
		if status, body := o.post("/login", url.Values{"name": {"tinh"}, "password": {password}}); status != http.StatusOK || strings.Contains(body, "refused") {
			t.Errorf("the officer's own browser: %d", status)
		}
		if _, body := o.get("/audit"); strings.Count(body, "Đăng nhập sai") != 10 {
			t.Errorf("%d failures stand in the audit log, want 10", strings.Count(body, "Đăng nhập sai"))
		}
		if status, _ := stranger.post("/api/v1/session", nil); status == http.StatusOK {
			t.Error("the API lets a stranger in")
		}
	})
}

// Every answer of the officers' side has the headers that keep it to itself.
func TestHeadersOfTheOfficersSide(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for _, path := range []string{"/login", "/api/v1/kiosks", "/openapi.json", "/healthz", "/nowhere"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Page+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := s.stranger().client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=31536000",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}
