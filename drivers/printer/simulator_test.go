package printer

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// simulator is a printer as its language's manual describes it: it works off
// bytes as they come, answers questions, and keeps what it has printed.
type simulator struct {
	dpi   int
	step  func(s *simulator, data []byte) (used int) // 0: more bytes are needed
	reply func([]byte)

	mu      sync.Mutex
	status  Status
	mute    bool // takes questions and does not answer
	buf     []byte
	page    *bitmap
	paper   []*bitmap // printed
	copies  int
	strange []string // what no manual knows
	queries int
	symbol  symbolSettings
	onPage  func(printed int) // called under the lock when a page has come out
}

type symbolSettings struct {
	height, width, size, level, align int
	stored                            string
}

var simulated = map[string]func(s *simulator, data []byte) int{"tspl": stepTSPL, "zpl": stepZPL, "escpos": stepESCPOS}

func newSimulator(language string, dpi int) *simulator {
	return &simulator{dpi: dpi, step: simulated[language], reply: func([]byte) {}}
}

func (s *simulator) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf = append(s.buf, b...)
	for len(s.buf) > 0 {
		n := s.step(s, s.buf)
		if n == 0 {
			break
		}
		s.buf = s.buf[n:]
	}
	return len(b), nil
}

// serve works off what comes until the other side is gone.
func (s *simulator) serve(rw io.ReadWriter) {
	s.mu.Lock()
	s.reply = func(b []byte) { _, _ = rw.Write(b) }
	s.mu.Unlock()
	_, _ = io.Copy(struct{ io.Writer }{s}, rw)
}

func (s *simulator) answer(b ...byte) {
	s.queries++
	if !s.mute {
		s.reply(b)
	}
}

func (s *simulator) set(st Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = st
}

func (s *simulator) printed() []*bitmap {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*bitmap(nil), s.paper...)
}

// out puts the page on paper, as long as there is some.
func (s *simulator) out(copies int) {
	if s.page == nil || s.status&faults != 0 {
		return
	}
	for range copies {
		s.paper = append(s.paper, s.page)
	}
	if s.onPage != nil {
		s.onPage(len(s.paper))
	}
}

func (s *simulator) oddity(format string, args ...any) {
	s.strange = append(s.strange, fmt.Sprintf(format, args...))
}

func (s *simulator) canvas() *bitmap {
	if s.page == nil {
		s.page = newBitmap(832, 1200)
	}
	return s.page
}

func (s *simulator) dotsPerMM() float64 { return (&Page{dpi: s.dpi}).dotsPerMM() }

// drawCode draws a code that the printer was told to make itself.
func (s *simulator) drawCode(kind ElementKind, text, ecc string, module, x, y, height int) {
	box := 4000 * module
	sym, bits, err := place(kind, text, ecc, box, box, 10) // for its modules
	if err != nil {
		s.oddity("%s %q: %v", kind, text, err)
		return
	}
	if kind == QRElement {
		height = sym.h / sym.module * module
	}
	for j := range height {
		for i := range sym.w / sym.module * module {
			row := 0
			if kind == QRElement {
				row = j / module * sym.module
			}
			if cx, cy := x+i, y+j; bits.black(i/module*sym.module, row) && cx < s.canvas().w && cy < s.canvas().h {
				s.canvas().set(cx, cy)
			}
		}
	}
}

// stepTSPL follows the TSPL/TSPL2 manual: <ESC>! commands at any time, and
// lines that end with CR LF, of which BITMAP holds bytes.
func stepTSPL(s *simulator, data []byte) int {
	if data[0] == esc {
		if len(data) < 3 {
			return 0
		}
		switch string(data[:3]) {
		case "\x1b!?":
			var b byte
			for i, bit := range []Status{HeadOpen, Jammed, PaperOut, RibbonOut, Paused, Busy, 0, Overheated} {
				if s.status&bit != 0 {
					b |= 1 << i
				}
			}
			s.answer(b)
		case "\x1b!.":
			s.page = nil
		default:
			s.oddity("%q", data[:3])
		}
		return 3
	}
	end := bytes.Index(data, []byte("\r\n"))
	// A head that a line end cuts short is a line like any other.
	if bytes.HasPrefix(data, []byte("BITMAP ")) && (end < 0 || bytes.Count(data[:end], []byte(",")) >= 5) {
		fields := bytes.SplitN(data[7:], []byte(","), 6)
		if len(fields) < 6 {
			return 0
		}
		var n [5]int
		head := 7
		for i := range n {
			n[i], _ = strconv.Atoi(string(fields[i]))
			head += len(fields[i]) + 1
		}
		size := n[2] * n[3]
		if len(data) < head+size {
			return 0
		}
		for i, v := range data[head : head+size] {
			for bit := range 8 {
				x, y := n[0]+i%n[2]*8+bit, n[1]+i/n[2]
				if v&(0x80>>bit) == 0 {
					s.canvas().fill(x, y, 1, 1)
				}
			}
		}
		return head + size
	}
	if end < 0 {
		return 0
	}
	line := string(data[:end])
	command, rest, _ := strings.Cut(line, " ")
	var a [8]int
	var text string
	switch command {
	case "", "GAP", "DIRECTION", "REFERENCE":
	case "CLS":
		s.page = newBitmap(s.canvas().w, s.canvas().h)
	case "SIZE":
		var w, h float64
		if _, err := fmt.Sscanf(rest, "%g mm,%g mm", &w, &h); err != nil {
			s.oddity("%q", line)
		}
		s.page = newBitmap(int(w*s.dotsPerMM()+0.5), int(h*s.dotsPerMM()+0.5))
	case "BARCODE":
		if n, err := fmt.Sscanf(rest, `%d,%d,"128",%d,%d,%d,%d,%d,%q`, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5], &a[6], &text); n != 8 {
			s.oddity("%q: %v", line, err)
		}
		s.drawCode(Code128Element, text, "", a[5], a[0], a[1], a[2])
	case "QRCODE":
		f := strings.SplitN(rest, ",", 8)
		if len(f) != 8 {
			s.oddity("%q", line)
			break
		}
		x, _ := strconv.Atoi(f[0])
		y, _ := strconv.Atoi(f[1])
		cell, _ := strconv.Atoi(f[3])
		s.drawCode(QRElement, strings.Trim(f[7], `"`), f[2], cell, x, y, 0)
	case "PRINT":
		if _, err := fmt.Sscanf(rest, "%d,%d", &a[0], &a[1]); err != nil {
			s.oddity("%q", line)
		}
		s.out(a[0] * a[1])
	default:
		if bytes.Count(data[:end], []byte{0xff}) != end { // resync sends nothing else
			s.oddity("%q", line)
		}
	}
	return end + 2
}

// stepZPL follows the ZPL II guide, for the commands in use.
func stepZPL(s *simulator, data []byte) int {
	if data[0] == '~' {
		if len(data) < 3 {
			return 0
		}
		switch string(data[:3]) {
		case "~HS":
			flag := func(bit Status) int {
				if s.status&bit != 0 {
					return 1
				}
				return 0
			}
			s.answer([]byte(fmt.Sprintf("\x02030,%d,%d,0200,%03d,0,0,0,000,0,0,%d\x03\r\n\x02000,0,%d,%d,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n",
				flag(PaperOut), flag(Paused), flag(Busy), flag(Overheated), flag(HeadOpen), flag(RibbonOut)))...)
		case "~JA":
			s.page = nil
		default:
			s.oddity("%q", data[:3])
		}
		return 3
	}
	if data[0] != '^' {
		if data[0] != '\n' {
			s.oddity("%q outside of a command", data[0])
		}
		return 1
	}
	end := bytes.IndexAny(data[1:], "^~")
	if bytes.HasPrefix(data, []byte("^XZ")) {
		s.out(max(s.copies, 1))
		s.page = nil
		return 3
	}
	if end < 0 {
		return 0
	}
	command := strings.TrimRight(string(data[:end+1]), "\n")
	if len(command) < 3 {
		return end + 1
	}
	args := command[3:]
	switch command[:3] {
	case "^XA":
		s.page, s.copies = nil, 1
	case "^CI", "^LH", "^FS", "^FH":
	case "^PW":
		w, _ := strconv.Atoi(args)
		s.page = newBitmap(w, 0)
	case "^LL":
		h, _ := strconv.Atoi(args)
		s.page = newBitmap(s.canvas().w, h)
	case "^PQ":
		s.copies, _ = strconv.Atoi(args)
	case "^FO", "^FT":
		if _, err := fmt.Sscanf(args, "%d,%d", &s.symbol.width, &s.symbol.height); err != nil {
			s.oddity("%q", command)
		}
	case "^GF":
		f := strings.SplitN(args, ",", 5)
		if len(f) < 5 || f[3] == "" {
			break // cut short
		}
		total, _ := strconv.Atoi(f[2])
		stride, _ := strconv.Atoi(f[3])
		bits := zplBitmap(f[4], total, stride)
		if bits == nil {
			s.oddity("^GF of %d bytes in rows of %d", total, stride)
			break
		}
		s.canvas().draw(bits, s.symbol.width, s.symbol.height)
	default:
		s.oddity("%q", command)
	}
	return end + 1
}

// zplBitmap expands compressed hexadecimal.
func zplBitmap(data string, total, stride int) *bitmap {
	b := newBitmap(stride*8, total/stride)
	var digits []byte
	row, count := 0, 0
	flush := func() {
		for i, d := range digits {
			v, _ := strconv.ParseUint(string(d), 16, 8)
			b.bits[row*stride+i/2] |= byte(v) << (4 * (1 - i%2))
		}
		digits = digits[:0]
		row++
	}
	for _, c := range []byte(data) {
		switch {
		case c >= 'G' && c <= 'Y':
			count += int(c-'G') + 1
		case c >= 'g' && c <= 'z':
			count += (int(c-'g') + 1) * 20
		case c == ',':
			flush()
		case c == ':':
			copy(b.bits[row*stride:(row+1)*stride], b.bits[(row-1)*stride:])
			row++
		default:
			digits = append(digits, bytes.Repeat([]byte{c}, max(count, 1))...)
			count = 0
			if len(digits) > 2*stride {
				return nil
			}
			if len(digits) == 2*stride {
				flush()
			}
		}
	}
	if row != b.h || len(digits) != 0 {
		return nil
	}
	return b
}

// stepESCPOS follows Epson's command reference. Rows are kept on a strip as
// wide as the picture; the cut ends a page.
func stepESCPOS(s *simulator, data []byte) int {
	need := func(n int) bool { return len(data) >= n }
	switch data[0] {
	case 0:
		return 1 // ignored
	case dle:
		if !need(3) {
			return 0
		}
		if data[1] == eot {
			b := byte(0x12)
			for n, bits := range map[byte]map[Status]byte{
				1: {Offline: 0x08}, 2: {HeadOpen: 0x04, PaperOut: 0x20}, 3: {Jammed: 0x08, Overheated: 0x40}, 4: {PaperLow: 0x0c, PaperOut: 0x60},
			} {
				for bit, value := range bits {
					if n == data[2] && s.status&bit != 0 {
						b |= value
					}
				}
			}
			s.answer(b)
		} else if data[1] == 5 && data[2] == 2 {
			s.page = nil
		} else {
			s.oddity("%x", data[:3])
		}
		return 3
	case esc:
		if !need(2) {
			return 0
		}
		switch data[1] {
		case '@':
			s.page = nil
			return 2
		case 'a':
			if !need(3) {
				return 0
			}
			s.symbol.align = int(data[2])
			return 3
		}
	case gs:
		if !need(3) {
			return 0
		}
		switch data[1] {
		case 'r':
			s.answer(0)
			return 3
		case 'h':
			s.symbol.height = int(data[2])
			return 3
		case 'w':
			s.symbol.width = int(data[2])
			return 3
		case 'H':
			return 3
		case 'V':
			if !need(4) {
				return 0
			}
			s.out(1)
			s.page = nil
			return 4
		case 'v':
			if !need(8) {
				return 0
			}
			stride, h := int(data[4])|int(data[5])<<8, int(data[6])|int(data[7])<<8
			if !need(8 + stride*h) {
				return 0
			}
			s.strip(&bitmap{w: stride * 8, h: h, stride: stride, bits: data[8 : 8+stride*h]})
			return 8 + stride*h
		case 'k':
			if !need(4) || !need(4+int(data[3])) {
				return 0
			}
			text := strings.ReplaceAll(strings.TrimPrefix(string(data[4:4+int(data[3])]), "{B"), "{{", "{")
			s.native(Code128Element, text, "", s.symbol.width, s.symbol.height)
			return 4 + int(data[3])
		case '(':
			if !need(5) {
				return 0
			}
			n := 5 + int(data[3]) + int(data[4])<<8
			if !need(n) {
				return 0
			}
			switch data[6] {
			case 'C':
				s.symbol.size = int(data[7])
			case 'E':
				s.symbol.level = int(data[7] - '0')
			case 'P':
				s.symbol.stored = string(data[8:n])
			case 'Q':
				s.native(QRElement, s.symbol.stored, "LMQH"[s.symbol.level:s.symbol.level+1], s.symbol.size, 0)
			}
			return n
		}
	}
	s.oddity("%q", data[:min(len(data), 8)])
	return 1
}

// strip adds rows to the page.
func (s *simulator) strip(b *bitmap) {
	if s.page == nil {
		s.page = newBitmap(b.w, 0)
	}
	s.page = &bitmap{w: s.page.w, h: s.page.h + b.h, stride: s.page.stride, bits: append(s.page.bits, b.bits...)}
}

func (s *simulator) native(kind ElementKind, text, ecc string, module, height int) {
	if s.page == nil {
		s.page = newBitmap(384, 0)
	}
	one := &simulator{page: newBitmap(s.page.w, 600)}
	one.drawCode(kind, text, ecc, module, 40, 0, height)
	s.strange = append(s.strange, one.strange...)
	s.strip(one.page.rows(0, one.page.ink().Max.Y))
}
