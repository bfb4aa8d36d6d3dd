//go:build peers

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"chot/drivers/camera"
)

// quad is a label: where a code is in a picture, its corners in turn.
type quad [4]point

type point struct{ x, y float64 }

// contains says whether a point lies in a label, whichever way it is wound.
func (q quad) contains(p point) bool {
	in := false
	for i, j := 0, len(q)-1; i < len(q); j, i = i, i+1 {
		if (q[i].y > p.y) != (q[j].y > p.y) && p.x < (q[j].x-q[i].x)*(p.y-q[i].y)/(q[j].y-q[i].y)+q[i].x {
			in = !in
		}
	}
	return in
}

// labels reads a label file as BoofCV writes them: comments begin with #, then a
// corner a line, or SETS and four corners a line.
func labels(path string) ([]quad, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading labels: %w", err)
	}
	var numbers []float64
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line == "SETS" || strings.HasPrefix(line, "#") {
			continue
		}
		for word := range strings.FieldsSeq(line) {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				return nil, fmt.Errorf("reading labels of %s: %w", path, err)
			}
			numbers = append(numbers, v)
		}
	}
	if len(numbers)%8 != 0 {
		return nil, fmt.Errorf("reading labels of %s: %d numbers are no whole codes", path, len(numbers))
	}
	var out []quad
	for c := range slices.Chunk(numbers, 8) {
		var q quad
		for i := range q {
			q[i] = point{c[2*i], c[2*i+1]}
		}
		out = append(out, q)
	}
	return out, nil
}

// reduce averages a frame so that its shorter side has at most so many pixels,
// and returns by what it was divided; 0 leaves it as it is.
func reduce(f camera.Frame, lines int) (camera.Frame, float64) {
	short := min(f.Width, f.Height)
	if lines == 0 || short <= lines {
		return f, 1
	}
	by := float64(short) / float64(lines)
	o := camera.Frame{Width: int(float64(f.Width) / by), Height: int(float64(f.Height) / by)}
	o.Stride = o.Width
	o.Pix = make([]byte, o.Width*o.Height)
	for y := range o.Height {
		y0, y1 := int(float64(y)*by), min(max(int(float64(y+1)*by), int(float64(y)*by)+1), f.Height)
		for x := range o.Width {
			x0, x1 := int(float64(x)*by), min(max(int(float64(x+1)*by), int(float64(x)*by)+1), f.Width)
			sum := 0
			for yy := y0; yy < y1; yy++ {
				for _, v := range f.Pix[yy*f.Stride+x0 : yy*f.Stride+x1] {
					sum += int(v)
				}
			}
			o.Pix[y*o.Stride+x] = byte(sum / ((x1 - x0) * (y1 - y0)))
		}
	}
	return o, by
}

// compareLabelled prints, category by category, how many labelled codes each
// decoder reads: a code counts once, by a text whose middle lies in its label.
func compareLabelled(root string, lines int, decoders []decoder) error {
	files, err := filepath.Glob(filepath.Join(root, "*", "*.txt"))
	if err != nil {
		return fmt.Errorf("listing the labelled pictures: %w", err)
	}
	rates, times := newTable(), newTable()
	var missed []string
	for n, file := range files {
		want, err := labels(file)
		if err != nil {
			return err
		}
		stem := strings.TrimSuffix(file, ".txt")
		picture := stem + ".jpg"
		if _, err := os.Stat(picture); err != nil {
			picture = stem + ".png"
		}
		f, err := load(picture)
		if err != nil {
			return err
		}
		f, by := reduce(f, lines)
		class := filepath.Base(filepath.Dir(file))
		for range want {
			rates.count(class)
			rates.count("all")
		}
		times.count("all")
		for i := range decoders {
			d := decoders[(i+n)%len(decoders)]
			found, took, err := d.read(f)
			if err != nil {
				return err
			}
			hit := make([]bool, len(want))
			for _, c := range found {
				p := point{c.middle.x * by, c.middle.y * by}
				k := slices.IndexFunc(want, func(q quad) bool { return q.contains(p) })
				switch {
				case k < 0:
					for _, c := range []string{class, "all"} {
						rates.at(c, d.name).wrong++
					}
				case !hit[k]:
					hit[k] = true
					for _, c := range []string{class, "all"} {
						rates.at(c, d.name).right++
					}
				}
			}
			times.at("all", d.name).took = append(times.at("all", d.name).took, took...)
			if d.name == "still" {
				for k, ok := range hit {
					if !ok && len(want) < 20 {
						missed = append(missed, fmt.Sprintf("%s/%s %d", class, filepath.Base(picture), k))
					}
				}
			}
		}
		runtime.GC()
	}
	size := "full size"
	if lines > 0 {
		size = fmt.Sprintf("%d lines", lines)
	}
	fmt.Printf("\n## labelled photographs, %s: codes read; texts outside every label as wrong\n\n", size)
	rates.print(decoders, false)
	for _, d := range decoders {
		var mean float64
		n := 0
		for _, class := range rates.classes {
			if class != "all" {
				mean += float64(rates.at(class, d.name).right) / float64(rates.total[class])
				n++
			}
		}
		fmt.Printf("%s: mean of categories %.1f %%, all codes %.1f %%\n", d.name, 100*mean/float64(n),
			100*float64(rates.at("all", d.name).right)/float64(rates.total["all"]))
	}
	times.print(decoders, true)
	fmt.Println("not read by still:", strings.Join(missed, ", "))
	return nil
}
