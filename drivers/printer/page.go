package printer

import (
	"fmt"
	"image"
	"math"
)

const frameWidth = 0.4 // mm

// Page is a filled layout in dots, ready for any language.
type Page struct {
	layout Layout
	dpi    int
	w, h   int // dots
	items  []item
}

// item is one thing on a page: always as dots, and a code also as a symbol
// that a printer may draw itself.
type item struct {
	x, y int
	bits *bitmap
	code *symbol
}

// Render fills a layout and draws it for a resolution of 203 or 300 dots an
// inch. Where a code does not fit its box or a field cannot be encoded, the
// error says so: a label without its code is worse than none.
func Render(l Layout, fields map[string]string, dpi int) (*Page, error) {
	if dpi != 203 && dpi != 300 {
		return nil, fmt.Errorf("rendering at %d dpi: only 203 and 300 are known", dpi)
	}
	p := &Page{layout: l, dpi: dpi}
	p.w, p.h = p.dots(l.Width), p.dots(l.Height)
	y := 0
	for i, e := range l.Elements {
		bottom, err := p.add(e, fields, y)
		if err != nil {
			return nil, fmt.Errorf("layout %s for %s, element %d: %w", l.Form, l.Media, i+1, err)
		}
		y = bottom
	}
	if l.Height == 0 {
		p.h = y
	}
	return p, nil
}

// dotsPerMM is 8 at what the trade calls 203 dpi.
func (p *Page) dotsPerMM() float64 {
	if p.dpi == 203 {
		return 8
	}
	return float64(p.dpi) / 25.4
}

func (p *Page) dots(mm float64) int { return int(math.Round(mm * p.dotsPerMM())) }

// add draws an element and returns where the next stands on a slip.
func (p *Page) add(e Element, fields map[string]string, y int) (bottom int, err error) {
	clean := printable
	if e.isCode() {
		clean = verbatim
	}
	text, shown := fill(e.Text, fields, clean)
	if !shown {
		return y, nil
	}
	x, w, h := p.dots(e.X), p.dots(e.W), p.dots(e.H)
	if w > p.w-x {
		w = p.w - x
	}
	top := p.dots(e.Y)
	if p.layout.Height == 0 {
		top += y
	} else {
		h = min(h, p.h-top)
	}
	it := item{x: x, y: top}
	switch e.Kind {
	case TextElement:
		it.bits, err = p.text(e, text, w, h)
		if err != nil {
			return y, err
		}
	case Code128Element, QRElement:
		s, bits, err := place(e.Kind, text, e.ECC, w, h, p.dotsPerMM())
		if err != nil {
			return y, err
		}
		s.x, s.y = s.x+x, s.y+top
		it = item{x: s.x, y: s.y, bits: bits, code: &s}
		p.items = append(p.items, it)
		return top + h, nil
	case LineElement:
		it.bits = newBitmap(w, max(h, 1))
		it.bits.fill(0, 0, w, max(h, 1))
	case FrameElement:
		it.bits = frame(w, h, p.dots(frameWidth))
	}
	p.items = append(p.items, it.trimmed()...)
	return top + it.bits.h, nil
}

func (p *Page) text(e Element, text string, w, h int) (*bitmap, error) {
	em, least := e.Size*p.dotsPerMM(), e.Min*p.dotsPerMM()
	if e.Min == 0 {
		least = em * smallest
	}
	par, err := fit(text, e.Bold, em, least, w, h, e.Lines)
	if err != nil {
		return nil, err
	}
	return par.draw(w, h, alignments[e.Align]), nil
}

func frame(w, h, border int) *bitmap {
	b := newBitmap(w, h)
	b.fill(0, 0, w, border)
	b.fill(0, h-border, w, border)
	b.fill(0, 0, border, h)
	b.fill(w-border, 0, border, h)
	return b
}

// trimmed is the item without the white around it, or nothing where all is
// white: fewer bytes on a slow line.
func (it item) trimmed() []item {
	r := it.bits.ink()
	if r.Empty() {
		return nil
	}
	return []item{{x: it.x + r.Min.X, y: it.y + r.Min.Y, bits: it.bits.cut(r)}}
}

// raster draws everything, or only what is no code.
func (p *Page) raster(codes bool) *bitmap {
	b := newBitmap(p.w, p.h)
	for _, it := range p.items {
		if it.code == nil || codes {
			b.draw(it.bits, it.x, it.y)
		}
	}
	return b
}

// PrintedCode is a code on a page, as dots: what a reader must find there.
type PrintedCode struct {
	Kind ElementKind
	Text string
	// Picture is the code with a quiet zone around it. Its modules are as many
	// pixels as a camera sees of them, three at most.
	Picture *image.Gray
}

// Codes returns the codes on the page, in the order of the layout, so that they
// can be read back before they are printed.
func (p *Page) Codes() (codes []PrintedCode) {
	for _, it := range p.items {
		if it.code == nil {
			continue
		}
		codes = append(codes, PrintedCode{Kind: it.code.kind, Text: it.code.text, Picture: it.modules()})
	}
	return codes
}

// modules draws the dots of a code with fewer pixels.
func (it item) modules() *image.Gray {
	module := it.code.module
	scale := min(module, 3)
	quiet := code128Quiet * scale
	w, h := it.bits.w*scale/module, it.bits.h*scale/module
	out := image.NewGray(image.Rect(0, 0, w+2*quiet, h+2*quiet))
	for i := range out.Pix {
		x, y := i%out.Stride-quiet, i/out.Stride-quiet
		if out.Pix[i] = 255; x >= 0 && y >= 0 && x < w && y < h && it.bits.black(x*module/scale, y*module/scale) {
			out.Pix[i] = 0
		}
	}
	return out
}

// Picture is the page as it will be printed, one pixel a dot.
func (p *Page) Picture() *image.Paletted { return p.raster(true).picture() }
