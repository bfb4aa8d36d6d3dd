package vaccine

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/testbed/publicdata"
)

var today = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

func newDesk(t *testing.T) *Desk {
	t.Helper()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	keys, err := datakeys.New(d, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return today }
	return &Desk{DB: d, Vault: keys, Registry: &account.Registry{DB: d, Now: now}, Now: now}
}

var (
	site      = account.Account{Name: "tyt", Role: account.Commune, Area: "30/298/11194"}
	elsewhere = account.Account{Name: "khac", Role: account.Commune, Area: "30/299/11300"}
)

// report imports a file and returns fates and reasons, line by line.
func report(t *testing.T, d *Desk, who account.Account, text string, dry bool) (fates []string) {
	t.Helper()
	f, err := Read([]byte(text), table.Options{})
	if err != nil {
		t.Fatalf("reading %.60q: %v", text, err)
	}
	answer, err := d.Report(t.Context(), who, "test", "file", f, dry)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range answer.Lines {
		fate := string(l.Fate)
		if l.Reason != "" {
			fate += " " + l.Reason
		}
		fates = append(fates, fate)
	}
	return fates
}

// kept is what is on record: "document number product day name", sorted.
func kept(t *testing.T, d *Desk) (all []string) {
	t.Helper()
	var rows []db.Dose
	if err := d.DB.NewSelect().Model(&rows).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		h, err := d.Open(t.Context(), row.Document, row.Number, row.Body)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %d %s %s %s", h.Person.Document, row.Number, row.Product, row.Given.ISO(), h.Person.Name))
	}
	slices.Sort(all)
	return all
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(publicdata.Folder(t, "reports"), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Each public case has its right value.
func TestPublicCases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file        string
		fates, kept []string
	}{
		{"tables/cp1258.csv", []string{"filed"}, []string{"030185000017 1 Comirnaty 2026-09-01 Nguyễn Thị Thử"}},
		{"tables/excel-document.csv", []string{"listed lost-zero", "refused digits-gone", "listed lost-zero", "filed", "filed"},
			[]string{"030185000018 1 Comirnaty 2026-09-01 Phạm Thị Thử", "030185000019 1 Comirnaty 2026-09-01 Đỗ Thị Thử"}},
		{"fhir/contained-patients.json", []string{"filed", "filed"},
			[]string{"030180000001 1 Comirnaty 2026-09-01 Nguyễn Văn Một", "030180000002 2 Comirnaty 2026-09-01 Trần Thị Hai"}},
		{"fhir/dosestring.json", []string{"filed"}, []string{"030180000001 2 Comirnaty 2026-09-01 "}},
		{"fhir/mrn-first.json", []string{"filed"}, []string{"030180000001 1 Comirnaty 2026-09-01 Nguyễn Văn Một"}},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			text, d := testdata(t, c.file), newDesk(t)
			if got := report(t, d, site, text, true); !slices.Equal(got, c.fates) || len(kept(t, d)) > 0 {
				t.Errorf("the preview says %q", got)
			}
			if got := report(t, d, site, text, false); !slices.Equal(got, c.fates) {
				t.Errorf("fates %q, want %q", got, c.fates)
			}
			if got := kept(t, d); !slices.Equal(got, c.kept) {
				t.Errorf("kept %q, want %q", got, c.kept)
			}
		})
	}
}

const header = "CCCD,Họ tên,Năm sinh,Mũi,Vắc xin,Ngày tiêm,Ngày hẹn\n"

// Each line has its own fate.
func TestFatesOfLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, before, line, want string }{
		{"a dose", "", "030150000001,Nguyễn Thị Thử,1950,1,Pfizer-BioNTech,01/09/2026,", "filed"},
		{"the same again", "030150000001,Nguyễn Thị Thử,1950,1,Pfizer,01/09/2026,", "030150000001,NGUYỄN THỊ THỬ,1950,Mũi 1,Comirnaty (Pfizer),1/9/26,", "known"},
		{"another day", "030150000001,Nguyễn Thị Thử,1950,1,Pfizer,01/09/2026,", "030150000001,Nguyễn Thị Thử,1950,1,Pfizer,02/09/2026,", "changed"},
		{"another person", "030150000001,Nguyễn Thị Thử,1950,1,Pfizer,01/09/2026,", "030150000001,Trần Văn Khác,1950,1,Pfizer,01/09/2026,", "listed other-person"},
		{"an invitation", "", "030150000001,Nguyễn Thị Thử,1950,,,,24/12/2026", "filed"},
		{"words for the dose", "", "030150000001,A,1950,Mũi tiêm thứ hai,Moderna,01/09/2026,", "filed"},
		{"which booster is not said", "", "030150000001,A,1950,nhắc lại,Moderna,01/09/2026,", "refused bad-dose"},
		{"dose 0", "", "030150000001,A,1950,0,Moderna,01/09/2026,", "refused bad-dose"},
		{"dose 21", "", "030150000001,A,1950,21,Moderna,01/09/2026,", "refused bad-dose"},
		{"an unknown vaccine", "", "030150000001,A,1950,1,Vắc xin Covid,01/09/2026,", "listed unknown-vaccine"},
		{"two vaccines", "", "030150000001,A,1950,1,Pfizer/Moderna,01/09/2026,", "listed unknown-vaccine"},
		{"no vaccine", "", "030150000001,A,1950,1,,01/09/2026,", "refused no-vaccine"},
		{"a day in 2031", "", "030150000001,A,1950,1,Moderna,01/09/2031,", "refused future-time"},
		{"no day", "", "030150000001,A,1950,1,Moderna,,", "refused bad-time"},
		{"32 September", "", "030150000001,A,1950,1,Moderna,32/09/2026,", "refused bad-time"},
		{"a masked document", "", "0301*****001,A,1950,1,Moderna,01/09/2026,", "refused masked"},
		{"no document", "", ",A,1950,1,Moderna,01/09/2026,", "refused no-document"},
		{"digits that are gone", "", "3.0150000001E+10,A,1950,1,Moderna,01/09/2026,", "refused digits-gone"},
		{"a comma in the exponent form", "", "\"3,01E+10\",A,1950,1,Moderna,01/09/2026,", "refused digits-gone"},
		{"a lost zero", "", "30150000001,A,1950,1,Moderna,01/09/2026,", "listed lost-zero"},
		{"two lost zeros", "", "1150000001,A,1950,1,Moderna,01/09/2026,", "listed lost-zero"},
		{"a lost zero of another year", "", "30150000001,A,1980,1,Moderna,01/09/2026,", "refused bad-document"},
		{"no such province", "", "099150000001,A,1950,1,Moderna,01/09/2026,", "refused bad-document"},
		{"an old identity card", "", "141234567,A,1950,1,Moderna,01/09/2026,", "filed"},
		{"eight digits", "", "14123456,A,1950,1,Moderna,01/09/2026,", "refused bad-document"},
		{"a passport", "", "B1234567,A,1950,1,Moderna,01/09/2026,", "filed"},
		{"an Excel error", "", "#N/A,A,1950,1,Moderna,01/09/2026,", "refused cell-error"},
		{"neither a dose nor an appointment", "", "030150000001,A,1950,,Moderna,01/09/2026,", "refused bad-dose"},
		{"a name that is too long", "", "030150000001," + strings.Repeat("A", 301) + ",1950,1,Moderna,01/09/2026,", "refused too-long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			if c.before != "" {
				report(t, d, site, header+c.before+"\n", false)
			}
			// A neighbour that is fine is kept, whatever the line is.
			got := report(t, d, site, header+c.line+"\n030150000009,Hàng Xóm,1950,1,Moderna,01/09/2026,\n", false)
			if want := []string{c.want, "filed"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestAnotherAreaChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const first = header + "030150000001,Nguyễn Thị Thử,1950,1,Pfizer,01/09/2026,\n"
	report(t, d, site, first, false)
	before := kept(t, d)
	withdrawal := `{"resourceType":"Immunization","status":"entered-in-error","patient":{"identifier":{"value":"030150000001"}},"vaccineCode":{"text":"Comirnaty"},"occurrenceDateTime":"2026-09-01","protocolApplied":[{"doseNumberPositiveInt":1}]}`
	for name, text := range map[string]string{
		"another day": strings.Replace(first, "01/09", "02/09", 1), "a withdrawal": withdrawal, "the same": first,
	} {
		if got := report(t, d, elsewhere, text, false); !slices.Equal(got, []string{"listed other-area"}) || !slices.Equal(kept(t, d), before) {
			t.Errorf("%s: %q, kept %q", name, got, kept(t, d))
		}
	}
	// Nor by settling their own work.
	list, err := d.List(t.Context(), elsewhere.Area)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d, %v", len(list), err)
	}
	if err := d.Settle(t.Context(), elsewhere, "", list[0].ID, true, ""); err == nil || !slices.Equal(kept(t, d), before) {
		t.Errorf("settled: %v, kept %q", err, kept(t, d))
	}
	if got := report(t, d, site, withdrawal, false); !slices.Equal(got, []string{"cleared"}) || len(kept(t, d)) != 0 {
		t.Errorf("their own withdrawal: %q, kept %q", got, kept(t, d))
	}
	if got := report(t, d, site, withdrawal, false); !slices.Equal(got, []string{"known nothing-held"}) {
		t.Errorf("withdrawn twice: %q", got)
	}
}

func TestTheWorkIsSettled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	report(t, d, site, header+"30150000001,Nguyễn Thị Thử,1950,1,Pfizer,01/09/2026,\n030150000002,A,1950,1,Mới,01/09/2026,\n030150000003,A,1950,1,Mới,02/09/2026,\n", false)
	list, err := d.List(t.Context(), site.Area)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d, %v", len(list), err)
	}
	for _, w := range list {
		switch {
		case w.Problem == string(LostZero):
			if w.Proposal != "030150000001" || w.Masked != "*******0001" || w.Dose.Person.Name != "Nguyễn Thị Thử" {
				t.Errorf("the list shows %+v", w)
			}
			if err := d.Settle(t.Context(), site, "", w.ID, true, ""); err == nil {
				t.Error("a number that is not valid is kept")
			}
			if err := d.Settle(t.Context(), elsewhere, "", w.ID, true, w.Proposal); err == nil {
				t.Error("another area settles it")
			}
			err = d.Settle(t.Context(), site, "", w.ID, true, w.Proposal)
		case w.Masked == "********0002":
			err = d.Settle(t.Context(), site, "", w.ID, true, "")
		default:
			err = d.Settle(t.Context(), site, "", w.ID, false, "")
		}
		if err != nil {
			t.Errorf("settling %s: %v", w.Problem, err)
		}
		if err := d.Settle(t.Context(), site, "", w.ID, true, "030150000001"); err == nil {
			t.Errorf("%s is settled twice", w.Problem)
		}
	}
	want := []string{"030150000001 1 Comirnaty 2026-09-01 Nguyễn Thị Thử", "030150000002 1 Mới 2026-09-01 A"}
	if got := kept(t, d); !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
	// What was dismissed is not asked again.
	if got := report(t, d, site, header+"030150000003,A,1950,1,Mới,02/09/2026,\n", false); !slices.Equal(got, []string{"known settled"}) {
		t.Errorf("dismissed and sent again: %q", got)
	}
}

func TestContradictionsOfOneFileAreListed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got := report(t, d, site, header+"030150000001,A,1950,1,Pfizer,01/09/2026,\n030150000001,A,1950,1,Moderna,01/09/2026,\n030150000001,A,1950,2,Moderna,01/10/2026,\n", false)
	if want := []string{"listed contradiction", "listed contradiction", "filed"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Erasing a person takes their names off the work list too.
func TestErasingReachesTheWorkList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	report(t, d, site, header+"30150000001,Nguyễn Thị Thử,1950,1,Pfizer,01/09/2026,\n", false)
	tx, err := d.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.Erase(t.Context(), tx, [][]byte{d.Vault.Hash("document", "030150000001")}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if list, err := d.List(t.Context(), site.Area); err != nil || len(list) != 1 || !list[0].Gone || list[0].Dose.Person.Name != "" {
		t.Errorf("%+v, %v", list, err)
	}
}
