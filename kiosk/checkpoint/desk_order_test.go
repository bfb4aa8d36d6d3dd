package checkpoint_test

import (
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
)

// withOrders is a desk at which slips SLIP-A and SLIP-B are of two people's orders.
func withOrders(t *testing.T) *world {
	t.Helper()
	w := atDesk(t, false)
	slip := certificate("N. V. Thử", checkpoint.Amber, "slip-amber")
	slip.Credentials[0].Family = "slip"
	w.codes["CHOT1S:X"] = slip
	w.finds = checkpoint.OrderFound{Order: checkpoint.FoundOrder{
		Number: "X", Person: record.Person{Name: "Nguyễn Văn Thử", Birth: 1961}, Technique: record.Antigen, Reason: "contact",
	}}
	return w
}

// What came with an order ends with its tube.
func TestAnOrdersChoicesAreNotTheNextPersons(t *testing.T) {
	t.Parallel()
	none := checkpoint.OrderFound{}
	for name, next := range map[string]func(*world){
		"after the tube": func(w *world) { w.code("LAB-55512") },
		"dropped":        func(w *world) { w.tap(checkpoint.TapDecline) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := withOrders(t)
			before := on[checkpoint.SamplingDesk](w)
			w.code("CHOT1S:X")
			if v := on[checkpoint.SamplingDesk](w); v.Technique != record.Antigen || v.Reason != "contact" {
				t.Fatalf("the order gives %+v", v)
			}
			next(w)
			if v := on[checkpoint.SamplingDesk](w); v.Technique != before.Technique || v.Reason != before.Reason {
				t.Errorf("for the next person the desk shows %s, %q", v.Technique, v.Reason)
			}
			w.finds = none
			w.mute["lookup"] = true
			w.code("CARD1")
			w.wait(3 * time.Second)
			w.code("LAB-55513")
			samples := keptOf[record.Sample](w)
			last := samples[len(samples)-1]
			if last.Order != "" || last.Technique != before.Technique || last.Reason != before.Reason {
				t.Errorf("the next person's sample is %+v", last)
			}
		})
	}
}

// A person without an order who takes the place of one with an order has their own.
func TestAnOrderEndsWhenAnotherPersonIsShown(t *testing.T) {
	t.Parallel()
	w := withOrders(t)
	before := on[checkpoint.SamplingDesk](w)
	w.code("CHOT1S:X")
	w.mute["lookup"] = true
	w.code("CARD1")
	w.wait(3 * time.Second)
	if v := on[checkpoint.SamplingDesk](w); v.Person != "N. T. B" || v.Technique != before.Technique || v.Reason != before.Reason || v.Order != "" {
		t.Errorf("the desk shows %+v", v)
	}
}

// The same person and order sampled twice is said, with the first tube; staff
// decide.
func TestASecondSampleIsWarnedOf(t *testing.T) {
	t.Parallel()
	w := withOrders(t)
	w.code("CHOT1S:X")
	w.code("LAB-55512")
	w.code("CHOT1S:X")
	v := on[checkpoint.SamplingDesk](w)
	if v.Before != "LAB-55512" || !v.Doubt || v.Person == "" {
		t.Fatalf("the desk shows %+v", v)
	}
	w.code("LAB-55513") // nothing is taken before staff have decided
	if got := keptOf[record.Sample](w); len(got) != 1 {
		t.Fatalf("kept is %+v", got)
	}
	w.tap(checkpoint.TapDecline)
	if v := on[checkpoint.SamplingDesk](w); v.Before != "" || v.Doubt || v.Person != "" {
		t.Errorf("left out, the desk shows %+v", v)
	}
	w.code("CHOT1S:X")
	w.tap(checkpoint.TapAgree)
	w.code("LAB-55513")
	if got := keptOf[record.Sample](w); len(got) != 2 || got[1].Tube != "LAB-55513" || got[1].Order != "X" {
		t.Errorf("kept is %+v", got)
	}
	// Another order of theirs is another test.
	other := w.finds.(checkpoint.OrderFound)
	other.Order.Number = "Y"
	w.finds = other
	w.code("CHOT1S:X")
	if v := on[checkpoint.SamplingDesk](w); v.Before != "" {
		t.Errorf("of another order the desk shows %+v", v)
	}
}
