package checkpoint_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// verdicts are all ways to a verdict, up to the point where it goes into the
// journal; the journal is mute from then on.
var verdicts = []struct {
	name  string
	level policy.Level
	slip  bool
	do    func(*world)
}{
	{"green certificate", policy.Green, false, func(w *world) { w.show(policy.Green, policy.DoseValid) }},
	{"amber certificate", policy.Amber, false, func(w *world) { w.show(policy.Amber, policy.UnknownIssuer) }},
	{"red certificate", policy.Red, false, func(w *world) { w.show(policy.Red, policy.Forged) }},
	{"manual check-in", policy.Green, false, func(w *world) {
		w.logIn(checkpoint.Volunteer)
		w.tap(checkpoint.TapTask, string(checkpoint.TaskManual))
		w.journal(false)
		w.tap(checkpoint.TapReason, "no-code")
	}},
	{"override to red", policy.Red, false, func(w *world) { w.overrule(policy.Red) }},
	{"override to green", policy.Green, false, func(w *world) { w.overrule(policy.Green) }},
	{"declaration", policy.Green, true, func(w *world) {
		w.tap(checkpoint.TapService, string(checkpoint.Declare))
		w.tap(checkpoint.TapSelf)
		w.answer(healthy())
		w.readReview()
		w.journal(false)
		w.tap(checkpoint.TapAgree)
		keeps := acted[checkpoint.Keep](w)
		w.send(checkpoint.RecordKept{ID: keeps[len(keeps)-1].ID}) // the declaration; the visit follows
	}},
}

func (w *world) show(l policy.Level, reason string) {
	w.codes["HC1:A"] = certificate("Thử", l, reason)
	w.journal(false)
	w.code("HC1:A")
}

func (w *world) overrule(to policy.Level) {
	w.codes["HC1:A"] = certificate("Thử", policy.Amber, policy.UnknownIssuer)
	w.code("HC1:A")
	w.logIn(checkpoint.Supervisor)
	w.journal(false)
	w.tap(checkpoint.TapReason, to.String()+"/paper-seen")
}

// journal has the journal answer, or not; what was done so far is forgotten.
func (w *world) journal(answers bool) {
	w.mute["keep"] = !answers
	w.acted = nil
}

// told says what people were told of a verdict: by screen, lamp, tone, voice and
// barrier.
func told(w *world) (all []string) {
	switch w.s.View.(type) {
	case checkpoint.Shown, checkpoint.Slip:
		all = append(all, "screen")
	}
	for _, a := range w.acted {
		switch a := a.(type) {
		case checkpoint.Lamp:
			if a.Level != 0 {
				all = append(all, "lamp "+a.Level.String())
			}
		case checkpoint.Buzz:
			if slices.Contains([]string{"green", "amber", "red"}, a.Pattern) {
				all = append(all, "tone "+a.Pattern)
			}
		case checkpoint.Say:
			if strings.HasPrefix(a.Prompt, "shown.") || strings.HasPrefix(a.Prompt, "slip.") {
				all = append(all, "voice "+a.Prompt)
			}
		case checkpoint.OpenBarrier:
			all = append(all, "barrier")
		case checkpoint.Sign, checkpoint.Print:
			all = append(all, "paper")
		}
	}
	return all
}

// No verdict is shown, lit, sounded, printed or let through before it is durable.
func TestNoVerdictBeforeItIsDurable(t *testing.T) {
	t.Parallel()
	for _, v := range verdicts {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, setup())
			v.do(w)
			if got := told(w); got != nil {
				t.Errorf("told before it was durable: %q", got)
			}
			w.wait(1500 * time.Millisecond)
			if got := told(w); got != nil {
				t.Errorf("told before it was durable: %q", got)
			}
			if _, waits := w.s.View.(checkpoint.OneMoment); !waits && !v.slip {
				t.Errorf("after a second and a half there is %T", w.s.View)
			}
			keeps := acted[checkpoint.Keep](w)
			w.send(checkpoint.RecordKept{ID: keeps[len(keeps)-1].ID})
			got := told(w)
			want := []string{"screen", "lamp " + v.level.String(), "tone " + v.level.String()}
			if v.level == policy.Green {
				want = append(want, "barrier")
			}
			if v.slip {
				want = append(want, "paper")
			}
			for _, part := range want {
				if !slices.Contains(got, part) {
					t.Errorf("%q was not told: %q", part, got)
				}
			}
			if v.level != policy.Green && slices.Contains(got, "barrier") {
				t.Error("the barrier opened")
			}
		})
	}
}

// A journal that does not answer puts the kiosk out of order within seconds; it
// serves again once the journal answers.
func TestAJournalThatHangs(t *testing.T) {
	t.Parallel()
	for _, v := range verdicts {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, setup())
			v.do(w)
			keeps := acted[checkpoint.Keep](w)
			w.wait(4250 * time.Millisecond)
			if got := told(w); got != nil {
				t.Errorf("told though nothing is durable: %q", got)
			}
			if w.s.Staff == (checkpoint.Badge{}) {
				o := on[checkpoint.OutOfOrder](w)
				if len(o.Conditions) != 1 || o.Conditions[0].Code != checkpoint.JournalStalled || o.Conditions[0].Severity != checkpoint.Blocking {
					t.Errorf("out of order for %+v", o.Conditions)
				}
			} else {
				on[checkpoint.StaffMenu](w)
				if len(w.s.Conditions) != 1 || w.s.Conditions[0].Code != checkpoint.JournalStalled {
					t.Errorf("staff see %+v", w.s.Conditions)
				}
			}
			w.journal(true)
			for _, k := range keeps {
				w.send(checkpoint.RecordKept{ID: k.ID})
			}
			if len(w.s.Conditions) != 0 {
				t.Errorf("still wrong: %+v", w.s.Conditions)
			}
			if w.s.Staff == (checkpoint.Badge{}) {
				on[checkpoint.Idle](w)
			}
		})
	}
}

// A record that failed was not counted: the same code is a visit of its own when it
// is held up again.
func TestARecordThatFailed(t *testing.T) {
	t.Parallel()
	for _, v := range verdicts {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, setup())
			v.do(w)
			keeps := acted[checkpoint.Keep](w)
			w.send(checkpoint.RecordFailed{ID: keeps[len(keeps)-1].ID, Problem: "disk-full"})
			if u := on[checkpoint.Unchecked](w); u.Problem != "not-kept" {
				t.Errorf("the problem is %q", u.Problem)
			}
			for _, part := range told(w) {
				if part != "lamp amber" && part != "tone amber" {
					t.Errorf("told %q", part)
				}
			}
		})
	}
	w := start(t, setup())
	w.show(policy.Green, policy.DoseValid)
	w.send(checkpoint.RecordFailed{ID: acted[checkpoint.Keep](w)[0].ID, Problem: "disk-full"})
	w.journal(true)
	w.code("HC1:A")
	if s := on[checkpoint.Shown](w); s.Again || len(keptOf[record.Visit](w)) != 1 || len(acted[checkpoint.OpenBarrier](w)) != 1 {
		t.Errorf("held up again: %+v, %d visits", s, len(keptOf[record.Visit](w)))
	}
}

// The same code, held up again while its record is pending, waits for that record
// and is not a second visit.
func TestACodeWhoseRecordIsPending(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	w.show(policy.Green, policy.DoseValid)
	first := acted[checkpoint.Keep](w)[0].ID
	w.tap(checkpoint.TapHome)
	w.code("HC1:A")
	if got := told(w); got != nil || len(acted[checkpoint.Keep](w)) != 1 {
		t.Errorf("told %q, %d records", got, len(acted[checkpoint.Keep](w)))
	}
	w.send(checkpoint.RecordKept{ID: first})
	if s := on[checkpoint.Shown](w); !s.Again || s.Level != checkpoint.Green || len(acted[checkpoint.OpenBarrier](w)) != 1 {
		t.Errorf("shown is %+v", s)
	}
}

// A barrier whose record became durable long after does not open for the next.
func TestABarrierDoesNotOpenLate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		after time.Duration
		opens int
	}{{6 * time.Second, 1}, {15 * time.Second, 1}, {15250 * time.Millisecond, 0}, {20 * time.Second, 0}} {
		w := start(t, setup())
		w.show(policy.Green, policy.DoseValid)
		id := acted[checkpoint.Keep](w)[0].ID
		w.wait(tt.after)
		w.send(checkpoint.RecordKept{ID: id})
		if n := len(acted[checkpoint.OpenBarrier](w)); n != tt.opens {
			t.Errorf("after %v the barrier opened %d times, want %d", tt.after, n, tt.opens)
		}
	}
}

// What the journal's writer and the checkpoint both find is listed once.
func TestAStalledJournalIsListedOnce(t *testing.T) {
	t.Parallel()
	w := start(t, setup())
	verdicts[0].do(w)
	w.wait(4250 * time.Millisecond)
	w.send(checkpoint.DeviceChanged{Part: checkpoint.PartJournal, Conditions: []checkpoint.Condition{
		{Code: checkpoint.JournalStalled, Severity: checkpoint.Blocking, Since: noon},
	}})
	w.wait(time.Second)
	var codes []string
	for _, c := range on[checkpoint.OutOfOrder](w).Conditions {
		codes = append(codes, c.Code)
	}
	if !slices.Equal(codes, []string{checkpoint.JournalStalled}) {
		t.Errorf("the conditions are %v", codes)
	}
}

// An amber that another code may complete is not final: it is told at once, but
// opens nothing and prints nothing, and it is recorded when its time is up. A record
// that then fails is said.
func TestAnAmberThatWaitsForACodeIsNotFinal(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{"kept": true, "not kept": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, setup())
			w.show(policy.Amber, policy.NeedsTest)
			if got, want := told(w), []string{"screen", "lamp amber", "tone amber", "voice shown.amber"}; !slices.Equal(got, want) {
				t.Errorf("told %q, want %q", got, want)
			}
			if keeps := acted[checkpoint.Keep](w); len(keeps) != 0 {
				t.Errorf("recorded before the other code came or did not: %+v", keeps)
			}
			w.wait(setup().Times.Amber + time.Second)
			keeps := acted[checkpoint.Keep](w)
			if len(keeps) != 1 {
				t.Fatalf("%d records when its time was up", len(keeps))
			}
			if visit, ok := keeps[0].Record.Body.(record.Visit); !ok || visit.Level != record.Level(policy.Amber) {
				t.Errorf("recorded %+v", keeps[0].Record.Body)
			}
			for _, a := range told(w) {
				if a == "barrier" || a == "paper" {
					t.Errorf("an amber that waits led to %s", a)
				}
			}
			if kept {
				w.send(checkpoint.RecordKept{ID: keeps[0].ID})
				return
			}
			w.send(checkpoint.RecordFailed{ID: keeps[0].ID})
			if _, shown := w.s.View.(checkpoint.Shown); shown {
				t.Errorf("still shown though it was not kept")
			}
		})
	}
}
