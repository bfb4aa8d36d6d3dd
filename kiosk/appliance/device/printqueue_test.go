package device

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chot/drivers/printer"
	"chot/kiosk/appliance/internal/heard"
	"chot/kiosk/checkpoint"
	"chot/ui/catalog"
)

func label(t interface{ Fatal(...any) }, code string) (*printer.Page, error) {
	layout, err := printer.Builtin().Find("sample", "50x25")
	if err != nil {
		t.Fatal(err)
	}
	return printer.Render(layout, map[string]string{"name": "Nguyễn Thị Thử", "code": code, "birth": "1985", "technique": "rt-pcr"}, 203)
}

// Whatever is printed reads back as itself; what cannot be encoded is refused.
func TestEveryPrintedCodeReadsBack(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"Lô-12", "K01-ñ", "K\t1", "K01\x00", "Mẫu 1"} {
		if _, err := label(t, code); !errors.Is(err, printer.ErrNotEncodable) {
			t.Errorf("%q is a label: %v", code, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[!-~]([ -~]{0,12}[!-~])?`).Draw(t, "code")
		page, err := label(t, code)
		if err != nil {
			if strings.Contains(err.Error(), "does not fit") {
				t.Skip("too long for this layout")
			}
			t.Fatal(err)
		}
		if err := readBack(page); err != nil {
			t.Fatalf("%q: %v", code, err)
		}
	})
}

// Every built-in layout prints, at every resolution, what its readers must read:
// tube numbers, and slips and results as long as signed ones are.
func TestBuiltInLayoutsReadBack(t *testing.T) {
	t.Parallel()
	for _, layout := range printer.Builtin() {
		for _, dpi := range []int{203, 300} {
			for _, code := range []string{"K07-00000123", "CHOT1:" + strings.Repeat("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10)} {
				fields := map[string]string{}
				for _, name := range layout.Fields() {
					fields[name] = "x"
				}
				fields["code"] = code
				page, err := printer.Render(layout, fields, dpi)
				if err != nil {
					if len(code) < 13 {
						t.Errorf("%s %s at %d dpi: %v", layout.Form, layout.Media, dpi, err)
					}
					continue
				}
				if err := readBack(page); err != nil {
					t.Errorf("%s %s at %d dpi: %v", layout.Form, layout.Media, dpi, err)
				}
			}
		}
	}
}

// A job whose code would not read back is not sent, and answered all the same.
func TestUnreadableLabelIsNotSent(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "jobs.tspl")
	h := new(heard.Events)
	q, err := NewPrintQueue(hostOf(h), Printing{Port: "file:" + out, Language: "tspl", DPI: 203, Words: "vi"},
		printer.Builtin)
	if err != nil {
		t.Fatal(err)
	}
	job := func(code string) error {
		return q.print(t.Context(), checkpoint.Job{Layout: "sample", Code: code, Copies: 1, Fields: map[string]string{"name": "Thử"}})
	}
	if err := job("Lô-12"); !errors.Is(err, printer.ErrNotEncodable) {
		t.Errorf("printed: %v", err)
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was sent: %v", err)
	}
	if err := job("K07-00000123"); err != nil {
		t.Errorf("a tube's label: %v", err)
	}
	if sent, err := os.ReadFile(out); err != nil || len(sent) == 0 {
		t.Errorf("nothing was sent: %v", err)
	}
}

// The slip of a registration has no verdict and the longest code: it is drawn, on
// the paper of slips, and says what it is.
func TestARegistrationsSlipIsDrawn(t *testing.T) {
	t.Parallel()
	vi, _ := catalog.Find("vi")
	q := &PrintQueue{words: vi, media: usualMedia}
	fields := q.fields(checkpoint.Job{Layout: "slip", Code: "CHOT1S:" + strings.Repeat("A1", 133), Fields: map[string]string{
		"name": "T. T. Na", "birth": "1958", "basis": "test", "kiosk": "tuky-1", "at": "08:00 09/03/2026", "until": "20:00 09/03/2026",
	}})
	if want := vi.Text("purpose.test"); fields["verdict"] != want || want == "" {
		t.Errorf("in the verdict's place stands %q, want %q", fields["verdict"], want)
	}
	layout, err := printer.Builtin().Find("slip", usualMedia["slip"])
	if err != nil {
		t.Fatal(err)
	}
	page, err := printer.Render(layout, fields, 203)
	if err != nil {
		t.Fatal(err)
	}
	if err := readBack(page); err != nil {
		t.Error(err)
	}
}
