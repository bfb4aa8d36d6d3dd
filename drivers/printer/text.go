package printer

import "strings"

// alignments by the share of the free space that stands on the left, in
// halves.
var alignments = map[string]int{"": 0, "left": 0, "center": 1, "right": 2}

const (
	shrinkBy    = 0.95
	smallest    = 0.75 // of the size, where an element names no smallest
	ellipsis    = "…"
	lineSpacing = 1.04 // of the height of the tallest letters
)

// paragraph is text that was fitted into a box.
type paragraph struct {
	face  *typeface
	lines []string
}

// fit sets text in w dots and at most maxLines lines: at em dots, or smaller
// down to least, or at least cut off with an ellipsis. With h above 0, no more
// lines than it holds.
func fit(text string, heavy bool, em, least float64, w, h, maxLines int) (paragraph, error) {
	for size := em; ; size *= shrinkBy {
		size = max(size, least)
		face, err := newTypeface(heavy, size)
		if err != nil {
			return paragraph{}, err
		}
		lines := max(maxLines, 1)
		if h > 0 {
			lines = min(lines, max(int(float64(h)/(float64(face.height())*lineSpacing)+0.08), 1))
		}
		p := paragraph{face: face, lines: wrap(face, face.shown(text), w)}
		if len(p.lines) <= lines && (h == 0 || face.height() <= h || size == least) {
			return p, nil
		}
		if size == least {
			p.cut(lines, w)
			return p, nil
		}
	}
}

// wrap breaks text into lines of at most w dots, between words where that is
// possible.
func wrap(t *typeface, text string, w int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		if t.width(joined) <= w {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for t.width(word) > w {
			n := prefix(t, word, w)
			lines = append(lines, word[:n])
			word = word[n:]
		}
		line = word
	}
	return append(lines, line)
}

// prefix is how many bytes of a word fit, one letter at least.
func prefix(t *typeface, word string, w int) int {
	n := 0
	for i, r := range word {
		end := i + len(string(r))
		if n > 0 && t.width(word[:end]) > w {
			break
		}
		n = end
	}
	return n
}

// cut keeps the first lines and ends the last of them with an ellipsis.
func (p *paragraph) cut(lines, w int) {
	if len(p.lines) <= lines {
		return
	}
	p.lines = p.lines[:lines]
	runes := []rune(p.lines[lines-1])
	for len(runes) > 0 && p.face.width(string(runes)+ellipsis) > w {
		runes = runes[:len(runes)-1]
	}
	p.lines[lines-1] = strings.TrimRight(string(runes), " ") + ellipsis
}

// draw makes a bitmap of w dots, and of h where that is above 0. Nothing is
// drawn outside of it.
func (p paragraph) draw(w, h, align int) *bitmap {
	pitch := int(float64(p.face.height())*lineSpacing + 0.5)
	if h == 0 {
		h = pitch*(len(p.lines)-1) + p.face.height()
	}
	b := newBitmap(w, h)
	for i, s := range p.lines {
		line := p.face.line(s)
		b.draw(line, max((w-line.w)*align/2, 0), i*pitch)
	}
	return b
}
