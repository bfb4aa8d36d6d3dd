package checkpoint

// Technical is the technician's page: every part with a light and a test.
type Technical struct {
	Parts   []PartLine
	Busy    string // what runs: "export", "receipts", "logs"; "" for nothing
	Outcome string // of the last: "export-done", "no-stick"
	Count   int    // entries or receipts that it moved
	Leave   bool   // confirm leaving the kiosk
}

// PartLine is one part of the kiosk.
type PartLine struct {
	Part     Part
	Severity Severity // zero where all is well
	Codes    []string // conditions
	Value    string   // "OV5647 1280×720 15/s", "412 waiting"
	Facts    []Fact
	Test     string // "" never, "running", "passed", "failed"
	Detail   string // of the last test
	Testable bool
}

// Fact is something about a part, for the catalogue, with a value.
type Fact struct{ Code, Value string }

// Part names a part of the kiosk.
type Part string

// The parts, in the order of the page.
const (
	PartCamera      Part = "camera"
	PartScanner     Part = "scanner"
	PartPrinter     Part = "printer"
	PartLamp        Part = "lamp"
	PartBuzzer      Part = "buzzer"
	PartBarrier     Part = "barrier"
	PartButton      Part = "button"
	PartSpeaker     Part = "speaker"
	PartThermometer Part = "thermometer"
	PartNetwork     Part = "network"
	PartServer      Part = "server"
	PartClock       Part = "clock"
	PartDisk        Part = "disk"
	PartJournal     Part = "journal"
	PartBacklog     Part = "backlog"
	PartTrust       Part = "trust"
	PartVersion     Part = "version"
)

// CameraAid shows the camera's picture with focus and exposure.
type CameraAid struct {
	Focus    int // 0 to 100
	Exposure int // mean grey, 0 to 255
	Advice   Hint
}

// Series shows the backlog as codes that turn by themselves, and takes those of
// a neighbour that stands before the camera.
type Series struct {
	Making  bool
	Code    string // the one whose turn it is; "" where nothing waits
	At, Of  int    // its place among them
	Entries int    // in all of them
	More    bool   // entries wait that are not in them
	Problem string // "failed"
	Taken   CodeTaken
}

// Provision brings up a new kiosk from a technician's sheet.
type Provision struct {
	Stage   ProvisionStage
	Kiosk   string // the name that it will have
	Site    string
	Server  string
	Key     string     // kid of the sheet's issuer, for comparison
	Problem string     // see [ProvisionMoved]
	Parts   []PartLine // how each part did in the self-test, when Ready
}

// ProvisionStage is how far provisioning is.
type ProvisionStage string

// The stages.
const (
	ShowSheet ProvisionStage = "sheet"
	Confirm   ProvisionStage = "confirm" // the sheet's key cannot be checked: compare
	Joining   ProvisionStage = "wifi"
	Clock     ProvisionStage = "clock"
	Enrolling ProvisionStage = "enrol"
	Fetching  ProvisionStage = "bundle"
	Testing   ProvisionStage = "self-test"
	Ready     ProvisionStage = "ready"
)

func (Technical) view() {}
func (CameraAid) view() {}
func (Series) view()    {}
func (Provision) view() {}
