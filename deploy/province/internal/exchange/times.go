package exchange

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Zone is where the province is: Vietnam has one time, without summer time.
var Zone = time.FixedZone("ICT", 7*3600)

// When is a time as a cell says it.
type When struct {
	Time     time.Time
	DateOnly bool
	// MonthFirst says that only the American order makes a date of it.
	MonthFirst bool
	// Either says that both orders make a date of it, and different ones.
	Either bool
}

var (
	clock     = regexp.MustCompile(`(?i)(\d{1,2})\s*(?::|h|giờ)\s*(\d{2})(?:\s*(?::|m|phút)\s*(\d{2})(?:[.,]\d{1,9})?\s*s?)?\s*(sa|ch|am|pm|a\.m\.|p\.m\.)?(?:\s|$|,)`)
	numeric   = regexp.MustCompile(`^(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})$`)
	yearFirst = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	worded    = regexp.MustCompile(`(?i)^(?:ngày\s*)?(\d{1,2})\s*(?:tháng|thg|th)\.?\s*(\d{1,2})\s*,?\s*(?:năm\s*)?(\d{4}|\d{2})$`)
	digits    = regexp.MustCompile(`^\d+$`)
	serial    = regexp.MustCompile(`^\d{5}(?:[.,]\d{1,12})?$`)
)

var isoLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05-0700", "2006-01-02 15:04:05Z07:00",
}

// ReadTime reads a time as Vietnamese spreadsheets and forms write it: the day
// before the month, with two or four digits of the year, the time of day before
// or behind it with SA and CH or AM and PM, ISO 8601, yyyymmddHHMM, or the serial
// number of a spreadsheet (days since 1899-12-30). A time that names no zone is
// the province's.
func ReadTime(s string) (w When, ok bool) {
	s = strings.Join(strings.Fields(Trim(s)), " ")
	for _, layout := range isoLayouts {
		if t, err := time.ParseInLocation(layout, s, Zone); err == nil {
			return When{Time: t}, plausible(t)
		}
	}
	if digits.MatchString(s) {
		for size, layout := range map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"} {
			if len(s) != size {
				continue
			}
			t, err := time.ParseInLocation(layout, s, Zone)
			return When{Time: t, DateOnly: size == 8}, err == nil && plausible(t)
		}
	}
	if serial.MatchString(s) {
		return fromSerial(s)
	}
	day, seconds, timed := s, 0, false
	if m := clock.FindStringSubmatchIndex(s + " "); m != nil {
		parts := clock.FindStringSubmatch(s + " ")
		var fine bool
		if seconds, fine = ofDay(parts[1], parts[2], parts[3], parts[4]); !fine {
			return w, false
		}
		timed = true
		padded := s + " "
		day = strings.Trim(padded[:m[0]]+" "+padded[m[1]:], " ,T")
		day = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(day, "lúc "), " lúc"))
	}
	w, ok = readDay(day)
	if !ok {
		return w, false
	}
	w.Time, w.DateOnly = w.Time.Add(time.Duration(seconds)*time.Second), !timed
	return w, true
}

// ofDay is a time of day in seconds.
func ofDay(hour, minute, second, half string) (int, bool) {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	sec, _ := strconv.Atoi(second) // "" is 0
	switch half = strings.ToLower(strings.ReplaceAll(half, ".", "")); half {
	case "sa", "am":
		if h < 1 || h > 12 {
			return 0, false
		}
		h %= 12
	case "ch", "pm":
		if h < 1 || h > 12 {
			return 0, false
		}
		h = h%12 + 12
	}
	return h*3600 + m*60 + sec, h < 24 && m < 60 && sec < 60
}

func readDay(s string) (w When, ok bool) {
	var y, m, d int
	numbers := func(parts []string) (a, b, c int) {
		a, _ = strconv.Atoi(parts[1])
		b, _ = strconv.Atoi(parts[2])
		c, _ = strconv.Atoi(parts[3])
		return a, b, c
	}
	switch {
	case yearFirst.MatchString(s):
		y, m, d = numbers(yearFirst.FindStringSubmatch(s))
	case worded.MatchString(s):
		d, m, y = numbers(worded.FindStringSubmatch(s))
	case numeric.MatchString(s):
		d, m, y = numbers(numeric.FindStringSubmatch(s))
		switch {
		case m > 12 && d <= 12:
			d, m, w.MonthFirst = m, d, true
		case d <= 12 && m <= 12 && d != m:
			w.Either = true
		}
	default:
		return w, false
	}
	if y < 100 {
		y += 2000
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, Zone)
	w.Time, w.DateOnly = t, true
	return w, t.Day() == d && int(t.Month()) == m && plausible(t)
}

// fromSerial reads a spreadsheet's number of days. 31000 to 80000 are the years
// 1984 to 2119: other numbers of five digits are no date.
func fromSerial(s string) (w When, ok bool) {
	days, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
	if err != nil || days < 31000 || days > 80000 {
		return w, false
	}
	whole, part := math.Modf(days)
	t := time.Date(1899, 12, 30, 0, 0, 0, 0, Zone).AddDate(0, 0, int(whole))
	return When{Time: t.Add(time.Duration(math.Round(part*86400)) * time.Second), DateOnly: part == 0}, true
}

func plausible(t time.Time) bool { return t.Year() > 1900 && t.Year() < 2200 }

// YearOf is the year of a birth date or of a year alone, 0 where there is no such
// year in it.
func YearOf(s string) int {
	s = Trim(s)
	if n, err := strconv.Atoi(s); err == nil && len(s) == 4 {
		if n > 1850 && n < 2200 {
			return n
		}
		return 0
	}
	if w, ok := ReadTime(s); ok {
		return w.Time.In(Zone).Year()
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/-. ", r) }) {
		if n, err := strconv.Atoi(part); err == nil && len(part) == 4 && n > 1850 && n < 2200 {
			return n
		}
	}
	return 0
}
