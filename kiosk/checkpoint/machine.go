package checkpoint

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"time"

	"chot/kiosk/policy"
	"chot/kiosk/sampling"
)

// machine is what the next step needs besides what the screen shows. What
// concerns a person is in screen alone, so that it goes with the screen.
type machine struct {
	setup   *Setup
	next    *Setup // takes over at the next idle; nil: setup stays
	seed    [32]byte
	drawn   uint64 // numbers drawn from the seed
	asked   int    // the last action's ID
	screen  screen
	touched time.Time // the last touch, code or key

	direction     Direction // chosen on the idle screen; 0: the usual one
	hint          hint
	temperature   temperature
	sightings     sightings
	keeps         []pendingKeep
	stalled       time.Time // since when a record has waited too long; zero while none has
	scans         []scan    // the last verdicts, the newest first
	scanned       int       // the last scan's ID
	staffLanguage string    // the one that staff chose; "": the kiosk's first
	parts         parts
	locks         locks
	ledger        sampling.Ledger
	samples       []pendingSample
	prints        []pendingPrint
	assisted      assisted
	roll          map[string]int // people recorded in this session, by agency
}

// hint is what the camera said last.
type hint struct {
	what Hint
	at   time.Time
}

// temperature is what the thermometer said last.
type temperature struct {
	celsius float64
	at      time.Time
}

// assisted is the mode in which a volunteer declares for many people.
type assisted struct {
	on   bool
	done int
}

// scan is a verdict that was made. It holds no name.
type scan struct {
	id        int // counts scans, so that one is told from another
	at        time.Time
	family    string
	level     Level
	reasons   []policy.Reason
	party     int
	direction Direction
	overruled bool
}

// maxScans is how many of the last verdicts staff can look at once more.
const maxScans = 5

// overrideWithin is how long a verdict can be overridden.
const overrideWithin = 15 * time.Minute

// New is a kiosk that has just started. The seed is 32 random bytes, and memory
// is what Save stored in earlier runs; what of it cannot be read is an error, with
// which the State is good all the same, though tubes may be forgotten.
func New(setup *Setup, now time.Time, seed [32]byte, memory map[string][]byte) (State, error) {
	c := &step{State: State{Now: now, m: machine{setup: setup, seed: seed, touched: now}}}
	err := c.remember(memory)
	c.m.screen = c.idle()
	c.show()
	return c.State, err
}

// configure takes on new data of the day between visitors: what a visitor began
// by one set of forms and units ends by it.
func (c *step) configure(setup *Setup) screen {
	c.m.next = setup
	switch c.m.screen.(type) {
	case idle, outOfOrder, provision:
		return c.idle()
	}
	return c.m.screen
}

// home gives up the screen: to the staff's menu for a member of staff, else to
// idle.
func (c *step) home() screen {
	if d, ok := drafted(c.m.screen); ok && d.party.count > 0 {
		return c.endParty(d)
	}
	c.m.screen.onExit(c)
	if c.Staff == (Badge{}) {
		return c.idle()
	}
	c.forget()
	if c.m.assisted.on {
		if f, ok := c.m.screen.(forWhom); !ok || f.draft.touched() {
			return c.assist()
		}
		c.m.assisted = assisted{}
	}
	return menu{}
}

// idle is where everything begins and ends.
func (c *step) idle() screen {
	if c.m.next != nil {
		c.m.setup, c.m.next = c.m.next, nil
	}
	c.clear()
	switch {
	case !c.m.setup.Provisioned && c.m.setup.Enrolled:
		return provision{stage: Fetching, goesOn: true}
	case !c.m.setup.Provisioned:
		return provision{stage: ShowSheet}
	case c.blocked():
		return outOfOrder{}
	}
	return idle{}
}

// clear forgets everyone, staff included.
func (c *step) clear() {
	if c.Staff != (Badge{}) {
		c.logout("idle")
	}
	if c.m.screen != nil && !waits(c.m.screen) {
		c.forget()
	}
	c.Language = c.m.setup.Languages[0]
	c.m.direction = 0
	c.m.temperature = temperature{}
	c.m.hint = hint{}
}

// forget has everything dropped outside that belongs to a visit.
func (c *step) forget() {
	c.do(Lamp{}, Forget{})
	c.forgotten = true
}

// way is the direction in which the next visitor is counted.
func (c *step) way() Direction {
	if c.m.direction != 0 {
		return c.m.direction
	}
	if d := c.m.setup.Directions; len(d) > 0 {
		return d[0]
	}
	return In
}

// alphabet is Crockford's base 32: no I, L, O, U.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// draw makes a number that cannot be guessed: ten letters and digits, 50 bits.
func (c *step) draw() string {
	c.m.drawn++
	mac := hmac.New(sha256.New, c.m.seed[:])
	mac.Write(binary.BigEndian.AppendUint64([]byte("number"), c.m.drawn))
	return alphabet.EncodeToString(mac.Sum(nil))[:10]
}

// sighting is a code that was counted: a keyed digest, from which the code cannot
// be told, and when it was last seen.
type sighting struct {
	digest [8]byte
	at     time.Time
}

type sightings []sighting

func (c *step) digest(text string) (d [8]byte) {
	mac := hmac.New(sha256.New, c.m.seed[:])
	mac.Write([]byte("code"))
	mac.Write([]byte(text))
	copy(d[:], mac.Sum(nil))
	return d
}

// seen says whether a code was counted within the last minute, and if so counts
// the minute from now.
func (c *step) seen(text string) bool {
	d := c.digest(text)
	i := slices.IndexFunc(c.m.sightings, func(s sighting) bool { return s.digest == d })
	if i < 0 {
		return false
	}
	c.m.sightings = slices.Clone(c.m.sightings)
	c.m.sightings[i].at = c.Now
	return true
}

// count notes that codes were counted.
func (c *step) count(texts ...string) {
	c.m.sightings = slices.Clone(c.m.sightings)
	for _, t := range texts {
		c.m.sightings = append(c.m.sightings, sighting{c.digest(t), c.Now})
	}
}

// since drops what was seen before t, and what the clock has left behind.
func (s sightings) since(t time.Time) sightings {
	if !slices.ContainsFunc(s, func(s sighting) bool { return s.at.Before(t) }) {
		return s
	}
	return slices.DeleteFunc(slices.Clone(s), func(s sighting) bool { return s.at.Before(t) })
}
