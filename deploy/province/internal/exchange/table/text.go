package table

import (
	"strings"

	"chot/deploy/province/internal/exchange"
)

// separators that a text may have between cells.
const separators = ",;\t|"

// longestRow is over how many lines one row may go, by line breaks in quoted cells.
// A quotation mark that is not closed within is a fault of its own line and must
// not swallow the rows behind it, which is why encoding/csv does not read these
// files.
const longestRow = 30

// text splits a text into rows of cells (RFC 4180, with any separator and any line
// break).
func (s *sheet) text(text string) error {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	lines, at := strings.Split(text, "\n"), 0
	sep := byte(0)
	if first := exchange.Trim(lines[0]); len(first) == 5 && strings.EqualFold(first[:4], "sep=") {
		sep, at = first[4], 1
	} else if exchange.Trim(lines[0]) == "sep=" { // a tab, which was trimmed
		sep, at = '\t', 1
	}
	if sep == 0 {
		sep = separator(lines)
	}
	s.separator = string(sep)
	for at < len(lines) {
		cells, used, closed := splitRow(lines[at:min(len(lines), at+longestRow)], sep)
		if len(cells) > maxColumns {
			return ErrTooWide
		}
		switch r := (row{line: at + 1, cells: cells, broken: !closed}); {
		case !closed:
			s.rows = append(s.rows, row{line: at + 1, broken: true})
		case filled(r) > 0:
			s.rows = append(s.rows, r)
		}
		if len(s.rows) > exchange.MaxStatements+headerWithin {
			return exchange.ErrTooMany
		}
		at += used
	}
	return nil
}

// separator is the one by which the most of the first lines have the same number
// of cells, and more than one.
func separator(lines []string) byte {
	best, most := byte(','), 0
	for _, sep := range []byte(separators) {
		counts := map[int]int{}
		for _, line := range lines[:min(len(lines), headerWithin)] {
			if n := strings.Count(line, string(sep)); n > 0 {
				counts[n]++
			}
		}
		for n, times := range counts {
			if score := times*1000 + min(n, 100); score > most {
				best, most = sep, score
			}
		}
	}
	return best
}

// splitRow splits the first row of some lines. It says how many lines the row took
// and whether its quotation marks are closed; a row that is not takes one line.
func splitRow(lines []string, sep byte) (cells []string, used int, closed bool) {
	line, used := lines[0], 1
	for {
		if !strings.HasPrefix(line, `"`) {
			cell, rest, more := strings.Cut(line, string(sep))
			if cells = append(cells, shorten(cell)); !more || len(cells) > maxColumns {
				return cells, used, true
			}
			line = rest
			continue
		}
		var cell strings.Builder
		for line = line[1:]; ; {
			part, rest, found := strings.Cut(line, `"`)
			cell.WriteString(part)
			if !found {
				if used == len(lines) {
					return nil, 1, false
				}
				cell.WriteByte('\n')
				line = lines[used]
				used++
				continue
			}
			if strings.HasPrefix(rest, `"`) {
				cell.WriteByte('"')
				line = rest[1:]
				continue
			}
			line = rest
			break
		}
		// What stands between the closing mark and the separator belongs to the cell.
		tail, rest, more := strings.Cut(line, string(sep))
		cell.WriteString(tail)
		if cells = append(cells, shorten(cell.String())); !more || len(cells) > maxColumns {
			return cells, used, true
		}
		line = rest
	}
}

func shorten(cell string) string { return cell[:min(len(cell), maxCell)] }
