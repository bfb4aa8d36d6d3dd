package intake

import (
	"context"
	"runtime"
	"sync/atomic"

	"chot/store/wire"
)

// Bounds of what sealed entries open to. A batch of 1 MiB can be made to open to
// 1 GiB; what kiosks really send opens to about what a batch may have.
const (
	openAtOnce  = 256      // entries that are opened together
	freeBytes   = 1 << 20  // opened bytes that every batch may have
	batchBytes  = 32 << 20 // opened bytes of a batch; entries beyond are kept sealed
	sharedBytes = 64 << 20 // beyond their free ones, of all batches in hand
)

// budget bounds the opened bytes of all batches in hand.
type budget struct {
	opening chan struct{} // who opens: what is opened and not yet counted is theirs
	used    atomic.Int64
}

func newBudget() *budget {
	return &budget{opening: make(chan struct{}, runtime.GOMAXPROCS(0)+1)}
}

// open runs do while few others open.
func (b *budget) open(ctx context.Context, do func()) error {
	select {
	case b.opening <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-b.opening }()
	do()
	return nil
}

// memory is what one batch has of the budget.
type memory struct {
	of          *budget
	used, taken int64
}

// grow counts n opened bytes. It is false when the batch has had its share. The
// error tells the kiosk to come back when other batches are done.
func (m *memory) grow(n int) (bool, error) {
	if m.used+int64(n) > batchBytes {
		return false, nil
	}
	m.used += int64(n)
	if more := m.used - freeBytes - m.taken; more > 0 {
		if m.of.used.Add(more) > sharedBytes {
			m.of.used.Add(-more)
			return false, &wire.Error{Code: wire.Busy, Text: "too much is being opened at once"}
		}
		m.taken += more
	}
	return true, nil
}

func (m *memory) release() {
	m.of.used.Add(-m.taken)
	m.used, m.taken = 0, 0
}
