package parts_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"chot/kiosk/appliance/internal/heard"
	"chot/kiosk/appliance/parts"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

func TestTrackerShowsConditionsWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := new(heard.Events)
		tracker := parts.NewTracker(h.Send, time.Now)
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		go tracker.Run(ctx)
		begun := time.Now()
		tracker.Tell(ctx, parts.State{Part: checkpoint.PartServer, Value: "https://p", Wrong: []*condition.Condition{condition.ServerUnreachable}})
		time.Sleep(10 * time.Second)
		tracker.Tell(ctx, parts.State{Part: checkpoint.PartNetwork, Wrong: []*condition.Condition{condition.NetworkDown}})
		time.Sleep(5 * time.Second)
		stop()
		synctest.Wait()
		var told []string
		for _, e := range heard.Of[checkpoint.DeviceChanged](h) {
			line := string(e.Part)
			for _, c := range e.Conditions {
				line += " " + c.Code
				if c.Code == "server-unreachable" && (!c.Since.Equal(begun) || c.Severity != checkpoint.Notice) {
					t.Errorf("%+v", c)
				}
			}
			told = append(told, line)
		}
		want := []string{"server", "server server-unreachable", "network network-down", "server"}
		if len(told) != len(want) {
			t.Fatalf("told %q, want %q", told, want)
		}
		for i := range want {
			if told[i] != want[i] {
				t.Errorf("told %q, want %q", told, want)
			}
		}
		if wrong := tracker.Wrong(); len(wrong) != 2 {
			t.Errorf("the report says %v", wrong)
		}
	})
}
