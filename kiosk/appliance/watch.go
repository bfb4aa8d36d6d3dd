package appliance

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
	"chot/store"
)

// watch looks after the parts that nobody else reports: the journal, the disk,
// the backlog, the trust data and the clock. It tells the checkpoint, and once
// in a while the journal, so that the province knows too.
type watch struct {
	journal interface {
		Status() (store.Status, error)
		Append(ctx context.Context, kind uint8, at time.Time, payload []byte) (store.Entry, error)
	}
	checker  *checker
	now      func() time.Time // trusted
	wall     func() time.Time // as it is set
	started  time.Time
	send     func(context.Context, checkpoint.Event)
	log      *slog.Logger
	releases *releaser

	since map[checkpoint.Part]time.Time // of what is wrong with a part
}

// How often the parts are looked at, how often the province is told, and how soon
// again when something else is wrong than it was told.
const (
	look   = 10 * time.Second
	report = 15 * time.Minute
	news   = time.Minute
)

// told is what the province was told last.
type told struct {
	at    time.Time
	wrong string // the codes of it
}

// due says whether the province is to be told again, and takes it as told. A
// loose plug does not fill the journal: news waits for its minute.
func (t *told) due(now time.Time, conditions []checkpoint.Condition) bool {
	var wrong strings.Builder
	for _, c := range conditions {
		fmt.Fprintln(&wrong, c.Code)
	}
	wait := report
	if wrong.String() != t.wrong {
		wait = news
	}
	if !t.at.IsZero() && now.Sub(t.at) < wait {
		return false
	}
	*t = told{now, wrong.String()}
	return true
}

func (w *watch) run(ctx context.Context) error {
	var told told
	for {
		status, err := w.journal.Status()
		if err != nil {
			w.log.Error("journal", "error", err)
		}
		conditions := w.look(ctx, status, err)
		if err == nil && told.due(w.now(), conditions) {
			if err := w.report(ctx, status, conditions); err != nil && ctx.Err() == nil {
				w.log.Error("health report", "error", err)
			}
		}
		if !wait(ctx, look) {
			return nil
		}
	}
}

// look tells the checkpoint of each part and returns what is wrong.
func (w *watch) look(ctx context.Context, s store.Status, failed error) (all []checkpoint.Condition) {
	known := w.checker.known.Load()
	age := w.now().Sub(known.current)
	parts := []finding{
		{part: checkpoint.PartJournal, value: fmt.Sprintf("%d", s.Head.Number), fault: when(failed != nil, "journal-unreadable"), grave: checkpoint.Warning},
		{part: checkpoint.PartDisk, value: fmt.Sprintf("%d MB", s.Free>>20), fault: when(s.Full, "disk-full"), grave: checkpoint.Blocking},
		w.backlog(s),
		{part: checkpoint.PartTrust, value: known.trust.Version(), fault: when(known.current.IsZero() || age > 7*24*time.Hour, "trust-stale"), grave: checkpoint.Notice},
		{part: checkpoint.PartClock, value: w.now().Format(time.DateTime), fault: when(w.now().Sub(w.wall()) > time.Minute, "clock-unset"), grave: checkpoint.Notice},
		w.network(),
		{part: checkpoint.PartVersion, value: w.releases.value(), fault: w.releases.fault(), grave: checkpoint.Notice},
	}
	for _, p := range parts {
		var conditions []checkpoint.Condition
		if p.fault == "" {
			delete(w.since, p.part)
		} else {
			if w.since[p.part].IsZero() {
				w.since[p.part] = w.now()
			}
			conditions = append(conditions, checkpoint.Condition{Code: p.fault, Severity: p.grave, Since: w.since[p.part]})
		}
		w.send(ctx, checkpoint.DeviceChanged{Part: p.part, Value: p.value, Conditions: conditions, Facts: p.facts})
		all = append(all, conditions...)
	}
	return all
}

// finding is how one part is.
type finding struct {
	part  checkpoint.Part
	value string
	fault string // "" where all is well
	grave checkpoint.Severity
	facts []checkpoint.Fact
}

// backlog is what waits for a receipt, and since when.
func (w *watch) backlog(s store.Status) finding {
	f := finding{part: checkpoint.PartBacklog, value: fmt.Sprintf("%d", s.Waiting()), grave: checkpoint.Notice}
	if !s.Oldest.IsZero() {
		f.fault = when(w.now().Sub(s.Oldest) > 24*time.Hour, "backlog-old")
		f.facts = []checkpoint.Fact{{Code: "oldest", Value: moment(s.Oldest)}}
	}
	return f
}

// moment is a time as a technician reads it.
func moment(t time.Time) string { return t.Local().Format("15:04 02/01") }

// network is the kiosk's own addresses.
func (w *watch) network() finding {
	found, err := addresses()
	if err != nil {
		w.log.Warn("network", "error", err)
	}
	return finding{part: checkpoint.PartNetwork, value: strings.Join(found, " "), fault: when(len(found) == 0, "network-down"), grave: checkpoint.Notice}
}

func when(wrong bool, code string) string {
	if wrong {
		return code
	}
	return ""
}

// report writes the kiosk's state into its journal.
func (w *watch) report(ctx context.Context, s store.Status, conditions []checkpoint.Condition) error {
	known := w.checker.known.Load()
	health := record.Health{
		Version: w.releases.value(), Uptime: int64(w.now().Sub(w.started).Seconds()),
		Backlog: int64(s.Waiting()), Oldest: record.At(s.Oldest),
		Trust: known.trust.Version(), Rules: known.rules.Version(),
		ClockError: w.wall().Sub(w.now()).Milliseconds(), DiskFree: s.Free >> 20,
	}
	if !known.current.IsZero() {
		health.TrustAge = int64(w.now().Sub(known.current).Seconds())
	}
	for _, c := range conditions {
		health.Conditions = append(health.Conditions, record.Condition{Code: c.Code, Severity: uint8(c.Severity), Since: record.At(c.Since)})
	}
	payload, err := record.Encode(health)
	if err != nil {
		return err
	}
	_, err = w.journal.Append(ctx, uint8(record.KindHealth), w.now(), payload)
	return err
}
