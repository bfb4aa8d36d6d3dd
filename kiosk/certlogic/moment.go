package certlogic

import "time"

// unit is a unit of plusTime.
type unit uint8

const (
	year unit = iota
	month
	day
	hour
)

// units are the units in the order in which messages name them.
var units = [...]string{"year", "month", "day", "hour"}

// Moments lie between the years 0 and 9999, which all formats are for.
var (
	firstMoment = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	lastMoment  = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() - 1
)

// maxAmount bounds what plusTime adds, so that nothing overflows.
const maxAmount = 100_000_000

// shift adds an amount as the JavaScript methods setUTC… do: a day that the
// month does not have runs over into the next.
func shift(ms, amount int64, u unit) (int64, bool) {
	if amount < -maxAmount || amount > maxAmount {
		return 0, false
	}
	switch u {
	case hour:
		ms += amount * time.Hour.Milliseconds()
	case day:
		ms += amount * 24 * time.Hour.Milliseconds()
	default:
		months := amount
		if u == year {
			months *= 12
		}
		ms = time.UnixMilli(ms).UTC().AddDate(0, int(months), 0).UnixMilli()
	}
	return ms, ms >= firstMoment && ms <= lastMoment
}

// parsePartial reads YYYY, YYYY-MM or YYYY-MM-DD as the last day that it can
// mean, at midnight.
func parsePartial(s string) (int64, bool) {
	switch len(s) {
	case len("YYYY"):
		y, ok := digits(s)
		return midnight(y, 12, 31), ok
	case len("YYYY-MM"):
		y, ok1 := digits(s[:4])
		m, ok2 := digits(s[5:])
		return midnight(y, m+1, 0), ok1 && ok2 && s[4] == '-' && m >= 1 && m <= 12
	case len("YYYY-MM-DD"):
		y, ok1 := digits(s[:4])
		m, ok2 := digits(s[5:7])
		d, ok3 := digits(s[8:])
		if !ok1 || !ok2 || !ok3 || s[4] != '-' || s[7] != '-' || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
			return 0, false
		}
		return midnight(y, m, d), true
	}
	return 0, false
}

func midnight(y, m, d int) int64 {
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).UnixMilli()
}

func daysIn(y, m int) int { return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// digits reads an unsigned decimal number of up to four digits.
func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, len(s) > 0 && len(s) <= 4
}

// parseMoment reads a partial date, or a date-time
// YYYY-MM-DDThh:mm:ss[.S…][Z|±h|±hh|±hmm|±hhmm|±h:mm|±hh:mm]. Without an offset
// it is UTC; what is finer than a millisecond is dropped.
func parseMoment(s string) (int64, bool) {
	const dateTime = len("YYYY-MM-DDThh:mm:ss")
	if len(s) < dateTime {
		return parsePartial(s)
	}
	ms, ok := parsePartial(s[:10])
	hh, ok1 := digits(s[11:13])
	mm, ok2 := digits(s[14:16])
	ss, ok3 := digits(s[17:19])
	if !ok || !ok1 || !ok2 || !ok3 || s[10] != 'T' || s[13] != ':' || s[16] != ':' || hh > 23 || mm > 59 || ss > 59 {
		return 0, false
	}
	ms += int64(hh*3600+mm*60+ss) * 1000
	rest := s[dateTime:]
	if rest != "" && rest[0] == '.' {
		n, scale := 1, 100
		for ; n < len(rest) && rest[n] >= '0' && rest[n] <= '9'; n++ {
			ms += int64(rest[n]-'0') * int64(scale)
			scale /= 10
		}
		if n == 1 {
			return 0, false
		}
		rest = rest[n:]
	}
	offset, ok := parseOffset(rest)
	return ms - offset, ok
}

// parseOffset reads a time zone's offset, in milliseconds.
func parseOffset(s string) (int64, bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	sign := int64(1)
	if s[0] == '-' {
		sign = -1
	}
	h, m := s[1:], ""
	if len(h) > 3 && h[len(h)-3] == ':' || len(h) == 3 && h[0] != ':' || len(h) == 4 {
		h, m = h[:len(h)-2], h[len(h)-2:]
		if h[len(h)-1] == ':' {
			h = h[:len(h)-1]
		}
	}
	hours, ok1 := digits(h)
	minutes, ok2 := digits(m)
	if !ok1 || len(h) > 2 || m != "" && !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	return sign * int64(hours*60+minutes) * time.Minute.Milliseconds(), true
}
