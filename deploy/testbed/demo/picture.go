package main

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	qrcode "github.com/skip2/go-qrcode"
)

const frameWidth, frameHeight = 640, 480

// medium is what a code is shown on.
type medium struct {
	width, height float64 // in units of the code's side, quiet zone included
	body, sheet   color.RGBA
	top           float64 // of the sheet above the code, same unit
}

var (
	phone = medium{1.25, 2.0, color.RGBA{24, 26, 30, 255}, color.RGBA{250, 251, 253, 255}, 0.42}
	paper = medium{1.9, 1.7, color.RGBA{236, 233, 224, 255}, color.RGBA{236, 233, 224, 255}, 0.25}
	card  = medium{2.1, 1.35, color.RGBA{198, 214, 205, 255}, color.RGBA{240, 242, 238, 255}, 0.12}
)

// scene is one way of holding a code to the camera.
type scene struct {
	code  [][]bool // dark modules, quiet zone included; nil for an empty hall
	on    medium
	side  float64 // of the code in pixels, seen straight on
	yaw   float64 // radians
	pitch float64
	roll  float64
	x, y  float64 // centre in the frame, pixels
	blur  float64 // Gaussian sigma, pixels
	shade float64 // 0 even light, 1 dark on one side
}

func modules(text string) ([][]bool, error) {
	q, err := qrcode.New(text, qrcode.Low)
	if err != nil {
		return nil, fmt.Errorf("drawing a code of %d bytes: %w", len(text), err)
	}
	return q.Bitmap(), nil
}

// hold draws a pose as people hold things: never straight, never quite sharp.
func hold(code [][]bool, on medium, rng *rand.Rand) scene {
	spread := func(most float64) float64 { return (2*rng.Float64() - 1) * most }
	return scene{
		code: code, on: on,
		side: math.Min(math.Max(float64(len(code))*4.4, 190), 400),
		yaw:  spread(0.28), pitch: spread(0.28), roll: spread(0.2),
		x: frameWidth/2 + spread(18), y: frameHeight/2 + spread(12),
		blur: 0.5 + 0.4*rng.Float64(), shade: 0.2 + 0.35*rng.Float64(),
	}
}

// draw renders the scene: a plane in space seen through a pinhole, over a hall
// that is out of focus.
func (s scene) draw(rng *rand.Rand) *image.RGBA {
	var sum = make([][3]float64, frameWidth*frameHeight)
	look := s.view()
	for y := range frameHeight {
		for x := range frameWidth {
			at := &sum[y*frameWidth+x]
			for _, sub := range [...][2]float64{{.25, .25}, {.75, .25}, {.25, .75}, {.75, .75}} {
				c := look(float64(x)+sub[0], float64(y)+sub[1])
				at[0] += float64(c.R) / 4
				at[1] += float64(c.G) / 4
				at[2] += float64(c.B) / 4
			}
		}
	}
	if s.blur > 0 {
		blur(sum, s.blur)
	}
	out := image.NewRGBA(image.Rect(0, 0, frameWidth, frameHeight))
	for i, c := range sum {
		x, y := float64(i%frameWidth)/frameWidth, float64(i/frameWidth)/frameHeight
		light := 0.96 - s.shade*(0.7*x+0.3*y)
		grain := rng.NormFloat64() * 3
		for k := range 3 {
			out.Pix[4*i+k] = uint8(min(max(c[k]*light+grain, 0), 255))
		}
		out.Pix[4*i+3] = 255
	}
	return out
}

// view returns the colour that the pinhole sees at a position of the frame.
func (s scene) view() func(x, y float64) color.RGBA {
	if s.code == nil {
		return hall
	}
	const distance = 1400 // pixels, of the eye from the frame
	sy, cy := math.Sincos(s.yaw)
	sp, cp := math.Sincos(s.pitch)
	sr, cr := math.Sincos(s.roll)
	// The plane's two axes after roll, pitch and yaw.
	axis := func(a, b float64) [3]float64 {
		a, b = a*cr-b*sr, a*sr+b*cr
		return [3]float64{a*cy + b*sp*sy, b * cp, -a*sy + b*sp*cy}
	}
	u, v := axis(1, 0), axis(0, 1)
	normal := [3]float64{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	n := float64(len(s.code))
	return func(x, y float64) color.RGBA {
		ray := [3]float64{x - s.x, y - s.y, distance}
		down := ray[0]*normal[0] + ray[1]*normal[1] + ray[2]*normal[2]
		t := distance * normal[2] / down
		p := [3]float64{ray[0] * t, ray[1] * t, ray[2]*t - distance}
		a := (p[0]*u[0] + p[1]*u[1] + p[2]*u[2]) / s.side
		b := (p[0]*v[0] + p[1]*v[1] + p[2]*v[2]) / s.side
		if math.Abs(a) <= 0.5 && math.Abs(b) <= 0.5 {
			i, j := int((a+0.5)*n), int((b+0.5)*n)
			if s.code[min(j, len(s.code)-1)][min(i, len(s.code)-1)] {
				return color.RGBA{22, 22, 26, 255}
			}
			return s.on.sheet
		}
		w, h := s.on.width/2, s.on.height/2
		switch shift := b - (h - 0.5 - s.on.top); {
		case math.Abs(a) > w || math.Abs(shift) > h:
			return hall(x, y)
		case math.Abs(a) > w-0.05 || math.Abs(shift) > h-0.05:
			return s.on.body
		default:
			return s.on.sheet
		}
	}
}

// hall is the room behind: a floor, a wall, a window, a few people as soft shapes.
func hall(x, y float64) color.RGBA {
	c := [3]float64{148, 158, 160}
	mix := func(k float64, to [3]float64) {
		k = min(max(k, 0), 1)
		for i := range c {
			c[i] += k * (to[i] - c[i])
		}
	}
	soft := func(cx, cy, rx, ry float64) float64 {
		d := math.Hypot((x-cx)/rx, (y-cy)/ry)
		return (1.15 - d) * 3
	}
	mix((y-350)/40, [3]float64{122, 108, 92})
	mix(min(soft(520, 110, 90, 80), 1), [3]float64{226, 232, 236})
	mix(soft(110, 330, 55, 150), [3]float64{70, 84, 110})
	mix(soft(110, 165, 30, 38), [3]float64{186, 150, 128})
	mix(soft(590, 380, 60, 140), [3]float64{128, 82, 80})
	mix(soft(590, 230, 28, 36), [3]float64{182, 146, 124})
	return color.RGBA{uint8(c[0]), uint8(c[1]), uint8(c[2]), 255}
}

// blur convolves with a Gaussian, rows then columns.
func blur(pix [][3]float64, sigma float64) {
	radius := int(math.Ceil(2.5 * sigma))
	kernel := make([]float64, 2*radius+1)
	total := 0.0
	for i := range kernel {
		d := float64(i - radius)
		kernel[i] = math.Exp(-d * d / (2 * sigma * sigma))
		total += kernel[i]
	}
	line := make([][3]float64, max(frameWidth, frameHeight))
	pass := func(start, step, n int) {
		for i := range n {
			var c [3]float64
			for k, w := range kernel {
				from := pix[start+step*min(max(i+k-radius, 0), n-1)]
				for ch := range c {
					c[ch] += from[ch] * w / total
				}
			}
			line[i] = c
		}
		for i := range n {
			pix[start+step*i] = line[i]
		}
	}
	for y := range frameHeight {
		pass(y*frameWidth, 1, frameWidth)
	}
	for x := range frameWidth {
		pass(x, frameWidth, frameHeight)
	}
}
