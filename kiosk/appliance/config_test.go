package appliance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"chot/kiosk/provision"
	"chot/kiosk/published"
	"chot/ui/catalog"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnEmptyConfigurationIsAKiosk(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(write(t, "kiosk.toml", ""))
	if err != nil {
		t.Fatal(err)
	}
	if c.State != "/var/lib/chot" || c.Language != "vi" || c.Retention.Duration != 21*24*time.Hour || c.Printer.DPI != 203 {
		t.Errorf("%+v", c)
	}
	setup := published.Defaults().Setup(c.fitted("hall-1"))
	if setup.Thermometer || setup.Barrier || setup.Printer || len(setup.Forms) == 0 || setup.Languages[0] != "vi" {
		t.Errorf("a kiosk of a screen alone: %+v", setup)
	}
}

func TestAConfigurationThatMakesNoKiosk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, says string }{
		{"a setting that does not exist", `camara = "/dev/video0"`, "camara: no such key"},
		{"no folder", `state = ""`, "state: it is empty"},
		{"a language without words", `language = "fr"`, `language: "fr" is not one of`},
		{"a screen too small", "[screen]\nwidth = 320\nheight = 240", "screen.width: 320 is not within 480–7680"},
		{"a screen on its side, but which", "[screen]\nrotate = \"sideways\"", `screen.rotate: "sideways" is not one of , left, right, inverted`},
		{"a time before now", `retention = "-1h"`, "retention: -1h0m0s is negative"},
		{"no time at all", `retention = "tomorrow"`, "tomorrow"},
		{"an unknown kind of scanner", `scanner = "bluetooth:/dev/rfcomm0"`, "bluetooth"},
		{"a scanner without a path", `scanner = "serial:"`, "by its path"},
		{"a scanner's odd rate", `scanner = "serial:/dev/ttyACM0?baud=12"`, "1200 to 921600"},
		{"a scanner's misspelt key", `scanner = "serial:/dev/ttyACM0?sufix=x"`, "baud"},
		{"a keyboard's rate", `scanner = "keyboard:/dev/input/event0?baud=9600"`, "prefix, suffix"},
		{"a printer's odd resolution", "[printer]\ndpi = 150", "printer.dpi: 150 is not one of 203, 300"},
		{"a printer's unknown language", "[printer]\nport = \"/dev/usb/lp0\"\nlanguage = \"pcl\"", `language: "pcl" is not one of escpos, tspl, zpl`},
		{"a negative volume", "metered = -5", "metered: -5 is negative"},
		{"a retention without a unit", "retention = 504", "retention"},
		{"no TOML", `state = `, "reading the configuration"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := loadConfig(write(t, "kiosk.toml", c.text))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, which should say %q", err, c.says)
			}
		})
	}
}

func TestTheSheetKnowsBetterWhereTheKioskStands(t *testing.T) {
	t.Parallel()
	c := config{Unit: "1", Root: "aa", State: "/x"}
	if got := c.at(provision.Site{Unit: "11074", Root: "bb"}); got.Unit != "11074" || got.Root != "bb" || got.State != "/x" {
		t.Errorf("%+v", got)
	}
	if got := c.at(provision.Site{}); got.Unit != "1" || got.Root != "aa" {
		t.Errorf("without a sheet: %+v", got)
	}
}

// Each language of the catalogue may be the one that the screen starts in, and
// the others follow.
func TestEachLanguageMayBeTheFirst(t *testing.T) {
	t.Parallel()
	for _, code := range catalog.Codes() {
		c, err := loadConfig(write(t, "kiosk.toml", `language = "`+code+`"`))
		if err != nil || c.Language != code {
			t.Errorf("%s: %v", code, err)
		}
		if got := languages(code); got[0] != code || len(got) != len(catalog.Codes()) {
			t.Errorf("%s: the screen offers %v", code, got)
		}
	}
}

// The shipped kiosk.toml is accepted as it is, and with all of its examples.
func TestShippedConfigurationIsAccepted(t *testing.T) {
	t.Parallel()
	shipped, err := os.ReadFile("../../deploy/image/kiosk/kiosk.toml")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile(`(?m)^# ([a-z]+ *=)`).ReplaceAllString(string(shipped), "$1")
	if examples == string(shipped) {
		t.Fatal("it has no examples")
	}
	for name, text := range map[string]string{"as it is": string(shipped), "with its examples": examples} {
		if _, err := loadConfig(write(t, "kiosk.toml", text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
