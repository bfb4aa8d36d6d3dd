package service

import (
	"slices"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
	"chot/store"
	"chot/store/forward"
)

// The technician's page says how the way to the province does: what waits since
// when, the last receipt, what today's bytes are of the limit, and what is wrong.
func TestTheTechnicianSeesHowTheWayDoes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 8, 12, 0, 0, time.Local)
	u := &Uploader{server: "https://kiosk.example", metered: 5_000_000}
	got := u.part(forward.Health{LastReceipt: at, Spent: 1_240_000, Problem: forward.OverBudget, Since: at})
	facts := []checkpoint.Fact{{Code: "receipt", Value: "08:12 02/03"}, {Code: "spent", Value: "1.2/5.0 MB"}}
	if !slices.Equal(got.Facts, facts) || len(got.Wrong) != 1 || got.Wrong[0] != condition.ServerOverBudget {
		t.Errorf("the server's part: %+v", got)
	}
	m := &HealthMonitor{o: HealthOptions{Now: func() time.Time { return at.Add(25 * time.Hour) }}}
	waits := m.backlog(store.Status{Oldest: at})
	if len(waits.Wrong) != 1 || waits.Wrong[0] != condition.BacklogOld || !slices.Equal(waits.Facts, []checkpoint.Fact{{Code: "oldest", Value: "08:12 02/03"}}) {
		t.Errorf("the backlog's part: %+v", waits)
	}
}
