package condition

import (
	"slices"
	"testing"
	"time"
)

func codes(standing []Standing) (all []string) {
	for _, s := range standing {
		all = append(all, s.Code)
	}
	return all
}

func TestRegistryIsConsistent(t *testing.T) {
	t.Parallel()
	seen := map[*Condition]bool{}
	for _, c := range All() {
		if found, known := Find(c.Code); !known || found != c {
			t.Errorf("%s is not found by its code", c.Code)
		}
		for _, cause := range c.DependsOn {
			if !seen[cause] {
				t.Errorf("%s depends on %s, which is registered after it or not at all", c.Code, cause.Code)
			}
		}
		seen[c] = true
	}
	if Of("printer", "paper-out") != PrinterPaperOut || Of("printer", "on-fire") != Unknown {
		t.Error("a driver's problem is not found")
	}
	if PrinterPaperOut.Part() != "printer" {
		t.Errorf("paper is missing in the %q", PrinterPaperOut.Part())
	}
}

func TestSetShowsWhatLastsAndIsNotExplained(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	var s Set
	s.Put("server", at(0), ServerUnreachable)
	if got := s.Visible("server", at(4)); got != nil {
		t.Errorf("shown before its time: %v", codes(got))
	}
	s.Put("server", at(3), ServerUnreachable) // told again: it began before
	if got := codes(s.Visible("server", at(5))); !slices.Equal(got, []string{"server-unreachable"}) {
		t.Errorf("after its time %v is shown", got)
	}
	s.Put("network", at(6), NetworkDown)
	if got := s.Visible("server", at(7)); got != nil {
		t.Errorf("shown beside its cause: %v", codes(got))
	}
	s.Put("disk", at(8), DiskFull)
	if got := codes(s.All()); !slices.Equal(got, []string{"disk-full", "server-unreachable", "network-down"}) {
		t.Errorf("the report says %v", got)
	}
	s.Put("network", at(9))
	s.Put("disk", at(9))
	s.Put("server", at(9))
	s.Put("server", at(10), ServerUnreachable)
	if got := s.All(); len(got) != 1 || !got[0].Since.Equal(at(10)) {
		t.Errorf("after it was well for a moment: %+v", got)
	}
}
