package checkpoint_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
)

// atDesk is a sampler at the desk, with or without labels of the kiosk's own.
func atDesk(t *testing.T, labels bool) *world {
	t.Helper()
	s := setup()
	s.Labels = labels
	w := start(t, s)
	for i := range 12 {
		c := idCard(fmt.Sprintf("Người Thử %c", 'A'+i))
		c.Credentials[0].Holder.Document = fmt.Sprintf("0301500000%02d", i)
		w.codes[fmt.Sprintf("CARD%d", i)] = c
	}
	w.logIn(checkpoint.Sampler)
	w.tap(checkpoint.TapTask, string(checkpoint.TaskSampling))
	return w
}

func TestPersonFirstThenTube(t *testing.T) {
	t.Parallel()
	w := atDesk(t, true)
	w.code("CARD0")
	v := on[checkpoint.SamplingDesk](w)
	if v.Person != "N. T. A" || v.Label != checkpoint.LabelPrinted || v.Tube != "TK01-0323001" || len(w.printed) != 1 {
		t.Fatalf("the desk shows %+v", v)
	}
	if job := w.printed[0].Job; job.Code != v.Tube || job.Fields["name"] != "N. T. A" || job.Copies != 1 {
		t.Errorf("the label is %+v", job)
	}
	if len(keptOf[record.Sample](w)) != 0 {
		t.Error("the sample counted before its label was scanned back")
	}
	w.code("TK01-0323009")
	if v := on[checkpoint.SamplingDesk](w); v.Problem != "wrong-label" || len(keptOf[record.Sample](w)) != 0 {
		t.Errorf("another label gives %+v", v)
	}
	w.code("TK01-0323001")
	s := keptOf[record.Sample](w)
	if len(s) != 1 || s[0].Tube != "TK01-0323001" || s[0].Person.Document != "030150000000" || s[0].Staff != "B-sampler" || s[0].Member != 0 {
		t.Fatalf("kept is %+v", s)
	}
	if v := on[checkpoint.SamplingDesk](w); v.Person != "" || v.Tube != "" || v.Today != (checkpoint.Balance{Out: 1, Sampled: 1, Persons: 1}) {
		t.Errorf("for the next person the desk shows %+v", v)
	}
	w.code("TK01-0323001")
	if v := on[checkpoint.SamplingDesk](w); v.Problem != "tube-used" {
		t.Errorf("a used tube gives %+v", v)
	}
}

func TestTubeFirstThenPerson(t *testing.T) {
	t.Parallel()
	w := atDesk(t, false)
	w.code("LAB-55512")
	if v := on[checkpoint.SamplingDesk](w); v.Tube != "LAB-55512" || v.Label != checkpoint.LabelVerified {
		t.Fatalf("the desk shows %+v", v)
	}
	w.code("CARD0")
	if s := keptOf[record.Sample](w); len(s) != 1 || s[0].Tube != "LAB-55512" || len(w.printed) != 0 {
		t.Errorf("kept is %+v", s)
	}
	w.code("CARD1") // and the other way round
	w.code("LAB-55513")
	if s := keptOf[record.Sample](w); len(s) != 2 || s[1].Tube != "LAB-55513" {
		t.Errorf("kept is %+v", s)
	}
}

func TestAPoolOfFive(t *testing.T) {
	t.Parallel()
	w := atDesk(t, true)
	w.tap(checkpoint.TapAdd)
	w.code("TK01-0323001")
	w.tap(checkpoint.TapClose)
	if v := on[checkpoint.SamplingDesk](w); v.Problem != "pool-small" || !v.Pool {
		t.Errorf("an empty pool gives %+v", v)
	}
	for i := range 3 {
		w.code(fmt.Sprintf("CARD%d", i))
	}
	w.code("CARD1")
	if v := on[checkpoint.SamplingDesk](w); v.Problem != "person-twice" || len(v.Members) != 3 {
		t.Errorf("the same person again gives %+v", v)
	}
	w.tap(checkpoint.TapUndo)
	if v := on[checkpoint.SamplingDesk](w); len(v.Members) != 2 {
		t.Errorf("after undoing there are %d members", len(v.Members))
	}
	for i := range 4 {
		w.code(fmt.Sprintf("CARD%d", i+4))
	}
	v := on[checkpoint.SamplingDesk](w)
	if v.Problem != "pool-full" || len(v.Members) != 5 || v.Members[2].Place != 4 {
		t.Errorf("a sixth person gives %+v", v)
	}
	w.tap(checkpoint.TapClose)
	pools := keptOf[record.Pool](w)
	if len(pools) != 2 || pools[0].Step != record.Opened || pools[1].Step != record.Closed || pools[1].Size != 5 {
		t.Errorf("kept is %+v", pools)
	}
	if got := keptOf[record.Staff](w); got[len(got)-1].Action != "undo" || got[len(got)-1].Member != 3 {
		t.Errorf("kept is %+v", got)
	}
	w.code("TK01-0323001")
	if v := on[checkpoint.SamplingDesk](w); v.Problem != "tube-used" {
		t.Errorf("a sealed pool gives %+v", v)
	}
}

func TestACrashInTheMiddleOfAPoolLosesNothing(t *testing.T) {
	t.Parallel()
	w := atDesk(t, true)
	w.tap(checkpoint.TapAdd)
	w.code("TK01-0323001")
	w.code("CARD0")
	w.code("CARD1")

	after := atDesk(t, true)
	s := setup()
	s.Labels = true
	state, err := checkpoint.New(s, w.now, [32]byte{9}, w.memory) // another seed: memory was lost
	if err != nil {
		t.Fatal(err)
	}
	after.s, after.memory = state, w.memory
	after.logIn(checkpoint.Sampler)
	if v := on[checkpoint.StaffMenu](after); v.Open != 1 {
		t.Errorf("%d pools are open", v.Open)
	}
	after.tap(checkpoint.TapTask, string(checkpoint.TaskSampling))
	after.tap(checkpoint.TapOpen, "TK01-0323001")
	if v := on[checkpoint.SamplingDesk](after); len(v.Members) != 2 || v.Members[1].Place != 2 || v.Members[1].Name != "" || !v.Pool {
		t.Errorf("after a restart the desk shows %+v", v)
	}
	after.code("CARD1")
	if v := on[checkpoint.SamplingDesk](after); !v.Doubt {
		t.Errorf("a member from before gives %+v", v)
	}
	after.tap(checkpoint.TapDecline)
	after.code("CARD2")
	after.tap(checkpoint.TapClose)
	if p := keptOf[record.Pool](after); len(p) != 1 || p[0].Size != 3 {
		t.Errorf("kept is %+v", p)
	}
	if m := keptOf[record.Sample](after); len(m) != 1 || m[0].Member != 3 {
		t.Errorf("kept is %+v", m)
	}
	after.tap(checkpoint.TapAdd)
	if v := on[checkpoint.SamplingDesk](after); v.Tube != "TK01-0323002" {
		t.Errorf("the next tube is %s", v.Tube)
	}
}

func TestASampleThatCouldNotBeKeptDoesNotCount(t *testing.T) {
	t.Parallel()
	w := atDesk(t, false)
	w.code("LAB-55512")
	w.fail["keep"] = "disk-full"
	w.code("CARD0")
	v := on[checkpoint.SamplingDesk](w)
	if v.Problem != "not-kept" || v.Person != "N. T. A" || v.Today.Sampled != 0 {
		t.Errorf("the desk shows %+v", v)
	}
	w.fail["keep"] = ""
	w.code("CARD0")
	if s := keptOf[record.Sample](w); len(s) != 1 {
		t.Errorf("kept is %+v", s)
	}
}

func TestALabelThatWasNotPrintedIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := atDesk(t, true)
	w.fail["print"] = "paper-out"
	w.code("CARD0")
	if v := on[checkpoint.SamplingDesk](w); v.Label != checkpoint.LabelFailed || v.Problem != "paper-out" {
		t.Errorf("the desk shows %+v", v)
	}
	w.fail["print"] = ""
	w.tap(checkpoint.TapPrint)
	if v := on[checkpoint.SamplingDesk](w); v.Label != checkpoint.LabelPrinted || v.Tube != "TK01-0323001" {
		t.Errorf("the desk shows %+v", v)
	}
}

func TestAnOrderIsFoundByItsSlip(t *testing.T) {
	t.Parallel()
	w := atDesk(t, false)
	slip := certificate("N. V. Thử", checkpoint.Amber, "slip-amber")
	slip.Credentials[0].Family = "slip"
	w.codes["CHOT1S:X"] = slip
	w.finds = checkpoint.OrderFound{Order: checkpoint.FoundOrder{
		Number: "X", Person: record.Person{Name: "Nguyễn Văn Thử", Birth: 1961}, Technique: record.Antigen, Reason: "contact",
	}}
	w.code("CHOT1S:X")
	w.code("LAB-55512")
	if s := keptOf[record.Sample](w); len(s) != 1 || s[0].Order != "X" || s[0].Technique != record.Antigen || s[0].Reason != "contact" {
		t.Errorf("kept is %+v", s)
	}
	w.send(checkpoint.NetworkChanged{})
	w.code("CHOT1S:X")
	if v := on[checkpoint.SamplingDesk](w); v.Problem != "offline" {
		t.Errorf("offline the desk shows %+v", v)
	}
}

func TestAPersonByHandIsRegisteredFirst(t *testing.T) {
	t.Parallel()
	w := atDesk(t, false)
	w.code("LAB-55512")
	w.tap(checkpoint.TapRegister)
	answers := healthy()
	answers["reason"], answers["technique"], answers["place"], answers["slot"] = "contact", "rt-pcr", "here", "now"
	w.answer(answers)
	w.agree()
	o, s := keptOf[record.Order](w), keptOf[record.Sample](w)
	if len(o) != 1 || len(s) != 1 || s[0].Order != o[0].Number || s[0].Person.Name != "Nguyễn Văn Thử" {
		t.Errorf("kept are %+v and %+v", o, s)
	}
	on[checkpoint.SamplingDesk](w)
}

func TestAntigenTest(t *testing.T) {
	t.Parallel()
	lay := func(t *testing.T) *world {
		w := atDesk(t, false)
		w.tap(checkpoint.TapTechnique, "antigen")
		w.code("LAB-55512")
		w.code("CARD0")
		w.tap(checkpoint.TapHome)
		return w
	}
	// pass lets time pass with a member of staff at the screen.
	pass := func(w *world, d time.Duration) {
		for range d / time.Minute {
			w.wait(time.Minute)
			w.tap(checkpoint.TapHome)
		}
		w.tap(checkpoint.TapTask, string(checkpoint.TaskAntigen))
	}
	t.Run("in its time", func(t *testing.T) {
		t.Parallel()
		w := lay(t)
		w.tap(checkpoint.TapTask, string(checkpoint.TaskAntigen))
		w.tap(checkpoint.TapOpen, "LAB-55512")
		if v := on[checkpoint.Antigens](w); v.Problem != "too-early" || v.Tests[0].Phase != "wait" {
			t.Errorf("the table shows %+v", v)
		}
		w.tap(checkpoint.TapHome)
		pass(w, 16*time.Minute)
		w.code("LAB-55512")
		w.code("CARD1")
		if v := on[checkpoint.AntigenReading](w); v.Problem != "another-person" {
			t.Errorf("another person's card gives %+v", v)
		}
		w.code("CARD0")
		w.tap(checkpoint.TapOutcome, "positive")
		w.tap(checkpoint.TapNext)
		v := on[checkpoint.AntigenReading](w)
		if v.Stage != "done" || v.Code == "" || !v.Printed {
			t.Errorf("the reading shows %+v", v)
		}
		r := keptOf[record.Result](w)
		if len(r) != 1 || r[0].Tube != "LAB-55512" || r[0].Outcome != record.Positive || r[0].Sampled != record.At(noon) {
			t.Errorf("kept is %+v", r)
		}
		if s := w.signed[0].Result; s == nil || s.Name != "N. T. A" || s.Outcome != record.Positive {
			t.Errorf("signed is %+v", s)
		}
		w.tap(checkpoint.TapDone)
		if v := on[checkpoint.Antigens](w); len(v.Tests) != 0 {
			t.Errorf("the table still has %+v", v.Tests)
		}
	})
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		w := lay(t)
		pass(w, 31*time.Minute)
		w.code("LAB-55512")
		w.tap(checkpoint.TapOutcome, "negative")
		w.tap(checkpoint.TapNext)
		if v := on[checkpoint.AntigenReading](w); v.Timer.Phase != "late" || slices.Contains(v.Outcomes, record.Negative) || len(keptOf[record.Result](w)) != 0 {
			t.Errorf("the reading shows %+v", v)
		}
	})
}

func TestTheShiftMustBalance(t *testing.T) {
	t.Parallel()
	w := atDesk(t, true)
	w.code("CARD0") // label printed, not scanned back
	w.tap(checkpoint.TapHome)
	w.tap(checkpoint.TapTask, string(checkpoint.TaskShift))
	w.tap(checkpoint.TapDone)
	v := on[checkpoint.ShiftEnd](w)
	if v.Balanced || v.Problem != "unbalanced" || len(v.Tubes) != 1 || v.Tubes[0].Stage != "out" {
		t.Errorf("the shift shows %+v", v)
	}
	w.tap(checkpoint.TapVoid, "TK01-0323001")
	w.tap(checkpoint.TapReason, "broken")
	if v := on[checkpoint.ShiftEnd](w); !v.Balanced || v.Balance != (checkpoint.Balance{Out: 1, Void: 1}) {
		t.Errorf("the shift shows %+v", v)
	}
	w.tap(checkpoint.TapDone)
	on[checkpoint.StaffMenu](w)
	if got := actions(w); !slices.Equal(got, []string{"login", "void", "shift-end"}) {
		t.Errorf("recorded is %v", got)
	}
	w.tap(checkpoint.TapTask, string(checkpoint.TaskSampling))
	w.code("CARD1")
	if v := on[checkpoint.SamplingDesk](w); v.Tube != "TK01-0323002" || v.Today.Out != 1 {
		t.Errorf("in the next shift the desk shows %+v", v)
	}
}

func TestReprintNeedsAReason(t *testing.T) {
	t.Parallel()
	w := atDesk(t, true)
	w.code("CARD0")
	w.code("TK01-0323001")
	w.tap(checkpoint.TapHome)
	w.tap(checkpoint.TapTask, string(checkpoint.TaskReprint))
	w.code("TK01-0323001")
	w.tap(checkpoint.TapPrint)
	if len(w.printed) != 1 {
		t.Error("a label was printed again without a reason")
	}
	w.tap(checkpoint.TapReason, "torn")
	w.tap(checkpoint.TapPrint)
	p := keptOf[record.Print](w)
	if len(w.printed) != 2 || w.printed[1].Job.Fields["name"] != "" || p[1].Again != "torn" || p[1].Number != "TK01-0323001" {
		t.Errorf("kept is %+v", p)
	}
}

func TestAnOrderIsFoundByTheIDCard(t *testing.T) {
	t.Parallel()
	w := atDesk(t, false)
	w.finds = checkpoint.OrderFound{Order: checkpoint.FoundOrder{
		Number: "X", Person: record.Person{Name: "Người Thử A", Birth: 1950, Document: "030150000000", Phone: "0900000001"}, Reason: "contact",
	}}
	w.code("CARD0")
	w.code("LAB-55512")
	if s := keptOf[record.Sample](w); len(s) != 1 || s[0].Order != "X" || s[0].Person.Phone == "" {
		t.Errorf("kept is %+v", s)
	}

	// A province that does not answer holds up no work.
	w.mute["lookup"] = true
	w.code("CARD1")
	if v := on[checkpoint.SamplingDesk](w); v.Person != "" {
		t.Errorf("before the province answers the desk shows %+v", v)
	}
	w.wait(3 * time.Second)
	if v := on[checkpoint.SamplingDesk](w); v.Person != "N. T. B" || v.Problem != "" {
		t.Errorf("when it does not answer the desk shows %+v", v)
	}
}
