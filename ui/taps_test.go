package ui

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
)

// tapsOf lists the taps that a page's buttons and keys send.
func tapsOf(u *UI, sent *[]checkpoint.Event) []checkpoint.Tap {
	var all []checkpoint.Tap
	try := func(do func()) {
		*sent = nil
		do()
		for _, e := range *sent {
			if tap, ok := e.(checkpoint.Tapped); ok {
				all = append(all, tap.Tap)
			}
		}
	}
	p := u.page
	for _, o := range p.objects {
		if b, ok := o.(*button); ok && b.tap != nil {
			try(b.tap)
		}
	}
	for _, do := range []func(){p.enter, p.leave} {
		if do != nil {
			try(do)
		}
	}
	return all
}

// canTurn says whether a page has a next one that the UI itself turns to.
func canTurn(u *UI, sent *[]checkpoint.Event) bool {
	for _, o := range u.page.objects {
		if b, ok := o.(*button); ok && b.name == u.language().Text("page.after") && !b.off {
			*sent = nil
			leaf := u.leaf
			b.tap()
			u.leaf = leaf
			return len(*sent) == 0
		}
	}
	return false
}

// Every button sends a tap that its screen takes, and every tap that a screen
// takes has a button: a button that does nothing and a tap that cannot be reached
// both fail here.
func TestButtonsAndTapsMatch(t *testing.T) {
	var sent []checkpoint.Event
	reached := map[reflect.Type]map[checkpoint.Tap]bool{}
	for _, size := range panels[1:2] {
		u, w := open(size, func(e checkpoint.Event) { sent = append(sent, e) })
		for _, s := range samples {
			s.state.Language = "vi"
			u.works = time.Unix(1, 0)
			u.show(s.state)
			view := reflect.TypeOf(s.state.View)
			if reached[view] == nil {
				reached[view] = map[checkpoint.Tap]bool{}
			}
			takes := checkpoint.Taps(s.state.View)
			var all []checkpoint.Tap
			for leaf := 0; ; leaf++ { // what is too long for one page is on the next
				all = append(all, tapsOf(u, &sent)...)
				if u.leaf != leaf { // one of the buttons turned it
					u.turn(leaf)
				}
				if !canTurn(u, &sent) {
					break
				}
				u.turn(leaf + 1)
			}
			for _, tap := range all {
				reached[view][tap] = true
				if !slices.Contains(takes, tap) && !slices.Contains(checkpoint.Everywhere(), tap) {
					t.Errorf("%s: a button sends %q, which the screen does not take", s.name, tap)
				}
			}
		}
		w.Close()
	}
	for _, v := range checkpoint.Views() {
		for _, tap := range checkpoint.Taps(v) {
			if !reached[reflect.TypeOf(v)][tap] {
				t.Errorf("%T takes %q, which no button sends", v, tap)
			}
		}
	}
}

func TestEveryViewIsDrawn(t *testing.T) {
	for _, v := range checkpoint.Views() {
		if drawings[reflect.TypeOf(v)] == nil {
			t.Errorf("%T has no drawing", v)
		}
	}
	if len(drawings) != len(checkpoint.Views()) {
		t.Errorf("%d drawings for %d views", len(drawings), len(checkpoint.Views()))
	}
}
