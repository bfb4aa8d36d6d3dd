package checkpoint

import "time"

// View is a screen with everything that is on it. The types of this package
// that implement it, by value, are all screens that there are.
type View interface{ view() }

// Idle waits for somebody.
type Idle struct {
	Hint       Hint        // what to do so that the code in view can be read; "" for none
	Message    Message     // the 5K message whose turn it is; zero where there is none
	Direction  Direction   // which way the next visitor is counted
	Directions []Direction // what may be chosen; one or none: nothing to choose
	Links      []Link      // for those with a phone
	Services   []Service   // the buttons
}

// Service is something that the kiosk does for a visitor besides checking.
type Service string

// The services.
const (
	Declare     Service = "declare"
	Register    Service = "test" // register for a test
	Results     Service = "result"
	Vaccination Service = "vaccination"
)

// Hint says why a code that is seen cannot be read.
type Hint string

// The hints.
const (
	Closer  Hint = "closer"
	Further Hint = "further"
	Still   Hint = "still" // hold still
	Bright  Hint = "glare"
	Dark    Hint = "dark"
)

// Message is one of the official messages, from the signed content.
type Message struct {
	ID      string
	Text    string // in the screen's language
	Source  string
	Date    time.Time
	Picture string // name of a picture of the content, "" for none
}

// Link is an address shown as a QR code.
type Link struct {
	ID  string // names its words
	URL string
}

// Checking waits for the verdict; it is seen only where that takes long.
type Checking struct{}

// Gathering waits for the other codes of a paper that is spread over several.
type Gathering struct {
	Read, Of int // codes
}

// Measuring waits for a temperature: the visitor steps before the thermometer.
type Measuring struct{}

// Shown is the verdict over what the visitor held up.
type Shown struct {
	Level     Level
	Name      string   // of the holder, masked; "" where the code names nobody
	Family    string   // of the credential, or "declaration", "manual"
	Reasons   []Reason // the gravest first
	Direction Direction
	Party     int     // number of people, 1 for one alone
	Heat      float64 // body temperature in °C, 0 where not taken
	Again     bool    // the same code as a moment ago: not counted twice
	More      bool    // another code may complete this one; it is waited for
	Proof     Proof   // whether a signature was checked
	Stale     bool    // made with rules or trust data that should have been renewed
	Gate      Gate
	Overruled bool // a member of staff decided otherwise
}

// Proof says what stands behind what a visitor showed. Each means something else
// to do: a paper without a signature cannot be better than it is, one whose
// signature nobody here can check may be good.
type Proof string

// The proofs.
const (
	Unsigned   Proof = ""           // there is no signature: it identifies, and proves nothing
	Unverified Proof = "unverified" // there is one, which could not be verified
	Verified   Proof = "verified"   // there is one, and a trusted key made it
	Vouched    Proof = "vouched"    // nothing was shown: a member of staff decided
)

// Reason is a ground of a verdict, for the catalogue.
type Reason struct {
	Code  string
	Level Level
	Rule  string
}

// Gate is what the barrier does.
type Gate string

// The gate's states.
const (
	Shut    Gate = "shut"
	Opening Gate = "opening" // waits until the visit is recorded
	Open    Gate = "open"
)

// Unchecked says that the kiosk could not check: not that the code is bad.
type Unchecked struct {
	Problem string // "unreadable", "no-trust", "clock", "not-kept", "failed" and the like
}

// Away asks whether somebody is still there, and hides what they wrote.
type Away struct {
	Until time.Time // then everything is cleared
}

// Help explains the screen that it was called from.
type Help struct {
	Topic  string // the screen, as [Name] has it
	Called bool   // staff were called
}

// OutOfOrder says that the kiosk serves nobody, and why.
type OutOfOrder struct {
	Conditions []Condition // the blocking ones
}

func (Idle) view()       {}
func (Checking) view()   {}
func (Gathering) view()  {}
func (Measuring) view()  {}
func (Shown) view()      {}
func (Unchecked) view()  {}
func (Away) view()       {}
func (Help) view()       {}
func (OutOfOrder) view() {}
