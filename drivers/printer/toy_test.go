package printer

import (
	"slices"
	"strings"
	"testing"

	"chot/deploy/testbed/harness"
)

// toy is a language of its own: what a new one takes is this descriptor with its
// methods, in one file.
type toy struct{ tspl }

var _ = register(Language{Name: "toy", Aliases: []string{"TOY"}, speaks: toy{}})

func (toy) encode(*Page, EncodeOptions) []byte { return []byte("toy") }

func TestLanguageIsOneFile(t *testing.T) {
	t.Parallel()
	if !slices.Contains(LanguageNames(), "toy") {
		t.Error("it is not listed")
	}
	if p, err := Open("/dev/usb/lp0", "toy"); err != nil || p.language != (toy{}) {
		t.Errorf("a printer that speaks it cannot be opened: %v", err)
	}
	if job, err := Encode("toy", suitePage(t), EncodeOptions{}); err != nil || string(job) != "toy" {
		t.Errorf("encoded %q, %v", job, err)
	}
	if l, known := parseDeviceID("MFG:X;CMD:TOY2;").language(); !known || l.Name != "toy" || l.Labels {
		t.Errorf("a printer that says so speaks %+v", l)
	}
	if _, err := Open("/dev/usb/lp0", "pcl"); err == nil || !strings.Contains(err.Error(), `"pcl" is not one of escpos, toy, tspl, zpl`) {
		t.Errorf("an unknown language: %v", err)
	}
}

// The name of a language stands in no other source file: adding one touches its
// own alone. The default of configurations, tspl, is the exception.
func TestLanguagesAreNamedInTheirFilesAlone(t *testing.T) {
	t.Parallel()
	harness.Literals(t, harness.Top(t), func(file, text string) {
		if strings.HasPrefix(file, "drivers/printer/") {
			return
		}
		for _, name := range []string{"zpl", "escpos"} {
			if slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return !('a' <= r && r <= 'z') }), name) {
				t.Errorf("%s names the language %s in %q", file, name, text)
			}
		}
	})
}
