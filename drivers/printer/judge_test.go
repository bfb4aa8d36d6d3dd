package printer

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The judges of the printed bytes are programs of others. `make test-labels`
// installs them and sets the variables.
func judges(t *testing.T) (modules string) {
	t.Helper()
	modules = os.Getenv("CHOT_LABEL_JUDGES")
	if modules == "" {
		t.Skip("`make test-labels` has others judge the printed bytes")
	}
	for _, program := range []string{"node", "zbarimg"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing: %v", program, err)
		}
	}
	return modules
}

// TestJudgedByZebrashAndZBar renders ZPL with zebrash and reads the codes back
// with ZBar, from dots and as the printer's own.
func TestJudgedByZebrashAndZBar(t *testing.T) {
	t.Parallel()
	modules := judges(t)
	for _, dpi := range resolutions {
		for _, native := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d dpi, native codes %v", dpi, native), func(t *testing.T) {
				t.Parallel()
				judgeZPL(t, modules, dpi, native)
			})
		}
	}
}

func judgeZPL(t *testing.T, modules string, dpi int, native bool) {
	type printed struct {
		code string
		page *Page
	}
	dpmm := map[int]int{203: 8, 300: 12}[dpi]
	dir := t.TempDir()
	jobs := map[string]printed{}
	eachLabel(t, labels(), []int{dpi}, func(t *testing.T, i int, code string, p *Page) {
		if native && i%10 > 0 {
			return // dots are what is sent unless the printer is told otherwise
		}
		data, err := Encode("zpl", p, EncodeOptions{NativeCodes: native})
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%04d-%s-%s-%.2fx%.2f-%d.zpl", i, p.layout.Form, strings.ReplaceAll(p.layout.Media, "x", "_"),
			float64(p.w)/float64(dpmm), float64(p.h+8)/float64(dpmm), dpmm)
		jobs[name] = printed{code, p}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	run(t, "node", "testdata/judge/zpl.cjs", modules, dir)
	read := zbar(t, dir)
	for name, j := range jobs {
		want := []string{"QR-Code"}
		if j.page.layout.Form == "sample" {
			want = append(want, "CODE-128")
		}
		for _, kind := range want {
			if got := read[name+".png"][kind]; got != j.code {
				t.Errorf("%s: ZBar reads %q as %s, printed %q", name, got, kind, j.code)
			}
		}
		if !native {
			if d := samePicture(t, filepath.Join(dir, name+".png"), j.page); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	}
	t.Logf("%d labels and slips judged", len(jobs))
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	// ZBar says with 4 that a picture held no code; the test finds out which.
	if exit := new(exec.ExitError); err != nil && !(name == "zbarimg" && asExit(err, &exit) && exit.ExitCode() == 4) {
		t.Fatalf("%s: %v\n%s", name, err, errs.String())
	}
	return out
}

func asExit(err error, exit **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*exit = e
	return ok
}

// zbar reads every picture of a folder: file name → kind of code → text.
func zbar(t *testing.T, dir string) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]map[string]string{}
	for len(files) > 0 {
		n := min(len(files), 200)
		out := run(t, "zbarimg", append([]string{"-q", "--xml"}, files[:n]...)...)
		files = files[n:]
		var found struct {
			Sources []struct {
				File    string `xml:"href,attr"`
				Symbols []struct {
					Kind string `xml:"type,attr"`
					Data string `xml:"data"`
				} `xml:"index>symbol"`
			} `xml:"source"`
		}
		if err := xml.Unmarshal(out, &found); err != nil {
			t.Fatal(err)
		}
		for _, s := range found.Sources {
			codes := map[string]string{}
			for _, c := range s.Symbols {
				codes[c.Kind] = c.Data
			}
			read[filepath.Base(s.File)] = codes
		}
	}
	return read
}

// samePicture compares what another rendered with what was drawn.
func samePicture(t *testing.T, path string, p *Page) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := newBitmap(img.Bounds().Dx(), img.Bounds().Dy())
	for y := range b.h {
		for x := range b.w {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				b.set(x, y)
			}
		}
	}
	return difference(b, p.raster(true))
}

// TestJudgedByAnotherEncoder finds the commands that npm's encoder makes for
// the same picture and codes in ours.
func TestJudgedByAnotherEncoder(t *testing.T) {
	t.Parallel()
	modules := judges(t)
	l, err := Builtin().Find("test", "58")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Render(l, map[string]string{"code": "K07-00000123", "kiosk": "K07"}, 203)
	if err != nil {
		t.Fatal(err)
	}
	var bar, qr *symbol
	for _, it := range p.items {
		switch {
		case it.code == nil:
		case it.code.kind == QRElement:
			qr = it.code
		default:
			bar = it.code
		}
	}
	// Its pictures come whole, ours in bands: compare one band.
	band := p.raster(true).rows(0, bandRows)
	dots := make([]byte, band.w*band.h)
	for i := range dots {
		if band.black(i%band.w, i/band.w) {
			dots[i] = 1
		}
	}
	job, err := json.Marshal(map[string]any{
		"text": qr.text, "module": qr.module, "ecc": strings.ToLower(qr.ecc), "code": bar.text, "barHeight": bar.h,
		"width": band.w, "height": band.h, "bits": base64.StdEncoding.EncodeToString(dots),
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "job.json")
	if err := os.WriteFile(file, job, 0o600); err != nil {
		t.Fatal(err)
	}
	var theirs map[string]string
	if err := json.Unmarshal(run(t, "node", "testdata/judge/escpos.cjs", modules, file), &theirs); err != nil {
		t.Fatal(err)
	}
	var ourBar, ourQR, ourBand bytes.Buffer
	escposCode128(&ourBar, bar)
	escposQR(&ourQR, qr)
	escposRaster(&ourBand, band, 0, band.h)
	for name, ours := range map[string][]byte{
		"init": {esc, '@'}, "image": ourBand.Bytes(), "qr": ourQR.Bytes(), "code128": ourBar.Bytes()[len(ourBar.Bytes())-4-2-len(bar.text):],
	} {
		bytesOf, err := hex.DecodeString(theirs[name])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(bytesOf, ours) {
			t.Errorf("%s: our %d bytes are not in their %d:\nours   %.200x\ntheirs %.260x", name, len(ours), len(bytesOf), ours, bytesOf)
		}
	}
}
