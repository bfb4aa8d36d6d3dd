package keyboard_test

import (
	"strings"
	"testing"

	"chot/ui/keyboard"
)

var layouts = map[string]keyboard.Layout{
	"wide letters": keyboard.Wide.Letters, "wide symbols": keyboard.Wide.Symbols,
	"tall letters": keyboard.Tall.Letters, "tall symbols": keyboard.Tall.Symbols,
	"wide search": keyboard.Wide.Search, "tall search": keyboard.Tall.Search,
	"digits": keyboard.Digits,
}

func TestRowsAreEquallyWide(t *testing.T) {
	t.Parallel()
	for name, layout := range layouts {
		for i, row := range layout {
			width := 0
			for _, k := range row {
				width += k.Span
			}
			if width != layout.Columns() {
				t.Errorf("%s, row %d: %d columns, want %d", name, i, width, layout.Columns())
			}
		}
	}
}

func TestEveryKeyboardCanDeleteAndChangeTheLanguage(t *testing.T) {
	t.Parallel()
	for name, layout := range layouts {
		have := map[keyboard.Kind]int{}
		for _, row := range layout {
			for _, k := range row {
				have[k.Kind]++
			}
		}
		if have[keyboard.Delete] != 1 || name != "digits" && have[keyboard.Languages] != 1 {
			t.Errorf("%s has %d delete and %d language keys", name, have[keyboard.Delete], have[keyboard.Languages])
		}
	}
}

func TestLettersHaveEveryLetterAndToneOnce(t *testing.T) {
	t.Parallel()
	for name, pages := range map[string]keyboard.Pages{"wide": keyboard.Wide, "tall": keyboard.Tall} {
		var runes strings.Builder
		for _, row := range pages.Letters {
			for _, k := range row {
				if k.Kind == keyboard.Letter {
					runes.WriteRune(k.Rune)
				}
				if k.Kind == keyboard.ToneMark {
					runes.WriteRune(rune(k.Tone))
				}
			}
		}
		for _, want := range "abcdefghijklmnopqrstuvwxyzăâđêôơư\u0301\u0300\u0309\u0303\u0323" {
			if n := strings.Count(runes.String(), string(want)); n != 1 {
				t.Errorf("%s has %q %d times", name, want, n)
			}
		}
	}
}
