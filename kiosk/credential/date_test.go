package credential_test

import (
	"testing"
	"time"

	"chot/kiosk/credential"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]credential.Date{
		"1985-04-12": {Year: 1985, Month: 4, Day: 12}, "1985-04": {Year: 1985, Month: 4}, "1985": {Year: 1985},
		"1985-04-12T23:20:50Z": {Year: 1985, Month: 4, Day: 12}, "1985-00-00": {Year: 1985}, "1985-04-31": {Year: 1985, Month: 4},
		"2000-02-29": {Year: 2000, Month: 2, Day: 29}, "1900-02-29": {Year: 1900, Month: 2}, "1985-13-01": {Year: 1985},
		"": {}, "85": {}, "12/04/1985": {}, "XXXX-XX-XX": {}, "1985-0a-01": {Year: 1985},
	} {
		got := credential.ParseDate(text)
		if got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
		if back := credential.ParseDate(got.String()); back != got {
			t.Errorf("%q is written as %q", text, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	at := func(hour, minute, second int) time.Time {
		return time.Date(2021, 5, 3, hour, minute, second, 0, time.UTC)
	}
	for text, want := range map[string]time.Time{
		"2021-05-03T18:01:02Z": at(18, 1, 2), "2021-05-03T18:01:02.806Z": at(18, 1, 2), "2021-05-03T18:01:02+07:00": at(11, 1, 2),
		"2021-05-03T18:01:02-0230": at(20, 31, 2), "2021-05-03T18:01:02+02": at(16, 1, 2), "2021-05-03T18:01Z": at(18, 1, 0),
		"2021-05-03 18:01:02": at(18, 1, 2), "2021-05-03T18:01:02.123456+02:00": at(16, 1, 2),
		"2021-05-03": at(0, 0, 0), "2021-05-03T": at(0, 0, 0), "2021-05-03Tnoon": at(0, 0, 0), "2021-05-03T18:01:02+99:00": at(18, 1, 2),
		"2021-05": {}, "": {}, "yesterday": {},
	} {
		if got := credential.ParseTime(text); !got.Equal(want) {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}
