// Package pause waits, and stops waiting when a context ends.
package pause

import (
	"context"
	"time"
)

// For waits for d and reports true, or false as soon as the context ends.
func For(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
