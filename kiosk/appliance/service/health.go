package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"chot/kiosk/appliance/parts"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/bundle"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
	"chot/kiosk/published"
	"chot/kiosk/record"
	"chot/store"
)

// HealthOptions are what a [HealthMonitor] needs.
type HealthOptions struct {
	Append   func(ctx context.Context, kind uint8, at time.Time, payload []byte) (store.Entry, error)
	Status   func() (store.Status, error)
	Checker  *Checker
	Releases *Releases
	Bundle   func() bundle.Status // of the published data
	Tell     parts.Tell
	Wrong    func() []condition.Standing // with the whole kiosk
	Now      func() time.Time            // trusted
	Wall     func() time.Time            // as the system's clock is set
	Log      *slog.Logger
}

// HealthMonitor looks after the parts that report nothing themselves: the journal,
// the disk, the backlog, the trust data and the clock. Once in a while it writes
// how the whole kiosk is into the journal, so that the province knows too.
type HealthMonitor struct {
	o       HealthOptions
	started time.Time
}

// NewHealthMonitor makes a monitor of a kiosk that starts now.
func NewHealthMonitor(o HealthOptions) *HealthMonitor {
	return &HealthMonitor{o: o, started: o.Now()}
}

// How often the parts are looked at, how often the province is told, and how soon
// again when something else is wrong than it was told.
const (
	lookInterval   = 10 * time.Second
	reportInterval = 15 * time.Minute
	newsInterval   = time.Minute
)

// trustStaleAfter is the age from which trust data is not fresh.
const trustStaleAfter = 7 * 24 * time.Hour

// reported is what the province was told last.
type reported struct {
	at    time.Time
	wrong string // the codes of it
}

// due says whether the province is to be told again, and takes it as told. A
// loose plug does not fill the journal: news waits for its minute.
func (r *reported) due(now time.Time, standing []condition.Standing) bool {
	var wrong strings.Builder
	for _, c := range standing {
		fmt.Fprintln(&wrong, c.Code)
	}
	wait := reportInterval
	if wrong.String() != r.wrong {
		wait = newsInterval
	}
	if !r.at.IsZero() && now.Sub(r.at) < wait {
		return false
	}
	*r = reported{now, wrong.String()}
	return true
}

// Run looks until the context ends.
func (m *HealthMonitor) Run(ctx context.Context) error {
	var last reported
	for {
		status, err := m.Look(ctx)
		wrong := m.o.Wrong()
		// A journal that failed is tried again by a report: no visitor may come that
		// would show that it works.
		again := slices.ContainsFunc(wrong, func(s condition.Standing) bool { return s.Condition == condition.JournalFailed })
		if err == nil && (last.due(m.o.Now(), wrong) || again) {
			if err := m.Report(ctx, status); err != nil && ctx.Err() == nil {
				m.o.Log.Error("health report", "error", err)
			}
		}
		if !pause.For(ctx, lookInterval) {
			return nil
		}
	}
}

// Look tells how each part is, once, and returns what the journal says.
func (m *HealthMonitor) Look(ctx context.Context) (store.Status, error) {
	s, failed := m.o.Status()
	if failed != nil {
		failed = fmt.Errorf("looking at the journal: %w", failed)
		m.o.Log.Error("journal", "error", failed)
	}
	trust, _, current := m.o.Checker.Basis()
	stale := current.IsZero() || m.o.Now().Sub(current) > trustStaleAfter
	for _, p := range []parts.State{
		{Part: checkpoint.PartJournal, Value: strconv.FormatUint(s.Head.Number, 10), Wrong: when(failed != nil, condition.JournalUnreadable)},
		{Part: checkpoint.PartDisk, Value: fmt.Sprintf("%d MB", s.Free>>20), Wrong: when(s.Full, condition.DiskFull)},
		m.backlog(s),
		m.trust(trust, stale),
		{Part: checkpoint.PartClock, Value: m.o.Now().Format(time.DateTime), Wrong: when(m.unset(s.Clock), condition.ClockUnset)},
		m.network(),
		{Part: checkpoint.PartVersion, Value: m.o.Releases.value(), Wrong: m.o.Releases.wrong()},
	} {
		m.o.Tell(ctx, p)
	}
	return s, failed
}

// unset reports whether the clock is not to be trusted: it is behind what was
// signed, or it was set and neither a signed time nor a person has confirmed it.
func (m *HealthMonitor) unset(c store.Clock) bool {
	known := !c.Now.IsZero() // not of a journal that could not be looked at
	return m.o.Now().Sub(m.o.Wall()) > time.Minute || known && (!c.Plausible || c.Jumped)
}

// trust is the published data: their version, their age, and what of them was
// refused.
func (m *HealthMonitor) trust(version string, stale bool) parts.State {
	p := parts.State{Part: checkpoint.PartTrust, Value: version, Wrong: when(stale, condition.TrustStale)}
	if c, err := Refusal(m.o.Bundle()); c != nil {
		p.Wrong = append(p.Wrong, c)
		p.Facts = []checkpoint.Fact{{Code: "refused", Value: short(err)}}
	}
	return p
}

// maxRefusal bounds what is shown and reported of an error, in bytes.
const maxRefusal = 300

// short is what an operator needs of an error: of published data the file, the key
// and why, else its end.
func short(err error) string {
	text := err.Error()
	var refused *published.Error
	if errors.As(err, &refused) {
		text = refused.Error()
	}
	if len(text) > maxRefusal {
		text = "…" + strings.ToValidUTF8(text[len(text)-maxRefusal:], "")
	}
	return text
}

// backlog is what waits for a receipt, and since when.
func (m *HealthMonitor) backlog(s store.Status) parts.State {
	p := parts.State{Part: checkpoint.PartBacklog, Value: fmt.Sprintf("%d", s.Waiting())}
	if !s.Oldest.IsZero() {
		p.Wrong = when(m.o.Now().Sub(s.Oldest) > 24*time.Hour, condition.BacklogOld)
		p.Facts = []checkpoint.Fact{{Code: "oldest", Value: formatMoment(s.Oldest)}}
	}
	return p
}

// formatMoment is a time as a technician reads it.
func formatMoment(t time.Time) string { return t.Local().Format("15:04 02/01") }

// network is the kiosk's own addresses.
func (m *HealthMonitor) network() parts.State {
	found, err := Addresses()
	if err != nil {
		m.o.Log.Warn("network", "error", err)
	}
	return parts.State{Part: checkpoint.PartNetwork, Value: strings.Join(found, " "), Wrong: when(len(found) == 0, condition.NetworkDown)}
}

func when(wrong bool, c *condition.Condition) []*condition.Condition {
	if wrong {
		return []*condition.Condition{c}
	}
	return nil
}

// Report writes how the kiosk is into its journal.
func (m *HealthMonitor) Report(ctx context.Context, s store.Status) error {
	trust, rules, current := m.o.Checker.Basis()
	health := record.Health{
		Version: m.o.Releases.value(), Uptime: int64(m.o.Now().Sub(m.started).Seconds()),
		Backlog: int64(s.Waiting()), Oldest: record.At(s.Oldest), Trust: trust, Rules: rules,
		ClockError: m.o.Wall().Sub(m.o.Now()).Milliseconds(), DiskFree: s.Free >> 20,
	}
	if !current.IsZero() {
		health.TrustAge = int64(m.o.Now().Sub(current).Seconds())
	}
	if c, err := Refusal(m.o.Bundle()); c != nil {
		health.Refused = short(err)
	}
	for _, c := range m.o.Wrong() {
		health.Conditions = append(health.Conditions, record.Condition{Code: c.Code, Severity: uint8(c.Severity), Since: record.At(c.Since)})
	}
	payload, err := record.Encode(health)
	if err != nil {
		return fmt.Errorf("encoding the health report: %w", err)
	}
	if _, err := m.o.Append(ctx, uint8(record.KindHealth), m.o.Now(), payload); err != nil {
		return fmt.Errorf("writing the health report: %w", err)
	}
	return nil
}
