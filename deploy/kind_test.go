package deploy_test

import (
	"strings"
	"testing"

	"chot/deploy/testbed/harness"
)

// A kind of record, from the kiosk's journal to an officers' page, is at most six
// files: the body with its row, the part of the server, its table, its texts in
// two languages, and the line that names the part. With them laid over the tree,
// a record of the kind arrives at the real server, is shown, found and erased.
func TestAKindOfRecordIsSixFiles(t *testing.T) {
	t.Parallel()
	o := harness.NewOverlay(t)
	o.Lay("kiosk/record/toy.go", "deploy/testdata/kind/record.go")
	o.Lay("deploy/province/internal/toy/toy.go", "deploy/testdata/kind/part.go")
	o.Lay("deploy/province/internal/db/migrations/00099_toy.sql", "deploy/testdata/kind/migration.sql")
	o.Edit("deploy/province/parts.go",
		"\t\tperson.Proofs{", "\t\ttoy.Part{DB: t.db},\n\t\tperson.Proofs{",
		"\t\"chot/deploy/province/internal/tufserver\"\n", "\t\"chot/deploy/province/internal/toy\"\n\t\"chot/deploy/province/internal/tufserver\"\n")
	o.Edit("ui/catalog/vi.json", `"menu.work"`, `"menu.toys": "Cho mượn", "kind.200": "Cho mượn", "menu.work"`)
	o.Edit("ui/catalog/en.json", `"menu.work"`, `"menu.toys": "Lent", "kind.200": "Lent", "menu.work"`)
	touched := o.Touched()
	t.Logf("a kind of record touches %d files: %s", len(touched), strings.Join(touched, ", "))
	if len(touched) > 6 {
		t.Errorf("%d files are touched, want at most 6", len(touched))
	}
	o.Lay("deploy/province/toy_test.go", "deploy/testdata/kind/toy_test.go")
	out := o.Test("-run", "^TestToyFromRecordToPage$|TestEveryBody", "chot/kiosk/record", "chot/deploy/province")
	for _, passed := range []string{"TestToyFromRecordToPage/sqlite", "TestEveryBodyComesBackAsItWent/toy"} {
		if !strings.Contains(out, "--- PASS: "+passed) {
			t.Errorf("%s did not run:\n%s", passed, out)
		}
	}
}
