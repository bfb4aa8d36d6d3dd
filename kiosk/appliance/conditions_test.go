package appliance

import (
	"strings"
	"testing"

	"chot/deploy/testbed/harness"

	"chot/kiosk/condition"
	"chot/ui/catalog"
)

// A registered condition has words in every language, and there are no words for
// conditions that are not registered.
func TestEveryConditionIsWorded(t *testing.T) {
	t.Parallel()
	for _, l := range catalog.Languages() {
		for _, c := range condition.All() {
			if !l.Has("condition." + c.Code) {
				t.Errorf("%s has no words for condition.%s", l.Code, c.Code)
			}
		}
	}
}

// elsewhere are files outside the registry in which a condition's code may stand,
// and why.
var elsewhere = map[string]string{
	"kiosk/policy/reasons.go": "trust-stale is a reason of a verdict, too",
}

// A new condition touches the registry and one word in each language's file:
// its code stands in no other source file.
func TestConditionCodesStandInTheRegistryAlone(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, c := range condition.All() {
		known[c.Code] = c != condition.Unknown
	}
	harness.Literals(t, harness.Top(t), func(file, text string) {
		if known[text] && !strings.HasPrefix(file, "kiosk/condition/") && elsewhere[file] == "" {
			t.Errorf("%s names the condition %q: use package condition", file, text)
		}
	})
}
