package owncode

import (
	"errors"
	"slices"
	"strings"
	"time"

	"chot/kiosk/credential"
)

// The families of the four codes.
var (
	Slips   = family[Slip]()
	Results = family[Result]()
	Badges  = family[Badge]()
	Sheets  = family[Sheet]()

	// Families are all four, for the table of all.
	Families = []credential.Family{Slips, Results, Badges, Sheets}
)

var errIncomplete = errors.New("the content is incomplete or out of its range")

// Slip is what a kiosk hands a visitor: enough for a second kiosk to accept it
// offline and for staff to see that it is this visitor's, no more.
type Slip struct {
	Name    string `cbor:"1,keyasint,omitempty"` // masked, see [MaskName]
	Birth   int    `cbor:"2,keyasint,omitempty"` // year
	Verdict string `cbor:"3,keyasint"`           // "green", "amber", "red"
	Basis   string `cbor:"4,keyasint"`           // "declaration", "certificate", "result"
	Place   string `cbor:"5,keyasint,omitempty"` // code of the administrative unit
	Party   int    `cbor:"6,keyasint,omitempty"` // number of people that it is for, 0 or 1 for one alone
}

// mostParty is how many people can pass on one slip: a coach.
const mostParty = 60

func (Slip) form() form { return form{credential.Slip, "CHOT1S:", "chot:slip", credential.ForVisit} }

func (s Slip) check() error {
	if !slices.Contains([]string{"green", "amber", "red"}, s.Verdict) || s.Basis == "" || s.Party < 0 || s.Party > mostParty {
		return errIncomplete
	}
	return nil
}

func (s Slip) describe(c *credential.Credential) {
	c.Holder = credential.Holder{Name: s.Name, Birth: credential.Date{Year: s.Birth}}
	c.Events = []credential.Event{{
		Kind: credential.Visited, ID: c.ID, At: c.IssuedAt, Until: c.NotAfter, Result: s.Verdict, Country: "VN",
	}}
}

// Techniques of a test.
const (
	RTPCR   = "rt-pcr"
	Antigen = "antigen"
)

// methods are the techniques as LOINC codes, which rules know.
var methods = map[string]string{RTPCR: "LP6464-4", Antigen: "LP217198-3"}

// Outcomes of a test: âm tính, dương tính, nghi ngờ, chưa xác định, không đạt,
// lấy mẫu lại.
const (
	Negative     = "negative"
	Positive     = "positive"
	Suspected    = "suspected"
	Undetermined = "undetermined"
	Unfit        = "unfit"
	Resample     = "resample"
)

// Result is the result of one specimen.
type Result struct {
	Name      string `cbor:"1,keyasint,omitempty"` // masked, see [MaskName]
	Birth     int    `cbor:"2,keyasint,omitempty"` // year
	Specimen  string `cbor:"3,keyasint"`           // number of the tube
	Technique string `cbor:"4,keyasint"`           // RTPCR or Antigen
	Outcome   string `cbor:"5,keyasint"`
	SampledAt int64  `cbor:"6,keyasint"`           // seconds since 1970
	Pool      int    `cbor:"7,keyasint,omitempty"` // number of people in the tube, 0 or 1 for one alone
}

func (Result) form() form {
	return form{credential.Result, "CHOT1R:", "chot:result", credential.ForVisit}
}

func (r Result) check() error {
	outcomes := []string{Negative, Positive, Suspected, Undetermined, Unfit, Resample}
	if r.Specimen == "" || methods[r.Technique] == "" || !slices.Contains(outcomes, r.Outcome) ||
		r.SampledAt <= 0 || r.SampledAt > greatestTime || r.Pool < 0 {
		return errIncomplete
	}
	return nil
}

func (r Result) describe(c *credential.Credential) {
	c.Holder = credential.Holder{Name: r.Name, Birth: credential.Date{Year: r.Birth}}
	c.Events = []credential.Event{{
		Kind: credential.Test, ID: r.Specimen, Disease: covid19, At: time.Unix(r.SampledAt, 0).UTC(),
		Method: methods[r.Technique], Result: r.Outcome, Country: "VN",
	}}
}

const covid19 = "840539006" // SNOMED CT

// Badge names a member of staff.
type Badge struct {
	Name string `cbor:"1,keyasint"`
	Role string `cbor:"2,keyasint"`           // "staff", "sampler", "technician", "supervisor"
	Unit string `cbor:"3,keyasint,omitempty"` // the post or unit where it holds, "" for everywhere
}

func (Badge) form() form { return form{credential.Badge, "CHOT1B:", "chot:badge", credential.ForStaff} }

func (b Badge) check() error {
	if b.Name == "" || b.Role == "" {
		return errIncomplete
	}
	return nil
}

func (b Badge) describe(c *credential.Credential) {
	c.Holder = credential.Holder{Name: b.Name, Document: c.ID}
}

// Sheet is what a new kiosk needs to enrol: where, with whom, and the token
// that the province takes once.
type Sheet struct {
	Kiosk  string   `cbor:"1,keyasint"`           // the name that the kiosk will have
	Site   string   `cbor:"2,keyasint"`           // code of the post
	Server string   `cbor:"3,keyasint"`           // https://host[:port]
	Pins   [][]byte `cbor:"4,keyasint"`           // SHA-256 of the SubjectPublicKeyInfo of each certificate authority to trust
	Root   []byte   `cbor:"5,keyasint,omitempty"` // SHA-256 of the bundle's first root metadata
	Token  string   `cbor:"6,keyasint"`           // single-use enrolment token
	WiFi   *WiFi    `cbor:"7,keyasint,omitempty"`
	Unit   string   `cbor:"8,keyasint,omitempty"` // code of the administrative unit where it stands
	Role   string   `cbor:"9,keyasint,omitempty"` // what it is used for, as the province's register has it
}

// WiFi is a network to join.
type WiFi struct {
	SSID       string `cbor:"1,keyasint"`
	Passphrase string `cbor:"2,keyasint,omitempty"` // "" for an open network
}

func (Sheet) form() form {
	return form{credential.Sheet, "CHOT1P:", "chot:provision", credential.ForProvision}
}

func (s Sheet) check() error {
	if s.Kiosk == "" || s.Site == "" || !strings.HasPrefix(s.Server, "https://") || len(s.Pins) == 0 || s.Token == "" {
		return errIncomplete
	}
	for _, pin := range s.Pins {
		if len(pin) != 32 {
			return errIncomplete
		}
	}
	if len(s.Root) != 0 && len(s.Root) != 32 || s.WiFi != nil && s.WiFi.SSID == "" {
		return errIncomplete
	}
	return nil
}

func (Sheet) describe(*credential.Credential) {}

// MaskName keeps the last word of a name, in Vietnam the one that a person is
// called by, and the first letter of each other: "N. T. Thử".
func MaskName(name string) string {
	words := strings.Fields(name)
	for i, w := range words[:max(len(words)-1, 0)] {
		words[i] = string([]rune(w)[:1]) + "."
	}
	return strings.Join(words, " ")
}
