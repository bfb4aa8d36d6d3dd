// Package parts keeps how every part of the kiosk is: who looks after a part
// tells it here, the checkpoint is sent what is to be shown, and the health
// report reads all of it. Severities, beginnings and what is shown when are the
// registry's (package condition) and this package's, not the parts' own.
package parts

import (
	"context"
	"slices"
	"sync"
	"time"

	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

// State is how one part is.
type State struct {
	Part  checkpoint.Part
	Value string            // what it is, or what it reads: a name, an address, a number
	Facts []checkpoint.Fact // more that a technician wants to know
	Wrong []*condition.Condition
}

// Tell reports how a part is, whenever that changes and as often as one likes.
type Tell func(ctx context.Context, s State)

// Mark says that a condition of a part holds, or does not any more, beside what is
// told of the part.
type Mark func(ctx context.Context, part checkpoint.Part, c *condition.Condition, holds bool)

// Tracker keeps the state of all parts. It is safe for concurrent use.
type Tracker struct {
	send func(context.Context, checkpoint.Event)
	now  func() time.Time

	mu    sync.Mutex
	set   condition.Set
	last  map[checkpoint.Part]State
	marks map[checkpoint.Part][]*condition.Condition
	shown map[checkpoint.Part][]checkpoint.Condition
}

// NewTracker makes a tracker that sends what is to be shown to a checkpoint, by
// the trusted clock.
func NewTracker(send func(context.Context, checkpoint.Event), now func() time.Time) *Tracker {
	return &Tracker{send: send, now: now, last: map[checkpoint.Part]State{}, marks: map[checkpoint.Part][]*condition.Condition{}, shown: map[checkpoint.Part][]checkpoint.Condition{}}
}

// Tell takes the state of a part and sends the checkpoint what is to be shown of
// it. It is a [Tell].
func (t *Tracker) Tell(ctx context.Context, s State) {
	t.mu.Lock()
	t.last[s.Part] = s
	t.put(s.Part)
	changed := t.change(s.Part)
	t.mu.Unlock()
	t.send(ctx, changed)
}

// put takes what is wrong with a part into the set.
func (t *Tracker) put(part checkpoint.Part) {
	wrong := slices.Clone(t.last[part].Wrong)
	for _, c := range t.marks[part] {
		if !slices.Contains(wrong, c) {
			wrong = append(wrong, c)
		}
	}
	t.set.Put(string(part), t.now(), wrong...)
}

// Mark marks a part and sends the checkpoint what is to be shown of it, if that
// changes. It is a [Mark].
func (t *Tracker) Mark(ctx context.Context, part checkpoint.Part, c *condition.Condition, holds bool) {
	t.mu.Lock()
	i := slices.Index(t.marks[part], c)
	if (i >= 0) == holds {
		t.mu.Unlock()
		return
	}
	if holds {
		t.marks[part] = append(t.marks[part], c)
	} else {
		t.marks[part] = slices.Delete(t.marks[part], i, i+1)
	}
	t.put(part)
	changed := t.change(part)
	t.mu.Unlock()
	t.send(ctx, changed)
}

// change is the event that shows a part as it is now.
func (t *Tracker) change(part checkpoint.Part) checkpoint.DeviceChanged {
	s := t.last[part]
	t.shown[part] = conditions(t.set.Visible(string(part), t.now()))
	return checkpoint.DeviceChanged{Part: part, Value: s.Value, Facts: s.Facts, Conditions: t.shown[part]}
}

func conditions(standing []condition.Standing) (all []checkpoint.Condition) {
	for _, s := range standing {
		all = append(all, checkpoint.Condition{Code: s.Code, Severity: s.Severity, Since: s.Since})
	}
	return all
}

// Wrong is everything that is wrong with the kiosk, shown or not, the gravest
// first.
func (t *Tracker) Wrong() []condition.Standing {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.set.All()
}

// Run shows what is wrong once it has lasted long enough, and takes back what
// something else explains by now, until the context ends.
func (t *Tracker) Run(ctx context.Context) error {
	for pause.For(ctx, time.Second) {
		for _, e := range t.due() {
			t.send(ctx, e)
		}
	}
	return nil
}

// parts are all of which anything is known.
func (t *Tracker) parts() (all []checkpoint.Part) {
	for part := range t.last {
		all = append(all, part)
	}
	for part := range t.marks {
		if _, told := t.last[part]; !told {
			all = append(all, part)
		}
	}
	return all
}

func (t *Tracker) due() (events []checkpoint.DeviceChanged) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, part := range t.parts() {
		if !slices.Equal(conditions(t.set.Visible(string(part), now)), t.shown[part]) {
			events = append(events, t.change(part))
		}
	}
	return events
}
