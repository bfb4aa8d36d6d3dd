package checkpoint

import (
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/policy"
	"chot/kiosk/record"
)

// Event is what happened outside. The types of this package that implement it,
// by value, are all events that there are.
type Event interface{ event() }

// Tick brings the trusted time. It is sent at least four times a second, and
// right before any other event, which happens at its time.
type Tick struct{ Now time.Time }

// Configured brings new data of the day.
type Configured struct{ Setup *Setup }

// CodeSeen is a code that a camera or a scanner module read.
type CodeSeen struct {
	Text      string
	Symbology string // "qr", "code128"; "" where the scanner does not say
}

// HintSeen says that a code is in view and why it cannot be read.
type HintSeen struct{ Hint Hint }

// Tapped is a button.
type Tapped struct {
	Tap   Tap
	Value string
}

// Typed is the whole text of the field in focus after a key.
type Typed struct{ Text string }

// Checked answers Check: what the codes claim, and the verdict over them.
type Checked struct {
	ID          int
	Credentials []credential.Credential // in the order of Check.Texts; parts of one paper are one
	Verdict     policy.Verdict
	Party       int // people on a slip, 0 or 1 for one alone
}

// Gathered answers Check: the codes are Read of Of parts of one paper, which can
// be checked when the others are there.
type Gathered struct {
	ID       int
	Read, Of int
}

// BadgeRead answers Check: a staff badge with a good signature, in its time.
type BadgeRead struct {
	ID    int
	Badge Badge
}

// SheetRead answers Check: a provisioning sheet.
type SheetRead struct {
	ID      int
	Number  string // of the sheet
	Kiosk   string
	Site    string
	Server  string
	Key     string
	Signed  bool   // false: no key to check it with, the technician compares Key
	Problem string // "forged", "expired", "used"; "" where it may be used
}

// Unreadable answers Check: the kiosk could not check. Problem as in [Unchecked].
type Unreadable struct {
	ID      int
	Problem string
}

// Temperature is a reading of the thermometer within its plausible range.
type Temperature struct{ Celsius float64 }

// RecordKept answers Keep: the record is durable.
type RecordKept struct{ ID int }

// RecordFailed answers Keep.
type RecordFailed struct {
	ID      int
	Problem string // "disk-full", "journal"
}

// Signed answers Sign.
type Signed struct {
	ID   int
	Code string // text of the signed code
}

// SignFailed answers Sign.
type SignFailed struct{ ID int }

// Printed answers Print: it is on paper.
type Printed struct{ ID int }

// PrintFailed answers Print: nothing usable is on paper.
type PrintFailed struct {
	ID      int
	Problem string // "paper-out", "head-open", "offline", "no-printer"
}

// ResultFound, VaccinationFound, OrderFound and LookUpFailed answer LookUp.
type (
	ResultFound struct {
		ID      int
		Name    string
		Results []ResultLine
		Code    string // text of the signed result of the last, "" without one
	}
	VaccinationFound struct {
		ID          int
		Name        string
		Status      VaccinationStatus
		Certificate string // text, "" without one
	}
	OrderFound struct {
		ID    int
		Order FoundOrder
	}
	LookUpFailed struct {
		ID      int
		Problem string // "offline", "no-such", "too-many"
	}
)

// FoundOrder is a registration for a test as the province holds it.
type FoundOrder struct {
	Number    string
	Person    record.Person
	Technique Technique
	Reason    string
}

// LoggedIn and LoginRefused answer LogIn.
type (
	LoggedIn     struct{ ID int }
	LoginRefused struct {
		ID      int
		Problem string // "wrong-pin", "revoked", "unknown"
	}
)

// DeviceChanged replaces what is wrong with one part: none where all is well.
type DeviceChanged struct {
	Part       Part
	Value      string // for the technician's page
	Conditions []Condition
	Facts      []Fact // more that a technician wants to know
}

// NetworkChanged says whether the province can be reached.
type NetworkChanged struct{ Online bool }

// PartTested answers TestPart.
type PartTested struct {
	Part   Part
	Passed bool
	Detail string
}

// FocusMeasured is the camera's focus and exposure, while CameraAid is shown.
type FocusMeasured struct {
	Focus, Exposure int
	Advice          Hint
}

// StickDone answers Export, TakeReceipts and SaveLogs.
type StickDone struct {
	Count   int
	Problem string // "no-stick", "stick-full"; "" where it went well
}

// SeriesMade answers MakeSeries.
type SeriesMade struct {
	Codes   []string // to be shown in turn
	Entries int      // of the journal that are in them
	More    bool     // entries wait that are not in them
	Problem string   // "failed"; "" where it went well
}

// CodeTaken answers TakeCode: how much of the series is there, and what has been
// taken since the page was opened.
type CodeTaken struct {
	Read, Of int
	Batches  int // of neighbours, to be carried on
	Receipts int // for this kiosk
	Problem  string
}

// ProvisionMoved says how far provisioning is. The problems are those of a sheet
// ("expired", "forged", "used") and "wifi" (the network of the sheet cannot be
// joined), "no-network" (the server does not answer), "server" (it is not the one
// that the sheet names), "refused" (by the province), "bundle" (what came from
// the province cannot be used) and "self-test".
type ProvisionMoved struct {
	Stage   ProvisionStage
	Problem string
	Parts   []DeviceChanged // what the self-test found, with Ready
}

// ButtonPressed is the exit button at the gate: it opens from inside.
type ButtonPressed struct{}

func (Tick) event()             {}
func (Configured) event()       {}
func (CodeSeen) event()         {}
func (HintSeen) event()         {}
func (Tapped) event()           {}
func (Typed) event()            {}
func (Checked) event()          {}
func (Gathered) event()         {}
func (BadgeRead) event()        {}
func (SheetRead) event()        {}
func (Unreadable) event()       {}
func (Temperature) event()      {}
func (RecordKept) event()       {}
func (RecordFailed) event()     {}
func (Signed) event()           {}
func (SignFailed) event()       {}
func (Printed) event()          {}
func (PrintFailed) event()      {}
func (ResultFound) event()      {}
func (VaccinationFound) event() {}
func (OrderFound) event()       {}
func (LookUpFailed) event()     {}
func (LoggedIn) event()         {}
func (LoginRefused) event()     {}
func (DeviceChanged) event()    {}
func (NetworkChanged) event()   {}
func (PartTested) event()       {}
func (FocusMeasured) event()    {}
func (StickDone) event()        {}
func (SeriesMade) event()       {}
func (CodeTaken) event()        {}
func (ProvisionMoved) event()   {}
func (ButtonPressed) event()    {}
