package checkpoint_test

import (
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// hand counts what a person's finger does: each tap and each key.
type hand struct {
	*world
	taps int
}

func (h *hand) tap(tap checkpoint.Tap, value ...string) {
	h.t.Helper()
	h.taps++
	h.world.tap(tap, value...)
}

// keys types letters, one key each; accents are of Telex, a key more each.
func (h *hand) keys(text string, accents int) {
	h.t.Helper()
	h.taps += len([]rune(text)) + accents
	h.typed(text)
}

func (h *hand) logIn(role checkpoint.Role) {
	h.t.Helper()
	badge := "CHOT1B:" + string(role)
	h.codes[badge] = checkpoint.BadgeRead{Badge: checkpoint.Badge{Number: "B-" + string(role), Name: "Cán bộ Thử", Role: role}}
	h.code(badge)
	h.keys("1234", 0)
	h.tap(checkpoint.TapNext)
}

// The flows that people go through most, with the taps that each takes and may
// take at most.
func TestTaps(t *testing.T) {
	t.Parallel()
	for _, flow := range []struct {
		name string
		most int
		do   func(*hand)
	}{
		{"declaration with an ID card, healthy, without a phone", 5, func(h *hand) {
			h.codes["CARD"] = idCard("Phạm Thị Mẫu")
			h.code("CARD")
			h.tap(checkpoint.TapSelf)
			h.tap(checkpoint.TapNext) // no phone
			h.tap(checkpoint.TapNext) // none of the signs
			h.tap(checkpoint.TapNext) // the review's last page
			h.tap(checkpoint.TapAgree)
			on[checkpoint.Slip](h.world)
		}},
		{"declaration by hand, healthy", 48, func(h *hand) {
			h.tap(checkpoint.TapService, string(checkpoint.Declare))
			h.tap(checkpoint.TapSelf)
			h.keys("Tran Van Nam", 2)
			h.tap(checkpoint.TapNext)
			h.keys("1958", 0)
			h.tap(checkpoint.TapNext)
			h.tap(checkpoint.TapOption, "male")
			h.tap(checkpoint.TapNext) // no document
			h.keys("0912345678", 0)
			h.tap(checkpoint.TapUnit, "11086")
			h.tap(checkpoint.TapNext)
			h.tap(checkpoint.TapNext) // no street
			h.tap(checkpoint.TapNext) // none of the signs
			h.readReview()
			h.taps++
			h.tap(checkpoint.TapAgree)
			on[checkpoint.Slip](h.world)
		}},
		{"registration for a test with an ID card and a phone", 19, func(h *hand) {
			h.codes["CARD"] = idCard("Phạm Thị Mẫu")
			h.tap(checkpoint.TapService, string(checkpoint.Register))
			h.code("CARD")
			h.tap(checkpoint.TapSelf)
			h.keys("0912345678", 0)
			for _, o := range []string{"contact", "rt-pcr", "here", "now"} {
				h.tap(checkpoint.TapOption, o)
			}
			for range 3 {
				if !on[checkpoint.Review](h.world).Seen {
					h.tap(checkpoint.TapNext)
				}
			}
			h.tap(checkpoint.TapAgree)
			on[checkpoint.Slip](h.world)
		}},
		{"result", 5, func(h *hand) {
			h.codes["CHOT1S:X"] = slipOf("Thử")
			h.finds = checkpoint.ResultFound{Name: "Thử", Results: []checkpoint.ResultLine{{Tube: "LAB-1", Outcome: record.Negative}}}
			h.tap(checkpoint.TapService, string(checkpoint.Results))
			h.code("CHOT1S:X")
			h.keys("1234", 0)
			on[checkpoint.ResultShown](h.world)
		}},
		{"override, with the log-in", 6, func(h *hand) {
			h.codes["HC1:A"] = certificate("Thử", policy.Amber, policy.UnknownIssuer)
			h.code("HC1:A")
			h.wait(time.Second)
			h.logIn(checkpoint.Supervisor)
			h.tap(checkpoint.TapReason, "green/paper-seen")
			if v := on[checkpoint.Shown](h.world); v.Level != checkpoint.Green {
				h.t.Errorf("shown is %+v", v)
			}
		}},
		{"manual check-in", 2, func(h *hand) {
			h.logIn(checkpoint.Volunteer)
			h.taps = 0
			h.tap(checkpoint.TapTask, string(checkpoint.TaskManual))
			h.tap(checkpoint.TapReason, "no-code")
			on[checkpoint.Shown](h.world)
		}},
	} {
		t.Run(flow.name, func(t *testing.T) {
			t.Parallel()
			h := &hand{world: start(t, setup())}
			flow.do(h)
			t.Logf("%s: %d taps, at most %d", flow.name, h.taps, flow.most)
			if h.taps > flow.most {
				t.Errorf("%d taps, want at most %d", h.taps, flow.most)
			}
		})
	}
}
