package scanner

import (
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
)

// linear reads Code 128 from the rows and columns of a bitmap. Its own part is
// to tell in nanoseconds that a row holds none; rows that begin like one go to
// gozxing.
type linear struct {
	reader gozxing.Reader
	edges  finder
	column []uint64
	seen   []sightline
}

// sightline is a line on which a text was read.
type sightline struct {
	text string
	ends [2]Point
}

const (
	// linePitch is how many pixels lie between the rows looked at.
	linePitch = 8
	// agree is on how many lines a text has to stand.
	agree = 2
)

// read adds the Code 128 in the bitmap to codes.
func (l *linear) read(b *bitmap, now time.Time, codes []Code) []Code {
	l.seen = l.seen[:0]
	for y := linePitch / 2; y < b.h; y += linePitch {
		l.line(b.row(y), b.w, func(x float64) Point { return Point{x, float64(y) + 0.5} })
	}
	words := (b.h + 63) / 64
	if cap(l.column) < words {
		l.column = make([]uint64, words)
	}
	for x := linePitch / 2; x < b.w; x += linePitch {
		col := l.column[:words]
		clear(col)
		word, bit := x>>6, x&63
		for y := range b.h {
			col[y>>6] |= b.words[y*b.per+word] >> bit & 1 << (y & 63)
		}
		l.line(col, b.h, func(y float64) Point { return Point{float64(x) + 0.5, y} })
	}
	for i, s := range l.seen {
		n, known := 1, false
		last := s
		for _, o := range l.seen[:i] {
			known = known || o.text == s.text
		}
		if known {
			continue
		}
		for _, o := range l.seen[i+1:] {
			if o.text == s.text {
				n++
				last = o
			}
		}
		if n >= agree {
			codes = append(codes, Code{
				Text: s.text, Bytes: []byte(s.text), Symbology: Code128,
				Corners: [4]Point{s.ends[0], s.ends[1], last.ends[1], last.ends[0]},
				Time:    now, Pass: "linear",
			})
		}
	}
	return codes
}

// line reads one row or column.
func (l *linear) line(row []uint64, n int, at func(float64) Point) {
	e := l.edges.edgesOf(row, n)
	if !starts(e) {
		return
	}
	bits := gozxing.NewBitArray(n)
	words := bits.GetBitArray()
	for i := range words {
		words[i] = uint32(row[i>>1] >> (i & 1 * 32))
	}
	if l.reader == nil {
		l.reader = oned.NewCode128Reader()
	}
	decoder, ok := l.reader.(oned.RowDecoder)
	if !ok {
		return
	}
	for turned := range 2 {
		if turned == 1 {
			bits.Reverse()
		}
		result, err := decoder.DecodeRow(0, bits, nil)
		if err != nil || result.GetText() == "" {
			continue
		}
		s := sightline{text: result.GetText()}
		for i, p := range result.GetResultPoints() {
			x := p.GetX()
			if turned == 1 {
				x = float64(n) - x
			}
			if i < 2 {
				s.ends[i] = at(x)
			}
		}
		l.seen = append(l.seen, s)
		return
	}
}

// starts says whether the edges of a row hold the start of a Code 128 after a
// quiet zone: bar, space and bar of 2, 1 and 1 of 11 modules, or the same from
// the other end.
func starts(e []int32) bool {
	for i := 0; i+6 < len(e); i++ {
		total := e[i+6] - e[i]
		if total < 11 {
			continue
		}
		m := float32(total) / 11
		quiet := 5 * m
		if i&1 == 0 { // begins with a bar
			before := float32(e[i])
			if i > 0 {
				before = float32(e[i] - e[i-1])
			}
			if before >= quiet && is(e[i+2]-e[i], 3, m) && is(e[i+3]-e[i+1], 2, m) {
				return true
			}
		} else if i+7 == len(e) || float32(e[i+7]-e[i+6]) >= quiet { // ends with one
			if is(e[i+6]-e[i+4], 3, m) && is(e[i+5]-e[i+3], 2, m) {
				return true
			}
		}
	}
	return false
}

func is(length int32, modules, m float32) bool {
	return abs(float32(length)-modules*m) < 0.5*m+0.5
}
