package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"chot/kiosk/credential/families"
	"chot/kiosk/credential/hcert"
)

// command runs the command line as a shell would.
func command(t *testing.T, in string, args ...string) (status int, out []map[string]any, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(in), &stdout, &stderr)
	for line := range strings.Lines(stdout.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("kioskctl %v printed %q, which is no JSON: %v", args, line, err)
		}
		out = append(out, v)
	}
	return status, out, stderr.String()
}

func TestScanPrintsALinePerPictureInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var args []string
	for _, text := range []string{"một", "hai", "ba"} {
		path := filepath.Join(dir, text+".png")
		if err := qrcode.WriteFile(text, qrcode.Medium, 240, path); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	empty := filepath.Join(dir, "empty.png")
	if err := qrcode.WriteFile("x", qrcode.Medium, -1, empty); err != nil { // a pixel a module: too small to be read
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "broken.png")
	if err := os.WriteFile(broken, []byte("\x89PNG\r\n\x1a\nno picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, _ := command(t, "", append([]string{"scan"}, args...)...)
	if status != 0 || len(out) != 3 {
		t.Fatalf("status %d, %d lines", status, len(out))
	}
	for i, text := range []string{"một", "hai", "ba"} {
		codes := out[i]["codes"].([]any)
		if len(codes) != 1 || codes[0].(map[string]any)["text"] != text || out[i]["file"] != args[i] {
			t.Errorf("line %d is %v, want the text %q", i, out[i], text)
		}
		if len(codes) == 1 && codes[0].(map[string]any)["symbology"] != "qr" {
			t.Errorf("line %d: symbology %v", i, codes[0])
		}
	}
	status, out, errs := command(t, "", "scan", broken)
	if status != 1 || len(out) != 1 || out[0]["error"] == nil || len(out[0]["codes"].([]any)) != 0 || !strings.Contains(errs, "could not be read") {
		t.Errorf("a broken picture: status %d, %v, %q", status, out, errs)
	}
	if status, _, errs = command(t, "", "scan", filepath.Join(dir, "missing.png")); status != exitFailure || errs == "" {
		t.Errorf("a missing picture: status %d, %q", status, errs)
	}
}

// authority is an issuer with its trust directory.
func authority(t *testing.T) (hcert.Issuer, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(5, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	list, err := json.Marshal([]any{map[string]any{"kid": hcert.KeyID(der), "rawData": der, "country": "VN"}})
	if err != nil {
		t.Fatal(err)
	}
	status, out, errs := command(t, string(list), "trust", "import", "--trust", dir, "--family", "eu-dcc", "-")
	if status != 0 || out[0]["keys"] == nil {
		t.Fatalf("importing the trust list: status %d, %v, %s", status, out, errs)
	}
	return hcert.Issuer{Country: "VN", Key: key, KeyID: hcert.KeyID(der)}, dir
}

// certificate is one of a second dose on that day, valid at a time.
func certificate(t *testing.T, i hcert.Issuer, dose, at time.Time) string {
	t.Helper()
	text, err := i.Sign(rand.Reader, hcert.DCC, map[string]any{
		"ver": "1.3.0", "dob": "1990-01-01", "nam": map[string]any{"fnt": "NGUYEN", "gnt": "VAN<AN"},
		"v": []any{map[string]any{
			"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
			"dt": dose.Format(time.DateOnly), "co": "VN", "is": "Thử", "ci": "URN:UVCI:01:VN:0001",
		}},
	}, at.AddDate(0, -2, 0), at.AddDate(0, 6, 0))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCheckLeavesWithTheVerdict(t *testing.T) {
	t.Parallel()
	issuer, dir := authority(t)
	at := time.Now().UTC().Truncate(time.Second)
	stranger, _ := authority(t)
	for _, c := range []struct {
		name, text        string
		status            int
		family, verdict   string
		standing, problem string
	}{
		{"a good certificate", certificate(t, issuer, at.AddDate(0, -3, 0), at), 0, "eu-dcc", "green", "signed", ""},
		{"a dose too long ago", certificate(t, issuer, at.AddDate(-2, 0, 0), at), 2, "eu-dcc", "red", "signed", ""},
		{"an issuer on no trust list", certificate(t, stranger, at.AddDate(0, -3, 0), at), 1, "eu-dcc", "amber", "unknown-issuer", ""},
		{"an ID card", "030190000017||Nguyễn Văn An|12041990|Nam|Thôn Thử, Tứ Kỳ, Hải Dương|10052021", 1, "vn-id", "amber", "self-declared", ""},
		{"no credential", "xin chào", 3, "unknown", "", "", ""},
	} {
		status, out, errs := command(t, c.text+"\n", "check", "--trust", dir, "--at", at.Format(time.RFC3339), "-")
		if status != c.status || len(out) != 1 {
			t.Errorf("%s: status %d (want %d), %v %s", c.name, status, c.status, out, errs)
			continue
		}
		for key, want := range map[string]string{"family": c.family, "verdict": c.verdict, "standing": c.standing} {
			if got, _ := out[0][key].(string); got != want {
				t.Errorf("%s: %s is %q, want %q: %v", c.name, key, got, want, out[0])
			}
		}
	}
	// Nothing scanned is not green.
	for _, in := range []string{"", "\n", "\n\n  \n"} {
		if status, out, _ := command(t, in, "check", "--trust", dir, "--at", at.Format(time.RFC3339), "-"); status != 3 {
			t.Errorf("%q: status %d, %v", in, status, out)
		}
	}
	// Of several texts the gravest decides the status.
	status, out, _ := command(t, "", "check", "--trust", dir, "--at", at.Format(time.RFC3339),
		certificate(t, issuer, at.AddDate(0, -3, 0), at), certificate(t, issuer, at.AddDate(-2, 0, 0), at))
	if status != 2 || len(out) != 2 {
		t.Errorf("two texts: status %d, %d lines", status, len(out))
	}
}

func TestHostileTextsAreJudgedNotSuffered(t *testing.T) {
	t.Parallel()
	_, dir := authority(t)
	for name, c := range map[string]struct {
		text   string
		status int
	}{
		"4 kB of garbage": {strings.Repeat("%$*/ZQ!", 600), 3},
		"a torn code":     {"HC1:6BFOXN%TSMAHN-H", 1},
	} {
		status, out, errs := command(t, c.text, "check", "--trust", dir, "--at", "2026-01-01T00:00:00Z")
		if len(out) != 1 || status != c.status {
			t.Errorf("%s: status %d, %v %s", name, status, out, errs)
		}
	}
}

func TestACommandLineThatCannotBeUnderstood(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"fly"}, {"check", "x"}, {"check", "--trust", ".", "--at", "yesterday", "x"}} {
		if status, _, errs := command(t, "", args...); status != exitUsage || errs == "" {
			t.Errorf("kioskctl %v: status %d, %q", args, status, errs)
		}
	}
}

func TestJournalOfAFileThatIsNone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, []byte("cut sho"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := command(t, "", "journal", path); status != 2 || errs == "" {
		t.Errorf("status %d, %q", status, errs)
	}
}

// TestExplain holds that the way to a verdict is printed as it was gone, and that
// no name and no identifier is in it.
func TestExplain(t *testing.T) {
	t.Parallel()
	issuer, dir := authority(t)
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	text := certificate(t, issuer, at.AddDate(0, -3, 0), at)
	args := []string{"check", "--explain", "--trust", dir, "--at", at.Format(time.RFC3339), text}
	_, out, _ := command(t, "", args...)
	if len(out) != 1 {
		t.Fatalf("%d lines", len(out))
	}
	line, err := json.Marshal(out[0])
	if err != nil {
		t.Fatal(err)
	}
	if out[0]["signature"] != "holds" || len(out[0]["events"].([]any)) != 1 {
		t.Errorf("%s", line)
	}
	asked := map[string]bool{}
	for _, step := range out[0]["steps"].([]any) {
		s := step.(map[string]any)
		if s["answer"] == "" {
			t.Errorf("no answer: %v", s)
		}
		asked[s["asked"].(string)] = true
	}
	for _, question := range []string{"standing", "revoked", "event", "require", "freshness"} {
		if !asked[question] {
			t.Errorf("%s is not asked: %s", question, line)
		}
	}
	c := families.Read(text, nil)
	for _, personal := range []string{c.Holder.Name, c.Holder.Latin, c.ID, c.Holder.Birth.String()} {
		if personal != "" && strings.Contains(string(line), personal) {
			t.Errorf("it names %q: %s", personal, line)
		}
	}
	if _, out, _ := command(t, "", "check", "--explain", "--trust", dir, "--at", at.Format(time.RFC3339), "WIFI:T:WPA;S:x;;"); out[0]["signature"] != "none" || len(out[0]["steps"].([]any)) == 0 {
		t.Errorf("%v", out)
	}
}
