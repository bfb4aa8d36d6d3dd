package endtoend

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// kept are the numbers of the entries that a kiosk acknowledged.
func kept(p *process) (numbers []uint64) {
	for _, line := range p.said(`msg="record kept"`) {
		var n uint64
		if _, after, ok := strings.Cut(line, "number="); ok {
			if _, err := fmt.Sscan(after, &n); err == nil {
				numbers = append(numbers, n)
			}
		}
	}
	return numbers
}

// The province and the kiosk are killed in the middle of their work. What the
// kiosk acknowledged stands in the province, each once, and the chain holds.
func TestWhatWasAcknowledgedSurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two minutes")
	}
	t.Parallel()
	b, province := newBench(t, "--seen", "18", "--pause", "24", "--leave", "0")
	more := func(p *process, n int) {
		t.Helper()
		have := len(kept(p))
		until(t, fmt.Sprintf("%d more records", n), 90*time.Second, func() bool { return len(kept(p)) >= have+n })
	}
	kiosk := b.startKiosk(b.config)
	more(kiosk, 3)
	province.signal(syscall.SIGKILL)
	more(kiosk, 2) // it goes on without
	province = b.startProvince()
	more(kiosk, 2)
	kiosk.signal(syscall.SIGKILL)
	acknowledged := kept(kiosk)

	kiosk = b.startKiosk(b.config)
	more(kiosk, 3)
	province.signal(syscall.SIGKILL)
	kiosk.signal(syscall.SIGKILL)
	acknowledged = append(acknowledged, kept(kiosk)...)

	province = b.startProvince()
	kiosk = b.startKiosk(b.config)
	more(kiosk, 2)
	journal := filepath.Join(b.dir, "kiosk", "journal.db")
	type chain struct {
		Head, Covered, Waiting uint64
		Verified               bool
	}
	look := func() (c chain) {
		out := b.run(0, "kioskctl", "journal", journal)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	kiosk.signal(syscall.SIGTERM)
	acknowledged = append(acknowledged, kept(kiosk)...)
	// With nothing before its camera it brings away what is left.
	b.camera(b.config, "")
	kiosk = b.startKiosk(b.config)
	until(t, "the last receipt", 60*time.Second, func() bool { return look().Waiting == 0 })
	kiosk.signal(syscall.SIGTERM)
	after := look()
	if !after.Verified {
		t.Error("the journal's chain does not verify")
	}
	province.signal(syscall.SIGTERM)

	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, "province", "province.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, number := range acknowledged {
		var times int
		if err := db.QueryRow(`SELECT COUNT(*) FROM entries JOIN journals ON journals.id = entries.journal
			WHERE journals.kiosk = 'tuky-1' AND entries.number = ?`, number).Scan(&times); err != nil {
			t.Fatal(err)
		}
		if times != 1 {
			t.Errorf("entry %d stands in the province %d times", number, times)
		}
	}
	var journals, entries int
	if err := db.QueryRow(`SELECT COUNT(DISTINCT journal), COUNT(*) FROM entries`).Scan(&journals, &entries); err != nil {
		t.Fatal(err)
	}
	if journals != 1 || uint64(entries) != after.Covered {
		t.Errorf("the province holds %d entries of %d journals, its receipt says %d of one", entries, journals, after.Covered)
	}
	t.Logf("%d records acknowledged over two kills of each; the province holds %d entries, the journal ends at %d", len(acknowledged), entries, after.Head)
}
