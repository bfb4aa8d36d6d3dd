package checkpoint

import (
	"time"

	"chot/kiosk/record"
)

// Action is what the caller is to do. Those with an ID are answered by an event
// with the same ID; an answer that comes too late is ignored.
type Action interface{ action() }

// Actions lists an empty action of every type that there is. Whoever carries
// actions out must know each of them.
func Actions() []Action {
	return []Action{
		Check{}, Keep{}, Save{}, Sign{}, Print{}, LookUp{}, LogIn{}, Lamp{}, Buzz{}, Say{}, OpenBarrier{}, CallStaff{},
		Forget{}, TestPart{}, MeasureFocus{}, Export{}, TakeReceipts{}, SaveLogs{}, MakeSeries{}, TakeCode{}, ProvisionBy{}, Serve{}, Quit{},
	}
}

// Check reads codes that one visitor showed and makes the verdict over them.
// Answered by Checked, Gathered, BadgeRead, SheetRead or Unreadable.
type Check struct {
	ID    int
	Texts []string // in the order shown
}

// Keep appends a record to the journal. Answered by RecordKept or RecordFailed.
type Keep struct {
	ID     int
	Record record.Record
}

// Save stores a value under a key, nil to delete it, which survives a restart in
// the clear and is handed to New: counters, tube numbers and badge locks, never
// a visitor. It is durable before the next action of the same step is carried
// out.
type Save struct {
	Key   string
	Value []byte
}

// Sign signs a slip or a result. Answered by Signed or SignFailed.
type Sign struct {
	ID     int
	Number string
	Until  time.Time
	Slip   *SlipBody   // either this
	Result *ResultBody // or this
}

// SlipBody is what a slip says.
type SlipBody struct {
	Name  string // masked
	Birth int    // year
	Level Level
	Basis string // "declaration", "test", "vaccination"
	Party int    // people on it
}

// ResultBody is what a result says.
type ResultBody struct {
	Name      string // masked, "" where the paper was not shown again
	Birth     int
	Tube      string
	Technique Technique
	Outcome   Outcome
	Sampled   time.Time
}

// Print prints a label or slip. Answered by Printed or PrintFailed.
type Print struct {
	ID  int
	Job Job
}

// Job is what to print.
type Job struct {
	Layout string            // "sample", "slip", "result", "test"
	Code   string            // text of the QR code or, on a tube, of the Code 128
	Fields map[string]string // texts by the layout's names; values are codes or data, not sentences
	Copies int
}

// LookUp asks the province. Answered by ResultFound, VaccinationFound,
// OrderFound or LookUpFailed.
type LookUp struct {
	ID     int
	What   string // "result", "vaccination", "order"
	Slip   string // text of the code that was shown
	Digits string // the last four of the phone
	Staff  string // number of the badge that is logged in, for an order
}

// LogIn checks a PIN. Answered by LoggedIn or LoginRefused.
type LogIn struct {
	ID    int
	Badge string // number
	PIN   string
}

// Lamp lights a colour, or none at zero.
type Lamp struct{ Level Level }

// Buzz sounds a pattern: "green", "amber", "red", "read", "call".
type Buzz struct{ Pattern string }

// Say plays the sound of a screen, where there is one: a tone, or a spoken prompt.
// The prompt is the screen's ID, with the verdict's colour or the question's
// name after a dot: "shown.green", "question.phone", "away".
type Say struct{ Prompt, Language string }

// OpenBarrier lets one visitor, or one party, through.
type OpenBarrier struct{ Party int }

// CallStaff tells staff that a visitor needs help.
type CallStaff struct{ Screen string }

// Forget tells whoever holds texts of the visit, such as the scanner and the
// screen, to drop them.
type Forget struct{}

// TestPart runs the test of a part. Answered by PartTested.
type TestPart struct{ Part Part }

// MeasureFocus turns the focus aid on or off.
type MeasureFocus struct{ On bool }

// Export writes the backlog to a stick. Answered by StickDone.
type Export struct{}

// TakeReceipts reads receipts from a stick. Answered by StickDone.
type TakeReceipts struct{}

// SaveLogs writes the logs to a stick. Answered by StickDone.
type SaveLogs struct{}

// MakeSeries makes codes of the backlog, and of receipts for neighbours, that
// others carry on. Answered by SeriesMade.
type MakeSeries struct{}

// TakeCode takes a code of a neighbour's series. Answered by CodeTaken, unless it
// is no such code.
type TakeCode struct{ Text string }

// ProvisionBy starts provisioning with the sheet's text. Answered by
// ProvisionMoved, several times.
type ProvisionBy struct{ Sheet string }

// Serve ends the set-up: the kiosk has an identity and begins to serve.
type Serve struct{}

// Quit ends the kiosk's program; only a technician reaches it.
type Quit struct{}

func (Check) action()        {}
func (Keep) action()         {}
func (Save) action()         {}
func (Sign) action()         {}
func (Print) action()        {}
func (LookUp) action()       {}
func (LogIn) action()        {}
func (Lamp) action()         {}
func (Buzz) action()         {}
func (Say) action()          {}
func (OpenBarrier) action()  {}
func (CallStaff) action()    {}
func (Forget) action()       {}
func (TestPart) action()     {}
func (MeasureFocus) action() {}
func (Export) action()       {}
func (TakeReceipts) action() {}
func (SaveLogs) action()     {}
func (MakeSeries) action()   {}
func (TakeCode) action()     {}
func (ProvisionBy) action()  {}
func (Serve) action()        {}
func (Quit) action()         {}
