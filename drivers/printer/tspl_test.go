package printer

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"chot/drivers/camera"
	"chot/drivers/scanner"
)

// interpret draws what a TSPL printer would, from the bytes of one job.
func interpret(t *testing.T, job []byte) *image.Gray {
	t.Helper()
	_, rest, found := bytes.Cut(job, []byte("BITMAP "))
	if !found {
		t.Fatalf("no BITMAP in %q", job[:min(len(job), 80)])
	}
	var x, y, stride, height, mode int
	if _, err := fmt.Sscanf(string(rest), "%d,%d,%d,%d,%d,", &x, &y, &stride, &height, &mode); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, rest, _ = bytes.Cut(rest, []byte(","))
	}
	picture := image.NewGray(image.Rect(0, 0, stride*8, height))
	for i := range picture.Pix {
		if rest[i/8]&(0x80>>(i%8)) != 0 {
			picture.SetGray(i%(stride*8), i/(stride*8), color.Gray{Y: 255})
		}
	}
	if tail := rest[stride*height:]; !bytes.HasPrefix(tail, []byte("\r\nPRINT 1,2\r\n")) {
		t.Errorf("the job ends with %q", tail)
	}
	return picture
}

// The code on a printed slip is read back by the scanner, from the bytes that
// went to the printer.
func TestPrintedSlipIsReadBack(t *testing.T) {
	t.Parallel()
	layout, err := Builtin().Find("slip", "60x40")
	if err != nil {
		t.Fatal(err)
	}
	code := "CHOT1S:6BF+70790T9WTWGSLKC 4K694HG:.C7W63F/ALL/A9EY8QJCBCE7V82W5VDCZ.CRB8S:6HT4"
	for _, dpi := range []int{203, 300} {
		page, err := Render(layout, map[string]string{"code": code, "title": "PHIẾU", "name": "N. V. Ẩn", "verdict": "ĐƯỢC QUA"}, dpi)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "jobs.tspl")
		p, err := Open("file:"+path, "tspl")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Print(t.Context(), page, 2); err != nil {
			t.Fatal(err)
		}
		job, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		picture := interpret(t, job)
		codes := scanner.New(scanner.Options{}).Still(camera.Frame{
			Seq: 1, Width: picture.Rect.Dx(), Height: picture.Rect.Dy(), Stride: picture.Stride, Pix: picture.Pix,
		})
		if len(codes) != 1 || codes[0].Text != code {
			t.Errorf("%d dpi: read back %v", dpi, codes)
		}
	}
}

func TestAPrinterThatIsNotThere(t *testing.T) {
	t.Parallel()
	layout, err := Builtin().Find("test", "60x40")
	if err != nil {
		t.Fatal(err)
	}
	page, err := Render(layout, map[string]string{"code": "x"}, 203)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(filepath.Join(t.TempDir(), "lp0"), "tspl")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Print(t.Context(), page, 1); err == nil {
		t.Error("it printed")
	}
	for _, c := range [][2]string{{"lp0", "tspl"}, {"/dev/usb/lp0", "pcl"}} {
		if _, err := Open(c[0], c[1]); err == nil {
			t.Errorf("Open(%q, %q) took it", c[0], c[1])
		}
	}
}
