package intake

import (
	"slices"
	"sync"
	"time"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// visits caches what visits count as. A visit says nothing of who came, so the
// same bytes come thousands of times a day: they are decoded once.
type visits struct {
	mu    sync.RWMutex
	known map[string]*visit // by the record's bytes
}

// visit is what a visit counts as.
type visit struct {
	level  int16
	labels []label
}

// How many visits are cached, and how long one may be, in bytes. When the cache is
// full it is emptied.
const (
	maxVisits = 4096
	maxVisit  = 256
)

// of returns what a visit counts as, nil for one that cannot be decoded.
func (v *visits) of(payload []byte) *visit {
	v.mu.RLock()
	known := v.known[string(payload)]
	v.mu.RUnlock()
	if known != nil || len(payload) > maxVisit {
		return known
	}
	r, err := record.Decode(record.KindVisit, time.Time{}, payload)
	if err != nil {
		return nil
	}
	var f facts
	f.derive(r)
	known = &visit{int16(f.level), slices.Clip(f.labels)}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil || len(v.known) >= maxVisits {
		v.known = map[string]*visit{}
	}
	v.known[string(payload)] = known
	return known
}

// sameVisits are those of a day that count as the same.
type sameVisits struct {
	day  db.Day
	what *visit
}

// countVisits adds visits to the tallies.
func (p *pending) countVisits(visits map[sameVisits]int64) {
	for v, n := range visits {
		p.tallies[tallyKey{v.day, int16(record.KindVisit), allOfKind}] += n
		for _, l := range v.what.labels {
			p.tallies[tallyKey{v.day, int16(record.KindVisit), l}] += n
		}
	}
}
