package sampling

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"chot/kiosk/record"
)

// Stage is how far a tube is. Stages are stored: numbers are never reused.
type Stage uint8

// The stages.
const (
	Given   Stage = 1 // its label was printed and not yet scanned back
	Ready   Stage = 2 // the label was scanned back; a pool takes members
	Sampled Stage = 3 // holds one person's specimen
	Sealed  Stage = 4 // a pool that was closed and cannot change
	Voided  Stage = 5
)

var stageNames = [...]string{"", "out", "open", "sampled", "closed", "void"}

func (s Stage) String() string {
	if int(s) < len(stageNames) {
		return stageNames[s]
	}
	return ""
}

// done says whether nothing more happens to the tube at the desk.
func (s Stage) done() bool { return s >= Sampled }

// Tube is one tube that was given out here.
type Tube struct {
	Number    string           `cbor:"1,keyasint"`
	Stage     Stage            `cbor:"2,keyasint"`
	Pool      bool             `cbor:"3,keyasint,omitempty"`
	Technique record.Technique `cbor:"4,keyasint"`
	Members   []Member         `cbor:"5,keyasint,omitempty"` // whose specimens are in it, in order
	Places    int              `cbor:"6,keyasint,omitempty"` // the last place given: one that was undone is not given again
	Since     record.Unix      `cbor:"8,keyasint"`           // given out
	Taken     record.Unix      `cbor:"9,keyasint,omitempty"` // specimen taken, or pool sealed
	Read      bool             `cbor:"10,keyasint,omitempty"`
	Shift     int              `cbor:"11,keyasint,omitempty"`
	Reason    string           `cbor:"12,keyasint,omitempty"` // of the test
}

// Unread says whether the tube is an antigen test without a result.
func (t Tube) Unread() bool {
	return t.Technique == record.Antigen && t.Stage == Sampled && !t.Read
}

// Member is one person's specimen in a tube.
type Member struct {
	_     struct{} `cbor:",toarray"`
	Place int      // from 1
	Mark  Mark
}

// Mark tells people of one tube apart without naming them.
type Mark uint16

// MarkOf makes the mark of a person in a tube: of whatever is the same each time
// that they are identified, such as plain name and birth year.
func MarkOf(tube, person string) Mark {
	sum := sha256.Sum256([]byte(tube + "\x00" + person))
	return Mark(binary.BigEndian.Uint16(sum[:]) >> 4)
}

// number is what a tube's label holds, 6 to 20 characters: what Code 128 prints
// and no identity paper looks like.
var number = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{4,18}[A-Z0-9]$`)

// IsNumber says whether a text can be the number of a tube.
func IsNumber(text string) bool { return number.MatchString(text) }

// longestSeries keeps a label's Code 128 within 40 mm.
const longestSeries = 6

// Series is what a kiosk's own tubes are numbered under: its name without what a
// label does not take, or six characters of its digest where that is long. Two of
// a thousand kiosks with long names share one with a chance of 1 in 2000.
func Series(kiosk string) string {
	short := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(kiosk))
	if short != "" && len(short) <= longestSeries {
		return short
	}
	sum := sha256.Sum256([]byte(kiosk))
	return base32.StdEncoding.EncodeToString(sum[:])[:longestSeries]
}

var (
	encoding = func() cbor.EncMode {
		m, err := cbor.CoreDetEncOptions().EncMode()
		if err != nil {
			panic(err) // the options contradict each other: a mistake here
		}
		return m
	}()
	decoding = func() cbor.DecMode {
		m, err := cbor.DecOptions{
			DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
			MaxArrayElements: 64, MaxMapPairs: 64, MaxNestedLevels: 4,
		}.DecMode()
		if err != nil {
			panic(err) // likewise
		}
		return m
	}()
)

// Encode writes a tube for the ledger's store.
func (t Tube) Encode() []byte {
	data, err := encoding.Marshal(t)
	if err != nil {
		panic(err) // a struct of numbers and strings always encodes
	}
	return data
}

// decodeTube reads what Encode wrote.
func decodeTube(data []byte) (Tube, error) {
	var t Tube
	if err := decoding.Unmarshal(data, &t); err != nil {
		return Tube{}, fmt.Errorf("reading a tube: %w", err)
	}
	if t.Number == "" || t.Stage.String() == "" || !ascending(t.Members, t.Places) {
		return Tube{}, fmt.Errorf("reading the tube %q: it contradicts itself", t.Number)
	}
	return t, nil
}

// ascending says whether places are in order and none is beyond the last given.
func ascending(members []Member, last int) bool {
	before := 0
	for _, m := range members {
		if m.Place <= before {
			return false
		}
		before = m.Place
	}
	return before <= last
}
