package appliance

import (
	"os"
	"path/filepath"
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
		{"a setting that does not exist", `camara = "/dev/video0"`, "camara"},
		{"no folder", `state = ""`, "state is empty"},
		{"a language without words", `language = "fr"`, `"fr"`},
		{"a screen too small", "[screen]\nwidth = 320\nheight = 240", "too small"},
		{"a screen on its side, but which", "[screen]\nrotate = \"sideways\"", "sideways"},
		{"a time before now", `retention = "-1h"`, "negative"},
		{"no time at all", `retention = "tomorrow"`, "tomorrow"},
		{"an unknown kind of scanner", `scanner = "bluetooth:/dev/rfcomm0"`, "bluetooth"},
		{"a scanner without a path", `scanner = "serial:"`, "by its path"},
		{"a scanner's odd rate", `scanner = "serial:/dev/ttyACM0?baud=12"`, "1200 to 921600"},
		{"a scanner's misspelt key", `scanner = "serial:/dev/ttyACM0?sufix=x"`, "baud"},
		{"a keyboard's rate", `scanner = "keyboard:/dev/input/event0?baud=9600"`, "prefix, suffix"},
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
