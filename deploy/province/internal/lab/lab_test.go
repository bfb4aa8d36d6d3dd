package lab

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/intake"
	"chot/deploy/testbed/publicdata"
	"chot/kiosk/record"
)

// bench is a province of one database with kiosks that take specimens.
type bench struct {
	*Desk
	t       testing.TB
	clock   time.Time
	entries map[string]int64
}

// today is when the tests are.
var today = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

const (
	here  = db.Area("30/298/11194")
	there = db.Area("30/299/11300")
)

func newBench(t testing.TB) *bench {
	t.Helper()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	keys, err := datakeys.New(d, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, clock: today, entries: map[string]int64{}}
	now := func() time.Time { return b.clock }
	b.Desk = &Desk{DB: d, Vault: keys, Registry: &account.Registry{DB: d, Now: now}, Now: now}
	if _, err := keys.Day(t.Context(), db.DayOf(today)); err != nil {
		t.Fatal(err)
	}
	return b
}

// kiosk records what a kiosk did.
func (b *bench) kiosk(id string, area db.Area, bodies ...record.Body) {
	b.t.Helper()
	box, err := b.Vault.Day(b.t.Context(), db.DayOf(b.clock))
	if err != nil {
		b.t.Fatal(err)
	}
	var taken []intake.Taken
	for _, body := range bodies {
		b.entries[id]++
		at := b.clock.Add(-time.Hour).Add(time.Duration(b.entries[id]) * time.Second)
		taken = append(taken, intake.Taken{
			Kiosk: db.Kiosk{ID: id, Area: area}, Box: box, Record: record.Record{Time: at, Body: body},
			Entry: &db.Entry{Journal: []byte(id + "-journal-0123456")[:16], Number: b.entries[id], At: db.At(at)},
		})
	}
	tx, err := b.DB.BeginTx(b.t.Context(), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.Project(b.t.Context(), tx, taken); err != nil {
		b.t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.t.Fatal(err)
	}
}

// specimens are single tubes, taken by a kiosk.
func (b *bench) specimens(kiosk string, area db.Area, tubes ...string) {
	b.t.Helper()
	for _, tube := range tubes {
		b.kiosk(kiosk, area, record.Sample{Tube: tube, Technique: record.RTPCR, Person: record.Person{Name: "Người " + tube, Birth: 1980}})
	}
}

var laboratory = Source{"cdc", "30", Laboratory}

// report files what a source sends and returns fates and reasons, line by line.
func (b *bench) report(by Source, text string) []string { return b.send(by, text, false) }

func (b *bench) send(by Source, text string, dry bool) (fates []string) {
	b.t.Helper()
	f, err := Read([]byte(text), table.Options{})
	if err != nil {
		b.t.Fatalf("reading %.60q: %v", text, err)
	}
	answer, err := b.Report(b.t.Context(), by, account.Account{Name: by.Name, Area: by.Scope}, "test", "file", f, dry)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, l := range answer.Lines {
		fate := string(l.Fate)
		if l.Reason != "" {
			fate += " " + l.Reason
		}
		fates = append(fates, fate)
	}
	return fates
}

// holds are the outcomes that hold, by tube and kiosk.
func (b *bench) holds() map[string]string {
	b.t.Helper()
	var rows []db.Result
	if err := b.DB.NewSelect().Model(&rows).Where("outcome > 0").Scan(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	held := map[string]string{}
	for _, r := range rows {
		held[r.Tube+"@"+r.Kiosk] = record.Outcome(r.Outcome).String()
	}
	return held
}

// work is what is open on the work list, the oldest first.
func (b *bench) work() (rows []db.Work) {
	b.t.Helper()
	if err := b.DB.NewSelect().Model(&rows).Where("done = ''").OrderExpr("came, id").Scan(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	return rows
}

// testdata is the text of a public case; the test is skipped where they are absent.
func testdata(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(publicdata.Folder(t, "reports"), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
