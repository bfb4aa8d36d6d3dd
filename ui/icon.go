package ui

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"fyne.io/fyne/v2/canvas"
	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// icons are drawn on a field of 24 × 24 with round strokes of width 2; §
// stands for the colour of what is filled.
var icons = map[string]string{
	"tick":    `<path d="M4.5 12.8 L9.8 18 L19.5 6.8" stroke-width="3.2"/>`,
	"cross":   `<path d="M6 6 L18 18 M18 6 L6 18" stroke-width="3.2"/>`,
	"alert":   `<path d="M12 4.5 V14" stroke-width="3.4"/><circle cx="12" cy="19.2" r="2" fill="§" stroke="none"/>`,
	"back":    `<path d="M14.5 5 L7.5 12 L14.5 19" stroke-width="2.6"/>`,
	"next":    `<path d="M9.5 5 L16.5 12 L9.5 19" stroke-width="2.6"/>`,
	"up":      `<path d="M5 14.5 L12 7.5 L19 14.5" stroke-width="2.6"/>`,
	"down":    `<path d="M5 9.5 L12 16.5 L19 9.5" stroke-width="2.6"/>`,
	"home":    `<path d="M3.5 11.5 L12 4.5 L20.5 11.5 M6 10 V19.5 H18 V10 M10 19.5 V14 H14 V19.5"/>`,
	"close":   `<path d="M6 6 L18 18 M18 6 L6 18" stroke-width="2.4"/>`,
	"help":    `<path d="M8.5 9 C8.5 6.6 10 5.2 12 5.2 C14 5.2 15.6 6.6 15.6 8.6 C15.6 11.4 12 11.6 12 14.4" stroke-width="2.4"/><circle cx="12" cy="18.8" r="1.6" fill="§" stroke="none"/>`,
	"globe":   `<circle cx="12" cy="12" r="8.8"/><path d="M3.2 12 H20.8 M12 3.2 C8.6 6 8.6 18 12 20.8 M12 3.2 C15.4 6 15.4 18 12 20.8"/>`,
	"declare": `<path d="M6 4.5 H18 V20.5 H6 Z M9 3.2 H15 V6.2 H9 Z M9 11 H15 M9 14.5 H15"/>`,
	"tube":    `<path d="M8.5 3.5 H15.5 M9.5 3.5 V17.5 C9.5 19.2 10.6 20.5 12 20.5 C13.4 20.5 14.5 19.2 14.5 17.5 V3.5 M9.5 12 H14.5"/>`,
	"pool":    `<path d="M3 4 H8 M4 4 V16.5 C4 19 7 19 7 16.5 V4 M9.5 4 H14.5 M10.5 4 V16.5 C10.5 19 13.5 19 13.5 16.5 V4 M16 4 H21 M17 4 V16.5 C17 19 20 19 20 16.5 V4" stroke-width="1.7"/>`,
	"syringe": `<path d="M14.5 3.5 L20.5 9.5 M17.5 6.5 L15 9 M10.5 7.5 L16.5 13.5 M12 6 L18 12 M11 8 L5.5 13.5 V18.5 H10.5 L16 13 M5.5 18.5 L3 21"/>`,
	"person":  `<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5 C4.5 16.4 7.8 14.2 12 14.2 C16.2 14.2 19.5 16.4 19.5 20.5"/>`,
	"people":  `<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5 C2.5 16 5.4 14.2 9 14.2 C12.6 14.2 15.5 16 15.5 19.5 M15.6 5.4 C19.6 5.4 19.6 11.6 15.6 11.6 M17.6 14.4 C20 15 21.5 16.8 21.5 19.5"/>`,
	"card":    `<path d="M3 6 H21 V18.5 H3 Z M13.5 10.5 H18 M13.5 14 H18"/><circle cx="8.2" cy="10.6" r="1.8"/><path d="M5.5 15.6 C5.5 13.2 10.9 13.2 10.9 15.6"/>`,
	"qr":      `<path d="M4 4 H10 V10 H4 Z M14 4 H20 V10 H14 Z M4 14 H10 V20 H4 Z M14 14 H16 M20 14 V16.5 M14 17.5 V20 M17.5 17.5 V20 H20"/>`,
	"hand":    `<path d="M8 12 V5.8 C8 4.2 10.3 4.2 10.3 5.8 V11 V4.6 C10.3 3 12.7 3 12.7 4.6 V11 V5.4 C12.7 3.9 15 3.9 15 5.4 V12 V8.4 C15 7 17.2 7 17.2 8.4 V14.6 C17.2 18.4 15 20.8 12 20.8 C9 20.8 7.8 19 6.6 16.8 L4.8 13.4 C4 11.8 6 10.8 7 12.2 L8 13.8"/>`,
	"print":   `<path d="M7 9 V3.5 H17 V9 M7 16.5 H4 V9 H20 V16.5 H17 M7 13.5 H17 V20.5 H7 Z"/>`,
	"phone":   `<path d="M7.5 3 H16.5 V21 H7.5 Z M11 18 H13"/>`,
	"lock":    `<path d="M5.5 10.5 H18.5 V20.5 H5.5 Z M8.5 10.5 V7.5 C8.5 2.9 15.5 2.9 15.5 7.5 V10.5 M12 14.5 V16.8"/>`,
	"clock":   `<circle cx="12" cy="12" r="8.8"/><path d="M12 7 V12 L15.5 14.5"/>`,
	"network": `<path d="M3.5 9 C8.5 4.2 15.5 4.2 20.5 9 M6.5 12.6 C9.8 9.6 14.2 9.6 17.5 12.6 M9.4 16 C11 14.6 13 14.6 14.6 16"/><circle cx="12" cy="19.2" r="1.5" fill="§" stroke="none"/>`,
	"offline": `<path d="M3.5 9 C8.5 4.2 15.5 4.2 20.5 9 M6.5 12.6 C9.8 9.6 14.2 9.6 17.5 12.6 M4 20.5 L20 4.5"/><circle cx="12" cy="18.6" r="1.5" fill="§" stroke="none"/>`,
	"delete":  `<path d="M8.5 5.5 H21 V18.5 H8.5 L2.8 12 Z M12 9.2 L17.6 14.8 M17.6 9.2 L12 14.8"/>`,
	"shift":   `<path d="M12 4 L20 12 H16 V19.5 H8 V12 H4 Z"/>`,
	"shifted": `<path d="M12 4 L20 12 H16 V19.5 H8 V12 H4 Z" fill="§"/>`,
	"wrench":  `<path d="M20.4 7 A5.2 5.2 0 0 1 13.6 13.2 L7 19.8 C5.4 21.4 2.8 18.6 4.4 17 L10.9 10.5 A5.2 5.2 0 0 1 17 3.6 L13.9 6.8 L14.5 9.6 L17.3 10.1 Z"/>`,
	"shield":  `<path d="M12 3 L19.5 6 V11.5 C19.5 16 16.5 19.4 12 21 C7.5 19.4 4.5 16 4.5 11.5 V6 Z"/>`,
	"info":    `<path d="M12 10.8 V18" stroke-width="3"/><circle cx="12" cy="6.2" r="1.9" fill="§" stroke="none"/>`,
	"undo":    `<path d="M8.5 4.5 L4 9 L8.5 13.5 M4 9 H14 C18 9 20 11.4 20 14.2 C20 17 18 19.5 14 19.5 H9"/>`,
	"minus":   `<path d="M5 12 H19" stroke-width="2.8"/>`,
	"plus":    `<path d="M12 5 V19 M5 12 H19" stroke-width="2.8"/>`,
	"stick":   `<path d="M8 9.5 H16 V21 H8 Z M9.5 9.5 V3.5 H14.5 V9.5 M12 6 V6.1"/>`,
	"scan":    `<path d="M3.5 8.5 V3.5 H8.5 M15.5 3.5 H20.5 V8.5 M20.5 15.5 V20.5 H15.5 M8.5 20.5 H3.5 V15.5 M6.5 12 H17.5"/>`,
	"search":  `<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 L20.5 20.5" stroke-width="2.6"/>`,
	"list":    `<path d="M8.5 6 H20 M8.5 12 H20 M8.5 18 H20 M4 6 V6.1 M4 12 V12.1 M4 18 V18.1" stroke-width="2.4"/>`,
	"door":    `<path d="M6 20.5 V3.5 H18 V20.5 M3.5 20.5 H20.5 M14.5 12 V12.1"/>`,
	"bell":    `<path d="M5.5 17 C7.5 15 6.6 12 7 9.5 C7.6 6 9.6 4.5 12 4.5 C14.4 4.5 16.4 6 17 9.5 C17.4 12 16.5 15 18.5 17 Z M10 19.8 C10.8 21.2 13.2 21.2 14 19.8"/>`,
	"ring":    `<circle cx="12" cy="12" r="8.6"/>`,
	"ring-on": `<circle cx="12" cy="12" r="8.6"/><circle cx="12" cy="12" r="4.6" fill="§" stroke="none"/>`,
	"box":     `<path d="M4 4 H20 V20 H4 Z"/>`,
	"box-on":  `<path d="M4 4 H20 V20 H4 Z"/><path d="M7.6 12.4 L10.8 15.6 L16.6 8.6" stroke-width="2.8"/>`,
	"pen":     `<path d="M4.5 19.5 L5.5 15 L16 4.5 L19.5 8 L9 18.5 Z"/>`,
	"wave":    `<path d="M4 12 H7 L9.5 6 L14 18 L16.5 12 H20" stroke-width="2.4"/>`,
}

// drawn is one icon in one colour at one size, in a filled circle or none.
type drawn struct {
	name      string
	ink, disc color.NRGBA
	size      int
}

var pictures sync.Map // of drawn to *image.RGBA

// icon draws one of the icons in a colour, for a square of size pixels, at which
// it is shown as it is. Each is drawn once: drawing takes longer than all else
// that a new screen needs. It is drawn as RGBA, for which there is a fast path on
// every way to the screen.
func icon(name string, ink color.NRGBA, size float32) *canvas.Image {
	return drawn{name, ink, none, int(math.Round(float64(size)))}.object()
}

// badge draws an icon in a filled circle. Both are one picture: what is painted
// twice takes twice the time.
func badge(name string, disc, ink color.NRGBA, size float32) *canvas.Image {
	return drawn{name, ink, disc, int(math.Round(float64(size)))}.object()
}

func (key drawn) object() *canvas.Image {
	picture, ok := pictures.Load(key)
	if !ok {
		picture, _ = pictures.LoadOrStore(key, key.draw())
	}
	img := canvas.NewImageFromImage(picture.(*image.RGBA))
	img.FillMode = canvas.ImageFillContain
	return img
}

// draw renders an icon for its size, which it must know because the renderer
// does not scale the width of strokes.
func (d drawn) draw() *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, d.size, d.size))
	at, size := 0.0, float64(d.size)
	if d.disc != none {
		picture = plate{fill: d.disc, radius: float32(d.size) / 2}.picture(d.size, d.size)
		at, size = size*0.2, size*0.6
	}
	hex := fmt.Sprintf("#%02x%02x%02x", d.ink.R, d.ink.G, d.ink.B)
	shape, err := oksvg.ReadIconStream(bytes.NewReader(drawing(icons[d.name], hex, float32(size))))
	if err != nil {
		panic(err) // an icon of ours that is no SVG: the first test that draws it finds it
	}
	shape.SetTarget(at, at, size, size)
	shape.Draw(rasterx.NewDasher(d.size, d.size, rasterx.NewScannerGV(24, 24, picture, picture.Rect)), 1)
	return picture
}

var elements = regexp.MustCompile(`<(path|circle)([^>]*)/>`)
var strokes = regexp.MustCompile(` stroke-width="([0-9.]+)"`)

func drawing(shape, hex string, size float32) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">`)
	for _, e := range elements.FindAllStringSubmatch(shape, -1) {
		width, rest := 2.0, e[2]
		if w := strokes.FindStringSubmatch(rest); w != nil {
			width, _ = strconv.ParseFloat(w[1], 64)
			rest = strings.Replace(rest, w[0], "", 1)
		}
		fill, stroke := "none", hex
		if strings.Contains(rest, ` fill="§"`) {
			rest, fill = strings.Replace(rest, ` fill="§"`, "", 1), hex
		}
		if strings.Contains(rest, ` stroke="none"`) {
			rest, stroke = strings.Replace(rest, ` stroke="none"`, "", 1), "none"
		}
		fmt.Fprintf(&b, `<%s fill="%s" stroke="%s" stroke-width="%.2f" stroke-linecap="round" stroke-linejoin="round"%s/>`, e[1], fill, stroke, width*float64(size)/24, rest)
	}
	b.WriteString(`</svg>`)
	return []byte(b.String())
}
