package card

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the province's database

	"chot/deploy/testbed/harness"
)

// visit is the kind of a visit's record, as chot/kiosk/record has it.
const visit = 1

// What make test-image has built.
var (
	arch     = os.Getenv("CHOT_CARD_ARCH")
	built    = os.Getenv("CHOT_CARD")     // folder with card.img of 1.0.0, next.raucb of 1.1.0, broken.raucb of 1.2.0
	programs = os.Getenv("CHOT_PROGRAMS") // folder of the programs
)

// boot is how long the machine may take to start. An emulated one takes minutes.
const boot = 20 * time.Minute

// A card's life: it asks for its sheet, becomes a kiosk by it, sees a visitor
// while there is no network, loses its power, still has the visit, takes the next
// release, tries a broken one, comes back from it and says why.
func TestACardsLife(t *testing.T) {
	if built == "" {
		t.Skip("make test-image builds the card and runs this")
	}
	work := t.TempDir()
	shots, err := filepath.Abs(built)
	harness.Must(t, err)
	shot := func(name string) string { return filepath.Join(shots, name+".png") }
	p := openProvince(t, programs, filepath.Join(work, "world"))
	d := newDisk(t, filepath.Join(built, "card.img"), work, map[string][]string{
		// From the start again when it has become a kiosk; then the cable is pulled
		// while there is nothing to see.
		"first": {"", p.certificate(), "", p.sheet("tuky-9"), "", ""},
		"later": {""},
	})
	d.set("first")
	d.speak()

	m := powerOn(t, d.path, filepath.Join(shots, "console-1.log"))
	m.hears(boot, "waiting for a provisioning sheet", "version=1.0.0")
	m.hears(time.Minute, "Startup finished in")
	t.Log(m.said("Startup finished in")[0])
	m.shoot(shot("1-provisioning"))
	seen := time.Now()
	harness.Until(t, "the kiosk to serve", boot, func() bool {
		m.tap(0.75, 0.91) // the key is the paper's
		time.Sleep(2 * time.Second)
		if time.Since(seen) > 10*time.Second && len(m.said("msg=serving")) == 0 {
			m.shoot(shot("2-sheet"))
			seen = time.Now()
		}
		return len(m.said("msg=serving", "kiosk=tuky-9")) > 0
	})
	t.Logf("%5.0fs after power on: serving", time.Since(m.began).Seconds())
	m.cable(false)
	m.hears(boot, "record kept", fmt.Sprintf("kind=%d", visit))
	time.Sleep(4 * time.Second) // an emulated machine draws slowly
	m.shoot(shot("3-visit"))
	kept := len(m.said("record kept", fmt.Sprintf("kind=%d", visit)))
	m.cut()
	if got := p.visits("tuky-9"); got >= kept {
		t.Fatalf("the province holds %d visits already: the cut proves nothing", got)
	}
	_, had := d.partition(4)
	t.Logf("the power was cut with %d visits kept; the data partition has %d MB", kept, had>>20)
	if had < 4<<30 {
		t.Errorf("the data partition did not grow: %d bytes", had)
	}

	d.set("later")
	p.release("1.1.0", filepath.Join(built, "next.raucb"))
	m = powerOn(t, d.path, filepath.Join(shots, "console-2.log"))
	m.hears(boot, "msg=serving", "version=1.0.0")
	harness.Until(t, "the records at the province", 10*time.Minute, func() bool { return p.visits("tuky-9") >= kept })
	t.Logf("%5.0fs after power on: the province holds the %d visits", time.Since(m.began).Seconds(), p.visits("tuky-9"))
	m.shoot(shot("4-after-the-cut"))

	m.hears(boot, "msg=installing", "version=1.1.0")
	p.release("1.2.0", filepath.Join(built, "broken.raucb"))
	m.hears(2*boot, "msg=serving", "version=1.1.0")
	m.shoot(shot("5-updated"))
	m.hears(boot, "the new release is confirmed", "version=1.1.0")
	m.hears(boot, "msg=installing", "version=1.2.0")
	m.hears(3*boot, "the new release did not last", "version=1.2.0", "why=not-started")
	m.hears(boot, "msg=serving", "version=1.1.0")
	const why = "1.2.0: not-started"
	harness.Until(t, "the fleet page to say why", 10*time.Minute, func() bool { return strings.Contains(p.fleet(), why) })
	t.Logf("%5.0fs after power on: the fleet page says %q", time.Since(m.began).Seconds(), why)
	m.shoot(shot("6-rolled-back"))
}

// visits counts the visits of a kiosk in a province's database.
func visits(t *testing.T, database, kiosk string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+database+"?mode=ro")
	harness.Must(t, err)
	defer db.Close()
	harness.Must(t, db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM entries JOIN journals ON journals.id = entries.journal
		WHERE journals.kiosk = ? AND entries.kind = ?`, kiosk, visit).Scan(&n))
	return n
}

// A screen that is mounted on its side shows its picture turned.
func TestAScreenOnItsSide(t *testing.T) {
	if built == "" {
		t.Skip("make test-image builds the card and runs this")
	}
	work := t.TempDir()
	d := newDisk(t, filepath.Join(built, "card.img"), work, map[string][]string{"empty": {""}})
	d.put("kiosk.toml", strings.NewReplacer("1024", "600", "600", "1024").Replace(fmt.Sprintf(settings, "empty"))+"rotate = \"left\"\n")
	d.speak()
	shots, err := filepath.Abs(built)
	harness.Must(t, err)
	m := powerOn(t, d.path, filepath.Join(shots, "console-3.log"))
	m.hears(boot, "waiting for a provisioning sheet", "version=1.0.0")
	shot := filepath.Join(shots, "7-on-its-side.png")
	m.shoot(shot)
}
