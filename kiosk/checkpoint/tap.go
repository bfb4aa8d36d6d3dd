package checkpoint

// Tap is what a button means. Value says which where there are several.
type Tap string

// The taps that any screen takes.
const (
	TapHome     Tap = "home"     // give up and clear everything
	TapBack     Tap = "back"     // one step back, nothing lost
	TapHelp     Tap = "help"     // explain this screen
	TapCall     Tap = "call"     // call staff, on the help screen
	TapLanguage Tap = "language" // value: "vi", "en"
	TapHere     Tap = "here"     // still there
	TapStaff    Tap = "staff"    // log in
)

// The taps of particular screens.
const (
	TapService   Tap = "service"   // Idle; value: a Service
	TapDirection Tap = "direction" // Idle, Manual; value: "in", "out"
	TapSelf      Tap = "self"      // ForWhom
	TapRelative  Tap = "relative"  // ForWhom
	TapNext      Tap = "next"      // go on
	TapOption    Tap = "option"    // Question: choose or unchoose; value: of the option; HealthCheck: one by one
	TapUnit      Tap = "unit"      // Question: choose a unit; value: its code
	TapPage      Tap = "page"      // turn the page; value: "+" or "-"
	TapEdit      Tap = "edit"      // Review: change an answer; value: the line's ID
	TapAgree     Tap = "agree"     // Review: all was seen, keep it; Discard: erase; SamplingDesk: take the person in
	TapDecline   Tap = "decline"   // Review: nothing is kept; SamplingDesk: let the person go
	TapAdd       Tap = "add"       // Review: agree, and another person on the same slip; SamplingDesk: a pool
	TapPrint     Tap = "print"     // Slip, ResultShown, SamplingDesk, Reprint, AntigenReading
	TapDone      Tap = "done"      // finished with this screen
	TapStatus    Tap = "status"    // VaccinationDesk
	TapRegister  Tap = "register"  // VaccinationDesk
	TapShow      Tap = "show"      // VaccinationDesk: the certificate
	TapTask      Tap = "task"      // StaffMenu; value: a Task
	TapLogout    Tap = "logout"
	TapTechnique Tap = "technique" // SamplingDesk; value: "rt-pcr", "antigen"
	TapReason    Tap = "reason"    // value: a reason of the list; Override: level and reason, "green/paper-seen"
	TapCopies    Tap = "copies"    // SamplingDesk; value: "+" or "-"
	TapParty     Tap = "party"     // Manual; value: "+" or "-"
	TapUndo      Tap = "undo"      // SamplingDesk: the last member
	TapClose     Tap = "close"     // SamplingDesk: seal the pool
	TapVoid      Tap = "void"      // SamplingDesk, ShiftEnd; value: a tube
	TapOpen      Tap = "open"      // SamplingDesk: go on with a pool; Antigens: read; value: a tube
	TapOutcome   Tap = "outcome"   // AntigenReading; value: an Outcome's name
	TapAgency    Tap = "agency"    // RollCall; value: its code
	TapApp       Tap = "app"       // RollCall
	TapDeclared  Tap = "declared"  // RollCall
	TapTest      Tap = "test"      // Technical; value: a Part
	TapCamera    Tap = "camera"    // Technical: the focus aid
	TapSeries    Tap = "series"    // Technical: the backlog as codes, and a neighbour's
	TapExport    Tap = "export"    // Technical: to a stick
	TapReceipts  Tap = "receipts"  // Technical: from a stick
	TapLogs      Tap = "logs"      // Technical: to a stick
	TapLeave     Tap = "leave"     // Technical: close the kiosk's program; twice
)
