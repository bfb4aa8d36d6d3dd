package endtoend

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"chot/deploy/testbed/harness"
)

// kept are the numbers of the entries that a kiosk acknowledged.
func kept(p *process) (numbers []uint64) {
	for _, line := range p.Said(`msg="record kept"`) {
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
		harness.Until(t, fmt.Sprintf("%d more records", n), 90*time.Second, func() bool { return len(kept(p)) >= have+n })
	}
	kiosk := b.startKiosk(b.config)
	more(kiosk, 3)
	province.End(syscall.SIGKILL)
	more(kiosk, 2) // it goes on without
	province = b.startProvince()
	more(kiosk, 2)
	kiosk.End(syscall.SIGKILL)
	acknowledged := kept(kiosk)

	kiosk = b.startKiosk(b.config)
	more(kiosk, 3)
	province.End(syscall.SIGKILL)
	kiosk.End(syscall.SIGKILL)
	acknowledged = append(acknowledged, kept(kiosk)...)

	province = b.startProvince()
	kiosk = b.startKiosk(b.config)
	more(kiosk, 2)
	kiosk.End(syscall.SIGTERM)
	acknowledged = append(acknowledged, kept(kiosk)...)
	b.bringAway()
	province.End(syscall.SIGTERM)
	b.holdsOnce(acknowledged)
}

// chain is what kioskctl says of the kiosk's journal.
type chain struct {
	Head, Covered, Waiting uint64
	Verified               bool
}

func (b *bench) chain() (c chain) {
	b.t.Helper()
	out := b.run(0, "kioskctl", "journal", filepath.Join(b.dir, "kiosk", "journal.db"))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &c); err != nil {
		b.t.Fatal(err)
	}
	return c
}

// bringAway lets the kiosk, with nothing before its camera, forward what is left.
func (b *bench) bringAway() {
	b.t.Helper()
	b.camera(b.config, "")
	kiosk := b.startKiosk(b.config)
	harness.Until(b.t, "the last receipt", 60*time.Second, func() bool { return b.chain().Waiting == 0 })
	kiosk.End(syscall.SIGTERM)
}

// holdsOnce checks that the province holds what the kiosk acknowledged, each once,
// and all of its journal.
func (b *bench) holdsOnce(acknowledged []uint64) {
	b.t.Helper()
	after := b.chain()
	if !after.Verified {
		b.t.Error("the journal's chain does not verify")
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, "province", "province.db")+"?mode=ro")
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close()
	for _, number := range acknowledged {
		var times int
		if err := db.QueryRow(`SELECT COUNT(*) FROM entries JOIN journals ON journals.id = entries.journal
			WHERE journals.kiosk = 'tuky-1' AND entries.number = ?`, number).Scan(&times); err != nil {
			b.t.Fatal(err)
		}
		if times != 1 {
			b.t.Errorf("entry %d stands in the province %d times", number, times)
		}
	}
	var journals, entries int
	if err := db.QueryRow(`SELECT COUNT(DISTINCT entries.journal), COUNT(*) FROM entries JOIN journals ON journals.id = entries.journal
		WHERE journals.kiosk = 'tuky-1'`).Scan(&journals, &entries); err != nil {
		b.t.Fatal(err)
	}
	if journals != 1 || uint64(entries) != after.Covered {
		b.t.Errorf("the province holds %d entries of %d journals, its receipt says %d of one", entries, journals, after.Covered)
	}
	b.t.Logf("%d records acknowledged; the province holds %d entries, the journal ends at %d", len(acknowledged), entries, after.Head)
}

// The kiosk is killed again and again at random moments, while it starts as much
// as while it works, and the province now and then. make soak-kills runs it.
func TestNoKillLosesWhatWasAcknowledged(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("CHOT_KILLS"))
	if err != nil {
		t.Skip("skipped: make soak-kills runs it")
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CHOT_SEED"); text != "" {
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	rnd := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	b, province := newBench(t, "--seen", "9", "--pause", "9", "--leave", "0")
	var acknowledged []uint64
	start, idle := time.Now(), 0
	for kill := range kills {
		kiosk := b.launchKiosk(b.config)
		if rnd.IntN(3) > 0 { // at work
			harness.Until(t, "a record", 2*time.Minute, func() bool { return len(kept(kiosk)) > 0 })
		}
		time.Sleep(time.Duration(rnd.IntN(2000)) * time.Millisecond)
		if rnd.IntN(10) == 0 {
			province.End(syscall.SIGKILL)
			province = b.startProvince()
		}
		kiosk.End(syscall.SIGKILL)
		if len(kept(kiosk)) == 0 {
			idle++
		}
		acknowledged = append(acknowledged, kept(kiosk)...)
		if kill%20 == 19 {
			t.Logf("%d kills in %s, %d records acknowledged", kill+1, time.Since(start).Round(time.Second), len(acknowledged))
		}
	}
	b.bringAway()
	province.End(syscall.SIGTERM)
	b.holdsOnce(acknowledged)
	t.Logf("seed %d: %d kills, %d of them before the first record", seed, kills, idle)
}
