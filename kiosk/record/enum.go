package record

import "time"

// Unix is a time in seconds since 1970; 0 if absent.
type Unix int64

// At returns t as a Unix, 0 for the zero time.
func At(t time.Time) Unix {
	if t.IsZero() {
		return 0
	}
	return Unix(t.Unix())
}

// Time returns u as a time in UTC, the zero time for 0.
func (u Unix) Time() time.Time {
	if u == 0 {
		return time.Time{}
	}
	return time.Unix(int64(u), 0).UTC()
}

// Numbers below are written to disk: they are never reused. A number that this
// version does not know has the name "".

// Level is the colour of a verdict, with the numbers of policy.Level.
type Level uint8

func (l Level) String() string { return name(l, "", "green", "amber", "red") }

// Direction is which way a visitor passed.
type Direction uint8

// The directions.
const (
	In      Direction = 1
	Out     Direction = 2
	Through Direction = 3 // a checkpoint on the road: passed, neither came nor left
)

func (d Direction) String() string { return name(d, "", "in", "out", "through") }

// Sex as on identity papers.
type Sex uint8

// The sexes.
const (
	Male     Sex = 1
	Female   Sex = 2
	OtherSex Sex = 3
)

func (s Sex) String() string { return name(s, "", "male", "female", "other") }

// ParseSex reads what String wrote; 0 for anything else.
func ParseSex(s string) Sex { return parse[Sex](s, 3) }

// Technique of a test.
type Technique uint8

// The techniques.
const (
	RTPCR   Technique = 1
	Antigen Technique = 2
)

func (t Technique) String() string { return name(t, "", "rt-pcr", "antigen") }

// ParseTechnique reads what String wrote; 0 for anything else.
func ParseTechnique(s string) Technique { return parse[Technique](s, 2) }

// Outcome of a test.
type Outcome uint8

// The outcomes, as Vietnamese laboratories report them.
const (
	Negative     Outcome = 1 // âm tính
	Positive     Outcome = 2 // dương tính
	Suspected    Outcome = 3 // nghi ngờ
	Undetermined Outcome = 4 // chưa xác định
	Unfit        Outcome = 5 // không đạt
	Resample     Outcome = 6 // lấy mẫu lại
)

func (o Outcome) String() string {
	return name(o, "", "negative", "positive", "suspected", "undetermined", "unfit", "resample")
}

// ParseOutcome reads what String wrote; 0 for anything else.
func ParseOutcome(s string) Outcome { return parse[Outcome](s, 6) }

// Step is what happened to a pool.
type Step uint8

// The steps.
const (
	Opened Step = 1
	Closed Step = 2 // sealed: it takes no further member
	Voided Step = 3
)

func (s Step) String() string { return name(s, "", "opened", "closed", "voided") }

func name[N ~uint8](n N, names ...string) string {
	if int(n) < len(names) {
		return names[n]
	}
	return ""
}

func parse[N interface {
	~uint8
	String() string
}](s string, last N) N {
	for n := N(1); n <= last; n++ {
		if n.String() == s {
			return n
		}
	}
	return 0
}
