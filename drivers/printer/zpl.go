package printer

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// zpl is Zebra's ZPL II.
type zpl struct{}

var _ = register(Language{Name: "zpl", Aliases: []string{"ZPL"}, Labels: true, speaks: zpl{}})

// zplQRDrop is how many dots below its origin a printer draws a QR code.
const zplQRDrop = 10

func (zpl) encode(p *Page, o EncodeOptions) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "^XA\n^CI28\n^PW%d\n^LL%d\n^LH0,0\n", p.w, p.h)
	for _, it := range p.items {
		switch {
		case it.code == nil || !o.NativeCodes || (it.code.kind == QRElement && it.y < zplQRDrop):
			fmt.Fprintf(&b, "^FO%d,%d^GFA,%d,%d,%d,", it.x, it.y, len(it.bits.bits), len(it.bits.bits), it.bits.stride)
			hexRows(&b, it.bits)
		case it.code.kind == Code128Element:
			// Mode A chooses the code sets for the fewest bars.
			fmt.Fprintf(&b, "^FO%d,%d^BY%d^BCN,%d,N,N,N,A^FH^FD%s", it.x, it.y, it.code.module, it.code.h, zplText(it.code.text))
		default:
			fmt.Fprintf(&b, "^FO%d,%d^BQN,2,%d,%s^FH^FD%sA,%s",
				it.x, it.y-zplQRDrop, it.code.module, it.code.ecc, it.code.ecc, zplText(it.code.text))
		}
		b.WriteString("^FS\n")
	}
	fmt.Fprintf(&b, "^PQ%d\n^XZ\n", o.copies())
	return b.Bytes()
}

// zplText writes what ZPL would take for a command as hexadecimal, for ^FH.
func zplText(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || strings.IndexByte("^~_\\>", c) >= 0 {
			fmt.Fprintf(&b, "_%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// hexRows writes a bitmap in ZPL's compressed hexadecimal: a count before a
// digit that repeats, ',' for a row's white rest, ':' for a row like the last.
func hexRows(b *bytes.Buffer, bits *bitmap) {
	var last []byte
	for y := range bits.h {
		row := bits.bits[y*bits.stride:][:bits.stride]
		if y > 0 && bytes.Equal(row, last) {
			b.WriteByte(':')
			continue
		}
		last = row
		digits := strings.ToUpper(fmt.Sprintf("%x", row))
		rest := strings.TrimRight(digits, "0")
		for i := 0; i < len(rest); {
			n := 1
			for i+n < len(rest) && rest[i+n] == rest[i] {
				n++
			}
			b.WriteString(repeatCount(n))
			b.WriteByte(rest[i])
			i += n
		}
		if len(rest) < len(digits) {
			b.WriteByte(',')
		}
	}
}

// repeatCount writes 1 to 19 as G to Y and multiples of 20 as g to z; nothing
// for one.
func repeatCount(n int) string {
	if n == 1 {
		return ""
	}
	var s strings.Builder
	for ; n > 400; n -= 400 {
		s.WriteByte('z')
	}
	if n >= 20 {
		s.WriteByte(byte('g' + n/20 - 1))
	}
	if n%20 > 0 {
		s.WriteByte(byte('G' + n%20 - 1))
	}
	return s.String()
}

// ask sends ~HS, which is answered with three lines, each between STX and ETX.
// Only the first and the second tell of conditions.
func (zpl) ask(rw io.ReadWriter) (Status, error) {
	if _, err := io.WriteString(rw, "~HS"); err != nil {
		return 0, fmt.Errorf("asking the printer: %w", err)
	}
	var lines [3][]string
	one := make([]byte, 1)
	for i := range lines {
		var line []byte
		for inside := false; ; {
			if _, err := io.ReadFull(rw, one); err != nil {
				return 0, fmt.Errorf("%w: %w", errNoAnswer, err)
			}
			switch {
			case one[0] == 2:
				inside = true
				continue
			case one[0] == 3 && inside:
			case inside && len(line) < 100:
				line = append(line, one[0])
				continue
			default:
				continue
			}
			break
		}
		lines[i] = strings.Split(string(line), ",")
	}
	if len(lines[0]) < 12 || len(lines[1]) < 9 {
		return 0, fmt.Errorf("the printer answered %q to ~HS", lines)
	}
	var s Status
	for _, c := range []struct {
		line, field int
		bit         Status
	}{
		{0, 1, PaperOut}, {0, 2, Paused}, {0, 4, Busy}, {0, 11, Overheated},
		{1, 2, HeadOpen}, {1, 3, RibbonOut}, {1, 8, Busy},
	} {
		if n, err := strconv.Atoi(strings.TrimSpace(lines[c.line][c.field])); err == nil && n > 0 {
			s |= c.bit
		}
	}
	return s, nil
}

func (zpl) settled(io.ReadWriter) error { return nil }

// abort sends ~JA, which cancels all formats in the buffer.
func (zpl) abort() []byte { return []byte("~JA") }

// resync relies on ~ ending any field; what is left of a format is not printed
// without its ^XZ.
func (zpl) resync(int) []byte { return []byte("~JA") }
