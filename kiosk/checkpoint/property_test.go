package checkpoint_test

import (
	"fmt"
	"maps"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/checkpoint"
)

func TestRandomEvents(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t)
		w.begin()
		for range rapid.IntRange(1, 200).Draw(t, "events") {
			w.step()
			seen[fmt.Sprintf("%T", w.s.View)]++
		}
		w.pure()
		w.homeByItself()
	})
	t.Logf("%d screens were reached: %v", len(seen), seen)
}

// pure: any step of the past, made again, gives what it gave.
func (w *walk) pure() {
	i := rapid.IntRange(0, len(w.past)).Draw(w.T, "past")
	if i == len(w.past) {
		return
	}
	p := w.past[i]
	next, did := checkpoint.Step(p.s, p.e)
	if !reflect.DeepEqual(next, p.next) || !reflect.DeepEqual(did, p.did) {
		w.Fatalf("%T on %T is not what it was", p.e, p.s.View)
	}
}

// homeByItself: from wherever the walk ended, home is one or two taps away, and
// comes by itself when everybody has left and nothing answers.
func (w *walk) homeByItself() {
	taps := *w // another world, in which taps follow
	taps.visited, taps.green = maps.Clone(w.visited), maps.Clone(w.green)
	taps.tubes, taps.sealed = maps.Clone(w.tubes), maps.Clone(w.sealed)
	for range 3 {
		if !atRest(taps.s) {
			taps.send(checkpoint.Tapped{Tap: checkpoint.TapHome})
		}
		if _, menu := taps.s.View.(checkpoint.StaffMenu); menu {
			taps.send(checkpoint.Tapped{Tap: checkpoint.TapLogout})
		}
	}
	if !atRest(taps.s) {
		w.Fatalf("no tap leads home from %T: it leads to %T", w.s.View, taps.s.View)
	}
	left := w.s.View
	w.tick(6 * time.Minute)
	if !atRest(w.s) {
		w.Fatalf("%T is not left by itself: after six minutes there is %T", left, w.s.View)
	}
}

func atRest(s checkpoint.State) bool {
	switch s.View.(type) {
	case checkpoint.Idle, checkpoint.OutOfOrder, checkpoint.Provision:
		return true
	}
	return false
}
