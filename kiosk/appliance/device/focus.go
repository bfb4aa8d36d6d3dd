package device

import (
	"chot/drivers/camera"
	"chot/kiosk/checkpoint"
)

// measureFocus says how sharp a picture is, 0 to 100, and how light, as its mean
// grey. Sharpness is how much of each edge's rise over four pixels happens within
// one: all of it in a sharp picture, a quarter where the edge is blurred over all
// four. It does not depend on what is seen, as long as there are edges; without
// any it is 0.
func measureFocus(f camera.Frame) checkpoint.FocusMeasured {
	const (
		reach = 4
		edge  = 32 // least rise that counts, of 255: noise rises less
		every = 4  // rows
	)
	sum, pixels := 0, 0
	sharp, edges := 0.0, 0
	for y := 0; y < f.Height; y += every {
		row := f.Pix[y*f.Stride : y*f.Stride+f.Width]
		for x := 0; x+reach < len(row); x++ {
			sum += int(row[x])
			pixels++
			rise := absolute(int(row[x+reach]) - int(row[x]))
			if rise < edge {
				continue
			}
			steepest := 0
			for i := range reach {
				steepest = max(steepest, absolute(int(row[x+i+1])-int(row[x+i])))
			}
			sharp += min(1, float64(steepest)/float64(rise))
			edges++
		}
	}
	m := checkpoint.FocusMeasured{}
	if pixels > 0 {
		m.Exposure = sum / pixels
	}
	if edges > pixels/2000 {
		m.Focus = int(max(0, sharp/float64(edges)-1./reach) / (1 - 1./reach) * 100)
	}
	switch {
	case m.Exposure < 60:
		m.Advice = checkpoint.Dark
	case m.Exposure > 200:
		m.Advice = checkpoint.Bright
	}
	return m
}

func absolute(n int) int { return max(n, -n) }
