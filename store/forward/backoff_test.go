package forward

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"chot/store/wire"
)

// fixed is randomness that always draws one byte.
type fixed byte

func (f fixed) Read(b []byte) (int, error) {
	copy(b, bytes.Repeat([]byte{byte(f)}, len(b)))
	return len(b), nil
}

func TestWaitsDoubleUpToAnyPartOfFiveMinutes(t *testing.T) {
	t.Parallel()
	for draw := range 256 {
		b := backoff{random: fixed(draw), min: minWait, max: maxWait}
		most := time.Second
		for failures := range 30 {
			if got := b.next(errors.New("no network")); got < 0 || got >= most {
				t.Fatalf("after %d failures it waits %s, not up to %s", failures+1, got, most)
			}
			most = min(2*most, 5*time.Minute)
		}
		b.reset()
		if got := b.next(errors.New("no network")); got >= time.Second {
			t.Errorf("after a success it waits %s", got)
		}
	}
}

func TestRetryAfterIsObeyedUpToAnHour(t *testing.T) {
	t.Parallel()
	busy := &wire.Error{Code: wire.Busy}
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "": 0, "-1": 0, "86400": time.Hour,
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): 0, // needs a clock that is right
	} {
		b := backoff{random: fixed(0xff), min: minWait, max: maxWait}
		got := b.next(&refusal{busy, retryAfter(header)})
		if got < want || got >= want+time.Second {
			t.Errorf("Retry-After %q: it waits %s, not %s and less than a second", header, got, want)
		}
	}
}

func TestWhatOnlyPeopleCanMendIsAskedForRarely(t *testing.T) {
	t.Parallel()
	for _, p := range []Problem{Forked, Refused} {
		longest := time.Duration(0)
		for draw := range 256 {
			b := backoff{random: fixed(draw), min: minWait, max: maxWait}
			longest = max(longest, b.next(&problemError{p, errors.New("look at it")}))
		}
		if longest < 4*time.Minute {
			t.Errorf("%s: it waits %s at most", p, longest)
		}
	}
}
