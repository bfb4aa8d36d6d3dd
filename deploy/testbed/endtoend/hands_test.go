package endtoend

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"chot/deploy/testbed/bench/virtual"
	"chot/drivers/camera"
	"chot/drivers/scanner"
	"chot/kiosk/credential"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/credential/vnid"
	"chot/kiosk/record"

	"chot/deploy/testbed/harness"
)

// A visitor without any paper declares with a finger on the screen, the name in
// Telex; another with an ID card signs up for a test and asks for its result; then
// a nurse logs in with badge and PIN and pools five people. What the fingers meant
// arrives at the province.
func TestFingersDeclareAndPoolFive(t *testing.T) {
	if os.Getenv("CHOT_WINDOWS") == "" {
		t.Skip("skipped: make test-windows runs it")
	}
	t.Parallel()
	b, _ := newBench(t, "--seen", "1", "--pause", "4", "--leave", "1")
	badge := b.nurse("N-07", "2468")
	line, other := terminal(t)
	b.set(b.config, "scanner", "serial:"+other)
	hall := t.TempDir()
	pictures, err := filepath.Glob(filepath.Join(b.dir, "deck", "*-hall.jpg"))
	if err != nil || len(pictures) == 0 {
		t.Fatalf("no hall in the deck: %v", err)
	}
	if err := os.Link(pictures[0], filepath.Join(hall, "hall.jpg")); err != nil {
		t.Fatal(err)
	}
	b.camera(b.config, "replay:"+hall+"?fps=2")
	kiosk := b.startKiosk(b.config)
	b.screenIs(b.config, "idle")
	b.picture("idle")

	o := b.officer("canbo")
	b.declares(kiosk)
	b.looksUp(kiosk, line, o)
	b.pools(kiosk, line, badge)

	o.knows("phone", "0912345678", "Nguyễn Thị Hường")
	o.knows("document", people[4].number, people[4].name)
}

// knows waits until the province finds a person by what is known of them.
func (o *officer) knows(field, value, name string) {
	o.t.Helper()
	harness.Until(o.t, "the province to know "+name, 30*time.Second, func() bool {
		page := o.send("/people", url.Values{"field": {field}, "value": {value}, "reason": {"thử"}})
		return strings.Contains(page, name)
	})
}

// step touches a screen once it is there and no longer deaf, as a new one is to a
// second tap.
func (b *bench) step(screen string, spots ...spot) {
	b.t.Helper()
	b.screenIs(b.config, screen)
	time.Sleep(300 * time.Millisecond)
	b.press(spots...)
}

// agrees turns a review to its last page, which asks for consent, and gives it.
// The button at the right leads on, and agrees on the last page.
func (b *bench) agrees() {
	b.t.Helper()
	shown := func() bool { s := b.shots(b.config); return len(s) > 0 && s[len(s)-1] == "review" }
	time.Sleep(500 * time.Millisecond)
	for shown() {
		b.press(spot{750, 545})
		for begun := time.Now(); shown() && time.Since(begun) < 3*time.Second; { // what comes next must not be touched
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// Where fingers go: the button that leads on, under one column or two, and beside
// a line that is typed; the first of the choices.
var (
	next, onward, beside = spot{300, 545}, spot{512, 545}, spot{935, 50}
	first                = spot{170, 240}
)

// declares goes through the form by hand.
func (b *bench) declares(kiosk *process) {
	t := b.t
	t.Helper()
	b.step("idle", spot{130, 545})
	b.step("forwhom", spot{750, 255})
	b.step("question-name", keys(t, "nguyeenx thij huwowngf")...)
	b.picture("telex")
	b.step("question-name", beside)
	b.step("question-birth", append(digits("1958"), next)...)
	b.step("question-sex", spot{770, 240}) // one choice goes on by itself
	b.step("question-document", beside)
	b.step("question-phone", digits("0912345678")...) // a whole number goes on by itself
	b.step("question-address", spot{170, 150}, beside)
	b.step("question-street", beside)
	b.screenIs(b.config, "healthcheck")
	b.picture("question")
	b.step("healthcheck", spot{840, 545}) // none of all that
	b.screenIs(b.config, "review")
	b.picture("review")
	b.agrees()
	harness.Until(t, "the declaration", 20*time.Second, func() bool { return counted(kiosk, record.KindDeclaration) == 1 })
	harness.Until(t, "its slip", 20*time.Second, func() bool { return counted(kiosk, record.KindPrint) == 1 })
	b.screenIs(b.config, "slip")
	time.Sleep(500 * time.Millisecond)
	b.picture("slip")
	b.step("slip", onward)
	b.screenIs(b.config, "idle")
}

// looksUp signs a visitor up for a test with an ID card, and asks the province for
// the result with the slip that was printed.
func (b *bench) looksUp(kiosk *process, line *os.File, o *officer) {
	b.t.Helper()
	b.step("idle", spot{385, 545})
	b.screenIs(b.config, "forwhom")
	scans(b.t, line, idCard("030155001299", "Trịnh Thị Na"))
	time.Sleep(500 * time.Millisecond)
	b.step("forwhom", spot{750, 255})
	b.step("question-phone", digits("0987654321")...)
	b.step("question-reason", first)
	b.step("question-technique", spot{512, 336})
	b.step("question-place", first)
	b.step("question-slot", first)
	b.screenIs(b.config, "review")
	b.agrees()
	harness.Until(b.t, "the registration's slip", 20*time.Second, func() bool {
		return counted(kiosk, record.KindOrder) == 1 && counted(kiosk, record.KindPrint) == 2
	})
	slip := b.printed()
	b.step("slip", onward)
	o.knows("document", "030155001299", "Trịnh Thị Na")

	b.step("idle", spot{640, 545})
	b.screenIs(b.config, "resultlookup")
	scans(b.t, line, slip)
	time.Sleep(500 * time.Millisecond)
	b.step("resultlookup", digits("4321")...) // the last one looks it up
	b.screenIs(b.config, "resultshown")
	b.picture("result")
	b.step("resultshown", spot{620, 545})
	b.screenIs(b.config, "idle")
}

// idCard is what stands in the code of a citizen's card.
func idCard(number, name string) string {
	return vnid.IDCard{
		Number: number, Name: name, Birth: credential.Date{Year: 1958, Month: 2, Day: 1}, Sex: "female",
		Address: "Thôn Thử, Quang Khải, Tứ Kỳ, Hải Dương", Issued: time.Date(2021, 5, 5, 0, 0, 0, 0, time.UTC),
	}.Text()
}

// people come to be sampled with their ID cards.
var people = []struct{ number, name string }{
	{"030158001201", "Phạm Văn Đức"}, {"030162001202", "Vũ Thị Mận"}, {"030171001203", "Đặng Quốc Huy"},
	{"030149001204", "Bùi Thị Sen"}, {"030183001205", "Lê Minh Tuấn"},
}

// pools has a nurse log in, pool five, and log out.
func (b *bench) pools(kiosk *process, line *os.File, badge string) {
	t := b.t
	t.Helper()
	scans(t, line, badge)
	b.screenIs(b.config, "login")
	time.Sleep(400 * time.Millisecond)
	b.press(append(digits("2468"), spot{300, 545})...)
	b.screenIs(b.config, "staffmenu")
	time.Sleep(400 * time.Millisecond)
	b.picture("menu")
	b.press(spot{170, 170})
	b.screenIs(b.config, "samplingdesk")
	time.Sleep(400 * time.Millisecond)
	b.press(spot{512, 545}) // a new pool
	var tube string
	harness.Until(t, "the pool's label", 20*time.Second, func() bool {
		if counted(kiosk, record.KindPrint) < 3 {
			return false
		}
		tube = b.printed()
		return true
	})
	scans(t, line, "TUKY1-9999999") // another's label, which is not the one just printed
	time.Sleep(500 * time.Millisecond)
	if n := counted(kiosk, record.KindPool); n != 0 {
		t.Error("another tube's label opened the pool")
	}
	scans(t, line, tube)
	harness.Until(t, "the pool to be opened", 20*time.Second, func() bool { return counted(kiosk, record.KindPool) == 1 })
	for i, p := range people {
		scans(t, line, idCard(p.number, p.name))
		harness.Until(t, "the sample of "+p.name, 20*time.Second, func() bool { return counted(kiosk, record.KindSample) == i+1 })
		scans(t, line, idCard(people[0].number, people[0].name)) // who has been there
		time.Sleep(300 * time.Millisecond)
	}
	b.picture("pool")
	if n := counted(kiosk, record.KindSample); n != len(people) {
		t.Errorf("%d samples of %d people: one counted twice", n, len(people))
	}
	b.press(spot{850, 545}) // seal it
	harness.Until(t, "the pool to be sealed", 20*time.Second, func() bool { return counted(kiosk, record.KindPool) == 2 })
	scans(t, line, tube)
	time.Sleep(500 * time.Millisecond)
	if n := counted(kiosk, record.KindPool); n != 2 {
		t.Errorf("%d records of a pool that was opened and sealed", n)
	}
}

// printed is the code on what was printed last, read as a scanner reads it.
func (b *bench) printed() string {
	b.t.Helper()
	jobs, err := os.ReadFile(strings.TrimSuffix(b.config, ".toml") + ".tspl")
	if err != nil {
		b.t.Fatal(err)
	}
	last := jobs[strings.LastIndex(string(jobs), "SIZE "):]
	table, err := virtual.Paper(last)
	if err != nil {
		b.t.Fatal(err)
	}
	var texts []string
	for _, code := range scanner.New(scanner.Options{}).Still(camera.Frame{
		Seq: 1, Width: table.Rect.Dx(), Height: table.Rect.Dy(), Stride: table.Stride, Pix: table.Pix,
	}) {
		texts = append(texts, code.Text)
	}
	slices.Sort(texts)
	if texts = slices.Compact(texts); len(texts) != 1 {
		b.t.Fatalf("on the paper stands %q", texts)
	}
	return texts[0]
}

// nurse publishes a list of staff with one nurse, and makes her badge.
func (b *bench) nurse(number, pin string) string {
	b.t.Helper()
	salt := make([]byte, 16)
	hash := argon2.IDKey([]byte(pin), salt, 1, 64, 1, 32)
	text, err := json.Marshal(map[string]any{"badges": []any{map[string]string{
		"number": number, "pin": fmt.Sprintf("1$64$%s$%s", base64.StdEncoding.EncodeToString(salt), base64.StdEncoding.EncodeToString(hash)),
	}}})
	if err != nil {
		b.t.Fatal(err)
	}
	dir := b.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "staff.json"), text, 0o644); err != nil {
		b.t.Fatal(err)
	}
	held := filepath.Join(b.dir, "province", "keys")
	b.run(0, "kioskctl", "publish", "put", "--server", b.kiosks, "--ca", filepath.Join(held, "ca.crt"),
		"--root", b.root, "--key", filepath.Join(held, "tuf", "targets.pem"), dir)
	now := time.Now().Add(-time.Minute)
	code, err := owncode.Sign(rand.Reader, b.signing("badge"), owncode.Terms{
		Issuer: b.authority().Subject.CommonName, Number: number, IssuedAt: now, NotBefore: now, NotAfter: now.Add(24 * time.Hour),
	}, owncode.Badge{Name: "Phạm Thị Lan", Role: "sampler"})
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

// authority is the province's own, in the name of which its codes are signed.
func (b *bench) authority() *x509.Certificate {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "province", "keys", "ca.crt"))
	if err != nil {
		b.t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		b.t.Fatal(err)
	}
	return ca
}
