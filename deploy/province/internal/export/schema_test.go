//go:build !race

// The race detector makes compiling the schema take half a minute.

package export

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// kinds are the resources of an export.
var kinds = []string{"DiagnosticReport", "Immunization", "Observation", "Patient", "QuestionnaireResponse", "ServiceRequest", "Specimen"}

// The schema is HL7's own of FHIR R4, see testdata/README.md.
func TestTheBundleIsFHIR(t *testing.T) {
	t.Parallel()
	packed, err := os.Open("testdata/fhir.schema.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	// "id" is the name that draft 4 had for it; later drafts take it as none.
	delete(schema.(map[string]any), "id")
	// A list of resources may hold any of 148 kinds: only ours need be compiled.
	list := schema.(map[string]any)["definitions"].(map[string]any)["ResourceList"].(map[string]any)
	list["oneOf"] = slices.DeleteFunc(list["oneOf"].([]any), func(one any) bool {
		return !slices.Contains(kinds, path.Base(one.(map[string]any)["$ref"].(string)))
	})
	c := jsonschema.NewCompiler()
	if err := c.AddResource("fhir.json", schema); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(makeBundle(sample(), time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	check := func(kind string, doc any) {
		s, err := c.Compile("fhir.json#/definitions/" + kind)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	seen := map[string]bool{}
	for _, e := range doc.(map[string]any)["entry"].([]any) {
		r := e.(map[string]any)["resource"].(map[string]any)
		kind := r["resourceType"].(string)
		check(kind, r)
		seen[kind] = true
	}
	check("Bundle", doc)
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, kinds) {
		t.Errorf("the bundle has %v", got)
	}
	check("Bundle", map[string]any{"resourceType": "Bundle", "type": "transaction", "timestamp": "2026-11-01T08:00:00.000+07:00"})
	broken, err := c.Compile("fhir.json#/definitions/Patient")
	if err != nil {
		t.Fatal(err)
	}
	if broken.Validate(map[string]any{"resourceType": "Patient", "birthDate": "1/2/1950"}) == nil {
		t.Error("the schema takes anything")
	}
}
