package appliance

import (
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/enrol"
	"chot/store"
	"chot/store/forward"
)

// The technician's page says how the way to the province does: what waits since
// when, the last receipt, what today's bytes are of the limit, and what is wrong.
func TestTheTechnicianSeesHowTheWayDoes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 8, 12, 0, 0, time.Local)
	a := &appliance{config: config{Metered: 5_000_000}, id: &enrol.Identity{Server: "https://kiosk.example"}}
	got := a.serverPart(forward.Health{LastReceipt: at, Spent: 1_240_000, Problem: forward.OverBudget, Since: at})
	facts := []checkpoint.Fact{{Code: "receipt", Value: "08:12 02/03"}, {Code: "spent", Value: "1.2/5.0 MB"}}
	if !slices.Equal(got.Facts, facts) || len(got.Conditions) != 1 || got.Conditions[0].Code != "server-over-budget" {
		t.Errorf("the server's part: %+v", got)
	}
	w := &watch{now: func() time.Time { return at.Add(25 * time.Hour) }}
	waits := w.backlog(store.Status{Oldest: at})
	if waits.fault != "backlog-old" || !slices.Equal(waits.facts, []checkpoint.Fact{{Code: "oldest", Value: "08:12 02/03"}}) {
		t.Errorf("the backlog's part: %+v", waits)
	}
}
