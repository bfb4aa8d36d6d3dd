package credential

import (
	"strconv"
	"time"
)

// ParseDate reads the day, month or year that an ISO 8601 text begins with:
// "1985-04-12", "1985-04", "1985", "1985-04-12T23:20:50Z". Where a text is not a date,
// the parts from there on are 0.
func ParseDate(text string) (d Date) {
	d.Year, text = digits(text, 4, "")
	if d.Year <= 0 {
		return Date{}
	}
	if d.Month, text = digits(text, 2, "-"); d.Month < 1 || d.Month > 12 {
		d.Month = 0
		return d
	}
	if d.Day, _ = digits(text, 2, "-"); d.Day < 1 || d.Day > daysIn(d.Year, d.Month) {
		d.Day = 0
	}
	return d
}

// Time is the first moment of the date in UTC, zero where there is no year.
func (d Date) Time() time.Time {
	if d.Year == 0 {
		return time.Time{}
	}
	return time.Date(d.Year, time.Month(max(d.Month, 1)), max(d.Day, 1), 0, 0, 0, 0, time.UTC)
}

// ParseTime reads a moment as issuers write them: RFC 3339, but also with an
// offset of hours alone, with none (taken for UTC), without seconds, or a date
// (its first moment in UTC). It is zero where the text begins with no whole date.
func ParseTime(text string) time.Time {
	d := ParseDate(text)
	if d.Day == 0 {
		return time.Time{}
	}
	t := d.Time()
	if len(text) < len("2006-01-02T15:04") || text[10] != 'T' && text[10] != ' ' && text[10] != 't' {
		return t
	}
	hour, rest := digits(text[11:], 2, "")
	minute, rest := digits(rest, 2, ":")
	if hour < 0 || minute < 0 {
		return t
	}
	second, after := digits(rest, 2, ":")
	if second < 0 {
		second, after = 0, rest
	}
	t = t.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
	return t.Add(-offset(skipFraction(after)))
}

// skipFraction passes over ".806".
func skipFraction(text string) string {
	if text == "" || text[0] != '.' {
		return text
	}
	for text = text[1:]; text != "" && text[0] >= '0' && text[0] <= '9'; {
		text = text[1:]
	}
	return text
}

// offset reads +02:00, +0200 or +02; 0 for Z and for what is not understood.
func offset(text string) time.Duration {
	if text == "" || text[0] != '+' && text[0] != '-' {
		return 0
	}
	hours, rest := digits(text[1:], 2, "")
	if hours < 0 || hours > 14 {
		return 0
	}
	minutes, _ := digits(rest, 2, ":")
	if minutes < 0 {
		minutes, _ = digits(rest, 2, "")
	}
	d := time.Duration(hours)*time.Hour + time.Duration(max(minutes, 0))*time.Minute
	if text[0] == '-' {
		return -d
	}
	return d
}

// digits reads a separator and a number of n digits; -1 where they are not there.
func digits(text string, n int, separator string) (int, string) {
	if len(text) < len(separator)+n || text[:len(separator)] != separator {
		return -1, text
	}
	text = text[len(separator):]
	v := 0
	for _, c := range []byte(text[:n]) {
		if c < '0' || c > '9' {
			return -1, text
		}
		v = v*10 + int(c-'0')
	}
	return v, text[n:]
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// String is the date as ISO 8601 writes it, as far as it goes.
func (d Date) String() string {
	pad := func(s string, n int) string {
		v := strconv.Itoa(n)
		if n < 10 {
			v = "0" + v
		}
		return s + "-" + v
	}
	if d.Year == 0 {
		return ""
	}
	s := strconv.Itoa(d.Year)
	if d.Month == 0 {
		return s
	}
	if s = pad(s, d.Month); d.Day == 0 {
		return s
	}
	return pad(s, d.Day)
}
