package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"chot/kiosk/record"
)

// table is one kind of rows. Headers and codes are text keys.
type table struct {
	name   string
	header []string
	rows   [][]string
}

// tables are the holding as tables, the tests first, worded by say.
func tables(h *holding, say func(key string) string) []table {
	header := func(keys ...string) (out []string) {
		for _, k := range keys {
			out = append(out, say("col."+k))
		}
		return out
	}
	tests := table{say("export.tests"), header("tube", "pool-place", "technique", "outcome", "result-at", "sampled", "name", "birth", "document", "phone", "order", "kiosk", "area"), nil}
	for _, s := range h.specimens {
		place, outcome := "", ""
		if s.Member > 0 {
			place = fmt.Sprint(s.Member)
		}
		if s.Outcome != 0 {
			outcome = say(fmt.Sprintf("outcome.%d", s.Outcome))
		}
		tests.rows = append(tests.rows, append([]string{
			s.Tube, place, say(fmt.Sprintf("technique.%d", s.Technique)), outcome, stamp(s.ResultAt), stamp(s.At),
		}, append(personCells(s.who), s.OrderNumber, s.Kiosk, string(s.Area))...))
	}
	declarations := table{say("export.declarations"), header("at", "verdict", "symptoms", "contacts", "travel", "name", "birth", "document", "phone", "number", "kiosk", "area"), nil}
	for _, x := range h.declarations {
		declarations.rows = append(declarations.rows, append([]string{
			stamp(x.At), say("level." + x.Level.String()), strings.Join(x.Symptoms, " "), strings.Join(x.Contacts, " "), x.Travel,
		}, append(personCells(x.Person), x.Number, x.Kiosk, string(x.Area))...))
	}
	vaccinations := table{say("export.vaccinations"), header("at", "group", "so-far", "wish", "name", "birth", "document", "phone", "number", "kiosk", "area"), nil}
	for _, x := range h.registrations {
		vaccinations.rows = append(vaccinations.rows, append([]string{stamp(x.At), x.Group, fmt.Sprint(x.Doses), x.Wish},
			append(personCells(x.who), x.Number, x.Kiosk, string(x.Area))...))
	}
	doses := table{say("export.doses"), header("given", "dose", "product", "lot", "place", "name", "birth", "document", "phone", "area"), nil}
	for _, x := range h.doses {
		doses.rows = append(doses.rows, append([]string{x.Given.Time().Format("02/01/2006"), fmt.Sprint(x.Number), x.Product, x.Lot, x.Place},
			append(personCells(x.who), string(x.Area))...))
	}
	return []table{tests, declarations, vaccinations, doses}
}

func personCells(p record.Person) []string {
	birth := ""
	if p.Birth > 0 {
		birth = fmt.Sprint(p.Birth)
	}
	return []string{p.Name, birth, p.Document, p.Phone}
}

// writeCSV writes one table, in UTF-8 with the mark that spreadsheets want.
func writeCSV(out io.Writer, t table) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	for _, row := range append([][]string{t.header}, t.rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = harmless(cell)
		}
		if err := w.Write(cells); err != nil {
			return fmt.Errorf("writing a table: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}

// harmless keeps a spreadsheet from taking what a person typed for a formula: at
// the beginning of a cell, and after what a spreadsheet may take for the end of
// one. Full-width signs are formulas to some too.
func harmless(cell string) string {
	return formula.ReplaceAllString(cell, "$1'$2")
}

var formula = regexp.MustCompile("(^\\s*|[;,\t\r\n|]\\s*)([=+\\-@＝＋－＠\t\r])")

// writeXLSX writes a workbook with a sheet for each table. Cells are text, which
// no spreadsheet runs.
func writeXLSX(out io.Writer, tables []table) error {
	book := excelize.NewFile()
	defer book.Close() // its temporary files; what was written is written
	for i, t := range tables {
		var err error
		if i == 0 {
			err = book.SetSheetName("Sheet1", t.name)
		} else {
			_, err = book.NewSheet(t.name)
		}
		if err != nil {
			return fmt.Errorf("making the sheet %s: %w", t.name, err)
		}
		if err := t.write(book); err != nil {
			return fmt.Errorf("writing the sheet %s: %w", t.name, err)
		}
	}
	if _, err := book.WriteTo(out); err != nil {
		return fmt.Errorf("writing a workbook: %w", err)
	}
	return nil
}

func (t table) write(book *excelize.File) error {
	w, err := book.NewStreamWriter(t.name)
	if err != nil {
		return err
	}
	if err := w.SetColWidth(1, max(len(t.header), 1), 18); err != nil {
		return err
	}
	for i, row := range append([][]string{t.header}, t.rows...) {
		cells := make([]any, len(row))
		for j, cell := range row {
			cells[j] = cell
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}
