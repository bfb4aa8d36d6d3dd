package ui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
)

// hair ends every text: the texture of a text is cut at its advance width, and
// the accent of a final Ế in bold reaches beyond it.
const hair = "\u200a"

// pitch is the distance of two lines by the text size: enough for an accent
// over a capital under a descender (Ậy above Ế).
const pitch = 1.28

// lift is by how much of its size a text stands higher than the toolkit puts it:
// the font's own line is taller than the pitch, and all of the difference would
// be at the foot, where the dots of Vị and the descenders are.
const lift = 0.07

// seat is the place of a line's object for the line to stand in r.
func seat(r rect, size float32) rect {
	r.y -= size * lift
	return r
}

// style is how a text looks. A text is set as large as fits, from most down to
// least.
type style struct {
	least, most float32
	bold        bool
	ink         color.Color
	align       fyne.TextAlign
	middle      bool // vertically in the middle of its part, not at the top
}

func (s style) bolder() style              { s.bold = true; return s }
func (s style) in(ink color.Color) style   { s.ink = ink; return s }
func (s style) centred() style             { s.align, s.middle = fyne.TextAlignCenter, true; return s }
func (s style) across() style              { s.align = fyne.TextAlignCenter; return s }
func (s style) mid() style                 { s.middle = true; return s }
func (s style) between(l, m float32) style { s.least, s.most = l, m; return s }

func (s style) font() fyne.Resource {
	if s.bold {
		return fynetheme.DefaultTextBoldFont()
	}
	return fynetheme.DefaultTextFont()
}

// width measures one line.
func (s style) width(text string, size float32) float32 {
	got, _ := fyne.CurrentApp().Driver().RenderedTextSize(s.edged(text), size, fyne.TextStyle{Bold: s.bold}, s.font())
	return got.Width
}

// wrap breaks a text into lines of at most width, as equally long as their
// number allows, and is false where a word alone is wider.
func (s style) wrap(text string, size, width float32) ([]string, bool) {
	var all []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		words := strings.Fields(paragraph)
		widths := make([]float32, len(words))
		for i, w := range words {
			widths[i] = s.width(w, size)
			if widths[i] > width {
				return nil, false
			}
		}
		space := s.width("n n", size) - s.width("nn", size)
		lines := fill(words, widths, space, width)
		low, high := float32(0), width
		for high-low > 2 { // the narrowest column with as many lines
			middle := (low + high) / 2
			if narrower := fill(words, widths, space, middle); len(narrower) <= len(lines) && fits(widths, middle) {
				high, lines = middle, narrower
			} else {
				low = middle
			}
		}
		all = append(all, lines...)
	}
	return all, true
}

func fits(widths []float32, width float32) bool {
	for _, w := range widths {
		if w > width {
			return false
		}
	}
	return true
}

func fill(words []string, widths []float32, space, width float32) []string {
	var lines []string
	at := float32(0)
	for i, w := range words {
		if len(lines) > 0 && at+space+widths[i] <= width {
			lines[len(lines)-1] += " " + w
			at += space + widths[i]
			continue
		}
		lines = append(lines, w)
		at = widths[i]
	}
	return lines
}

// fit finds the largest size at which a text goes into width × height. It is
// false where even the least does not, and then returns what of the least does.
func (s style) fit(text string, width, height float32) (lines []string, size float32, ok bool) {
	for size = s.most; size >= max(s.least, s.most*0.75); size-- { // rather a little smaller than broken
		if height+0.5 >= s.height(1, size) && !strings.Contains(text, "\n") && s.width(text, size) <= width {
			return []string{text}, size, true
		}
	}
	for size = s.most; ; size = max(s.least, size-2) {
		lines, ok = s.wrap(text, size, width)
		if ok && s.height(len(lines), size) <= height+0.5 {
			return lines, size, true
		}
		if size <= s.least {
			break
		}
	}
	if !ok {
		lines = []string{text}
	}
	room := max(1, int(height/(size*pitch)))
	if len(lines) > room {
		lines = lines[:room]
		lines[room-1] += "…"
	}
	for i := range lines {
		for r := []rune(lines[i]); s.width(lines[i], size) > width && len(r) > 1; r = r[:len(r)-1] {
			lines[i] = strings.TrimSpace(string(r[:len(r)-1])) + "…"
		}
	}
	return lines, size, false
}

// height is that of so many lines.
func (s style) height(lines int, size float32) float32 {
	return float32(lines) * size * pitch
}

// edged is a line with its hair space, on both sides where it must not move the
// middle.
func (s style) edged(text string) string {
	if s.align == fyne.TextAlignCenter {
		return hair + text + hair
	}
	return text + hair
}

// line makes the canvas text of one line.
func (s style) line(text string, size float32) *canvas.Text {
	t := canvas.NewText(s.edged(text), s.ink)
	t.TextSize = size
	t.TextStyle = fyne.TextStyle{Bold: s.bold}
	t.FontSource = s.font()
	t.Alignment = s.align
	return t
}
