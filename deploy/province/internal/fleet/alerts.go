package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
)

// Alert is something about a kiosk that needs attention, as a code for the
// page to word, or a condition's that the kiosk itself reported.
type Alert struct {
	Code     string
	Severity uint8 // 1 notice, 2 warning, 3 out of order
	Reported bool  // by the kiosk itself
}

// Standing is how a kiosk is.
type Standing struct {
	db.Kiosk
	Health    intake.Health // the last report; zero before the first
	Expires   db.Time       // of its newest certificate
	Incidents int           // open ones
	Forked    bool
	Alerts    []Alert // the gravest first
}

// Severity is the gravest alert's, 0 if absent.
func (s Standing) Severity() (worst uint8) {
	for _, a := range s.Alerts {
		worst = max(worst, a.Severity)
	}
	return worst
}

// rules say what raises an alert. Ages count from now.
var rules = []struct {
	code     string
	severity uint8
	raised   func(s Standing, now time.Time) bool
}{
	{"forked", 3, func(s Standing, _ time.Time) bool { return s.Forked }},
	{"silent", 3, func(s Standing, now time.Time) bool { return heard(s) && now.Sub(s.Seen.Time) > 6*time.Hour }},
	{"full", 3, func(s Standing, _ time.Time) bool { return reported(s) && s.Health.DiskFree < 200 }},
	{"expiring", 3, func(s Standing, now time.Time) bool { return s.Expires.Sub(now) < 14*24*time.Hour }},
	{"quiet", 2, func(s Standing, now time.Time) bool {
		age := now.Sub(s.Seen.Time)
		return heard(s) && age > time.Hour && age <= 6*time.Hour
	}},
	{"waiting", 2, func(s Standing, now time.Time) bool {
		return !s.Health.Oldest.IsZero() && now.Sub(s.Health.Oldest) > 24*time.Hour
	}},
	{"stale", 2, func(s Standing, _ time.Time) bool { return s.Health.TrustAge > 7*24*3600 }},
	{"clock", 2, func(s Standing, _ time.Time) bool { return heard(s) && (s.Clock > 120_000 || s.Clock < -120_000) }},
	{"incident", 2, func(s Standing, _ time.Time) bool { return s.Incidents > 0 }},
	{"backlog", 1, func(s Standing, _ time.Time) bool { return s.Health.Backlog > 1000 }},
	{"new", 1, func(s Standing, _ time.Time) bool { return !heard(s) }},
}

func heard(s Standing) bool    { return !s.Seen.IsZero() }
func reported(s Standing) bool { return !s.HealthAt.IsZero() }

// judge fills in the alerts. A revoked kiosk raises none.
func (s *Standing) judge(now time.Time) {
	if !s.Revoked.IsZero() {
		return
	}
	for _, c := range s.Health.Conditions {
		if c.Severity >= 3 {
			s.Alerts = append(s.Alerts, Alert{c.Code, c.Severity, true})
		}
	}
	for _, r := range rules {
		if r.raised(*s, now) {
			s.Alerts = append(s.Alerts, Alert{r.code, r.severity, false})
		}
	}
	for _, c := range s.Health.Conditions {
		if c.Severity < 3 {
			s.Alerts = append(s.Alerts, Alert{c.Code, c.Severity, true})
		}
	}
}

// List returns how the kiosks of an area are, by name, after the one named.
func List(ctx context.Context, d bun.IDB, area db.Area, after string, limit int, now time.Time) ([]Standing, error) {
	return list(ctx, d, now, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("k.id > ?", after).Apply(area.Where("k.area")).Limit(int64(limit))
	})
}

func list(ctx context.Context, d bun.IDB, now time.Time, which func(*bun.SelectQuery) *bun.SelectQuery) ([]Standing, error) {
	var rows []struct {
		db.Kiosk  `bun:",extend"`
		Expires   db.Time
		Incidents int
		Forks     int
	}
	err := d.NewSelect().TableExpr("kiosks AS k").ColumnExpr("k.*").
		ColumnExpr("(SELECT COALESCE(MAX(c.not_after), 0) FROM certificates AS c WHERE c.kiosk = k.id AND c.revoked = 0) AS expires").
		ColumnExpr("(SELECT COUNT(*) FROM incidents AS i WHERE i.kiosk = k.id AND i.done = '') AS incidents").
		ColumnExpr("(SELECT COUNT(*) FROM incidents AS i WHERE i.kiosk = k.id AND i.done = '' AND i.kind = 'fork') AS forks").
		Apply(which).OrderExpr("k.id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("listing the kiosks: %w", err)
	}
	list := make([]Standing, len(rows))
	for i, row := range rows {
		s := Standing{Kiosk: row.Kiosk, Expires: row.Expires, Incidents: row.Incidents, Forked: row.Forks > 0}
		if row.Health != "" {
			if err := json.Unmarshal([]byte(row.Health), &s.Health); err != nil {
				return nil, fmt.Errorf("reading the health of kiosk %s: %w", row.ID, err)
			}
		}
		s.judge(now)
		list[i] = s
	}
	return list, nil
}
