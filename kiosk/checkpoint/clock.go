package checkpoint

import "time"

// stamp writes a time as it stands on paper in Vietnam.
func stamp(t time.Time) string { return t.Format("02/01/2006 15:04") }
