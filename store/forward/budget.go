package forward

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"chot/store/wire"
)

// budget counts the bytes of a day, in UTC, over restarts where it has a file.
type budget struct {
	daily int64
	path  string
	day   time.Time
	spent int64
}

// budgetFile is the budget's file.
type budgetFile struct {
	Day   string `json:"day"` // 2006-01-02
	Spent int64  `json:"spent"`
}

// openBudget reads what was spent before. A file that cannot be read counts as
// nothing spent: a kiosk must not fall silent over it.
func openBudget(daily int64, path string) (budget, error) {
	b := budget{daily: daily, path: path}
	if path == "" {
		return b, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	var l budgetFile
	if err == nil {
		err = json.Unmarshal(data, &l)
	}
	if err == nil {
		b.day, err = time.Parse(time.DateOnly, l.Day)
	}
	if err != nil {
		return b, fmt.Errorf("reading what today cost from %s: %w", path, err)
	}
	b.spent = l.Spent
	return b, nil
}

type overBudget struct{ until time.Duration }

func (o *overBudget) Error() string {
	return fmt.Sprintf("today's bytes are spent; sending goes on in %s", o.until.Round(time.Minute))
}

const day = 24 * time.Hour

func (b *budget) turn(now time.Time) {
	if today := now.UTC().Truncate(day); !today.Equal(b.day) {
		b.day, b.spent = today, 0
	}
}

// spend counts bytes. An error means that a restart would forget them.
func (b *budget) spend(now time.Time, bytes int64) error {
	b.turn(now)
	b.spent += bytes
	if b.path == "" || b.daily == 0 {
		return nil
	}
	data, err := json.Marshal(budgetFile{b.day.Format(time.DateOnly), b.spent})
	if err == nil {
		err = writeFile(filepath.Dir(b.path), filepath.Base(b.path), data)
	}
	if err != nil {
		return fmt.Errorf("keeping what today cost: %w", err)
	}
	return nil
}

// check refuses when another batch of the largest size could exceed the day's
// bytes.
func (b *budget) check(now time.Time) error {
	b.turn(now)
	if b.daily == 0 || b.spent+wire.MaxBatch/8 <= b.daily {
		return nil
	}
	return &problemError{OverBudget, &overBudget{b.day.Add(day).Sub(now)}}
}
