package printer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// tspl is the language of TSC's label printers and of most cheap ones. Binary
// data stands in the middle of lines that end with CR LF.
type tspl struct{}

var _ = register(Language{Name: "tspl", Aliases: []string{"TSPL", "TSC"}, Labels: true, speaks: tspl{}})

func (tspl) encode(p *Page, o EncodeOptions) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	height := p.layout.Height
	if height == 0 {
		height = float64(p.h) / p.dotsPerMM()
	}
	line("SIZE %s mm,%s mm", number(p.layout.Width), number(height))
	line("GAP %s mm,0 mm", number(p.layout.Gap))
	line("DIRECTION 1")
	line("REFERENCE 0,0")
	line("CLS")
	for _, it := range p.items {
		switch {
		case it.code == nil || !o.NativeCodes || strings.ContainsAny(it.code.text, "\"\r\n"):
			// Its own zeroes are black.
			fmt.Fprintf(&b, "BITMAP %d,%d,%d,%d,0,", it.x, it.y, it.bits.stride, it.bits.h)
			for _, v := range it.bits.bits {
				b.WriteByte(^v)
			}
			line("")
		case it.code.kind == Code128Element:
			line(`BARCODE %d,%d,"128",%d,0,0,%d,%d,"%s"`, it.x, it.y, it.code.h, it.code.module, it.code.module, it.code.text)
		default:
			line(`QRCODE %d,%d,%s,%d,A,0,M2,"%s"`, it.x, it.y, it.code.ecc, it.code.module, it.code.text)
		}
	}
	line("PRINT 1,%d", o.copies())
	return b.Bytes()
}

// number writes millimetres without needless zeroes.
func number(mm float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", mm), "0"), ".")
}

// ask sends <ESC>!?, which is answered at once with one byte of conditions, from bit
// 0: head open, paper jam, out of paper, out of ribbon, paused, printing, cover open,
// temperature out of range (Gprinter GP-2120T manual, status polling commands).
func (tspl) ask(rw io.ReadWriter) (Status, error) {
	answer, err := query(rw, "\x1b!?", 1)
	if err != nil {
		return 0, err
	}
	var s Status
	for i, bit := range []Status{HeadOpen, Jammed, PaperOut, RibbonOut, Paused, Busy, HeadOpen, Overheated} {
		if answer[0]&(1<<i) != 0 {
			s |= bit
		}
	}
	return s, nil
}

func (tspl) settled(io.ReadWriter) error { return nil }

// abort sends <ESC>!. , which cancels all printing.
func (tspl) abort() []byte { return []byte("\x1b!.\r\nCLS\r\n") }

// resync ends what may have been a bitmap with white.
func (tspl) resync(unsent int) []byte {
	return append(bytes.Repeat([]byte{0xff}, unsent), "\r\n\x1b!.\r\nCLS\r\n"...)
}

// query writes a request and reads an answer of n bytes.
func query(rw io.ReadWriter, request string, n int) ([]byte, error) {
	if _, err := io.WriteString(rw, request); err != nil {
		return nil, fmt.Errorf("asking the printer: %w", err)
	}
	answer := make([]byte, n)
	if _, err := io.ReadFull(rw, answer); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return answer, nil
}

// errNoAnswer marks a printer that took a question and said nothing.
var errNoAnswer = errors.New("the printer does not answer")
