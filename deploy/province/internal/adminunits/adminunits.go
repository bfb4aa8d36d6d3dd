// Package adminunits knows the administrative units by their names: those of the newest
// set that is published for kiosks (units/*.tsv), so that officers read what
// visitors chose from. Before one is published, and for codes that it does not
// have, a code stands for itself.
package adminunits

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"chot/deploy/province/internal/db"
)

// fresh is how long names hold before it is looked whether a newer set was
// published.
const fresh = time.Minute

// Names are the units' names. They are safe for concurrent use.
type Names struct {
	// Read returns the newest set, nil where none is published, and what changes
	// when the set does.
	Read func(context.Context) (set []byte, version string, err error)
	Now  func() time.Time
	Log  *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	version string
	names   map[string]string // by code
}

// Refresh looks whether a newer set was published, at most once a minute. Where
// that fails the names stay as they are.
func (n *Names) Refresh(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.Now()
	if now.Sub(n.looked) < fresh {
		return
	}
	n.looked = now
	set, version, err := n.Read(ctx)
	if err != nil {
		if ctx.Err() == nil {
			n.Log.Warn("the names of places were not read", "error", err)
		}
		return
	}
	if version == n.version {
		return
	}
	n.version = version
	names, err := parse(string(set))
	if err != nil {
		n.Log.Warn("the published units cannot be read", "error", err)
		return
	}
	n.names = names
}

// parse reads lines of level, code, parent, name and plain name, separated by
// tabs, after one of headings.
func parse(set string) (map[string]string, error) {
	names := map[string]string{}
	number := 0
	for line := range strings.Lines(set) {
		if number++; number == 1 {
			continue
		}
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("line %d has %d fields, not 5", number, len(fields))
		}
		names[fields[1]] = fields[3]
	}
	return names, nil
}

// Of returns the name of an area, and for a commune that of the district that it
// lies in: "Xã Đại Sơn" and "Huyện Tứ Kỳ".
func (n *Names) Of(area db.Area) (name, within string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if name = n.names[area.Unit()]; name == "" {
		return string(area), ""
	}
	if district := area.Up(2); district != area {
		within = n.names[district.Unit()]
	}
	return name, within
}

// Full is the name of an area in one line: "Xã Đại Sơn, Huyện Tứ Kỳ".
func (n *Names) Full(area db.Area) string {
	name, within := n.Of(area)
	if within != "" {
		name += ", " + within
	}
	return name
}
