package table

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"chot/deploy/province/internal/exchange"
)

// Limits of a workbook, in bytes: what it unpacks to, and what of it stays in
// memory.
const (
	maxUnpacked = 256 << 20
	maxInMemory = 8 << 20
)

// workbook reads the first sheet that has rows. A cell is its raw value: what is
// shown depends on the machine that shows it. Only where a format pads a number
// with zeros is the shown text taken, for the zeros are meant.
func (s *sheet) workbook(data []byte) (err error) {
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		return fmt.Errorf("%w: %v", ErrWorkbook, err)
	}
	defer book.Close() // its temporary files
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		if err := s.worksheet(book, name); err != nil {
			return err
		}
		if len(s.rows) > 1 {
			return nil
		}
	}
	return nil
}

func (s *sheet) worksheet(book *excelize.File, name string) (err error) {
	s.rows = nil
	raws, err := book.Rows(name)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrWorkbook, err)
	}
	defer raws.Close()
	shown, err := book.Rows(name)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrWorkbook, err)
	}
	defer shown.Close()
	for line := 1; raws.Next() && shown.Next(); line++ {
		cells, err := raws.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return fmt.Errorf("%w: row %d: %v", ErrWorkbook, line, err)
		}
		texts, err := shown.Columns()
		if err != nil {
			return fmt.Errorf("%w: row %d: %v", ErrWorkbook, line, err)
		}
		if len(cells) > maxColumns {
			return ErrTooWide
		}
		for i := range cells {
			if i < len(texts) && padded(cells[i], texts[i]) {
				cells[i] = texts[i]
			}
			cells[i] = shorten(cells[i])
		}
		if r := (row{line: line, cells: cells}); filled(r) > 0 {
			s.rows = append(s.rows, r)
		}
		if len(s.rows) > exchange.MaxStatements+headerWithin {
			return exchange.ErrTooMany
		}
	}
	return raws.Error()
}

// padded says whether a text shows a number with zeros before it.
func padded(raw, text string) bool {
	return raw != "" && len(text) > len(raw) && strings.Trim(text, "0123456789") == "" && strings.TrimLeft(text, "0") == strings.TrimLeft(raw, "0")
}
