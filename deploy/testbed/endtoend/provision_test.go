package endtoend

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
	"chot/kiosk/credential/owncode"
)

// A new card becomes a kiosk by the sheet that is held before its camera: the
// technician compares the key, touches twice, and the kiosk serves. A second card
// that is shown a copy is refused, says why, and the province knows.
func TestASheetMakesAKioskAndACopyMakesNone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	b, province := newBench(t, "--seen", "4", "--pause", "4", "--leave", "4")
	sheet := b.sheet("tuky-9")

	card := b.newCard("fresh", sheet)
	kiosk := b.launchKiosk(card)
	b.screenIs(card, "provision-confirm") // the image carries no key of the province
	b.picture("provision")
	b.tap(0.75, 0.91) // it matches
	b.screenIs(card, "provision-ready")
	b.tap(0.5, 0.91)
	b.screenIs(card, "idle")
	harness.Until(t, "the kiosk", 30*time.Second, func() bool { return len(kiosk.Said("msg=serving")) > 0 })
	if found := kiosk.Said("kiosk=tuky-9"); len(found) == 0 {
		t.Error("it does not serve under its own name")
	}
	harness.Until(t, "its first report", 30*time.Second, func() bool {
		return len(province.Said("a kiosk was enrolled")) > 0
	})

	copied := b.newCard("copied", sheet)
	other := b.launchKiosk(copied)
	b.screenIs(copied, "provision-confirm")
	b.tap(0.75, 0.91)
	b.screenIs(copied, "provision-sheet-used")
	if _, err := os.Stat(filepath.Join(b.dir, "copied", "identity", "identity.pem")); err == nil {
		t.Error("the copy has an identity")
	}
	other.End(syscall.SIGTERM)

	// It serves again after the power was cut.
	kiosk.End(syscall.SIGKILL)
	kiosk = b.startKiosk(card)

	// The card breaks. Its identity is revoked, and a new card for the same site
	// serves under another.
	b.run(0, "province", "revoke", "--kiosk", "tuky-9", "--reason", "thẻ hỏng", "--dir", filepath.Join(b.dir, "province"))
	harness.Until(t, "the revoked kiosk to be refused", 60*time.Second, func() bool { return len(kiosk.Said("revoked")) > 0 })
	kiosk.End(syscall.SIGTERM)
	replaced := b.newCard("replaced", b.sheet("tuky-9b"))
	kiosk = b.launchKiosk(replaced)
	b.screenIs(replaced, "provision-confirm")
	b.tap(0.75, 0.91)
	b.screenIs(replaced, "provision-ready") // and by itself, untouched
	b.screenIs(replaced, "idle")
	if found := kiosk.Said("kiosk=tuky-9b"); len(found) == 0 {
		t.Error("the new card does not serve under its own name")
	}
}

// sheet makes a provisioning sheet of the province for a kiosk.
func (b *bench) sheet(kiosk string) string {
	b.t.Helper()
	var said struct {
		Site, Token, Pin, Root string
		Expires                time.Time
	}
	out := b.run(0, "province", "token", "--kiosk", kiosk, "--site", "nha-van-hoa", "--area", "30/298/11074", "--dir", filepath.Join(b.dir, "province"))
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		b.t.Fatal(err)
	}
	bytes := func(s string) []byte {
		raw, err := hex.DecodeString(s)
		if err != nil {
			b.t.Fatal(err)
		}
		return raw
	}
	now := time.Now()
	code, err := owncode.Sign(rand.Reader, b.signing("sheet"), owncode.Terms{
		Issuer: "province", Number: kiosk + "-1", IssuedAt: now, NotBefore: now, NotAfter: said.Expires,
	}, owncode.Sheet{
		Kiosk: kiosk, Site: said.Site, Server: b.kiosks, Pins: [][]byte{bytes(said.Pin)}, Root: bytes(said.Root),
		Token: said.Token, Unit: "11074", Role: "checkpoint",
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

// signing is the province's key for one kind of code.
func (b *bench) signing(use string) *ecdsa.PrivateKey {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "province", "keys", use+".pem"))
	if err != nil {
		b.t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		b.t.Fatal(err)
	}
	return key.(*ecdsa.PrivateKey)
}

// newCard is the configuration of a card without anything on it, whose camera
// sees a sheet.
func (b *bench) newCard(name, sheet string) string {
	b.t.Helper()
	dir := b.t.TempDir()
	savePNG(b.t, filepath.Join(dir, "sheet.png"), frame(b.t, sheet))
	state := filepath.Join(b.dir, name)
	shots := filepath.Join(b.dir, "screens-"+name)
	if err := os.MkdirAll(shots, 0o755); err != nil {
		b.t.Fatal(err)
	}
	config := state + ".toml"
	text := fmt.Sprintf("state = %q\ncamera = %q\n[screen]\nwidth = 1024\nheight = 600\nshots = %q\n", state, "replay:"+dir+"?fps=10", shots)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return config
}

// launchKiosk starts a kiosk that may have nothing to serve by yet.
func (b *bench) launchKiosk(config string, env ...string) *process {
	b.t.Helper()
	return &process{harness.Launch(b.t, harness.Program{
		Name: strings.TrimSuffix(filepath.Base(config), ".toml"), Path: filepath.Join(b.bin, "kiosk"), Args: []string{"--config", config},
		Env: append(kioskEnvironment(b.display), env...),
	}), b.t}
}
