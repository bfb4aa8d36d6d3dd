package fhirread

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"chot/deploy/province/internal/exchange"
	"chot/kiosk/record"
)

// said are the statements of a document, as "tube outcome problem".
func said(t *testing.T, text string) (all []string) {
	t.Helper()
	f, err := Results([]byte(text))
	if err != nil {
		t.Fatalf("reading %.60q: %v", text, err)
	}
	for _, x := range f.Statements {
		one := ""
		for _, id := range x.Specimens {
			one += id.Value + " "
		}
		one += x.Outcome.String()
		if x.Problem != nil {
			one += " " + x.Problem.Code
		}
		all = append(all, strings.TrimSpace(one))
	}
	return all
}

func observation(specimen, code string) string {
	return `{"resourceType":"Observation","status":"final","code":{"text":"pcr"},"specimen":{"reference":"` + specimen + `"},"valueCodeableConcept":{"coding":[{"code":"` + code + `"}]}}`
}

func specimen(id, tube string) string {
	return `{"resourceType":"Specimen","id":"` + id + `","identifier":[{"value":"` + tube + `"}]}`
}

func entry(full, resource string) string {
	return `{"fullUrl":"` + full + `","resource":` + resource + `}`
}

func bundle(entries ...string) string {
	return `{"resourceType":"Bundle","type":"batch","entry":[` + strings.Join(entries, ",") + `]}`
}

// Which resource a reference names (R4, bundle.html#references).
func TestReferences(t *testing.T) {
	t.Parallel()
	a, b := "http://a.example/fhir/", "http://b.example/fhir/"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"by urn":              {bundle(entry("urn:uuid:1", specimen("", "T-1")), entry("", observation("urn:uuid:1", "260415000"))), []string{"T-1 negative"}},
		"on its own server":   {bundle(entry(a+"Specimen/s", specimen("s", "T-1")), entry(b+"Specimen/s", specimen("s", "T-2")), entry(b+"Observation/o", observation("Specimen/s", "260373001"))), []string{"T-2 positive"}},
		"absolute":            {bundle(entry(a+"Specimen/s", specimen("s", "T-1")), entry(b+"Specimen/s", specimen("s", "T-2")), entry("", observation(a+"Specimen/s", "260373001"))), []string{"T-1 positive"}},
		"without a server":    {bundle(entry("", specimen("s", "T-1")), entry("", observation("Specimen/s", "260373001"))), []string{"T-1 positive"}},
		"of two, either":      {bundle(entry("", specimen("s", "T-1")), entry("", specimen("s", "T-2")), entry("", observation("Specimen/s", "260373001"))), []string{"positive unresolved"}},
		"two of one fullUrl":  {bundle(entry("urn:uuid:1", specimen("", "T-1")), entry("urn:uuid:1", specimen("", "T-2")), entry("", observation("urn:uuid:1", "260373001"))), []string{"positive unresolved"}},
		"with a version":      {bundle(entry(a+"Specimen/s", specimen("s", "T-1")), entry("", observation(a+"Specimen/s/_history/3", "260373001"))), []string{"T-1 positive"}},
		"by a search":         {bundle(entry("", specimen("s", "T-1")), entry("", observation("Specimen?identifier=T-1", "260373001"))), []string{"T-1 positive"}},
		"a search for two":    {bundle(entry("", specimen("s", "T-1")), entry("", specimen("r", "T-1")), entry("", observation("Specimen?identifier=T-1", "260373001"))), []string{"positive unresolved"}},
		"to nothing":          {bundle(entry("", observation("Specimen/none", "260373001"))), []string{"positive unresolved"}},
		"to another's inside": {bundle(entry("", `{"resourceType":"Observation","status":"final","code":{"text":"pcr"},"contained":[`+specimen("s", "T-1")+`],"specimen":{"reference":"#s"},"valueString":"neg"}`), entry("", observation("#s", "260373001"))), []string{"T-1 negative", "positive unresolved"}},
		"twice inside":        {`{"resourceType":"Observation","status":"final","code":{"text":"pcr"},"contained":[` + specimen("s", "T-1") + "," + specimen("s", "T-2") + `],"specimen":{"reference":"#s"},"valueString":"neg"}`, []string{"negative unresolved"}},
		"a broken neighbour":  {bundle(entry("", `{"resourceType":"Observation","status":7}`), entry("", `{}`), entry("urn:uuid:1", specimen("", "T-1")), entry("", observation("urn:uuid:1", "260415000"))), []string{"bad-line", "bad-line", "T-1 negative"}},
	} {
		if got := said(t, c.text); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(c.want))) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestReportsAndPanels(t *testing.T) {
	t.Parallel()
	report := `{"resourceType":"DiagnosticReport","status":"corrected","code":{"coding":[{"system":"http://loinc.org","code":"94531-1"}]},"specimen":[{"reference":"urn:uuid:s"}],"result":[{"reference":"urn:uuid:p"}]}`
	panel := `{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"94531-1"}]},"hasMember":[{"reference":"urn:uuid:m"}],"component":[{"code":{"coding":[{"code":"92142-9"}]},"valueString":"Detected"}]}`
	member := `{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"94500-6"}]},"valueString":"Not detected"}`
	f, err := Results([]byte(bundle(entry("urn:uuid:m", member), entry("urn:uuid:p", panel), entry("", report), entry("urn:uuid:s", specimen("", "T-1")))))
	if err != nil || len(f.Statements) != 2 {
		t.Fatalf("%+v, %v", f, err)
	}
	for i, want := range []struct {
		code    string
		outcome record.Outcome
	}{{"92142-9", record.Positive}, {"94500-6", record.Negative}} {
		x := f.Statements[i]
		if x.Measured[0].Code != want.code || x.Outcome != want.outcome || x.Status != exchange.Corrected || x.Specimens[0].Value != "T-1" || x.Group != f.Statements[0].Group {
			t.Errorf("statement %d is %+v", i, x)
		}
	}
}

// A megabyte of nothing costs no more than a megabyte of results.
func TestMemoryOfTheWorstFiles(t *testing.T) {
	const size = 1 << 20
	one := observation("urn:uuid:1", "260415000")
	results := bundle(slices.Repeat([]string{entry("", one)}, size/len(entry("", one)))...)
	used := func(text string) uint64 {
		data := []byte(text)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		f, _ := Results(data) // whether it is refused plays no part
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(f)
		return after.TotalAlloc - before.TotalAlloc
	}
	most := used(results)
	for name, text := range map[string]string{
		"entries":     `{"resourceType":"Bundle","entry":[` + strings.Repeat("{},", size/3) + "{}]}",
		"identifiers": `{"resourceType":"Observation","status":"final","identifier":[` + strings.Repeat("{},", size/3) + "{}]}",
		"contained":   `{"resourceType":"Observation","status":"final","contained":[` + strings.Repeat("{},", size/3) + "{}]}",
		"codings":     `{"resourceType":"Observation","status":"final","code":{"coding":[` + strings.Repeat("{},", size/3) + "{}]}}",
		"brackets":    strings.Repeat("[", size),
		"nested":      `{"resourceType":"Observation","a":` + strings.Repeat("[", size/2) + strings.Repeat("]", size/2) + "}",
	} {
		if got := used(text); got > most {
			t.Errorf("1 MB of %s allocates %d kB, of results %d kB", name, got>>10, most>>10)
		}
	}
}

func FuzzResults(f *testing.F) {
	f.Add([]byte(bundle(entry("urn:uuid:1", specimen("s", "T-1")), entry("", observation("urn:uuid:1", "260415000")))))
	f.Add([]byte(`{"resourceType":"DiagnosticReport","status":"final","conclusion":"neg","specimen":{"identifier":{"value":"T"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Results(data)
		if err != nil {
			return
		}
		for _, x := range file.Statements {
			if x.Outcome > record.Resample || x.Technique > record.Antigen {
				t.Fatalf("%+v", x)
			}
		}
	})
}

func FuzzDoses(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Immunization","status":"completed","patient":{"identifier":{"value":"030180000001"}},"vaccineCode":{"text":"A"},"occurrenceDateTime":"2026-09-01","protocolApplied":[{"doseNumberString":"2"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Doses(data)
		if err != nil {
			return
		}
		for _, x := range file.Statements {
			if x.Problem == nil && x.Status == exchange.Final && (x.Number < 1 || x.Given.IsZero()) {
				t.Fatalf("%+v", x)
			}
		}
	})
}
