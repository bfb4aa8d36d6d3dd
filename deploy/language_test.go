package deploy_test

import (
	"strings"
	"testing"

	"chot/deploy/testbed/harness"
	"chot/ui/catalog"
)

// A third language is one file: with a file more in ui/catalog, and nothing else
// changed, the kiosk and the officers' pages offer and speak it. The tests that
// are run say so for every language of the catalogue.
func TestAFileAddsALanguage(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, key := range catalog.Languages()[0].Keys() {
		texts[key] = "‹" + catalog.Languages()[0].Text(key) + "›"
	}
	texts["language.name"] = "Toy"
	o := harness.NewOverlay(t)
	o.JSON("ui/catalog/qtz.json", texts) // of the codes for local use
	out := o.Test("-run", "EachLanguage|EveryLanguage", "chot/ui/catalog", "chot/ui", "chot/kiosk/appliance", "chot/deploy/province/internal/web")
	if n := strings.Count(out, "--- PASS"); n < 4 || strings.Count(out, "\nok") != 4 {
		t.Errorf("%d tests ran, want one at least in each package:\n%s", n, out)
	}
}
