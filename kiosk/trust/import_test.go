package trust_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/trust"
)

// jwks is the keys of an issuer of SMART Health Cards.
func jwks(t testing.TB, issuer string, kids ...string) []byte {
	t.Helper()
	keys := []object{}
	for _, kid := range kids {
		key := newKey(t)
		keys = append(keys, object{"kty": "EC", "crv": "P-256", "kid": kid,
			"x": base64.RawURLEncoding.EncodeToString(key.X.FillBytes(make([]byte, 32))),
			"y": base64.RawURLEncoding.EncodeToString(key.Y.FillBytes(make([]byte, 32)))})
	}
	return toJSON(t, object{"iss": issuer, "keys": keys})
}

// filesOf are the files below a folder.
func filesOf(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, err = filepath.Rel(dir, name)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Two issuers whose files are called the same both stay, each under its own name;
// the same issuer's newer file replaces the older.
func TestFilesOfTheSameName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(issuer string, kids ...string) trust.Summary {
		t.Helper()
		s, err := trust.Import(dir, "shc", "jwks.json", jwks(t, issuer, kids...), noon)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := put("https://one.example", "a")
	two := put("https://two.example", "a", "b")
	again := put("https://two.example", "b")
	three := put("https://three.example", "a")
	if one.File != "jwks.json" || two.File == one.File || again.File != two.File || three.File == one.File || three.File == two.File ||
		!strings.HasPrefix(two.File, "jwks-") || !strings.HasSuffix(two.File, ".json") {
		t.Errorf("called %q, %q, %q, %q", one.File, two.File, again.File, three.File)
	}
	if newer := put("https://one.example", "c"); !reflect.DeepEqual(newer, trust.Summary{Keys: 1, File: "jwks.json"}) {
		t.Errorf("replaced by %+v", newer)
	}
	s := load(t, dir)
	for _, c := range []struct {
		issuer, kid string
		want        int
	}{{"one", "a", 0}, {"one", "c", 1}, {"two", "a", 0}, {"two", "b", 1}, {"three", "a", 1}} {
		if got := s.Keys(credential.SHC, "https://"+c.issuer+".example", []byte(c.kid)); len(got) != c.want {
			t.Errorf("%s of %s: %d keys, want %d", c.kid, c.issuer, len(got), c.want)
		}
	}
	// What is there and cannot be read, or has no keys, is replaced.
	for _, broken := range []string{"{", `{"iss":"https://one.example","keys":[]}`} {
		if err := os.WriteFile(filepath.Join(dir, "trust", "shc", "jwks.json"), []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if s := put("https://four.example", "a"); s.File != "jwks.json" {
			t.Errorf("beside %s it is called %q", broken, s.File)
		}
	}
	// Keys that name a country alone are told apart by it.
	for i, country := range []string{"VN", "TH", "VN"} {
		s, err := trust.Import(dir, "eu-dcc", "list.json", toJSON(t, []any{object{"kid": "AAAAAAAAAAA=", "rawData": b64(certify(t, newKey(t), country))}}), noon)
		if err != nil || (s.File == "list.json") != (i != 1) {
			t.Errorf("%s is called %q, %v", country, s.File, err)
		}
	}
}

// What cannot be written is an error, and nothing is stamped as newer.
func TestAnImportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	keys, list := jwks(t, "https://one.example", "a"), []byte(`{"rids":["a"]}`)
	for name, prepare := range map[string]func(dir string) error{
		"a file in place of the folder":          func(dir string) error { return os.WriteFile(filepath.Join(dir, "trust"), nil, 0o600) },
		"a folder in place of the file":          func(dir string) error { return os.MkdirAll(filepath.Join(dir, "trust", "shc", "a.json", "x"), 0o700) },
		"a folder in place of the version":       func(dir string) error { return os.MkdirAll(filepath.Join(dir, "trust", "version.json", "x"), 0o700) },
		"a folder in place of the index":         func(dir string) error { return os.MkdirAll(filepath.Join(dir, "revocation", "a.idx", "x"), 0o700) },
		"a file in place of the indexes' folder": func(dir string) error { return os.WriteFile(filepath.Join(dir, "revocation"), nil, 0o600) },
	} {
		dir := t.TempDir()
		if err := prepare(dir); err != nil {
			t.Fatal(err)
		}
		_, err := trust.Import(dir, "shc", "a.json", keys, noon)
		_, err2 := trust.ImportRevocations(dir, "a", [][]byte{list}, noon)
		of := strings.Contains(name, "index")
		if of && (err != nil || err2 == nil) || !of && err == nil {
			t.Errorf("%s: %v, %v", name, err, err2)
		}
		for _, file := range filesOf(t, dir) {
			if strings.Contains(filepath.Base(file), ".a.") {
				t.Errorf("%s: %s is left", name, file)
			}
		}
	}
	for _, name := range []string{"", ".", "..", "a/b.json", "../a.json"} {
		dir := t.TempDir()
		_, err := trust.Import(dir, "shc", name, keys, noon)
		_, err2 := trust.ImportRevocations(dir, "x/"+name, [][]byte{list}, noon)
		if err == nil || err2 == nil || len(filesOf(t, dir)) > 0 {
			t.Errorf("%q: %v, %v, %v", name, err, err2, filesOf(t, dir))
		}
	}
}

// A list that says nothing, since it is misspelt or over, does not replace one that
// does; the error names file, list and key and what is allowed.
func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	const good = `{"rids":["kept"]}`
	hash := b64(make([]byte, 16))
	for name, c := range map[string]struct {
		files []string
		says  string
	}{
		"no JSON":                {[]string{`{`}, "file 1 of 1"},
		"a misspelt key":         {[]string{`{"hashType":"UCI","entires":["` + hash + `"]}`}, `unknown field "entires"`},
		"a misspelt key of one":  {[]string{good, `[{"rids":["a"]},{"rid":["a"]}]`}, "file 2 of 2"},
		"a misspelt hash type":   {[]string{`{"hashType":"UVCI","entries":[]}`}, `hashType: "UVCI" is not one of [COUNTRYCODEUCI SIGNATURE UCI]`},
		"a misspelt method":      {[]string{`{"method":"rids","rids":["a"]}`}, `method: "rids" is not rid`},
		"a misspelt family":      {[]string{`{"denylist":[{"family":"dcc","id":"x"}]}`}, `denylist.0.family: "dcc" is not one of [`},
		"a family of no list":    {[]string{`{"denylist":[{"family":"vn-id","id":"x"}]}`}, `"vn-id"`},
		"a misspelt id":          {[]string{`{"denylist":[{"family":"slip","jti":"x"}]}`}, `unknown field "jti"`},
		"an empty id":            {[]string{`{"denylist":[{"family":"slip","id":"x"},{"family":"slip","id":""}]}`}, "denylist.1.id"},
		"no entries":             {[]string{`{"hashType":"UCI"}`}, "entries: they are missing"},
		"entries of another":     {[]string{`{"entries":["` + hash + `"]}`}, "a list has hashType and entries"},
		"a short hash":           {[]string{`{"hashType":"UCI","entries":["` + hash + `","` + b64(make([]byte, 15)) + `"]}`}, "entries.1: a hash has 16 bytes or more, not 15"},
		"a kid that is not":      {[]string{`{"hashType":"UCI","kid":"*","entries":[]}`}, `kid: "*" is not base64`},
		"a rid of words":         {[]string{`{"rids":["a","a.b"]}`}, `rids.1: "a.b"`},
		"a rid of no time":       {[]string{`{"rids":["a.0"]}`}, `rids.0: "a.0"`},
		"a rid beyond its time":  {[]string{`{"rids":["a.4294967296"]}`}, `rids.0`},
		"an empty rid":           {[]string{`{"rids":[""]}`}, `rids.0: ""`},
		"nothing":                {[]string{`{}`}, "a list has"},
		"no list":                {[]string{`[]`}, "no list in it"},
		"two lists without ends": {[]string{good + good}, "text follows"},
		"all expired": {[]string{`[{"hashType":"UCI","expires":"2022-01-01T11:59:59Z","entries":["` + hash + `"]},{"hashType":"UCI","expires":"2021-01-01T00:00:00Z","entries":[]}]`},
			"all 2 lists have expired by 2022-01-01T12:00:00Z"},
		"expired and misspelt": {[]string{`{"hashType":"UCI","expires":"2021-01-01T00:00:00Z","entries":["AAAA"]}`}, "entries.0"},
	} {
		dir := t.TempDir()
		if _, err := trust.ImportRevocations(dir, "list", [][]byte{[]byte(good)}, noon.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		var files [][]byte
		for _, f := range c.files {
			files = append(files, []byte(f))
		}
		summary, err := trust.ImportRevocations(dir, "list", files, noon)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "importing the revocations list") || summary != (trust.Summary{}) {
			t.Errorf("%s: %+v, %v, want an error that says %q", name, summary, err, c.says)
		}
		s := load(t, dir)
		if !s.At().Equal(noon.Add(-time.Hour)) || !s.Revoked(&credential.Credential{Revocation: []credential.RevocationID{{Kind: "rid", Hash: []byte("kept")}}}) {
			t.Errorf("%s: the older list is gone, or is newer: %v", name, s.At())
		}
	}
}

// What is in lists that are read, with the least and the most that formats allow.
func TestListsThatAreRead(t *testing.T) {
	t.Parallel()
	hash, long := uvci("a"), append(uvci("b"), 1, 2, 3)
	hex1 := fmt.Sprintf("%x", []byte{1})
	for name, c := range map[string]struct {
		file    string
		want    trust.Summary
		revoked credential.RevocationID
	}{
		"of all keys":      {`{"hashType":"UCI","kid":"UNKNOWN_KID","entries":["` + b64(hash) + `"]}`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "uvci", Key: "any", Hash: hash}},
		"without a key":    {`{"hashType":"SIGNATURE","entries":["` + b64(hash) + `"]}`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "signature", Key: "any", Hash: hash}},
		"of one key":       {`{"hashType":"COUNTRYCODEUCI","kid":"AQ==","entries":[{"hash":"` + b64(hash) + `"}]}`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "country-uvci", Key: hex1, Hash: hash}},
		"a longer hash":    {`{"hashType":"UCI","entries":["` + b64(long) + `"]}`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "uvci", Hash: long[:16]}},
		"on its last day":  {`{"hashType":"UCI","expires":"2022-01-01T12:00:00Z","entries":["` + b64(hash) + `"]}`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "uvci", Hash: hash}},
		"one of two over":  {`[{"hashType":"UCI","expires":"2021-01-01T12:00:00Z","entries":["` + b64(hash) + `"]},{"rids":["r"]}]`, trust.Summary{Revoked: 1, Expired: 1}, credential.RevocationID{Kind: "rid", Hash: []byte("r")}},
		"the latest time":  {`{"kid":"k","ctr":7,"rids":["r.4294967295"]}`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "rid", Key: "k", Hash: []byte("r")}},
		"a denied slip":    {`{"denylist":[{"family":"slip","id":"K-1"},{"family":"eu-dcc","id":"URN"}]}`, trust.Summary{Revoked: 2}, credential.RevocationID{Kind: "jti", Key: "k", Hash: []byte("K-1")}},
		"a denied UVCI":    {`{"denylist":[{"family":"eu-dcc","id":"URN"}]}`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "uvci", Key: "k", Hash: uvci("URN")}},
		"blanks before it": {" \n" + `[{"rids":["r"]}]`, trust.Summary{Revoked: 1}, credential.RevocationID{Kind: "rid", Hash: []byte("r")}},
	} {
		dir := t.TempDir()
		got, err := trust.ImportRevocations(dir, "list", [][]byte{[]byte(c.file)}, noon)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
			continue
		}
		if s := load(t, dir); !s.Revoked(&credential.Credential{IssuedAt: time.Unix(1, 0), Revocation: []credential.RevocationID{c.revoked}}) {
			t.Errorf("%s: %+v is not revoked", name, c.revoked)
		}
		if files := filesOf(t, dir); !slices.Equal(files, []string{"revocation/list.idx", "trust/version.json"}) {
			t.Errorf("%s: written are %v", name, files)
		}
	}
	// A list that revokes nothing is a list.
	dir := t.TempDir()
	if got, err := trust.ImportRevocations(dir, "none", [][]byte{[]byte(`{"rids":[]}`)}, noon); err != nil || got != (trust.Summary{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Keys as they are listed for people, whole.
func TestKeysAreListed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	big, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	list := toJSON(t, []any{
		object{"kid": b64([]byte("textkid")), "rawData": b64(certify(t, newKey(t), "VN", []int{1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2}))},
		object{"kid": b64([]byte("abc")), "rawData": b64(certify(t, rsaKey, "TH"))},
		object{"kid": b64([]byte{1, 2, 3, 4, 5}), "rawData": b64(certify(t, big, "SG"))},
	})
	if _, err := trust.Import(dir, "eu-dcc", "list.json", list, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.Import(dir, "shc", "jwks.json", jwks(t, "https://b.example", "kid-2", "kid-1"), noon); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.Import(dir, "shc", "other.json", jwks(t, "https://a.example", "zz-zz"), noon); err != nil {
		t.Fatal(err)
	}
	from, until := noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0)
	want := []trust.Entry{
		{Family: "eu-dcc", Country: "SG", KeyID: "0102030405", Algorithm: "EC P-384", NotBefore: from, NotAfter: until},
		{Family: "eu-dcc", Country: "TH", KeyID: "616263", Algorithm: "RSA 2048", NotBefore: from, NotAfter: until},
		{Family: "eu-dcc", Country: "VN", KeyID: "textkid", Algorithm: "EC P-256", Usage: []string{"1.3.6.1.4.1.1847.2021.1.2"}, NotBefore: from, NotAfter: until},
		{Family: "shc", Issuer: "https://a.example", KeyID: "zz-zz", Algorithm: "EC P-256"},
		{Family: "shc", Issuer: "https://b.example", KeyID: "kid-1", Algorithm: "EC P-256"},
		{Family: "shc", Issuer: "https://b.example", KeyID: "kid-2", Algorithm: "EC P-256"},
	}
	if got := load(t, dir).List(); !reflect.DeepEqual(got, want) {
		t.Errorf("listed are\n%+v\nwant\n%+v", got, want)
	}
}

// kiosks.json, whole: kiosks sign slips and results while their keys last, the
// province what each of its keys is for.
func TestKeysOfKiosks(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	id, err := owncode.KeyID(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	list := trust.Kiosks{
		Kiosks: []trust.Kiosk{{Name: "k-1", Keys: []trust.KioskKey{{Public: spki, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0)}, {Public: []byte("broken")}}}},
		Signing: []trust.SigningKey{
			{Use: "result", Issuer: "30", Public: spki}, {Use: "badge", Issuer: "30", Public: spki}, {Use: "sheet", Issuer: "30", Public: spki}, {Use: "later", Issuer: "30", Public: spki},
		},
	}
	s, err := trust.Load(fstest.MapFS{"kiosks.json": {Data: toJSON(t, list)}})
	if err != nil {
		t.Fatal(err)
	}
	entry := func(family credential.FamilyID, issuer string) trust.Entry {
		e := trust.Entry{Family: family, Issuer: issuer, Country: "VN", KeyID: fmt.Sprintf("%x", id), Algorithm: "EC P-256"}
		if issuer == "k-1" {
			e.NotBefore, e.NotAfter = noon, noon.AddDate(1, 0, 0)
		}
		return e
	}
	want := []trust.Entry{
		entry(credential.Badge, "30"), entry(credential.Sheet, "30"), entry(credential.Result, "30"), entry(credential.Result, "k-1"), entry(credential.Slip, "k-1"),
	}
	got := s.List()
	for i := range got {
		got[i].KeyID = fmt.Sprintf("%x", id)
	}
	if !reflect.DeepEqual(got, want) || s.Skipped() != 1 {
		t.Errorf("%d skipped, listed are\n%+v\nwant\n%+v", s.Skipped(), got, want)
	}
	if keys := s.Keys(credential.Slip, "k-1", id); len(keys) != 1 || !keys[0].NotAfter.Equal(noon.AddDate(1, 0, 0)) {
		t.Errorf("%+v", keys)
	}
}

// failing is a file system that fails at the n-th file that is opened.
type failing struct {
	fs.FS
	left *int
}

var errDisk = errors.New("the disk failed")

func (f failing) Open(name string) (fs.File, error) {
	if *f.left--; *f.left == 0 {
		return nil, errDisk
	}
	return f.FS.Open(name)
}

// Whatever cannot be read makes loading fail with its name: half of the keys, or of
// the revocations, is worse than those of yesterday.
func TestLoadingFailsAsAWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := trust.Import(dir, "shc", "a.json", jwks(t, "https://a.example", "k"), noon); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.ImportRevocations(dir, "list", [][]byte{[]byte(`{"rids":["a"]}`)}, noon); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kiosks.json"), []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"policy.json", "trust/README", "revocation/list.txt"} { // are others' business
		if err := os.WriteFile(filepath.Join(dir, other), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := load(t, dir)
	failed := 0
	for n := 1; ; n++ {
		left := n
		s, err := trust.Load(failing{os.DirFS(dir), &left})
		if err == nil {
			if left <= 0 {
				t.Errorf("the %d-th call failed and nothing was said", n)
			}
			if !reflect.DeepEqual(s.List(), whole.List()) {
				t.Error("another store")
			}
			break
		}
		if failed++; !errors.Is(err, errDisk) || s != nil {
			t.Errorf("the %d-th call gives %v, %v", n, s, err)
		}
	}
	if failed < 6 {
		t.Errorf("%d calls failed", failed)
	}
	for name, text := range map[string]string{
		"trust/version.json": "[", "kiosks.json": "[", "revocation/list.idx": "CHOTREV2", "trust/shc/a.json": "{", "trust/eudcc/a.json": "{}", "trust/pass/b.json": "{",
	} {
		files := fstest.MapFS{name: {Data: []byte(text)}}
		if s, err := trust.Load(files); err == nil || s != nil || !strings.Contains(err.Error(), "reading the trust data "+name) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}
