package checkpoint

import (
	"time"

	"chot/kiosk/declaration"
)

// Setup is the data of the day: the kiosk's configuration and the signed content
// that it works by. It is never changed; a new one comes with Configured.
type Setup struct {
	Kiosk       string // name of the kiosk
	Place       string // code of the unit where it stands
	Provisioned bool   // false: the first screen is Provision
	Enrolled    bool   // while not provisioned: it has an identity, and waits for its data
	Languages   []string
	Directions  []Direction // what a visit here may be, the usual one first
	Services    []Service
	Content     []Content
	Links       []Link
	Retention   time.Duration // of personal data, told to people

	Forms []*declaration.Form // the one of its kind that holds today is asked
	Units *declaration.Units  // nil: addresses cannot be asked
	Rows  int                 // lines of a list that fit the screen

	Thermometer bool
	Barrier     bool
	Printer     bool
	Fever       float64       // °C, from which on a visit is not green
	FeverLevel  Level         // that it has instead
	Unmeasured  Level         // of a visit whose temperature could not be taken; below Amber: as its documents are
	SlipValid   time.Duration // of the slips that are printed here

	Techniques      []Technique
	Labels          bool // the desk prints labels of its own; false: tubes come with numbers
	PoolLeast       int
	PoolMost        int
	Copies          int           // of a label
	ReadFrom        time.Duration // of an antigen test, after sampling
	ReadUntil       time.Duration
	TestReasons     []string
	ReprintReasons  []string
	VoidReasons     []string
	ManualReasons   []string
	OverrideReasons []string
	Campaign        string // "": no roll is called
	Agencies        []Agency

	Tries    int           // wrong PINs before a badge is locked
	LockedIn time.Duration // and for how long
	Times    Times
}

// Content is a message of the signed content.
type Content struct {
	ID          string
	Texts       map[string]string // by language
	Source      string
	Date        time.Time
	From, Until time.Time // zero where unbounded
	Picture     string
}

// Times are how long screens stay without a touch or a code.
type Times struct {
	Green, Amber, Red time.Duration // a verdict
	Unchecked         time.Duration
	Heat              time.Duration // waiting before the thermometer
	Answer            time.Duration // waiting for a device or the province
	Form              time.Duration // then the visitor is asked whether they are there
	Away              time.Duration // for this long
	Slip              time.Duration
	Staff             time.Duration // as Form
	Message           time.Duration // each message on the idle screen
	Repeat            time.Duration // the same code within this is the same visit
	Hint              time.Duration
	Moment            time.Duration // a record may take, before the screen asks for a moment
	Stalled           time.Duration // a record may take, before the kiosk is out of order
}

// DefaultTimes are the shipped ones.
func DefaultTimes() Times {
	return Times{
		Green: 5 * time.Second, Amber: 20 * time.Second, Red: 20 * time.Second,
		Unchecked: 10 * time.Second, Heat: 10 * time.Second, Answer: 15 * time.Second,
		Form: 60 * time.Second, Away: 20 * time.Second, Slip: 20 * time.Second,
		Staff: 120 * time.Second, Message: 8 * time.Second,
		Repeat: time.Minute, Hint: 1500 * time.Millisecond,
		Moment: time.Second, Stalled: 4 * time.Second,
	}
}
