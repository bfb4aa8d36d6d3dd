package checkpoint

import "time"

// Login asks for a badge, then its PIN.
type Login struct {
	Badge   Badge // zero until it was read
	Digits  int   // of the PIN so far
	Waiting bool
	Problem string    // "wrong-pin", "not-a-badge", "locked", "expired"
	Until   time.Time // while locked
	Left    int       // tries left after a wrong one
}

// StaffMenu offers what the badge's role may do.
type StaffMenu struct {
	Tasks []Task
	Due   int // antigen tests that should be read by now
	Open  int // pools that are open
}

// Task is something that staff do.
type Task string

// The tasks.
const (
	TaskSampling  Task = "sampling"
	TaskAntigen   Task = "antigen"
	TaskManual    Task = "manual"
	TaskOverride  Task = "override"
	TaskAssist    Task = "assist"
	TaskRoll      Task = "roll"
	TaskReprint   Task = "reprint"
	TaskShift     Task = "shift"
	TaskTechnical Task = "technical"
)

// SamplingDesk is the desk between two steps of work: a person or a tube may
// come first.
type SamplingDesk struct {
	Technique  Technique
	Techniques []Technique
	Reason     string
	Reasons    []string
	Person     string // masked name of who is to be sampled; "" for nobody yet
	Order      string // number of the order that was read
	Tube       string // in work; "" for none yet
	Label      LabelStage
	Pool       bool // the tube takes several people
	Members    []Member
	Limit      int // members that a pool may have
	Least      int // members that a pool must have to be closed
	Copies     int
	Open       []OpenPool // other pools that wait, to go on with
	Problem    string     // "tube-used", "person-twice", "pool-full", "pool-closed", "wrong-label", "paper-out"
	Doubt      bool       // the person may be in the pool already: confirm
	Today      Balance
}

// LabelStage is how far a label is.
type LabelStage string

// The stages of a label.
const (
	LabelNone     LabelStage = ""
	LabelPrinting LabelStage = "printing"
	LabelPrinted  LabelStage = "printed" // to be stuck on the tube and scanned back
	LabelVerified LabelStage = "verified"
	LabelFailed   LabelStage = "failed"
)

// Member is one person of a pool. After a restart only the place is known.
type Member struct {
	Place int    // from 1
	Name  string // masked, "" after a restart
	Kept  bool   // the record is kept
}

// OpenPool is a pool that can be gone on with.
type OpenPool struct {
	Tube      string
	Members   int
	Technique Technique
	Since     time.Time
}

// Balance is the count of a shift. It balances when Out is Sampled + Void and
// nothing is open or unread.
type Balance struct {
	Out     int // tubes given out
	Sampled int // with a specimen, pools counted once
	Void    int
	Open    int // labels not scanned back, pools not closed
	Persons int
}

// Antigens lists the antigen tests that wait to be read.
type Antigens struct {
	Tests   []Timer
	Problem string
}

// Timer is one antigen test on the table.
type Timer struct {
	Tube  string
	From  time.Time // earliest reading
	Until time.Time // latest reading
	Phase string    // "wait", "read", "late"
}

// AntigenReading takes the result of one test.
type AntigenReading struct {
	Timer    Timer
	Outcome  Outcome // chosen so far
	Person   string  // masked, where the paper was shown again
	Stage    string  // "choose", "confirm", "keeping", "done"
	Code     string  // text of the signed result
	Printed  bool
	Problem  string
	Outcomes []Outcome
}

// Manual checks somebody in without a code.
type Manual struct {
	Reasons   []string
	Reason    string
	Direction Direction
	Party     int
}

// Override decides otherwise than the last verdict.
type Override struct {
	Level   Level // of the verdict
	Because []Reason
	To      Level
	Reasons []string
	Reason  string
}

// RollCall is an agency's roll: who has the app and has declared.
type RollCall struct {
	Campaign string
	Agencies []Agency // to choose from, one page
	Page     int
	Pages    int
	Agency   Agency // chosen; zero for none yet
	Person   string // masked; "" until a paper was read
	App      bool
	Declared bool
	Problem  string
}

// Agency is a place of work in a campaign.
type Agency struct {
	Code   string
	Name   string
	People int // who should be on the roll, 0 where unknown
	Done   int // recorded here in this session
}

// Reprint prints a label or slip again.
type Reprint struct {
	Tube    string
	Reasons []string
	Reason  string
	Stage   LabelStage
	Problem string
}

// ShiftEnd lists the tubes of the shift, which must balance.
type ShiftEnd struct {
	Balance  Balance
	Balanced bool
	Tubes    []TubeLine // those that do not, one page
	Page     int
	Pages    int
	Reasons  []string // for voiding
	Voiding  string   // tube that is to be voided
	Problem  string
}

// TubeLine is one tube of the shift.
type TubeLine struct {
	Tube  string
	Stage string // "out", "open", "sampled", "closed", "void"
	Count int    // people
	Since time.Time
}

func (Login) view()          {}
func (StaffMenu) view()      {}
func (SamplingDesk) view()   {}
func (Antigens) view()       {}
func (AntigenReading) view() {}
func (Manual) view()         {}
func (Override) view()       {}
func (RollCall) view()       {}
func (Reprint) view()        {}
func (ShiftEnd) view()       {}
