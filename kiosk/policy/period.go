package policy

import (
	"regexp"
	"strconv"
	"time"
)

// Period is a length of time in the calendar: "PT72H", "P14D", "P12M" in
// JSON (ISO 8601, without weeks and seconds). Its zero value sets no limit.
type Period struct {
	Months, Days int
	Clock        time.Duration
}

var periodForm = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?)?$`)

// UnmarshalText reads an ISO 8601 duration.
func (p *Period) UnmarshalText(text []byte) error {
	m := periodForm.FindSubmatch(text)
	last := len(text) - 1
	if m == nil || last < 2 || text[last] == 'T' {
		return valueError{string(text), "a period such as P14D, P12M or PT72H (ISO 8601, without weeks and seconds)"}
	}
	var n [6]int
	for i := 1; i < len(n); i++ {
		n[i], _ = strconv.Atoi(string(m[i])) // "" is 0
	}
	*p = Period{
		Months: 12*n[1] + n[2], Days: n[3],
		Clock: time.Duration(n[4])*time.Hour + time.Duration(n[5])*time.Minute,
	}
	return nil
}

// MarshalText writes the period as UnmarshalText reads it.
func (p Period) MarshalText() ([]byte, error) {
	text := []byte{'P'}
	part := func(n int, unit byte) {
		if n != 0 {
			text = append(strconv.AppendInt(text, int64(n), 10), unit)
		}
	}
	part(p.Months, 'M')
	part(p.Days, 'D')
	if p.Clock != 0 || len(text) == 1 {
		text = append(text, 'T')
		part(int(p.Clock/time.Hour), 'H')
		if minutes := int(p.Clock % time.Hour / time.Minute); minutes != 0 || p.Clock < time.Hour {
			text = append(strconv.AppendInt(text, int64(minutes), 10), 'M')
		}
	}
	return text, nil
}

// IsZero says whether the period sets no limit.
func (p Period) IsZero() bool { return p == Period{} }

// After is the time that lies the period after t. A month that is too short
// for the day gives its last day.
func (p Period) After(t time.Time) time.Time {
	if p.Months != 0 {
		to := t.AddDate(0, p.Months, 0)
		if to.Day() != t.Day() {
			to = to.AddDate(0, 0, -to.Day())
		}
		t = to
	}
	if p.Days != 0 {
		t = t.AddDate(0, 0, p.Days)
	}
	return t.Add(p.Clock)
}
