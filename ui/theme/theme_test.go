package theme_test

import (
	"fmt"
	"image/color"
	"testing"

	"chot/ui/theme"
)

func TestMeasureFollowsThePanelsMillimetres(t *testing.T) {
	t.Parallel()
	cases := []struct {
		width, height int
		inches        float64
		main, touch   float32
	}{
		{1024, 600, 0, 57, 100},
		{600, 1024, 0, 57, 100},
		{800, 480, 0, 45, 79},
		{1280, 800, 0, 50, 88},
		{1280, 800, 7, 73, 127},
		{1920, 1080, 15.6, 48, 83},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%dx%d", c.width, c.height), func(t *testing.T) {
			t.Parallel()
			s := theme.Measure(c.width, c.height, c.inches)
			if s.Main != c.main || s.Touch != c.touch {
				t.Errorf("main sentence %v and target %v, want %v and %v", s.Main, s.Touch, c.main, c.touch)
			}
			if s.Small >= s.Body || s.Body >= s.Main {
				t.Errorf("text sizes do not descend: %v", s)
			}
		})
	}
}

// Pairs that the screens use, with the least contrast that each must have: 7
// for verdicts, 4.5 for text, 3 for the outline of what can be tapped.
func TestContrastOfEveryPair(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		ink, on  color.NRGBA
		contrast float64
	}{
		{"green verdict", theme.White, theme.Green, 7},
		{"amber verdict", theme.Black, theme.Amber, 7},
		{"red verdict", theme.White, theme.Red, 7},
		{"text on ground", theme.Ink, theme.Ground, 7},
		{"text on card", theme.Ink, theme.Card, 7},
		{"text on chosen", theme.Ink, theme.Soft, 7},
		{"muted on ground", theme.Muted, theme.Ground, 7},
		{"muted on card", theme.Muted, theme.Card, 7},
		{"brand on ground", theme.Green, theme.Ground, 4.5},
		{"brand on chosen", theme.Green, theme.Soft, 4.5},
		{"red on ground", theme.Red, theme.Ground, 4.5},
		{"outline on ground", theme.Edge, theme.Ground, 3},
		{"focus on ground", theme.Focus, theme.Ground, 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := theme.Contrast(c.ink, c.on); got < c.contrast {
				t.Errorf("contrast %.2f, want at least %v", got, c.contrast)
			}
		})
	}
}

func TestOnPicksTheLegibleInk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ background, ink color.NRGBA }{
		{theme.Green, theme.White}, {theme.Red, theme.White}, {theme.Amber, theme.Black}, {theme.Card, theme.Black},
	} {
		if got := theme.On(c.background); got != c.ink {
			t.Errorf("on %v: %v, want %v", c.background, got, c.ink)
		}
	}
}

func ExampleMeasure() {
	s := theme.Measure(1024, 600, 7)
	fmt.Println(s.Main, s.Touch)
	// Output: 57 100
}
