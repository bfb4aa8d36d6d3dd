// Package checkpoint is what happens at the kiosk as a pure state machine:
//
//	next, actions := checkpoint.Step(state, event)
//
// Drivers, services and the screen send an [Event]; the caller draws the new
// [State] and carries out each [Action], whose outcome comes back as an event.
// Step reads no clock, draws no random number and touches no device: time comes
// with [Tick], randomness with the seed that [New] is given, the data of the day
// with [Setup]. A State is never changed once it was returned.
//
// State.View is the screen, one type for each, with everything that is on it as
// codes; the words for them are the UI's. What people touch arrives as [Tapped],
// what they type as [Typed]; a tap that the screen does not offer changes
// nothing.
//
// # Duties
//
// Checking a certificate keeps a record.Visit, which holds no name. A
// declaration, a test registration, a sample and a vaccination registration keep
// a person, and the screen says so first. Whatever was said about a person
// leaves the state with the screens that it was for: a state that is idle holds
// nothing personal, only keyed digests of the codes that were seen within the
// last minute, so that none counts twice.
//
// # Order of a visit
//
// The verdict is recorded first. Once its record is durable ([RecordKept]) it is
// shown, lit and sounded, the barrier opens and the slip prints. Until then the
// screen asks for a moment, and a journal that stays silent for seconds puts the
// kiosk out of order.
//
// An amber verdict that another code may still complete (its reasons begin with
// "needs-") is not final: it is shown, lit and sounded at once, opens nothing and
// prints nothing, and is recorded when that code came, the time is up or the screen
// is left.
package checkpoint
