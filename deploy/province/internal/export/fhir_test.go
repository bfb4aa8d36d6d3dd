package export

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// sample holds one of everything, of invented people.
func sample() *holding {
	who := record.Person{
		Name: "Nguyễn Thị Thử", Birth: 1950, Sex: record.Female, Document: "030150000001", Phone: "0912345678",
		Address: record.Address{Unit: "11194", Set: "2022", Line: "Thôn 1"},
	}
	at := db.At(time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC))
	origin := func(n int64) db.Origin {
		return db.Origin{Journal: make([]byte, 16), Entry: n, Kiosk: "hall-1", Area: "30/298/11194", At: at}
	}
	sealed := db.Sealed{Document: []byte{1, 2, 3}}
	return &holding{
		declarations: []declaration{{origin(1), record.Declaration{
			Number: "D1", Person: who, Form: "health/2026-01", Travel: "Hà Nội", Symptoms: []string{"fever"}, Contacts: []string{"case"}, Level: 2,
		}, sealed.Document}},
		orders: []order{{db.Order{Origin: origin(2), Number: "A1", Technique: 1, Reason: "contact", Sealed: sealed}, who}},
		specimens: []specimen{
			{db.Specimen{Origin: origin(3), Tube: "S-1", Technique: 1, OrderNumber: "A1", Sealed: sealed}, 1, at, who},
			{db.Specimen{Origin: origin(4), Tube: "G-1", Technique: 1, Member: 1, Sealed: sealed}, 2, at, who},
			{db.Specimen{Origin: origin(5), Tube: "S-2", Technique: 2}, 0, db.Time{}, record.Person{}},
		},
		registrations: []registration{{db.Registration{Origin: origin(6), Number: "V1", Group: "over-65", Doses: 1, Wish: "=1+1"}, who}},
		doses:         []dose{{db.Dose{Document: sealed.Document, Number: 1, Given: db.LocalDay(at.Time), Product: "Comirnaty", Lot: "L1", Place: "TYT"}, who}},
	}
}

func TestTheBundleIsTheSameEachTimeAndNamesEachThingOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	first, again := makeBundle(sample(), now), makeBundle(sample(), now)
	if !reflect.DeepEqual(first, again) {
		t.Error("two exports of the same differ")
	}
	seen, patients := map[string]bool{}, 0
	for _, e := range first["entry"].([]object) {
		condition := e["request"].(object)["ifNoneExist"].(string)
		if seen[condition] || !strings.HasPrefix(condition, "identifier=urn%3Achot%3A") {
			t.Errorf("the condition %q", condition)
		}
		seen[condition] = true
		if e["resource"].(object)["resourceType"] == "Patient" {
			patients++
			if strings.Contains(condition, "030150000001") {
				t.Error("the document's number is in an address")
			}
		}
	}
	if patients != 2 {
		t.Errorf("%d patients, want the one with a document once, and the one without", patients)
	}
}

func TestTablesAreWhatASpreadsheetMayOpen(t *testing.T) {
	t.Parallel()
	tables := tables(sample(), func(key string) string { return key })
	var text, book bytes.Buffer
	if err := writeCSV(&text, tables[2]); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][3] != "'=1+1" {
		t.Errorf("the registrations are %v, %v", rows, err)
	}
	if err := writeXLSX(&book, tables); err != nil {
		t.Fatal(err)
	}
	opened, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	sheet, err := opened.GetRows("export.tests")
	if err != nil || len(sheet) != 4 || sheet[1][0] != "S-1" || sheet[1][3] != "outcome.1" || sheet[1][6] != "Nguyễn Thị Thử" {
		t.Errorf("the sheet is %v, %v", sheet, err)
	}
	if formula, err := opened.GetCellFormula("export.vaccinations", "D2"); err != nil || formula != "" {
		t.Errorf("a cell is a formula: %q, %v", formula, err)
	}
	for _, table := range tables {
		for _, row := range table.rows {
			if len(row) != len(table.header) {
				t.Errorf("%s: a row has %d cells under %d headers", table.name, len(row), len(table.header))
			}
		}
	}
}
