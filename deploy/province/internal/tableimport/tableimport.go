// Package tableimport reads tables that other programs export: CSV with a comma, a
// semicolon or a tab between fields, in UTF-8 or UTF-16 with a byte order mark,
// its columns named in any of the ways that a map of columns lists.
package tableimport

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Columns are the names that each field's column may have in an export. Names
// are compared as [Fold] writes them.
type Columns map[string][]string

// Row is one line, by field. Line counts from 1, the header being the first.
type Row struct {
	Line   int
	Values map[string]string
}

// MaxRows bounds a table.
const MaxRows = 100_000

var errEmpty = errors.New("the table is empty")

// Missing says that a table has no column for a field that is needed.
type Missing struct{ Field string }

func (m Missing) Error() string { return "no column for " + m.Field }

// Read reads a table that has a column for each needed field. Columns that the
// map does not know are left out, and so are lines without any value.
func Read(data []byte, columns Columns, needed ...string) ([]Row, error) {
	text, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("reading a table: %w", err)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace, r.LazyQuotes = separator(text), -1, true, true
	header, err := r.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errEmpty
		}
		return nil, fmt.Errorf("reading a table: %w", err)
	}
	fields := columns.match(header)
	for _, field := range needed {
		if !contains(fields, field) {
			return nil, fmt.Errorf("reading a table: %w", Missing{field})
		}
	}
	var rows []Row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading a table: %w", err)
		}
		line, _ := r.FieldPos(0)
		row := Row{line, map[string]string{}}
		for i, cell := range cells {
			if i < len(fields) && fields[i] != "" {
				if cell = strings.TrimSpace(cell); cell != "" {
					row.Values[fields[i]] = cell
				}
			}
		}
		if len(row.Values) == 0 {
			continue
		}
		if len(rows) == MaxRows {
			return nil, fmt.Errorf("reading a table: it has more than %d rows", MaxRows)
		}
		rows = append(rows, row)
	}
}

func contains(fields []string, field string) bool {
	for _, f := range fields {
		if f == field {
			return true
		}
	}
	return false
}

// match names the field of each column, "" for one that is unknown. The first of
// two columns for a field counts.
func (c Columns) match(header []string) []string {
	known := map[string]string{}
	for field, names := range c {
		known[Fold(field)] = field
		for _, name := range names {
			known[Fold(name)] = field
		}
	}
	fields, taken := make([]string, len(header)), map[string]bool{}
	for i, name := range header {
		if field := known[Fold(name)]; !taken[field] {
			fields[i], taken[field] = field, field != ""
		}
	}
	return fields
}

// decode returns the text in UTF-8, without a byte order mark.
func decode(data []byte) ([]byte, error) {
	text, _, err := transform.Bytes(utf.BOMOverride(utf.UTF8.NewDecoder()), data)
	return text, err
}

// separator is the one that the first line has most of.
func separator(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t', '|'} {
		if n := strings.Count(string(line), string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// Fold is a name without case, diacritics, spaces and punctuation: "Mã ống" and
// "MA_ONG" are one.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r == 'đ':
			return 'd'
		case unicode.Is(unicode.Mn, r), !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '+' && r != '-':
			return -1
		default:
			return r
		}
	}, norm.NFD.String(s))
}
