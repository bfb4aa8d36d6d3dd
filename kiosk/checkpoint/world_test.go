package checkpoint_test

import (
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential"
	"chot/kiosk/declaration"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// world stands for everything outside: it carries actions out as a kiosk would,
// and keeps what came of them.
type world struct {
	t      testing.TB
	s      checkpoint.State
	now    time.Time
	codes  map[string]checkpoint.Event // what a code's check answers, without the ID
	memory map[string][]byte

	kept    []record.Record
	signed  []checkpoint.Sign
	printed []checkpoint.Print
	acted   []checkpoint.Action
	mute    map[string]bool // answers that do not come: "keep", "sign", "print", "check", "lookup"
	fail    map[string]string
	finds   checkpoint.Event // what a look-up answers
	pin     string
}

var (
	noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	seed = [32]byte{1, 2, 3}
)

func setup() *checkpoint.Setup {
	return &checkpoint.Setup{
		Kiosk: "TK-01", Place: "11074", Provisioned: true,
		Languages:  []string{"vi", "en"},
		Directions: []checkpoint.Direction{checkpoint.In, checkpoint.Out},
		Services:   []checkpoint.Service{checkpoint.Declare, checkpoint.Register, checkpoint.Results, checkpoint.Vaccination},
		Retention:  21 * 24 * time.Hour,
		Forms:      declaration.Default(), Units: units, Rows: 6,
		Barrier: true, Printer: true, Fever: 37.5, FeverLevel: checkpoint.Red, Unmeasured: checkpoint.Amber,
		SlipValid:  24 * time.Hour,
		Techniques: []checkpoint.Technique{checkpoint.RTPCR, checkpoint.Antigen},
		PoolLeast:  2, PoolMost: 5, Copies: 1,
		ReadFrom: 15 * time.Minute, ReadUntil: 30 * time.Minute,
		TestReasons: []string{"contact", "symptoms"}, ReprintReasons: []string{"torn"}, VoidReasons: []string{"broken"},
		ManualReasons: []string{"no-code"}, OverrideReasons: []string{"paper-seen"},
		Campaign: "app-2026", Agencies: []checkpoint.Agency{{Code: "a1", Name: "Trường thử nghiệm", People: 3}},
		Tries: 3, LockedIn: 5 * time.Minute,
		Times: checkpoint.DefaultTimes(),
	}
}

func start(t testing.TB, setup *checkpoint.Setup) *world {
	t.Helper()
	w := &world{
		t: t, now: noon, codes: map[string]checkpoint.Event{}, memory: map[string][]byte{},
		mute: map[string]bool{}, fail: map[string]string{}, pin: "1234",
	}
	s, err := checkpoint.New(setup, noon, seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
	return w
}

// send makes a step, carries out its actions and sends on what they answer.
func (w *world) send(events ...checkpoint.Event) {
	w.t.Helper()
	for len(events) > 0 {
		var actions []checkpoint.Action
		w.s, actions = checkpoint.Step(w.s, events[0])
		events = events[1:]
		for _, a := range actions {
			w.acted = append(w.acted, a)
			if e := w.carryOut(a); e != nil {
				events = append(events, e)
			}
		}
	}
}

// tap taps what the screen offers; anything else would be a test of nothing.
func (w *world) tap(tap checkpoint.Tap, value ...string) {
	w.t.Helper()
	if !slices.Contains(checkpoint.Taps(w.s.View), tap) && !slices.Contains(checkpoint.Everywhere(), tap) {
		w.t.Fatalf("%T does not take %q", w.s.View, tap)
	}
	value = append(value, "")
	w.send(checkpoint.Tapped{Tap: tap, Value: value[0]})
}

// readReview turns to the last page of the review, where it can be agreed to.
func (w *world) readReview() {
	w.t.Helper()
	for range 9 {
		if on[checkpoint.Review](w).Seen {
			return
		}
		w.tap(checkpoint.TapNext)
	}
}

func (w *world) agree() {
	w.t.Helper()
	w.readReview()
	w.tap(checkpoint.TapAgree)
}

func (w *world) code(text string) { w.t.Helper(); w.send(checkpoint.CodeSeen{Text: text}) }
func (w *world) typed(text string) {
	w.t.Helper()
	w.send(checkpoint.Typed{Text: text})
}

// wait lets time pass in quarters of a second, as the appliance ticks.
func (w *world) wait(d time.Duration) {
	w.t.Helper()
	for range d / (250 * time.Millisecond) {
		w.now = w.now.Add(250 * time.Millisecond)
		w.send(checkpoint.Tick{Now: w.now})
	}
}

func (w *world) carryOut(a checkpoint.Action) checkpoint.Event {
	switch a := a.(type) {
	case checkpoint.Check:
		if w.mute["check"] {
			return nil
		}
		return w.check(a)
	case checkpoint.Keep:
		if _, err := record.Encode(a.Record.Body); err != nil {
			w.t.Errorf("a record that cannot be encoded: %v", err)
		}
		if w.mute["keep"] {
			return nil
		}
		if p := w.fail["keep"]; p != "" {
			return checkpoint.RecordFailed{ID: a.ID, Problem: p}
		}
		w.kept = append(w.kept, a.Record)
		return checkpoint.RecordKept{ID: a.ID}
	case checkpoint.Save:
		if w.memory[a.Key] = a.Value; a.Value == nil {
			delete(w.memory, a.Key)
		}
	case checkpoint.Sign:
		w.signed = append(w.signed, a)
		switch {
		case w.mute["sign"]:
			return nil
		case w.fail["sign"] != "":
			return checkpoint.SignFailed{ID: a.ID}
		}
		return checkpoint.Signed{ID: a.ID, Code: "CHOT1S:" + a.Number}
	case checkpoint.Print:
		switch {
		case w.mute["print"]:
			return nil
		case w.fail["print"] != "":
			return checkpoint.PrintFailed{ID: a.ID, Problem: w.fail["print"]}
		}
		w.printed = append(w.printed, a)
		return checkpoint.Printed{ID: a.ID}
	case checkpoint.LookUp:
		if w.mute["lookup"] {
			return nil
		}
		return w.found(a.ID)
	case checkpoint.LogIn:
		if a.PIN != w.pin {
			return checkpoint.LoginRefused{ID: a.ID, Problem: "wrong-pin"}
		}
		return checkpoint.LoggedIn{ID: a.ID}
	case checkpoint.TestPart:
		return checkpoint.PartTested{Part: a.Part, Passed: true}
	case checkpoint.MakeSeries:
		return checkpoint.SeriesMade{Codes: []string{"CODE 1", "CODE 2"}, Entries: 12}
	case checkpoint.TakeCode:
		return checkpoint.CodeTaken{Read: 1, Of: 2}
	case checkpoint.Export, checkpoint.TakeReceipts, checkpoint.SaveLogs:
		return checkpoint.StickDone{Count: 12}
	}
	return nil
}

// check answers for the codes that the test laid out; all else is unreadable.
func (w *world) check(a checkpoint.Check) checkpoint.Event {
	answer := w.codes[a.Texts[len(a.Texts)-1]]
	switch e := answer.(type) {
	case checkpoint.Checked:
		var all []credential.Credential
		for _, t := range a.Texts {
			if c, ok := w.codes[t].(checkpoint.Checked); ok {
				all = append(all, c.Credentials...)
			}
		}
		if len(a.Texts) > 1 {
			e.Verdict = w.together(all)
		}
		e.ID, e.Credentials = a.ID, all
		return e
	case checkpoint.BadgeRead:
		e.ID = a.ID
		return e
	case checkpoint.SheetRead:
		e.ID = a.ID
		return e
	case checkpoint.Gathered:
		e.ID = a.ID
		return e
	}
	return checkpoint.Unreadable{ID: a.ID, Problem: "unreadable"}
}

// together judges several codes: a dose and a test of one holder are green.
func (w *world) together(all []credential.Credential) policy.Verdict {
	for _, c := range all {
		if c.Holder.Name != all[0].Holder.Name {
			return verdict(policy.Amber, policy.HolderMismatch)
		}
	}
	return verdict(policy.Green, policy.TestNegative)
}

func (w *world) found(id int) checkpoint.Event {
	switch e := w.finds.(type) {
	case checkpoint.ResultFound:
		e.ID = id
		return e
	case checkpoint.VaccinationFound:
		e.ID = id
		return e
	case checkpoint.OrderFound:
		e.ID = id
		return e
	}
	return checkpoint.LookUpFailed{ID: id, Problem: "no-such"}
}

func verdict(l policy.Level, code string) policy.Verdict {
	return policy.Verdict{
		Level: l, Reasons: []policy.Reason{{Code: code, Level: l}},
		Rules: policy.Freshness{Version: "r7", Grade: policy.Fresh},
		Trust: policy.Freshness{Version: "t9", Grade: policy.Fresh},
	}
}

// certificate is a signed certificate of an invented person.
func certificate(name string, l policy.Level, reason string) checkpoint.Checked {
	return checkpoint.Checked{
		Credentials: []credential.Credential{{
			Family: credential.EUDCC, Standing: credential.Signed, ID: "URN:UVCI:01:VN:" + name,
			Holder: credential.Holder{Name: name, Birth: credential.Date{Year: 1950}},
		}},
		Verdict: verdict(l, reason),
	}
}

// idCard is a citizen ID card of an invented person.
func idCard(name string) checkpoint.Checked {
	return checkpoint.Checked{
		Credentials: []credential.Credential{{
			Family: credential.VNID, Standing: credential.SelfDeclared, ID: "030150000001",
			Holder: credential.Holder{
				Name: name, Birth: credential.Date{Year: 1950, Month: 2, Day: 3}, Sex: "female",
				Document: "030150000001", Address: "Thôn Thử, Xã Tân Kỳ, Huyện Tứ Kỳ, Tỉnh Hải Dương",
			},
		}},
		Verdict: verdict(policy.Amber, policy.Identified),
	}
}

// kept of a kind, as bodies.
func keptOf[B record.Body](w *world) []B {
	var all []B
	for _, r := range w.kept {
		if b, ok := r.Body.(B); ok {
			all = append(all, b)
		}
	}
	return all
}

func acted[A checkpoint.Action](w *world) []A {
	var all []A
	for _, a := range w.acted {
		if a, ok := a.(A); ok {
			all = append(all, a)
		}
	}
	return all
}

// on fails the test unless the screen is of that type, and returns it.
func on[V checkpoint.View](w *world) V {
	w.t.Helper()
	v, ok := w.s.View.(V)
	if !ok {
		w.t.Fatalf("the screen is %T %+v, not %T", w.s.View, w.s.View, v)
	}
	return v
}
