package lookup

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// limit bounds the questions in vain about one subject.
type limit struct {
	most   int64
	within time.Duration
}

// The limits. Four digits have ten thousand values: a slip that was found gives
// five tries a day, and a kiosk with a heap of them thirty an hour.
var (
	perCode  = limit{5, 24 * time.Hour}
	perKiosk = limit{30, time.Hour}
)

// try counts a question before it is answered, so that questions at the same time,
// whichever instance they come to, are all counted. It says whether the question
// may be answered. A subject's count begins anew when its time is over.
func try(ctx context.Context, d bun.IDB, subject string, l limit, now time.Time) (bool, error) {
	var count int64
	since := db.At(now.Add(-l.within))
	err := d.NewRaw("INSERT INTO tries (subject, began, count) VALUES (?, ?, 1) ON CONFLICT (subject) DO UPDATE SET "+
		"count = CASE WHEN tries.began < ? THEN 1 ELSE tries.count + 1 END, "+
		"began = CASE WHEN tries.began < ? THEN EXCLUDED.began ELSE tries.began END RETURNING count",
		subject, db.At(now), since, since).Scan(ctx, &count)
	if err != nil {
		return false, fmt.Errorf("counting a question: %w", err)
	}
	return count <= l.most, nil
}

// forgive takes back the count of a question that was answered.
func forgive(ctx context.Context, d bun.IDB, subjects ...string) error {
	_, err := d.NewRaw("UPDATE tries SET count = count - 1 WHERE subject IN (?) AND count > 0", bun.List(subjects)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgiving a question: %w", err)
	}
	return nil
}

// Sweep deletes counts whose time is over.
func (s *Service) Sweep(ctx context.Context) error {
	_, err := s.DB.NewRaw("DELETE FROM tries WHERE began < ?", db.At(s.Now().Add(-perCode.within))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("deleting old counts of questions: %w", err)
	}
	return nil
}
