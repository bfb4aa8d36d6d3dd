package card

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
	"chot/kiosk/credential/owncode"
)

// province is the provincial server on the host, with the demo's world in it.
type province struct {
	t        *testing.T
	bin, dir string
	kiosks   string // its address as the machine sees it
	Kiosks   string // as this computer sees it
	Page     string
	Pin      string
	Root     string
}

// hostAddress is this computer, as QEMU has it for the machine.
const hostAddress = "10.0.2.2"

// openProvince starts the server and gives it accounts and signed data.
func openProvince(t *testing.T, bin, dir string) *province {
	t.Helper()
	p := &province{t: t, bin: bin, dir: dir}
	port := fmt.Sprint(harness.FreePort(t))
	server := launch(t, false, filepath.Join(bin, "province"), "serve", "--dir", filepath.Join(dir, "province"),
		"--listen", "127.0.0.1:"+port, "--page", "127.0.0.1:0", "--names", hostAddress)
	harness.Until(t, "the province", 60*time.Second, func() bool { return len(server.Said(`"pin"`)) > 0 })
	harness.Must(t, json.Unmarshal([]byte(server.Said(`"pin"`)[0]), p))
	p.kiosks = "https://" + hostAddress + ":" + port
	run(t, filepath.Join(bin, "demo"), "prepare", "--dir", dir, "--bin", bin, "--kiosks", p.Kiosks, "--pin", p.Pin, "--root", p.Root,
		"--seen", "1", "--pause", "1", "--leave", "0")
	return p
}

// certificate is a valid one of the demo's world.
func (p *province) certificate() string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "deck.json"))
	harness.Must(p.t, err)
	var codes map[string]string
	harness.Must(p.t, json.Unmarshal(text, &codes))
	return codes["valid-es256"]
}

// sheet is the code of a provisioning sheet for a kiosk.
func (p *province) sheet(kiosk string) string {
	p.t.Helper()
	var said struct {
		Site, Token string
		Expires     time.Time
	}
	harness.Must(p.t, json.Unmarshal([]byte(run(p.t, filepath.Join(p.bin, "province"), "token", "--kiosk", kiosk,
		"--site", "nha-van-hoa", "--area", "30/298/11074", "--dir", filepath.Join(p.dir, "province"))), &said))
	text, err := os.ReadFile(filepath.Join(p.dir, "province", "keys", "sheet.pem"))
	harness.Must(p.t, err)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	harness.Must(p.t, err)
	pin, err := hex.DecodeString(p.Pin)
	harness.Must(p.t, err)
	root, err := hex.DecodeString(p.Root)
	harness.Must(p.t, err)
	now := time.Now()
	code, err := owncode.Sign(rand.Reader, key.(*ecdsa.PrivateKey), owncode.Terms{
		Issuer: "province", Number: kiosk + "-1", IssuedAt: now, NotBefore: now, NotAfter: said.Expires,
	}, owncode.Sheet{
		Kiosk: kiosk, Site: said.Site, Server: p.kiosks, Pins: [][]byte{pin}, Root: root,
		Token: said.Token, Unit: "11074", Role: "checkpoint",
	})
	harness.Must(p.t, err)
	return code
}

// release publishes a release bundle, as an operator does.
func (p *province) release(version, bundle string) {
	p.t.Helper()
	dir := p.t.TempDir()
	harness.Must(p.t, os.MkdirAll(filepath.Join(dir, "releases", version), 0o755))
	harness.Must(p.t, os.Symlink(bundle, filepath.Join(dir, "releases", version, "chot-"+arch+".raucb")))
	keys := filepath.Join(p.dir, "province", "keys")
	start := time.Now()
	run(p.t, filepath.Join(p.bin, "kioskctl"), "publish", "put", "--server", p.Kiosks, "--ca", filepath.Join(keys, "ca.crt"),
		"--root", p.Root, "--key", filepath.Join(keys, "tuf", "targets.pem"), dir)
	p.t.Logf("published %s in %v", version, time.Since(start).Round(time.Second))
}

// fleet is the text of the officers' page of kiosks.
func (p *province) fleet() string {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	harness.Must(p.t, err)
	client := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // on this computer
	answer, err := client.PostForm(p.Page+"/login", url.Values{"name": {"canbo"}, "password": {"chot-demo-2026"}})
	harness.Must(p.t, err)
	harness.Must(p.t, answer.Body.Close())
	answer, err = client.Get(p.Page + "/kiosks")
	harness.Must(p.t, err)
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	harness.Must(p.t, err)
	text := regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(string(page), " ")
	return strings.Join(strings.Fields(text), " ")
}

// visits counts the visits of a kiosk that the province holds.
func (p *province) visits(kiosk string) int {
	p.t.Helper()
	return visits(p.t, filepath.Join(p.dir, "province", "province.db"), kiosk)
}
