package families_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"crypto"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/cose"
)

// hostile are texts that cost as much as their makers could think of: bombs,
// deep nests, long lists, all of them under a kid that is trusted.
func hostile(t testing.TB, g *gate, key crypto.Signer) map[string]string {
	t.Helper()
	bomb := func(n int, unit []byte) []byte { return bytes.Repeat(unit, n/len(unit)) }
	signed := func(payload []byte) []byte {
		message, err := cose.Sign(rand.Reader, key, g.kid, payload)
		fail(t, err)
		message[len(message)-1] ^= 1 // so that every trusted key is tried in vain
		return message
	}
	claims := func(content []byte) []byte { return append([]byte{0xA1, 0x39, 0x01, 0x03, 0xA1, 0x01}, content...) }
	list := func(n int, item ...byte) []byte {
		return append(append([]byte{0x9F}, bomb(n*len(item), item)...), 0xFF)
	}
	members := []byte{0xBF}
	for i := range cose.MaxItems/2 - 8 {
		members = append(append(members, 0x63), fmt.Sprintf("%03d", i)...)
		members = append(members, 0xA0)
	}
	texts := map[string]string{
		"HC1 of zeros":          hc1(t, make([]byte, 1<<20)),
		"HC1 of 16 kB":          hc1(t, signed(claims(append([]byte{0x79, 0x3F, 0x00}, bomb(0x3F00, []byte("a"))...)))),
		"HC1 with a long list":  hc1(t, signed(claims(list(cose.MaxItems-8, 0x60)))),
		"HC1 with empty maps":   hc1(t, signed(claims(list(cose.MaxItems-8, 0xA0)))),
		"HC1 with many members": hc1(t, signed(claims(append(members, 0xFF)))),
		"HC1 with many doses":   hc1(t, signed(claims(append(append([]byte{0xA1, 0x61, 'v'}, list(240, 0xA1, 0x60, 0x60)...), 0)))),
		"HC1 nested":            hc1(t, signed(claims(bomb(10000, []byte{0x81})))),
		"HC1 of random bytes":   "HC1:" + string(base45.AppendEncode(nil, bomb(2800, []byte("\x78\x9c\x8b\x37\x01")))),
		"HC1 of 8000 zeros":     "HC1:" + strings.Repeat("0", 8000),
		"NZCP of zeros":         "NZCP:/1/" + strings.Repeat("A", 4296),
		"NZCP with a long list": "NZCP:/1/" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(signed(list(cose.MaxItems-8, 0xA0))),
		"SHC of zeros":          shc(make([]byte, 1<<20)),
		"SHC of lists":          shc([]byte(strings.Repeat("[", 8000))),
		"SHC of numbers":        shc([]byte(`{"iss":"x","nbf":1,"x":[` + strings.Repeat("1,", 7900) + `1]}`)),
		"SHC of resources":      shc([]byte(`{"iss":"x","nbf":1,"vc":{"credentialSubject":{"fhirBundle":{"entry":[` + strings.Repeat(`{"resource":{"resourceType":"Immunization","status":"completed"}},`, 200) + `{}]}}}}`)),
		"SHC of 16 kB":          "shc:/" + strings.Repeat("56", 16000),
		"VDS-NC of lists":       `{"icao.":` + strings.Repeat("[", 8000),
		"VDS-NC of members":     `{"data":{"hdr":{"t":"icao.vacc"},"msg":{` + strings.Repeat(`"a":{},`, 1000) + `"b":1}},"sig":{"alg":"ES256"}}`,
		"bars":                  strings.Repeat("|", 8000),
		"a megabyte":            strings.Repeat("x", 1<<20),
	}
	corpus, _ := filepath.Glob("testdata/fuzz/FuzzRead/*")
	for _, name := range corpus {
		data, err := os.ReadFile(name)
		fail(t, err)
		_, quoted, _ := strings.Cut(string(data), "string(")
		if text, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(quoted), ")")); err == nil {
			texts["corpus "+filepath.Base(name)] = text
		}
	}
	return texts
}

func hc1(t testing.TB, message []byte) string {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	fail(t, err)
	_, _ = w.Write(message)
	_ = w.Close()
	return string(base45.AppendEncode([]byte("HC1:"), b.Bytes()))
}

func shc(payload []byte) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write(payload)
	_ = w.Close()
	b64 := base64.RawURLEncoding.EncodeToString
	jws := b64([]byte(`{"alg":"ES256","zip":"DEF","kid":"x"}`)) + "." + b64(b.Bytes()) + "." + b64(make([]byte, 64))
	var digits strings.Builder
	digits.WriteString("shc:/")
	for _, c := range []byte(jws) {
		fmt.Fprintf(&digits, "%02d", c-'-')
	}
	return digits.String()
}

// BenchmarkHostile prints what hostile texts cost in units of a valid
// certificate, and gives the worst.
func BenchmarkHostile(b *testing.B) {
	key := keys(b)["ES256"]
	g := newGate(b, key)
	cost := func(text string) float64 {
		var turns [40]float64
		for i := range turns {
			start := time.Now()
			g.check(text)
			turns[i] = float64(time.Since(start))
		}
		slices.Sort(turns[:])
		return turns[len(turns)/10]
	}
	valid := cost(g.text)
	worst := 0.0
	var lines []string
	for name, text := range hostile(b, g, key) {
		times := cost(text) / valid
		lines = append(lines, fmt.Sprintf("%5.2f × valid, %7d characters: %s", times, len(text), name))
		worst = max(worst, times)
	}
	slices.Sort(lines)
	slices.Reverse(lines)
	b.Log("the worst:\n" + strings.Join(lines[:8], "\n"))
	for b.Loop() {
		g.check(g.text)
	}
	b.ReportMetric(worst, "×valid")
	b.ReportMetric(0, "ns/op")
}
