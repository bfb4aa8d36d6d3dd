package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Layout says where things stand on a label, or what follows what on a slip.
// Lengths are millimetres, from the top left corner.
type Layout struct {
	Form  string  `json:"form"`  // what it is for: "sample", "slip", "result", "test"
	Media string  `json:"media"` // what it is printed on: "50x25", "58"
	Width float64 `json:"width"` // printable
	// Height of a label; 0 for a slip, which is as long as its content. On a
	// slip elements stand below each other and their Y is the space above.
	Height   float64   `json:"height,omitempty"`
	Gap      float64   `json:"gap,omitempty"` // between two labels on the roll
	Elements []Element `json:"elements"`
}

// Element is one thing on a layout. An element whose fields are all empty is
// left out.
type Element struct {
	Kind ElementKind `json:"kind"`
	X    float64     `json:"x,omitempty"`
	Y    float64     `json:"y,omitempty"`
	W    float64     `json:"w,omitempty"`
	H    float64     `json:"h,omitempty"` // of a text on a slip: as needed

	// Text is the text or the code's content; {name} stands for a field.
	Text string `json:"text,omitempty"`

	Size  float64 `json:"size,omitempty"`  // of the font's em
	Min   float64 `json:"min,omitempty"`   // smallest size before text is cut; 0: three quarters of Size
	Lines int     `json:"lines,omitempty"` // most lines; 0: one
	Bold  bool    `json:"bold,omitempty"`
	Align string  `json:"align,omitempty"` // "left", "center" or "right"; "" is left

	ECC string `json:"ecc,omitempty"` // of a QR code: "L", "M", "Q" or "H"; "" is M. Lowered where the code would not fit
}

// ElementKind is what an element shows.
type ElementKind string

// The kinds of elements.
const (
	TextElement    ElementKind = "text"
	Code128Element ElementKind = "code128" // in its box with the quiet zones of ISO/IEC 15417
	QRElement      ElementKind = "qr"      // in its box with the quiet zone of ISO/IEC 18004
	LineElement    ElementKind = "line"    // a filled box
	FrameElement   ElementKind = "frame"   // an empty box with a border of 0.4 mm
)

func (e Element) isCode() bool { return e.Kind == Code128Element || e.Kind == QRElement }

// Limits of layouts, which come over the network.
const (
	maxWidth    = 120  // mm
	maxHeight   = 400  // mm
	maxElements = 100  // on a layout
	maxText     = 2000 // characters of a text with its fields filled in
)

// ParseLayout reads and checks a layout in JSON. It refuses one that would
// print over a code.
func ParseLayout(data []byte) (Layout, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var l Layout
	if err := d.Decode(&l); err != nil {
		return Layout{}, fmt.Errorf("reading a layout: %w", err)
	}
	if err := l.check(); err != nil {
		return Layout{}, fmt.Errorf("layout %s for %s: %w", l.Form, l.Media, err)
	}
	return l, nil
}

// Fields are the names of the layout's fields, sorted.
func (l Layout) Fields() []string {
	var names []string
	for _, e := range l.Elements {
		for _, field := range placeholder.FindAllString(e.Text, -1) {
			names = append(names, strings.Trim(field, "{}"))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (l Layout) check() error {
	switch {
	case l.Form == "" || l.Media == "":
		return fmt.Errorf("form or media is missing")
	case !between(l.Width, 10, maxWidth):
		return fmt.Errorf("a width of %g mm", l.Width)
	case l.Height != 0 && !between(l.Height, 5, maxHeight):
		return fmt.Errorf("a height of %g mm", l.Height)
	case !between(l.Gap, 0, 20):
		return fmt.Errorf("a gap of %g mm", l.Gap)
	case len(l.Elements) == 0 || len(l.Elements) > maxElements:
		return fmt.Errorf("%d elements", len(l.Elements))
	}
	for i, e := range l.Elements {
		if err := e.check(l); err != nil {
			return fmt.Errorf("element %d (%s): %w", i+1, e.Kind, err)
		}
	}
	return l.checkOverlaps()
}

func (e Element) check(l Layout) error {
	bottom, least := l.Height, 0.1
	if l.Height == 0 {
		bottom = maxHeight
		if e.Kind == TextElement {
			least = 0
		}
	}
	switch {
	case !between(e.X, 0, l.Width) || !between(e.W, 0.1, l.Width-e.X+touch):
		return fmt.Errorf("it leaves the paper at the side")
	case !between(e.Y, 0, bottom) || !between(e.H, least, bottom-e.Y+touch):
		return fmt.Errorf("it leaves the paper below")
	}
	switch e.Kind {
	case TextElement:
		if !between(e.Size, 1, 50) || !between(e.Min, 0, e.Size) || e.Lines < 0 || e.Lines > 50 {
			return fmt.Errorf("size %g, min %g, lines %d", e.Size, e.Min, e.Lines)
		}
		if _, ok := alignments[e.Align]; !ok {
			return fmt.Errorf("align %q", e.Align)
		}
	case QRElement:
		if _, ok := eccLevels[e.ECC]; !ok {
			return fmt.Errorf("ecc %q", e.ECC)
		}
	case Code128Element, LineElement, FrameElement:
	default:
		return fmt.Errorf("no such kind")
	}
	if len(e.Text) > maxText {
		return fmt.Errorf("a text of %d bytes", len(e.Text))
	}
	if (e.Kind == TextElement || e.isCode()) && e.Text == "" {
		return fmt.Errorf("no text")
	}
	return nil
}

// touch is how far boxes may lie over each other that are meant to touch, mm.
const touch = 0.001

// between is false for what is no number as well.
func between(v, least, most float64) bool { return v >= least && v <= most && !math.IsInf(v, 0) }

// checkOverlaps keeps everything off the boxes of codes. On a slip nothing
// stands beside anything.
func (l Layout) checkOverlaps() error {
	if l.Height == 0 {
		return nil
	}
	for i, a := range l.Elements {
		for j, b := range l.Elements {
			if i == j || !a.isCode() || (b.Kind == FrameElement && b.around(a)) {
				continue
			}
			if a.X+touch < b.X+b.W && b.X+touch < a.X+a.W && a.Y+touch < b.Y+b.H && b.Y+touch < a.Y+a.H {
				return fmt.Errorf("element %d (%s) stands over the code of element %d", j+1, b.Kind, i+1)
			}
		}
	}
	return nil
}

func (e Element) around(a Element) bool {
	return e.X+frameWidth <= a.X && e.Y+frameWidth <= a.Y &&
		e.X+e.W-frameWidth >= a.X+a.W && e.Y+e.H-frameWidth >= a.Y+a.H
}
