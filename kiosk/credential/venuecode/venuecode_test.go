package venuecode_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"chot/kiosk/credential"
	"chot/kiosk/credential/venuecode"
)

const patterns = `{"schema": 1, "version": "2026-03-01", "patterns": [
	{"id": "short", "prefix": "https://qr.example.vn/p/", "rest": "(?P<id>[0-9A-Z]{8})"},
	{"id": "long", "prefix": "https://qr.example.vn/", "rest": "p/(?P<id>[0-9]{4})/(?P<place>[a-z-]+)"},
	{"id": "app", "prefix": "APP|", "rest": "(?P<id>[0-9]{10})\\|(?P<name>[^|]+)\\|(?P<birth>[0-9-]{10})(?:\\|(?P<document>[0-9]*))?"}]}`

func family(t testing.TB) credential.Family {
	t.Helper()
	p, err := venuecode.Parse([]byte(patterns))
	if err != nil {
		t.Fatal(err)
	}
	if p.Version() != "2026-03-01" {
		t.Errorf("version %q", p.Version())
	}
	return p.Family()
}

func TestWhatFits(t *testing.T) {
	t.Parallel()
	f := family(t)
	for text, want := range map[string]credential.Credential{
		"https://qr.example.vn/p/ABCD1234": {
			ID: "ABCD1234", Issuer: credential.Issuer{Name: "short"}, Payload: venuecode.Code{Pattern: "short", ID: "ABCD1234"},
		},
		"https://qr.example.vn/p/1234/cho-thi-du": {
			ID: "1234", Issuer: credential.Issuer{Name: "long"}, Payload: venuecode.Code{Pattern: "long", ID: "1234", Place: "cho-thi-du"},
		},
		"APP|0000000017|Nguyễn Thị Thử|1985-09-05": {
			ID: "0000000017", Issuer: credential.Issuer{Name: "app"}, Payload: venuecode.Code{Pattern: "app", ID: "0000000017"},
			Holder: credential.Holder{Name: "Nguyễn Thị Thử", Birth: credential.Date{Year: 1985, Month: 9, Day: 5}},
		},
	} {
		want.Family, want.Standing = credential.Place, credential.SelfDeclared
		got, err := f.Read(text, nil)
		if !f.Recognise(text) || err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%q read as\n%+v, %v, want\n%+v", text, got, err, want)
		}
	}
}

func TestWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	f := family(t)
	for _, text := range []string{
		"", "https://qr.example.vn/", "https://qr.example.vn/p/ABCD1234/more", "https://qr.example.vn/p/abcd1234",
		"see https://qr.example.vn/p/ABCD1234", "https://qr.example.vn/p/ABCD1234\n", "APP|1|x|y", "APP|0000000017|\xff|1985-09-05",
		"APP|0000000017|" + strings.Repeat("a", 4000) + "|1985-09-05",
	} {
		if c, err := f.Read(text, nil); !errors.Is(err, credential.ErrNotRecognised) {
			t.Errorf("%.60q read as %+v, %v", text, c, err)
		}
	}
}

func TestPatternsThatAreRefused(t *testing.T) {
	t.Parallel()
	one := func(s string) string { return `{"schema": 1, "version": "1", "patterns": [` + s + `]}` }
	for name, data := range map[string]string{
		"no JSON":             `{`,
		"a later schema":      `{"schema": 2, "version": "1", "patterns": []}`,
		"no version":          `{"schema": 1, "patterns": []}`,
		"a misspelt field":    one(`{"id": "a", "prefx": "abc", "rest": "(?P<id>.)"}`),
		"no id":               one(`{"prefix": "abc", "rest": "(?P<id>.)"}`),
		"a short prefix":      one(`{"id": "a", "prefix": "a", "rest": "(?P<id>.)"}`),
		"no group id":         one(`{"id": "a", "prefix": "abc", "rest": "."}`),
		"an unknown group":    one(`{"id": "a", "prefix": "abc", "rest": "(?P<id>.)(?P<phone>.)"}`),
		"a broken expression": one(`{"id": "a", "prefix": "abc", "rest": "(?P<id>."}`),
		"a back-reference":    one(`{"id": "a", "prefix": "abc", "rest": "(?P<id>.)\\1"}`),
		"a long expression":   one(`{"id": "a", "prefix": "abc", "rest": "(?P<id>` + strings.Repeat(".", 600) + `)"}`),
		"too many":            one(strings.TrimSuffix(strings.Repeat(`{"id": "a", "prefix": "abc", "rest": "(?P<id>.)"},`, 201), ",")),
	} {
		if _, err := venuecode.Parse([]byte(data)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestRecognisingDoesNotAllocate(t *testing.T) {
	f := family(t)
	if n := testing.AllocsPerRun(10, func() { f.Recognise("https://qr.example.vn/p/ABCD1234") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzParse holds that patterns which are read can be tried on anything.
func FuzzParse(f *testing.F) {
	f.Add([]byte(patterns), "https://qr.example.vn/p/ABCD1234")
	f.Add([]byte(`{"schema": 1, "version": "1", "patterns": [{"id": "a", "prefix": "abc", "rest": "(?P<id>(a+)+)"}]}`), "abcaaaaaaaaaaaaaaaaaaaaaaab")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		p, err := venuecode.Parse(data)
		if err != nil {
			return
		}
		if c, err := p.Family().Read(text, nil); err == nil && c.Standing != credential.SelfDeclared {
			t.Fatalf("%+v", c)
		}
	})
}

func ExampleParse() {
	patterns, err := venuecode.Parse([]byte(`{"schema": 1, "version": "2026-03-01", "patterns": [
		{"id": "check-in", "prefix": "https://qr.example.vn/p/", "rest": "(?P<id>[0-9A-Z]{8})"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	code, err := patterns.Family().Read("https://qr.example.vn/p/ABCD1234", nil)
	fmt.Println(code.Standing, code.ID, err)
	// Output: self-declared ABCD1234 <nil>
}
