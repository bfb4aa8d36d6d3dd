package checkpoint

import (
	"time"

	"chot/kiosk/declaration"
)

// The kinds of questions, under this package's name.
type QuestionKind = declaration.Kind

// Their values.
const (
	NameQuestion     = declaration.NameField
	YearQuestion     = declaration.YearField
	DigitsQuestion   = declaration.DigitsField
	TextQuestion     = declaration.TextField
	ChoiceQuestion   = declaration.ChoiceField
	ChoicesQuestion  = declaration.ChoicesField
	UnitQuestion     = declaration.UnitField
	DocumentQuestion = declaration.DocumentField
)

// Purpose is what a person's data is asked for.
type Purpose string

// The purposes.
const (
	ForDeclaration Purpose = "declaration"
	ForTest        Purpose = "test"
	ForVaccination Purpose = "vaccination"
	ForSample      Purpose = "sample"
	ForRoll        Purpose = "roll"
)

// ForWhom opens a form: that it keeps a person's data and for how long, and
// whether it is for oneself or a relative. A code of an identity paper may be
// held up here and fills in what it says.
type ForWhom struct {
	Purpose   Purpose
	Retention time.Duration
	Read      string // family of the code that was read, "" for none yet
	Name      string // that it gave, masked
	Assisted  bool
	Party     int // people who have declared already, on the same slip
}

// Question asks one question of a form.
type Question struct {
	Purpose  Purpose
	ID       string // names its words: "symptoms"
	Words    string // the question in the screen's language where the form brings words of its own
	Kind     QuestionKind
	Step     int // from 1
	Steps    int
	Text     string   // what was typed so far
	Options  []Option // for choices
	Search   Search   // for units
	Required bool
	Problem  string // why the answer does not hold: "too-short", "not-a-year"; "" for nothing
	Filled   bool   // the answer stands from a code and awaits a look
	Proxy    bool   // declared for a relative
}

// Option is one answer to choose.
type Option struct {
	Value  string
	Words  string // where the form brings words of its own
	Chosen bool
	Alone  bool // excludes the others: "none of these"
}

// Search finds an administrative unit: level by level, or by typing.
type Search struct {
	Path    []Unit // chosen so far: province, district
	Matches []Unit // to choose from, at most what fits a screen
	Pages   int
	Page    int // from 0
	Chosen  Unit
}

// Unit is an administrative unit.
type Unit struct {
	Code   string
	Name   string // "Xã Đại Sơn"
	Within string // "Huyện Tứ Kỳ, Tỉnh Hải Dương"
}

// Review shows all answers before they are kept.
type Review struct {
	Purpose Purpose
	Lines   []Line
	Page    int // from 0
	Pages   int
	Proxy   bool
}

// Line is one answer in a review.
type Line struct {
	ID      string
	Words   string
	Kind    QuestionKind
	Text    string   // as typed; the name of a unit
	Options []Option // the chosen ones
}

// Consent is the notice on personal data that is agreed to before anything is
// kept.
type Consent struct {
	Purpose   Purpose
	Retention time.Duration
	Party     int    // people on the slip, this one included
	MayAdd    bool   // another person may be declared for on the same slip: TapAdd for TapAgree
	Problem   string // why it could not be kept: "not-kept"; it may be tried again
}

// Keeping waits until the record is kept, the slip signed and printed.
type Keeping struct {
	Purpose Purpose
	Stage   string // "recording", "signing", "printing"
}

// Slip is the outcome of a form: the verdict, the number, the signed code.
type Slip struct {
	Purpose  Purpose
	Level    Level // zero where the form has no triage
	Reasons  []Reason
	Name     string // masked
	Number   string
	Code     string // text of the signed code, to be shown as a QR; "" where it could not be signed
	Printed  bool
	Problem  string // why nothing was printed: "paper-out", "no-printer"
	Party    int
	Assisted int // people declared for in assisted mode so far, 0 outside it
	Gate     Gate
}

// ResultLookUp asks for a slip and the last four digits of the phone.
type ResultLookUp struct {
	Slip    bool // has been read
	Digits  string
	Waiting bool
	Problem string // "offline", "no-such", "too-many", "not-a-slip"
}

// ResultShown is what the province answered.
type ResultShown struct {
	Name      string // masked
	Results   []ResultLine
	CanPrint  bool
	Printed   bool
	Problem   string
	Code      string // text of the signed result, to be shown as a QR
	Technique Technique
}

// ResultLine is one result.
type ResultLine struct {
	Tube      string
	Technique Technique
	Outcome   Outcome // zero while the laboratory has not reported
	Sampled   time.Time
}

// VaccinationDesk offers registration, status and the certificate.
type VaccinationDesk struct{}

// VaccinationAsk waits for an identity paper or slip to look up with.
type VaccinationAsk struct {
	Certificate bool // the certificate is asked for, else the status
	Read        bool
	Digits      string
	Waiting     bool
	Problem     string
}

// VaccinationStatus is what the province knows.
type VaccinationStatus struct {
	Name       string // masked
	Doses      []DoseLine
	Invited    time.Time // zero where there is no invitation
	Place      string
	Registered bool
}

// DoseLine is one dose.
type DoseLine struct {
	Number  int
	Product string
	At      time.Time
	Place   string
}

// Certificate shows a certificate as a QR code for a phone.
type Certificate struct {
	Name string // masked
	Code string // text of the certificate
}

func (ForWhom) view()           {}
func (Question) view()          {}
func (Review) view()            {}
func (Consent) view()           {}
func (Keeping) view()           {}
func (Slip) view()              {}
func (ResultLookUp) view()      {}
func (ResultShown) view()       {}
func (VaccinationDesk) view()   {}
func (VaccinationAsk) view()    {}
func (VaccinationStatus) view() {}
func (Certificate) view()       {}
