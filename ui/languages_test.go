package ui

import (
	"testing"

	"chot/kiosk/checkpoint"
	"chot/ui/catalog"
)

// The language button goes through all languages of the catalogue and back to
// the first, and each words the screen.
func TestEachLanguageIsOfferedAndSpoken(t *testing.T) {
	k := newKiosk(t)
	languages := catalog.Languages()
	for i, l := range languages {
		next := languages[(i+1)%len(languages)]
		k.Render(checkpoint.State{View: samples[0].state.View, Language: l.Code, Now: k.time})
		k.time = k.time.Add(settle)
		k.tapOn(t, l.Text("service.declare"))
		if want := (checkpoint.Tapped{Tap: checkpoint.TapService, Value: "declare"}); k.last() != want {
			t.Errorf("%s: sent %v, want %v", l.Code, k.last(), want)
		}
		k.tapOn(t, next.Name())
		if want := (checkpoint.Tapped{Tap: checkpoint.TapLanguage, Value: next.Code}); k.last() != want {
			t.Errorf("%s: sent %v, want %v", l.Code, k.last(), want)
		}
	}
}
