package report

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// cell is what stands in a cell: a hidden count as "*", a number as one.
func cell(v any) any {
	if c, ok := v.(Count); ok {
		if c.Hidden {
			return c.String()
		}
		return c.N
	}
	return v
}

// sheet is one table of a workbook.
type sheet struct {
	name   string
	above  []string // lines above the table
	header []any
	rows   [][]any
	widths []float64
}

// writeXLSX writes a workbook of some tables.
func writeXLSX(out io.Writer, sheets ...sheet) error {
	book := excelize.NewFile()
	defer book.Close() // of temporary files, which a workbook of this size has none of
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("making a workbook: %w", err)
	}
	for i, s := range sheets {
		if i == 0 {
			err = book.SetSheetName("Sheet1", s.name)
		} else {
			_, err = book.NewSheet(s.name)
		}
		if err != nil {
			return fmt.Errorf("making the sheet %s: %w", s.name, err)
		}
		if err := s.write(book, bold); err != nil {
			return fmt.Errorf("writing the sheet %s: %w", s.name, err)
		}
	}
	if _, err := book.WriteTo(out); err != nil {
		return fmt.Errorf("writing a workbook: %w", err)
	}
	return nil
}

func (s sheet) write(book *excelize.File, bold int) error {
	w, err := book.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	for i, width := range s.widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	row := 1
	write := func(values []any, options ...excelize.RowOpts) error {
		at, err := excelize.CoordinatesToCellName(1, row)
		if err != nil {
			return err
		}
		row++
		return w.SetRow(at, values, options...)
	}
	for _, line := range s.above {
		if err := write([]any{line}); err != nil {
			return err
		}
	}
	if err := write(s.header, excelize.RowOpts{StyleID: bold}); err != nil {
		return err
	}
	for _, values := range s.rows {
		for i := range values {
			values[i] = cell(values[i])
		}
		if err := write(values); err != nil {
			return err
		}
	}
	return w.Flush()
}
