package ui

import "fyne.io/fyne/v2"

// rect is a part of the panel. Screens are laid out by cutting it up, because
// the panel's size is known: nothing moves, and what does not fit is found by a
// test and not by a scroll bar.
type rect struct{ x, y, w, h float32 }

func (r rect) pos() fyne.Position { return fyne.NewPos(r.x, r.y) }
func (r rect) size() fyne.Size    { return fyne.NewSize(r.w, r.h) }

// inset leaves out an edge of d on every side.
func (r rect) inset(d float32) rect { return r.trim(d, d) }

// trim leaves out x at the left and right and y above and below.
func (r rect) trim(x, y float32) rect {
	return rect{r.x + x, r.y + y, max(0, r.w-2*x), max(0, r.h-2*y)}
}

// top cuts h off above, and gap between; it returns the piece and the rest.
func (r rect) top(h, gap float32) (piece, rest rect) {
	return rect{r.x, r.y, r.w, h}, rect{r.x, r.y + h + gap, r.w, max(0, r.h-h-gap)}
}

func (r rect) bottom(h, gap float32) (piece, rest rect) {
	return rect{r.x, r.y + r.h - h, r.w, h}, rect{r.x, r.y, r.w, max(0, r.h-h-gap)}
}

func (r rect) left(w, gap float32) (piece, rest rect) {
	return rect{r.x, r.y, w, r.h}, rect{r.x + w + gap, r.y, max(0, r.w-w-gap), r.h}
}

func (r rect) right(w, gap float32) (piece, rest rect) {
	return rect{r.x + r.w - w, r.y, w, r.h}, rect{r.x, r.y, max(0, r.w-w-gap), r.h}
}

// grid divides the part into columns × rows equal cells, row by row.
func (r rect) grid(columns, rows int, gap float32) []rect {
	w := (r.w - gap*float32(columns-1)) / float32(columns)
	h := (r.h - gap*float32(rows-1)) / float32(rows)
	cells := make([]rect, 0, columns*rows)
	for y := range rows {
		for x := range columns {
			cells = append(cells, rect{r.x + float32(x)*(w+gap), r.y + float32(y)*(h+gap), w, h})
		}
	}
	return cells
}

// centre is a part of w × h in the middle.
func (r rect) centre(w, h float32) rect {
	return rect{r.x + (r.w-w)/2, r.y + (r.h-h)/2, w, h}
}

// square is the largest square in the middle.
func (r rect) square() rect {
	d := min(r.w, r.h)
	return r.centre(d, d)
}

func (r rect) tall() bool { return r.h > r.w }
