package intake

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chot/kiosk/record"
)

// What is remembered of a visit is what deriving it again would give, however often
// and among whatever others it comes.
func TestVisitsCountAsWhatTheySay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var known visits
		some := rapid.SampledFrom([]string{"", "eu-dcc", "manual", "a b", strings.Repeat("long", 30)})
		for range rapid.IntRange(1, 40).Draw(t, "visits") {
			v := record.Visit{
				Direction: record.Direction(rapid.IntRange(0, 3).Draw(t, "direction")), Family: some.Draw(t, "family"),
				Level: record.Level(rapid.IntRange(0, 3).Draw(t, "level")), Temperature: rapid.SampledFrom([]int{0, 374, 375}).Draw(t, "heat"),
			}
			for range rapid.IntRange(0, 3).Draw(t, "reasons") {
				v.Reasons = append(v.Reasons, record.Reason{Code: some.Draw(t, "reason")})
			}
			payload, err := record.Encode(v)
			if err != nil {
				t.Fatal(err)
			}
			var want facts
			want.derive(record.Record{Time: time.Unix(0, 0), Body: v})
			got := known.of(bytes.Clone(payload))
			if got == nil {
				if len(payload) <= maxVisit {
					t.Fatalf("%+v is not understood", v)
				}
				continue
			}
			if got.level != int16(want.level) || !slices.Equal(got.labels, want.labels) {
				t.Fatalf("%+v counts as %+v, not as %d %+v", v, got, want.level, want.labels)
			}
		}
	})
}

func TestVisitsThatKiosksMakeUpFillNothing(t *testing.T) {
	t.Parallel()
	var known visits
	if known.of([]byte{0xff}) != nil || len(known.known) != 0 {
		t.Error("what is no visit is remembered")
	}
	for i := range 3 * maxVisits {
		payload, err := record.Encode(record.Visit{Staff: fmt.Sprint(i), Family: strings.Repeat("x", i%(2*maxVisit))})
		if err != nil {
			t.Fatal(err)
		}
		first := known.of(payload)
		if again := known.of(payload); again != first {
			t.Fatal("a visit was understood twice")
		}
		if len(payload) > maxVisit && first != nil {
			t.Fatalf("a visit of %d bytes is remembered", len(payload))
		}
		if len(known.known) > maxVisits {
			t.Fatalf("%d visits are remembered", len(known.known))
		}
	}
}
