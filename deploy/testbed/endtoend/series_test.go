package endtoend

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"chot/drivers/camera"
	"chot/drivers/scanner"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/record"

	"chot/deploy/testbed/harness"
)

// A kiosk without a network shows its backlog as codes that turn by themselves;
// the neighbour's camera reads them off its screen, and the province gets each
// record, once, from the neighbour.
func TestABacklogGoesFromOneScreenToAnotherCamera(t *testing.T) {
	if os.Getenv("CHOT_WINDOWS") == "" {
		t.Skip("skipped: make test-windows runs it")
	}
	t.Parallel()
	b, province := newBench(t, "--seen", "1", "--pause", "1", "--leave", "0")
	badge, hall := b.technician("2468"), frame(t, "")
	for _, config := range []string{b.config, b.neighbour} { // both have been at work, and have their data
		b.camera(config, "")
		b.startKiosk(config).End(syscall.SIGTERM)
	}
	before := b.chain().Head
	province.End(syscall.SIGKILL)
	var bodies []record.Body
	for i := range 30 {
		bodies = append(bodies, record.Visit{Direction: 1, Family: "manual", Level: record.Level(1 + i%2), Rules: "2026.03.1"})
	}
	acknowledged := b.journalled(bodies...)

	b.sees(b.config, slices.Concat(held(badge, 8), held(hall, 1)))
	kiosk := b.startKiosk(b.config)
	b.openSeries(b.config)
	codes := map[string]image.Image{}
	harness.Until(t, "all codes of the series", time.Minute, func() bool {
		screen := b.screen()
		grey := image.NewGray(screen.Rect)
		draw.Draw(grey, grey.Rect, screen, image.Point{}, draw.Src)
		for _, code := range scanner.New(scanner.Options{}).Still(camera.Frame{
			Seq: 1, Width: grey.Rect.Dx(), Height: grey.Rect.Dy(), Stride: grey.Stride, Pix: grey.Pix,
		}) {
			if strings.HasPrefix(code.Text, "CHOT1/") {
				codes[code.Text] = grey
			}
		}
		for text := range codes {
			var id string
			var at, of int
			if _, err := fmt.Sscanf(strings.ReplaceAll(text, "/", " "), "CHOT1 %s %d %d", &id, &at, &of); err == nil && len(codes) >= of {
				return true
			}
		}
		return false
	})
	kiosk.End(syscall.SIGTERM)

	var round []image.Image
	for _, picture := range codes {
		round = append(round, held(picture, 8)...)
	}
	b.startProvince()
	b.sees(b.neighbour, slices.Concat(held(badge, 8), held(hall, 150), round, round, round))
	b.startKiosk(b.neighbour)
	b.openSeries(b.neighbour)
	spool := filepath.Join(strings.TrimSuffix(b.neighbour, ".toml"), "spool")
	harness.Until(t, "the neighbour's relaying", 2*time.Minute, func() bool {
		found, err := filepath.Glob(filepath.Join(spool, "tuky-1_*.receipt"))
		return err == nil && len(found) == 1
	})
	if n := b.entriesOf("tuky-1"); n < int(before)+len(acknowledged) {
		t.Errorf("the province holds %d entries, not %d", n, int(before)+len(acknowledged))
	}
}

// technician publishes a staff list with one technician and returns how the
// camera sees the badge.
func (b *bench) technician(pin string) image.Image {
	b.t.Helper()
	keys := filepath.Join(b.dir, "province", "keys")
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(keys, name))
		if err != nil {
			b.t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		return block.Bytes
	}
	key, err := x509.ParsePKCS8PrivateKey(read("badge.pem"))
	if err != nil {
		b.t.Fatal(err)
	}
	authority, err := x509.ParseCertificate(read("ca.crt"))
	if err != nil {
		b.t.Fatal(err)
	}
	now := time.Now().Add(-time.Minute)
	code, err := owncode.Sign(rand.Reader, key.(*ecdsa.PrivateKey), owncode.Terms{
		Issuer: authority.Subject.CommonName, Number: "B-1", IssuedAt: now, NotBefore: now, NotAfter: now.Add(time.Hour),
	}, owncode.Badge{Name: "Lê Văn Kỹ", Role: "technician"})
	if err != nil {
		b.t.Fatal(err)
	}
	salt := []byte("salt of a test")
	hash := argon2.IDKey([]byte(pin), salt, 1, 64, 1, 32)
	list := fmt.Sprintf(`{"badges":[{"number":"B-1","pin":"1$64$%s$%s"}]}`, base64.StdEncoding.EncodeToString(salt), base64.StdEncoding.EncodeToString(hash))
	dir := b.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "staff.json"), []byte(list), 0o644); err != nil {
		b.t.Fatal(err)
	}
	config, err := os.ReadFile(b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	root := regexp.MustCompile(`root += "([0-9a-f]+)"`).FindSubmatch(config)
	b.run(0, "kioskctl", "publish", "put", "--server", b.kiosks, "--ca", filepath.Join(keys, "ca.crt"),
		"--root", string(root[1]), "--key", filepath.Join(keys, "tuf", "targets.pem"), dir)
	return frame(b.t, code)
}

// held is a picture that is held before a camera for so many frames.
func held(picture image.Image, frames int) []image.Image {
	return slices.Repeat([]image.Image{picture}, frames)
}

// sees puts pictures before the camera of a configuration, ten a second.
func (b *bench) sees(config string, pictures []image.Image) {
	b.t.Helper()
	dir := b.t.TempDir()
	written := map[image.Image]string{}
	for i, picture := range pictures {
		path := filepath.Join(dir, fmt.Sprintf("%05d.png", i))
		if first := written[picture]; first == "" {
			written[picture] = path
			savePNG(b.t, path, picture)
		} else if err := os.Link(first, path); err != nil {
			b.t.Fatal(err)
		}
	}
	b.camera(config, "replay:"+dir+"?fps=10&once=1")
}

// openSeries logs the technician in whose badge the camera has seen, and goes to
// the page of codes.
func (b *bench) openSeries(config string) {
	b.t.Helper()
	b.screenIs(config, "login")
	b.tap(0.79, 0.29) // 2
	b.tap(0.66, 0.49) // 4
	b.tap(0.92, 0.49) // 6
	b.tap(0.79, 0.69) // 8
	b.tap(0.3, 0.91)
	b.screenIs(config, "staffmenu")
	b.tap(0.25, 0.35)
	b.screenIs(config, "technical")
	b.tap(0.93, 0.73)  // the other parts
	b.tap(0.735, 0.54) // what waits
	b.screenIs(config, "series")
}

// entriesOf is how many entries the province holds of a kiosk.
func (b *bench) entriesOf(kiosk string) (n int) {
	b.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, "province", "province.db")+"?mode=ro")
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT COUNT(*) FROM entries JOIN journals ON journals.id = entries.journal WHERE journals.kiosk = ?`, kiosk).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}
