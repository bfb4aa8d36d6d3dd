// Package table reads tables that laboratories and vaccination sites export: text
// with any separator, in any encoding that package charset knows, and workbooks
// (.xlsx). The header is found below titles, its columns by their names or by what
// a person said of them; what spreadsheets do to numbers and dates is undone where
// that is certain, and said where it is not.
package table

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/charset"
)

// Limits of one table.
const (
	maxColumns   = 256
	headerWithin = 25 // rows
	maxCell      = 8192
)

// Errors of files that are no table.
var (
	ErrOldExcel  = errors.New("the file is an old Excel workbook (.xls): please save it as .xlsx or CSV")
	ErrWebPage   = errors.New("the file is a web page with the ending .xls: please open it in Excel and save it as .xlsx")
	ErrEmpty     = errors.New("the table is empty")
	ErrWorkbook  = errors.New("the workbook cannot be opened")
	ErrTooWide   = errors.New("a row has more than 256 columns")
	errMixedUp   = errors.New("one column was named for two fields")
	errNoSuchCol = errors.New("a column that was named does not exist")
)

// MissingColumns means that no row names the columns that are needed. The columns
// of the most likely header are there for a person to say which is which.
type MissingColumns struct {
	Fields  []string
	Columns []exchange.Column
	Header  int
}

func (m *MissingColumns) Error() string {
	return "no column for " + strings.Join(m.Fields, " and ")
}

// Options say what a person knows of a file.
type Options struct {
	Encoding string         // "" where it is to be found out
	Columns  map[string]int // index of each field's column; nil where they are to be found by name
	Header   int            // line of the header where Columns is given
}

// Fields are the names that each field's column may have.
type Fields map[string][]string

// sheet is a table as it was read.
type sheet struct {
	format, encoding, separator string
	columns                     []exchange.Column
	header                      int
	fields                      map[string][]int // columns by field
	rows                        []row
}

// row is one line. A broken one is only named.
type row struct {
	line   int
	cells  []string
	broken bool
}

// all are the values of a field's columns that are not empty.
func (s *sheet) all(r row, field string) (values []string) {
	for _, i := range s.fields[field] {
		if i < len(r.cells) {
			if v := exchange.Trim(r.cells[i]); v != "" {
				values = append(values, v)
			}
		}
	}
	return values
}

// get is the first of them.
func (s *sheet) get(r row, field string) string {
	if values := s.all(r, field); len(values) > 0 {
		return values[0]
	}
	return ""
}

// read reads rows from bytes and finds the header.
func read(data []byte, o Options, fields Fields, needed ...string) (*sheet, error) {
	s := &sheet{}
	var err error
	switch head := bytes.TrimLeft(data[:min(len(data), 512)], "\xef\xbb\xbf \t\r\n"); {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		s.format = exchange.XLSX
		err = s.workbook(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		err = ErrOldExcel
	case bytes.HasPrefix(bytes.ToLower(head), []byte("<")):
		err = ErrWebPage
	default:
		s.format = exchange.CSV
		var text string
		if text, s.encoding, err = charset.Decode(data, o.Encoding); err == nil {
			err = s.text(text)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading a table: %w", err)
	}
	if err := s.locate(o, fields, needed); err != nil {
		return nil, fmt.Errorf("reading a table: %w", err)
	}
	return s, nil
}

// locate finds the header and the fields' columns, and leaves the rows below it.
func (s *sheet) locate(o Options, fields Fields, needed []string) error {
	if len(s.rows) == 0 {
		return ErrEmpty
	}
	if o.Columns != nil {
		return s.told(o)
	}
	names := map[string]string{}
	for field, all := range fields {
		names[exchange.Plain(field)] = field
		for _, name := range all {
			names[exchange.Plain(name)] = field
		}
	}
	best, known := 0, -1
	for i, r := range s.rows[:min(len(s.rows), headerWithin)] {
		found := matched(r, names)
		n := 0
		for _, field := range needed {
			if len(found[field]) > 0 {
				n += 100
			}
		}
		n += len(found)
		if filled(r) > 1 && n > known {
			best, known = i, n
		}
	}
	header := s.rows[best]
	s.fields, s.header = matched(header, names), header.line
	s.columns = columns(header, s.fields)
	var missing []string
	for _, field := range needed {
		if len(s.fields[field]) == 0 {
			missing = append(missing, field)
		}
	}
	if missing != nil {
		return &MissingColumns{missing, s.columns, s.header}
	}
	s.rows = s.rows[best+1:]
	return nil
}

// told takes the columns as a person named them.
func (s *sheet) told(o Options) error {
	at := slices.IndexFunc(s.rows, func(r row) bool { return r.line == o.Header })
	if at < 0 {
		at = 0
	}
	header := s.rows[at]
	s.fields, s.header = map[string][]int{}, header.line
	taken := map[int]bool{}
	for field, i := range o.Columns {
		switch {
		case i < 0:
			continue
		case i >= maxColumns:
			return errNoSuchCol
		case taken[i]:
			return errMixedUp
		}
		taken[i] = true
		s.fields[field] = []int{i}
	}
	s.columns = columns(header, s.fields)
	s.rows = s.rows[at+1:]
	return nil
}

// matched are the columns of a row by the field that their name is known for.
func matched(r row, names map[string]string) map[string][]int {
	found := map[string][]int{}
	for i, cell := range r.cells {
		if field, known := names[exchange.Plain(cell)]; known && exchange.Plain(cell) != "" {
			found[field] = append(found[field], i)
		}
	}
	return found
}

func filled(r row) (n int) {
	for _, cell := range r.cells {
		if exchange.Trim(cell) != "" {
			n++
		}
	}
	return n
}

func columns(r row, fields map[string][]int) []exchange.Column {
	all := make([]exchange.Column, len(r.cells))
	for i, name := range r.cells {
		all[i] = exchange.Column{Index: i, Name: exchange.Trim(name)}
	}
	for field, at := range fields {
		for _, i := range at {
			if i < len(all) {
				all[i].Field = field
			}
		}
	}
	return all
}

// file is what of a sheet does not depend on what its rows say.
func file[S any](s *sheet) *exchange.File[S] {
	return &exchange.File[S]{
		Format: s.format, Encoding: s.encoding, Separator: s.separator, Columns: s.columns, Header: s.header,
	}
}
