package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/kiosk/provision"
)

// What is printed is read back from the paper as the kiosk reads it.
func TestAPrintedSheetIsReadBack(t *testing.T) {
	t.Parallel()
	render, err := exec.LookPath("pdftoppm")
	if err != nil {
		t.Skip("pdftoppm is not installed: the paper cannot be looked at")
	}
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	private := write("sheet.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	passphrase := write("passphrase", []byte("nhà văn hóa 2\n"))
	var tokens bytes.Buffer
	names := []string{"tuky-1", "tuky-2", "tuky-3", "tuky-4", "tuky-5"}
	for _, name := range names {
		err := json.NewEncoder(&tokens).Encode(invitation{
			Kiosk: name, Site: "Nhà văn hóa", Unit: "11194", Role: "checkpoint", Token: "once-" + name, Issuer: "Hải Dương",
			Expires: time.Now().Add(72 * time.Hour), Pin: strings.Repeat("a5", 32), Root: strings.Repeat("5a", 32),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "sheets.pdf")
	status, lines, errs := command(t, tokens.String(), "sheet", "--key", private, "--server", "https://province.example:8443",
		"--wifi", "Nhà văn hóa", "--passphrase", passphrase, "-o", out)
	if status != 0 || len(lines) != len(names) {
		t.Fatalf("status %d, %v %s", status, lines, errs)
	}
	for _, line := range lines {
		if text, _ := json.Marshal(line); bytes.Contains(text, []byte("once-")) || bytes.Contains(text, []byte("hóa 2")) {
			t.Errorf("a secret is printed: %s", text)
		}
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the sheets' file: %v, %v", info, err)
	}
	if msg, err := exec.Command(render, "-r", "110", "-gray", "-png", out, filepath.Join(dir, "page")).CombinedOutput(); err != nil {
		t.Fatalf("rendering the PDF: %v: %s", err, msg)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "page-*.png"))
	if err != nil || len(pages) != 2 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	_, scanned, _ := command(t, "", append([]string{"scan"}, pages...)...)
	read := map[string]provision.Sheet{}
	for _, page := range scanned {
		for _, code := range page["codes"].([]any) {
			s, err := provision.Read(code.(map[string]any)["text"].(string), provision.Keys{&key.PublicKey}, time.Now())
			if err != nil || s.Problem != "" || !s.Known {
				t.Errorf("%+v, %v", s, err)
			}
			read[s.Kiosk] = s
		}
	}
	for _, name := range names {
		s := read[name]
		if s.Token != "once-"+name || s.WiFi == nil || s.WiFi.Passphrase != "nhà văn hóa 2" || s.Unit != "11194" {
			t.Errorf("%s: read %+v", name, s.Sheet)
		}
	}
}

func TestASheetNeedsAToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	private := filepath.Join(dir, "sheet.pem")
	if err := os.WriteFile(private, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := command(t, "", "sheet", "--key", private, "--server", "https://p", "-o", filepath.Join(dir, "x.pdf")); status != exitFailure || !strings.Contains(errs, "no PEM") {
		t.Errorf("status %d, %q", status, errs)
	}
}
