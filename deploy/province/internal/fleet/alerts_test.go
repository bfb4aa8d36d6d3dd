package fleet

import (
	"slices"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
)

func TestAlerts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	well := Standing{
		Kiosk:   db.Kiosk{Seen: db.At(now.Add(-time.Minute)), HealthAt: db.At(now.Add(-time.Minute))},
		Health:  intake.Health{DiskFree: 5000, Backlog: 3, Oldest: now.Add(-time.Minute), TrustAge: 3600},
		Expires: db.At(now.Add(100 * 24 * time.Hour)),
	}
	for _, c := range []struct {
		name   string
		change func(*Standing)
		want   []string // codes, the gravest first
	}{
		{"all is well", func(*Standing) {}, nil},
		{"nothing sent yet", func(s *Standing) { s.Seen, s.HealthAt, s.Health = db.Time{}, db.Time{}, intake.Health{} }, []string{"new"}},
		{"quiet", func(s *Standing) { s.Seen = db.At(now.Add(-2 * time.Hour)) }, []string{"quiet"}},
		{"silent", func(s *Standing) { s.Seen = db.At(now.Add(-7 * time.Hour)) }, []string{"silent"}},
		{"full", func(s *Standing) { s.Health.DiskFree = 100 }, []string{"full"}},
		{"forked", func(s *Standing) { s.Forked, s.Incidents = true, 1 }, []string{"forked", "incident"}},
		{"stale", func(s *Standing) { s.Health.TrustAge = 8 * 24 * 3600 }, []string{"stale"}},
		{"waiting", func(s *Standing) { s.Health.Oldest, s.Health.Backlog = now.Add(-25*time.Hour), 1001 }, []string{"waiting", "backlog"}},
		{"a clock that is behind", func(s *Standing) { s.Clock = -180_000 }, []string{"clock"}},
		{"a certificate that expires", func(s *Standing) { s.Expires = db.At(now.Add(24 * time.Hour)) }, []string{"expiring"}},
		{"what it reports itself", func(s *Standing) {
			s.Health.Conditions = []intake.Condition{{Code: "printer-paper-out", Severity: 2}, {Code: "camera-lost", Severity: 3}}
		}, []string{"camera-lost", "printer-paper-out"}},
		{"revoked", func(s *Standing) { s.Revoked, s.Forked = db.At(now), true }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := well
			c.change(&s)
			s.judge(now)
			var codes []string
			for _, a := range s.Alerts {
				codes = append(codes, a.Code)
			}
			if !slices.Equal(codes, c.want) {
				t.Errorf("alerts %q, want %q", codes, c.want)
			}
		})
	}
}
