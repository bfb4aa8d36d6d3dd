package intake

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/dbtest"
	"chot/deploy/province/internal/simulate"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/wire"
)

var noon = time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)

// bench is an intake on a database of its own, with one kiosk.
type bench struct {
	*Intake
	t         *testing.T
	now       time.Time
	committed atomic.Int64
	signer    *ecdsa.PrivateKey
	seal      hpke.PrivateKey
	kiosk     *simulate.Kiosk
	faults    *dbtest.Faults
}

func newBench(t *testing.T, projectors ...Projector) *bench {
	t.Helper()
	b := &bench{t: t, now: noon}
	d := dbtest.Open(t)
	keys, err := datakeys.New(d, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if b.seal, err = hpke.MLKEM768X25519().GenerateKey(); err != nil {
		t.Fatal(err)
	}
	b.signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b.Intake = New(Options{
		DB: d, Keys: keys, Opener: store.NewOpener(b.seal), Signer: b.signer, Committed: func() { b.committed.Add(1) },
		Projectors: projectors, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(b.Close)
	b.kiosk = b.add("hall-1", "30/298/11194")
	b.faults = dbtest.Break(d)
	return b
}

// add enrols a kiosk.
func (b *bench) add(name string, area db.Area) *simulate.Kiosk {
	b.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.DB.NewInsert().Model(&db.Kiosk{ID: name, Site: "S1", Area: area, Made: db.At(noon)}).Exec(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return simulate.New(name, key, b.seal.PublicKey())
}

// row is a kiosk as the register has it.
func (b *bench) row(name string) db.Kiosk {
	b.t.Helper()
	k := db.Kiosk{ID: name}
	if err := b.DB.NewSelect().Model(&k).WherePK().Scan(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return k
}

// records appends records, a second after each other from noon.
func (b *bench) records(k *simulate.Kiosk, bodies ...record.Body) {
	b.t.Helper()
	for _, body := range bodies {
		if err := k.Add(noon.Add(time.Duration(len(k.Entries))*time.Second), body); err != nil {
			b.t.Fatal(err)
		}
	}
}

// take brings entries of a kiosk over its own connection.
func (b *bench) take(k *simulate.Kiosk, first, last int) (*wire.Receipt, error) {
	b.t.Helper()
	batch, err := k.Batch(first, last, b.now)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.takeBytes(k, batch)
}

func (b *bench) takeBytes(k *simulate.Kiosk, batch []byte) (*wire.Receipt, error) {
	b.t.Helper()
	raw, err := b.Take(b.t.Context(), Carrier{Kiosk: b.row(k.Name), Key: &k.Key.PublicKey}, batch)
	if err != nil {
		return nil, err
	}
	r, err := wire.DecodeReceipt(raw)
	if err == nil {
		err = r.Verify([]*ecdsa.PublicKey{&b.signer.PublicKey})
	}
	return r, err
}

// rows reads a table.
func rows[R any](b *bench, order string) (all []R) {
	b.t.Helper()
	if err := b.DB.NewSelect().Model(&all).OrderExpr(order).Scan(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return all
}

func (b *bench) incidents() map[string]int64 {
	all := map[string]int64{}
	for _, i := range rows[db.Incident](b, "kind") {
		all[i.Kiosk+"/"+i.Kind] = i.Count
		if i.Area == "" || i.Text == "" || i.Last.Before(noon) {
			b.t.Errorf("an incident without its words: %+v", i)
		}
	}
	return all
}

func (b *bench) tallies() map[string]int64 {
	all := map[string]int64{}
	for _, t := range rows[db.Tally](b, "kind, label") {
		all[fmt.Sprint(t.Day-db.LocalDay(noon), " ", t.Kind, " ", t.Label)] = t.Count
		if t.Kiosk != "hall-1" || t.Area != "30/298/11194" {
			b.t.Errorf("a tally of %s in %s", t.Kiosk, t.Area)
		}
	}
	return all
}

var aVisit = record.Visit{Direction: record.In, Family: "eu-dcc", Level: 2, Reasons: []record.Reason{{Code: "expired"}}, Temperature: 380}

// What a batch writes, all of it.
func TestWhatABatchWrites(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := b.kiosk
	b.records(k, aVisit, aVisit, record.Declaration{Number: "D-1", Level: 3, Person: record.Person{Document: "030199000001", Phone: "+84912345678"}},
		record.Health{Version: "1.2", Backlog: 7})
	b.now = noon.Add(time.Minute)
	r, err := b.take(k, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	if want := (store.Position{Number: 5, Hash: k.Entries[4].Hash()}); r.Held != want || r.Kiosk != "hall-1" || r.Journal != k.Journal || !r.Time.Equal(b.now) {
		t.Errorf("the receipt is %+v", r)
	}
	id := db.JournalID("hall-1", k.Journal[:])
	want := []db.Entry{
		{Kind: 0, State: db.Structural}, {Kind: 1, State: db.Held, Level: 2}, {Kind: 1, State: db.Held, Level: 2}, {Kind: 2, State: db.Held, Level: 3}, {Kind: 9, State: db.Held},
	}
	for i, e := range rows[db.Entry](b, "number") {
		w := want[i]
		s := k.Entries[i]
		hash := s.Hash()
		w.Journal, w.Number, w.At, w.Digest, w.Hash, w.Day = id, int64(i+1), db.At(s.Time), s.Digest[:], hash[:], db.DayOf(b.now)
		body := e.Body
		e.Body = nil
		if fmt.Sprint(e) != fmt.Sprint(w) {
			t.Errorf("entry %d is %+v, want %+v", i+1, e, w)
		}
		if i == 0 {
			continue
		}
		plain, err := b.Keys.Open(t.Context(), e.Day, body, datakeys.EntryData(id, e.Number))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := record.Decode(record.Kind(e.Kind), noon, plain); err != nil {
			t.Errorf("entry %d is kept as %x: %v", i+1, plain, err)
		}
	}
	arrival := db.Arrival{
		Journal: id, First: 1, Last: 5, Kiosk: "hall-1", Area: "30/298/11194", At: db.At(b.now), Carrier: "hall-1",
		Oldest: db.At(k.Entries[0].Time), Newest: db.At(k.Entries[4].Time),
	}
	if got := rows[db.Arrival](b, "first"); len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(arrival) {
		t.Errorf("the arrivals are %+v", got)
	}
	wantTallies := map[string]int64{
		"0 1 ": 2, "0 1 level/amber": 2, "0 1 reason/expired": 2, "0 1 family/eu-dcc": 2, "0 1 direction/in": 2, "0 1 fever": 2,
		"0 2 ": 1, "0 2 level/red": 1, "0 9 ": 1,
	}
	if got := b.tallies(); !maps.Equal(got, wantTallies) {
		t.Errorf("the tallies are %v", got)
	}
	var found []string
	for _, l := range rows[db.Lookup](b, "number, hash") {
		found = append(found, fmt.Sprintf("%d %x", l.Number, l.Hash))
	}
	var wantFound []string
	for field, value := range map[string]string{"document": "030199000001", "phone": "0912345678", "number": "D1"} {
		wantFound = append(wantFound, fmt.Sprintf("4 %x", b.Keys.Hash(field, value)))
	}
	slices.Sort(wantFound)
	if !slices.Equal(found, wantFound) {
		t.Errorf("it is found by %q, want %q", found, wantFound)
	}
	row := b.row("hall-1")
	if !row.Seen.Equal(b.now) || row.Clock != 0 || !strings.Contains(row.Health, `"backlog":7`) || !row.HealthAt.Equal(b.now) ||
		string(row.Journal) != string(id) || !row.BatchMade.Equal(b.now) {
		t.Errorf("the kiosk is %+v", row)
	}
	j := rows[db.Journal](b, "id")
	if len(j) != 1 || j[0].Number != 5 || string(j[0].Hash) != string(r.Held.Hash[:]) || j[0].Lost != 0 || j[0].Kiosk != "hall-1" ||
		string(j[0].Journal) != string(k.Journal[:]) || !j[0].At.Equal(b.now) || j[0].Segment == nil {
		t.Errorf("the journal is %+v", j)
	}
	if n := b.committed.Load(); n != 1 {
		t.Errorf("%d commits were told", n)
	}
	if got := b.incidents(); len(got) != 0 {
		t.Errorf("incidents of an honest kiosk: %v", got)
	}

	// The next batch goes on with the segment, keeps the health, and adds up.
	b.records(k, aVisit)
	b.now = noon.Add(2 * time.Minute)
	again, err := b.take(k, 3, 6)
	if err != nil || again.Held.Number != 6 {
		t.Fatalf("%+v, %v", again, err)
	}
	wantTallies = map[string]int64{
		"0 1 ": 3, "0 1 level/amber": 3, "0 1 reason/expired": 3, "0 1 family/eu-dcc": 3, "0 1 direction/in": 3, "0 1 fever": 3,
		"0 2 ": 1, "0 2 level/red": 1, "0 9 ": 1,
	}
	if got := b.tallies(); !maps.Equal(got, wantTallies) {
		t.Errorf("the tallies are %v", got)
	}
	if row := b.row("hall-1"); !row.Seen.Equal(b.now) || !strings.Contains(row.Health, `"backlog":7`) || !row.HealthAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("the kiosk is %+v", row)
	}
	e := rows[db.Entry](b, "number DESC")[0]
	if e.State != db.Held || e.Level != 2 {
		t.Errorf("the last entry is %+v", e)
	}

	// A repeat writes nothing, whenever it comes.
	before := b.committed.Load()
	for _, part := range [][2]int{{1, 6}, {2, 3}, {6, 6}} {
		b.now = b.now.Add(time.Hour)
		r, err := b.take(k, part[0], part[1])
		if err != nil || r.Held.Number != 6 || !r.Time.Equal(noon.Add(2*time.Minute)) {
			t.Errorf("%v again: %+v, %v", part, r, err)
		}
	}
	if b.committed.Load() != before || len(b.incidents()) != 0 || len(rows[db.Entry](b, "number")) != 6 {
		t.Error("a repeat changed something")
	}
	raw, err := b.Receipt(t.Context(), "hall-1", k.Journal)
	if got, decodeErr := wire.DecodeReceipt(raw); err != nil || decodeErr != nil || fmt.Sprint(got.Held, got.Time) != fmt.Sprint(again.Held, again.Time) {
		t.Errorf("asked for, the receipt is %+v, %v", got, err)
	}
	for _, kiosk := range []string{"hall-2", ""} {
		_, err := b.Receipt(t.Context(), kiosk, k.Journal)
		var refused *wire.Error
		if !errors.As(err, &refused) || refused.Code != wire.None {
			t.Errorf("%q asks for another's receipt: %v", kiosk, err)
		}
	}
}

// What does not open, or is not understood, is kept byte for byte.
func TestWhatCannotBeReadIsKeptAsItCame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := b.kiosk
	b.records(k, aVisit)
	for _, kind := range []uint8{1, 77} {
		if err := k.AddRaw(noon, kind, []byte("no record")); err != nil {
			t.Fatal(err)
		}
	}
	b.records(k, aVisit)
	broken := &k.Entries[4]
	broken.Sealed = append([]byte{1}, broken.Sealed...)
	broken.Digest = sha256.Sum256(broken.Sealed)
	b.records(k, aVisit)
	k.Entries[5].Sealed = nil // erased on the kiosk; its digest stays
	if _, err := b.take(k, 1, 6); err != nil {
		t.Fatal(err)
	}
	bodies := map[int64]string{2: "", 3: "no record", 4: "no record", 5: string(broken.Sealed), 6: ""}
	states := []db.State{db.Structural, db.Held, db.Unreadable, db.Unreadable, db.Unsealed, db.Erased}
	for i, e := range rows[db.Entry](b, "number") {
		if e.State != states[i] {
			t.Errorf("entry %d is %d, want %d", i+1, e.State, states[i])
		}
		if want := bodies[e.Number]; want != "" {
			plain, err := b.Keys.Open(t.Context(), e.Day, e.Body, datakeys.EntryData(e.Journal, e.Number))
			if err != nil || string(plain) != want {
				t.Errorf("entry %d is kept as %x, %v", i+1, plain, err)
			}
		}
		if (e.Body == nil) != (i == 0 || i == 5) {
			t.Errorf("entry %d has a body of %d bytes", i+1, len(e.Body))
		}
	}
	want := map[string]int64{"0 1 ": 4, "0 77 ": 1}
	got := b.tallies()
	maps.DeleteFunc(got, func(key string, _ int64) bool { return strings.Contains(key, "/") || strings.Contains(key, "fever") })
	if !maps.Equal(got, want) {
		t.Errorf("counted are %v, want %v", got, want)
	}
	if got := b.incidents(); !maps.Equal(got, map[string]int64{"hall-1/sealed": 1}) {
		t.Errorf("the incidents are %v", got)
	}
}

// lost makes a batch that says that the entries before its first are lost.
func (b *bench) lost(k *simulate.Kiosk, first, last int, lost uint64) []byte {
	b.t.Helper()
	batch := wire.Batch{Kiosk: k.Name, Journal: k.Journal, Made: b.now, Lost: lost, Entries: k.Entries[first-1 : last]}
	data, err := batch.Encode(k.Key, rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

func TestLossIsCountedUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	k := b.kiosk
	b.records(k, slices.Repeat([]record.Body{aVisit}, 11)...) // 12 entries
	if _, err := b.take(k, 1, 3); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		first, last int
		lost        uint64
		total       int64 // afterwards
		incidents   int64
		code        wire.Code
	}{
		{6, 7, 1, 0, 0, wire.Gap}, // two are missing and one is lost
		{6, 7, 2, 2, 1, ""},
		{6, 7, 2, 2, 1, ""}, // again
		{8, 9, 5, 2, 1, ""}, // nothing more is missing
		{11, 12, 1, 3, 2, ""},
	} {
		_, err := b.takeBytes(k, b.lost(k, step.first, step.last, step.lost))
		var refused *wire.Error
		if (err != nil) != (step.code != "") || step.code != "" && (!errors.As(err, &refused) || refused.Code != step.code) {
			t.Errorf("%+v: %v", step, err)
		}
		if j := rows[db.Journal](b, "id")[0]; j.Lost != step.total {
			t.Errorf("%+v: %d are lost", step, j.Lost)
		}
		if n := b.incidents()["hall-1/loss"]; n != step.incidents {
			t.Errorf("%+v: %d incidents", step, n)
		}
	}
}

// Who may bring what: each refusal, what is shown of it, and that nothing is kept.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(b *bench, other *simulate.Kiosk)
		batch  func(b *bench, other *simulate.Kiosk) []byte
		code   wire.Code
		shown  string
	}{
		"another's key": {nil, func(b *bench, other *simulate.Kiosk) []byte {
			forged := *b.kiosk
			forged.Key = other.Key
			return must(forged.Batch(1, 2, b.now))
		}, wire.BadSignature, "hall-1/signature"},
		"an unknown kiosk": {nil, func(b *bench, _ *simulate.Kiosk) []byte {
			stranger := simulate.New("hall-9", b.kiosk.Key, b.seal.PublicKey())
			b.records(stranger, aVisit)
			return must(stranger.Batch(1, 2, b.now))
		}, wire.Unknown, ""},
		"a revoked kiosk, over its neighbour": {func(b *bench, other *simulate.Kiosk) {
			b.exec("UPDATE kiosks SET revoked = 1 WHERE id = 'hall-2'")
			b.records(other, aVisit)
		}, func(b *bench, other *simulate.Kiosk) []byte { return must(other.Batch(1, 2, b.now)) }, wire.Revoked, "hall-2/revoked"},
		"a kiosk without a certificate, over its neighbour": {func(b *bench, other *simulate.Kiosk) { b.records(other, aVisit) },
			func(b *bench, other *simulate.Kiosk) []byte { return must(other.Batch(1, 2, b.now)) }, wire.BadSignature, "hall-2/signature"},
		"no batch":     {nil, func(*bench, *simulate.Kiosk) []byte { return []byte("no batch") }, wire.Malformed, ""},
		"a long one":   {nil, func(*bench, *simulate.Kiosk) []byte { return make([]byte, wire.MaxBatch+1) }, wire.TooLarge, ""},
		"a later part": {nil, func(b *bench, _ *simulate.Kiosk) []byte { return must(b.kiosk.Batch(2, 2, b.now)) }, wire.Gap, "hall-1/gap"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			other := b.add("hall-2", "30/298/11200")
			b.records(b.kiosk, aVisit)
			if c.change != nil {
				c.change(b, other)
			}
			_, err := b.takeBytes(b.kiosk, c.batch(b, other))
			var refused *wire.Error
			if !errors.As(err, &refused) || refused.Code != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
			want := map[string]int64{}
			if c.shown != "" {
				want[c.shown] = 1
			}
			if got := b.incidents(); !maps.Equal(got, want) {
				t.Errorf("shown is %v, want %v", got, want)
			}
			if n := len(rows[db.Entry](b, "number")) + len(rows[db.Journal](b, "id")); n != 0 || b.committed.Load() != 0 {
				t.Errorf("%d rows are kept", n)
			}
		})
	}
}

func must(batch []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return batch
}

func (b *bench) exec(statement string) {
	b.t.Helper()
	if _, err := b.DB.ExecContext(b.t.Context(), statement); err != nil {
		b.t.Fatal(err)
	}
}

// projected notes what it is handed, and refuses what is told.
type projected struct {
	kinds  []record.Kind
	seen   []string
	refuse func(bun.Tx, Taken) error
}

func (p *projected) Kinds() []record.Kind { return p.kinds }

func (p *projected) Project(ctx context.Context, tx bun.Tx, taken []Taken) error {
	for _, t := range taken {
		if p.refuse != nil {
			if err := p.refuse(tx, t); err != nil {
				return err
			}
		}
		p.seen = append(p.seen, fmt.Sprint(t.Entry.Number, " ", t.Record.Body.Kind(), " ", t.Kiosk.ID))
	}
	return nil
}

// constraint is an error of the database's about what it was given.
func constraint(tx bun.Tx) error {
	_, err := tx.ExecContext(context.Background(), "INSERT INTO settings (name, value) VALUES ('x', NULL)")
	return err
}

// A projector gets the records of its kinds; one that the database does not store is
// marked, and those beside it are kept.
func TestProjectors(t *testing.T) {
	t.Parallel()
	visits, pools := &projected{kinds: []record.Kind{record.KindVisit}}, &projected{kinds: []record.Kind{record.KindPool, record.KindResult}}
	b := newBench(t, visits, pools)
	b.records(b.kiosk, aVisit, record.Pool{Tube: "T1"}, record.Result{Tube: "T1"}, record.Order{Number: "A"})
	if _, err := b.take(b.kiosk, 1, 5); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(visits.seen, []string{"2 visit hall-1"}) || !slices.Equal(pools.seen, []string{"3 pool hall-1", "4 result hall-1"}) {
		t.Errorf("visits %q, pools %q", visits.seen, pools.seen)
	}
	pools.seen = nil
	pools.refuse = func(tx bun.Tx, t Taken) error {
		if t.Entry.Number == 7 {
			return fmt.Errorf("keeping a pool: %w", constraint(tx))
		}
		return nil
	}
	b.records(b.kiosk, record.Pool{Tube: "T2"}, record.Pool{Tube: "T3"}, record.Pool{Tube: "T4"})
	if _, err := b.take(b.kiosk, 6, 8); err != nil {
		t.Fatal(err)
	}
	var states []db.State
	for _, e := range rows[db.Entry](b, "number") {
		states = append(states, e.State)
	}
	if want := []db.State{2, 1, 1, 1, 1, 1, db.Unreadable, 1}; !slices.Equal(states, want) {
		t.Errorf("the states are %v, want %v", states, want)
	}
	if !slices.Contains(pools.seen, "6 pool hall-1") || !slices.Contains(pools.seen, "8 pool hall-1") || slices.Contains(pools.seen, "7 pool hall-1") {
		t.Errorf("projected were %q", pools.seen)
	}
	if got := b.incidents(); !maps.Equal(got, map[string]int64{"hall-1/record": 1}) {
		t.Errorf("the incidents are %v", got)
	}
	// A fault of another kind refuses the batch, and nothing of it is kept.
	pools.refuse = func(bun.Tx, Taken) error { return errors.New("the disk is gone") }
	b.records(b.kiosk, record.Pool{Tube: "T5"})
	if _, err := b.take(b.kiosk, 9, 9); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("the fault is answered by %v", err)
	}
	if n := len(rows[db.Entry](b, "number")); n != 8 {
		t.Errorf("%d entries are kept", n)
	}
}

// Whichever query fails: no receipt, and no entry that one was given for is lost.
func TestEveryFaultLeavesNoReceipt(t *testing.T) {
	t.Parallel()
	b := newBench(t, &projected{kinds: []record.Kind{record.KindPool}})
	k := b.kiosk
	next := 1
	dbtest.EachFault(t, b.faults, "taking in", func() error {
		b.records(k, aVisit, record.Pool{Tube: "T"}, record.Order{Number: "A", Person: record.Person{Document: "030199000001"}})
		b.now = b.now.Add(25 * time.Hour) // a day with a key of its own
		batch, err := k.Batch(next, len(k.Entries), b.now)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := b.Take(t.Context(), Carrier{Kiosk: db.Kiosk{ID: "hall-1", Area: "30"}, Key: &k.Key.PublicKey}, batch)
		if err == nil {
			r, err := wire.DecodeReceipt(raw)
			if err != nil || r.Held.Number != uint64(len(k.Entries)) {
				t.Errorf("the receipt is %+v, %v", r, err)
			}
			next = len(k.Entries) + 1
		} else if raw != nil {
			t.Errorf("a receipt beside the error %v", err)
		}
		return err
	})
	b.faults.At(0)
	if n := len(rows[db.Entry](b, "number")); n != len(k.Entries) {
		t.Errorf("%d of %d entries are held", n, len(k.Entries))
	}
	sum := int64(0)
	for _, t := range rows[db.Tally](b, "kind") {
		if t.Label == "" {
			sum += t.Count
		}
	}
	if int(sum) != len(k.Entries)-1 {
		t.Errorf("%d entries are counted of %d", sum, len(k.Entries)-1)
	}
}

func TestTheBudget(t *testing.T) {
	t.Parallel()
	all := newBudget()
	one := memory{of: all}
	for _, step := range []struct {
		n    int
		ok   bool
		used int64 // of all, beyond the free ones
	}{
		{freeBytes, true, 0}, {1, true, 1}, {batchBytes - freeBytes - 1, true, batchBytes - freeBytes}, {1, false, batchBytes - freeBytes},
	} {
		ok, err := one.grow(step.n)
		if ok != step.ok || err != nil || all.used.Load() != step.used {
			t.Errorf("%d more: %v, %v, %d used", step.n, ok, err, all.used.Load())
		}
	}
	two, three := memory{of: all}, memory{of: all}
	if ok, err := two.grow(batchBytes); !ok || err != nil {
		t.Errorf("a second batch: %v, %v", ok, err)
	}
	ok, err := three.grow(batchBytes)
	var busy *wire.Error
	if ok || !errors.As(err, &busy) || busy.Code != wire.Busy {
		t.Errorf("a third batch: %v, %v", ok, err)
	}
	if ok, err := three.grow(freeBytes); ok && err == nil && all.used.Load() > sharedBytes {
		t.Errorf("%d are used", all.used.Load())
	}
	one.release()
	two.release()
	three.release()
	if n := all.used.Load(); n != 0 {
		t.Errorf("%d are used when all are done", n)
	}
}
