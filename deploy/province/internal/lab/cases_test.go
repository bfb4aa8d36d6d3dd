package lab

import (
	"maps"
	"slices"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
)

// Each public case has its right value.
func TestPublicCases(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 1, 15, 0, 844e6, time.UTC)
	for _, c := range []struct {
		file  string
		tubes []string // that were taken
		fates []string
		held  map[string]string
		at    time.Time // of the result, zero where it is not looked at
	}{
		{"tables/tab-empty-cell.tsv", []string{"T-1", "T-2"}, []string{"filed", "waiting"}, map[string]string{"T-1": "negative"}, time.Time{}},
		{"tables/sep-line.csv", []string{"T-5"}, []string{"filed"}, map[string]string{"T-5": "negative"}, time.Time{}},
		{"tables/cr-only.csv", []string{"T-10", "T-11"}, []string{"filed", "filed"}, map[string]string{"T-10": "negative", "T-11": "positive"}, time.Time{}},
		{"tables/excel-tube.csv", []string{"261101000000", "0026110100017", "0026110100018"}, []string{"refused digits-gone", "filed", "filed"},
			map[string]string{"0026110100017": "negative", "0026110100018": "positive"}, time.Time{}},
		{"tables/excel-datetimes.csv", []string{"T-8"}, []string{"filed"}, map[string]string{"T-8": "negative"}, time.Date(2026, 11, 1, 1, 30, 0, 0, time.UTC)},
		{"tables/ampm.csv", []string{"T-8"}, []string{"filed"}, map[string]string{"T-8": "negative"}, time.Date(2026, 11, 1, 13, 30, 0, 0, time.UTC)},
		{"tables/tube-float.csv", []string{"120", "12", "D1-23", "D12-4", "D1-24"}, []string{"listed unknown-tube", "listed unknown-tube"}, map[string]string{}, time.Time{}},
		{"hl7/hl7-fraction-offset.hl7", []string{"T-100"}, []string{"filed"}, map[string]string{"T-100": "positive"}, at},
		{"hl7/hl7-minutes-offset.hl7", []string{"T-100"}, []string{"filed"}, map[string]string{"T-100": "positive"}, at.Truncate(time.Minute)},
		{"hl7/hl7-batch.hl7", []string{"T-100"}, []string{"filed"}, map[string]string{"T-100": "positive"}, time.Time{}},
		{"hl7/hl7-multiplex.hl7", []string{"T-100"}, []string{"noted other-analyte", "filed"}, map[string]string{"T-100": "negative"}, time.Time{}},
		{"hl7/hl7-control.hl7", []string{"T-100"}, []string{"noted control", "listed only-parts"}, map[string]string{}, time.Time{}},
		{"hl7/hl7-one-cancelled.hl7", []string{"T-131", "T-132"}, []string{"filed", "listed cancelled"}, map[string]string{"T-131": "negative"}, time.Time{}},
		{"hl7/hl7-escape-crlf.hl7", []string{"T-14"}, []string{"filed"}, map[string]string{"T-14": "negative"}, time.Time{}},
		{"hl7/hl7-la-code.hl7", []string{"T-16"}, []string{"filed"}, map[string]string{"T-16": "negative"}, time.Time{}},
		{"fhir/contained-same-id.json", []string{"T-201", "T-202"}, []string{"filed", "filed"}, map[string]string{"T-201": "positive", "T-202": "negative"}, time.Time{}},
		{"fhir/fhir-multiplex.json", []string{"T-701"}, []string{"noted other-analyte", "filed"}, map[string]string{"T-701": "negative"}, time.Time{}},
		{"fhir/identifiers.json", []string{"T-14"}, []string{"filed"}, map[string]string{"T-14": "negative"}, time.Time{}},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			text := testdata(t, c.file)
			b := newBench(t)
			b.specimens("desk-1", here, c.tubes...)
			if dry := b.send(laboratory, text, true); !slices.Equal(dry, c.fates) || len(b.holds())+len(b.work()) > 0 {
				t.Errorf("the preview says %q and holds %v", dry, b.holds())
			}
			if got := b.report(laboratory, text); !slices.Equal(got, c.fates) {
				t.Errorf("fates %q, want %q", got, c.fates)
			}
			held := map[string]string{}
			for tube, outcome := range c.held {
				held[tube+"@desk-1"] = outcome
			}
			if got := b.holds(); !maps.Equal(got, held) {
				t.Errorf("holds %v, want %v", got, held)
			}
			if c.at.IsZero() {
				return
			}
			var row db.Result
			if err := b.DB.NewSelect().Model(&row).Limit(1).Scan(t.Context()); err != nil || !row.At.Equal(c.at) {
				t.Errorf("had at %v, want %v (%v)", row.At, c.at, err)
			}
		})
	}
}
