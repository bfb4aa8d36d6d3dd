package web

import (
	"slices"
	"strings"
	"testing"

	"chot/ui/catalog"
)

// An officer reads the words that stood on the kiosk's screen.
func TestCodesReadAsOnTheKiosk(t *testing.T) {
	t.Parallel()
	for _, l := range catalog.Languages() {
		for _, key := range l.Keys() {
			kind, code, _ := strings.Cut(strings.TrimPrefix(key, "option."), ".")
			wanted := []string{"reason", "condition"}
			if strings.HasPrefix(key, "option.") {
				wanted = []string{"group", "wish"}
			}
			if !slices.Contains(wanted, kind) {
				continue
			}
			words := l.Text(key)
			if code == "why" || code == "other" && kind != "group" || strings.Contains(words, "{") {
				continue // a button, and what has no words of its own
			}
			got := map[string]string{"vi": codes[kind+"."+code].VI, "en": codes[kind+"."+code].EN}[l.Code]
			if got != words {
				t.Errorf("%s: %s is %q here and %q there", l.Code, key, got, words)
			}
		}
	}
}
