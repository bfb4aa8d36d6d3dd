package checkpoint

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/declaration"
	"chot/kiosk/record"
	"chot/kiosk/sampling"
)

// SamplingDesk is the desk between two steps of work: a person or a tube may
// come first.
type SamplingDesk struct {
	Technique  Technique
	Techniques []Technique
	Reason     string
	Reasons    []string
	Person     string // masked name of who is to be sampled; "" while that is open
	Order      string // number of the order that was read
	Tube       string // in work; "" so far
	Label      LabelStage
	Pool       bool // the tube takes several people
	Members    []Member
	Limit      int // members that a pool may have
	Least      int // members that a pool must have to be closed
	Copies     int
	Open       []OpenPool // other pools that wait, to go on with
	Problem    string     // "tube-used", "person-twice", "pool-full", "pool-closed", "wrong-label", "paper-out"
	Doubt      bool       // the person may be in the pool already, or was sampled before: confirm
	Before     string     // tube that was taken of the same person and order in this session
	Today      Balance
	Done       string // tube of the last single sample, which may be taken back
	DoneName   string // whose it was, masked
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
	Pool      bool // false: one person's tube, not sampled yet
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

func (SamplingDesk) view() {}

// desk is the sampling desk. What it knows of people lives here and goes with the
// screen; what must outlive a crash is in the ledger.
type desk struct {
	staffed
	technique Technique
	reason    string
	copies    int

	person  record.Person // who is to be sampled; zero while that is open
	order   string
	tube    string // in work
	members []member
	pooling bool // the next tube is a pool

	label   paper
	pending int // ID of the sample's record while it is not durable
	checks  int // ID of the check or look-up that is waited for
	text    string
	card    record.Person // of a paper whose order is looked up
	asked   time.Time     // when
	problem string
	doubt   bool
	before  string // tube that was taken of the same person and order: staff decide

	ordered bool    // technique and reason are an order's, and end with its tube
	own     choice  // what staff had chosen before it
	taken   []taken // of whom this session took a specimen
	last    lastSample
}

// choice is what staff choose for the people to come.
type choice struct {
	technique Technique
	reason    string
}

// taken is a specimen of this session.
type taken struct {
	person    record.Person
	order     string
	technique Technique
	tube      string
}

// lastSample is the single sample that was taken last.
type lastSample struct {
	tube   sampling.Tube // as it was before
	person record.Person
}

// member is one person of the pool in work, as far as this session knows.
type member struct {
	place  int
	person record.Person
	kept   bool
}

var _ = register(taps[desk]{
	TapTechnique: settled(desk.chooseTechnique),
	TapReason:    settled(desk.chooseReason),
	TapCopies:    settled(desk.chooseCopies),
	TapAdd:       settled(desk.pool),
	TapPrint:     settled(desk.print),
	TapRegister:  settled(desk.byHand),
	TapOpen:      settled(desk.open),
	TapAgree:     settled(desk.sure),
	TapDecline:   settled(desk.drop),
	TapUndo:      settled(desk.undo),
	TapClose:     settled(desk.seal),
	TapVoid:      settled(desk.void),
	TapBack:      settled(desk.leave),
}, SamplingDesk{})

// settled is what a tap does once the last sample is in the journal: until then
// it does nothing.
func settled(do func(desk, *step, string) screen) func(desk, *step, string) screen {
	return func(s desk, c *step, value string) screen {
		if s.pending != 0 {
			return s
		}
		return do(s, c, value)
	}
}

var _ = registerTask(task{
	id: TaskSampling, rank: 10, roles: []Role{Sampler, Supervisor},
	open: (*step).openDesk,
})

func (c *step) openDesk() screen {
	s := desk{technique: RTPCR, copies: max(c.m.setup.Copies, 1)}
	if t := c.m.setup.Techniques; len(t) > 0 {
		s.technique = t[0]
	}
	return s
}

func (desk) screenID() string { return "sampling" }

func (s desk) view(c *step) View {
	b := c.m.ledger.Balance()
	v := SamplingDesk{
		Technique: s.technique, Techniques: c.m.setup.Techniques, Reason: s.reason, Reasons: c.m.setup.TestReasons,
		Person: mask(s.person.Name), Order: s.order, Tube: s.tube, Pool: s.pooling,
		Limit: c.m.setup.PoolMost, Least: c.m.setup.PoolLeast, Copies: s.copies,
		Open: c.openPools(s.tube), Problem: s.problem, Doubt: s.doubt, Before: s.before,
		Done: s.last.tube.Number, DoneName: mask(s.last.person.Name),
		Today: Balance{Out: b.Out, Sampled: b.Sampled, Void: b.Void, Open: b.Open, Persons: b.Persons},
	}
	t, working := c.m.ledger.Tube(s.tube)
	if working {
		v.Pool = t.Pool
		v.Label = s.stage(t)
		for _, m := range s.earlier(t) {
			v.Members = append(v.Members, Member{Place: m.Place, Kept: true})
		}
	}
	for _, m := range s.members {
		v.Members = append(v.Members, Member{Place: m.place, Name: mask(m.person.Name), Kept: m.kept})
	}
	return v
}

func (s desk) stage(t sampling.Tube) LabelStage {
	switch {
	case t.Stage != sampling.Given:
		return LabelVerified
	case s.label.stage == notBegun:
		return LabelPrinted // in an earlier session
	}
	return s.label.labelStage()
}

// labelStage is the paper's stage as the desk shows it.
func (p paper) labelStage() LabelStage {
	switch p.stage {
	case notBegun:
		return LabelNone
	case onPaper:
		return LabelPrinted
	case unprinted:
		return LabelFailed
	}
	return LabelPrinting
}

// openPools lists the pools, and labels given out, that wait to be gone on with.
func (c *step) openPools(except string) []OpenPool {
	var open []OpenPool
	for _, t := range c.m.ledger.Tubes(func(t sampling.Tube) bool { return t.Open() && !t.Unread() && t.Number != except }) {
		open = append(open, OpenPool{Tube: t.Number, Pool: t.Pool, Members: len(t.Members), Technique: t.Technique, Since: t.Since.Time()})
	}
	return open
}

// earlier are the members of whom only the mark is known: from before a restart,
// or before the tube was put aside.
func (s desk) earlier(t sampling.Tube) []sampling.Member {
	return t.Members[:max(len(t.Members)-len(s.members), 0)]
}

func (s desk) on(c *step, e Event) screen {
	if label := s.label.on(c, e); label.stage != s.label.stage {
		s.label = label
		if label.stage == unprinted {
			s.problem = label.problem
		}
	}
	switch e := e.(type) {
	case CodeSeen:
		return s.seen(c, e.Text)
	case Checked:
		if e.ID == s.checks && len(e.Credentials) > 0 {
			return s.checked(c, e.Credentials[len(e.Credentials)-1])
		}
	case OrderFound:
		if e.ID == s.checks {
			o := e.Order
			s.checks = 0
			return s.withOrder(o.Technique, o.Reason).identified(c, o.Person, o.Number)
		}
	case LookUpFailed:
		if e.ID == s.checks {
			return s.orderless(c, e.Problem)
		}
	case Tick:
		if s.card != (record.Person{}) && c.Now.Sub(s.asked) >= orderWait {
			return s.orderless(c, "")
		}
	case Unreadable:
		if e.ID == s.checks {
			s.problem = "unreadable"
		}
	case BadgeRead, SheetRead:
		s.problem = "not-a-person"
	case RecordKept:
		if s.pending != 0 && e.ID == s.pending {
			return s.kept(c)
		}
	case RecordFailed:
		if s.pending != 0 && e.ID == s.pending {
			return s.refused()
		}
	}
	return s
}

// seen tells tubes from people by what the text looks like.
func (s desk) seen(c *step, text string) screen {
	s.problem = ""
	if s.pending != 0 {
		return s // the last sample is not kept yet
	}
	if s.before != "" && sampling.IsNumber(text) {
		c.do(Buzz{Pattern: "red"})
		return s // staff have not decided yet
	}
	s.last = lastSample{} // the next one begins
	if sampling.IsNumber(text) {
		return s.tubeSeen(c, text)
	}
	s.text, s.card, s.checks = text, record.Person{}, c.check(text)
	return s
}

// checked takes a person from an identity paper, or an order from a slip.
func (s desk) checked(c *step, cred credential.Credential) screen {
	switch {
	case identifies(&cred):
		s.card = personOf(c, &cred)
		if c.Offline {
			return s.orderless(c, "")
		}
	case cred.Family != credential.Slip || cred.Standing != credential.Signed:
		s.problem = "not-a-person"
		return s
	case c.Offline:
		s.problem = "offline"
		return s
	}
	s.checks, s.asked = c.id(), c.Now
	c.do(LookUp{ID: s.checks, What: "order", Slip: s.text, Staff: c.Staff.Number})
	return s
}

// orderWait is how long a person with an identity paper waits for the order.
const orderWait = 3 * time.Second

// orderless goes on without an order: an identity paper is enough, a slip says
// too little of its holder.
func (s desk) orderless(c *step, problem string) screen {
	card := s.card
	s.card, s.checks = record.Person{}, 0
	if card == (record.Person{}) {
		s.problem = problem
		return s
	}
	return s.withoutOrder().identified(c, card, "")
}

// withOrder takes technique and reason from an order. They are that person's, and
// not the next one's.
func (s desk) withOrder(technique Technique, reason string) desk {
	s = s.withoutOrder()
	if !s.ordered {
		s.ordered, s.own = true, choice{s.technique, s.reason}
	}
	if technique != 0 && s.tube == "" {
		s.technique = technique
	}
	if reason != "" {
		s.reason = reason
	}
	return s
}

// withoutOrder goes back to what staff have chosen. The technique of a tube in work
// stays the tube's.
func (s desk) withoutOrder() desk {
	if !s.ordered {
		return s
	}
	s.reason = s.own.reason
	if s.tube == "" {
		s.technique, s.ordered = s.own.technique, false
	}
	return s
}

// personOf is what an identity paper says, by the test form.
func personOf(c *step, cred *credential.Credential) record.Person {
	form := c.form(ForTest)
	if form == nil {
		return record.Person{Name: cred.Holder.Name, Birth: cred.Holder.Birth.Year, Sex: record.ParseSex(cred.Holder.Sex), Document: cred.Holder.Document}
	}
	return form.Person(form.Prefill(cred, c.m.setup.Units), c.m.setup.Units.Set())
}

// registered comes back from a form that was filled in by hand.
func (s desk) registered(c *step, o record.Order) screen {
	return s.withOrder(0, o.Reason).identified(c, o.Person, o.Number)
}

// identified is where person and tube come together, whichever came first.
func (s desk) identified(c *step, p record.Person, order string) screen {
	s.problem, s.doubt, s.before = "", false, ""
	if slices.ContainsFunc(s.members, func(m member) bool { return same(m.person, p) }) {
		s.problem = "person-twice"
		return s
	}
	s.person, s.order, s.card = p, order, record.Person{}
	for _, t := range s.taken {
		if same(t.person, p) && t.order == order && (order != "" || t.technique == s.technique) {
			s.doubt, s.before = true, t.tube
			c.do(Buzz{Pattern: "red"})
			return s
		}
	}
	return s.proceed(c)
}

// proceed goes on with a person who is to be sampled.
func (s desk) proceed(c *step) screen {
	t, working := c.m.ledger.Tube(s.tube)
	switch {
	case !working && c.m.setup.Labels:
		return s.give(c)
	case working && t.Stage == sampling.Ready:
		return s.take(c, false)
	}
	return s // the tube, or its label, is yet to be scanned
}

// same says whether two people are one: by document where both have one that is
// not masked, else by plain name and birth year.
func same(a, b record.Person) bool {
	whole := func(d string) bool { return d != "" && !strings.Contains(d, "*") }
	if whole(a.Document) && whole(b.Document) {
		return a.Document == b.Document
	}
	return identity(a) == identity(b)
}

func identity(p record.Person) string {
	return declaration.Fold(p.Name) + "\x00" + strconv.Itoa(p.Birth)
}

// give gives out a tube of the kiosk's own and prints its label at once.
func (s desk) give(c *step) screen {
	ledger, t := c.m.ledger.Give(sampling.Series(c.m.setup.Kiosk), c.Now, s.technique, s.pooling, s.reason)
	c.m.ledger = ledger
	c.saveDesk()
	c.saveTube(t)
	return s.work(t).printLabel(c, t)
}

// printLabel has the label of the tube in work printed.
func (s desk) printLabel(c *step, t sampling.Tube) desk {
	s.label = c.tubeLabel(t, s.person, s.copies, "").start(c)
	s.problem = s.label.problem
	return s
}

// work puts a tube on the desk. What is known of people of another tube goes.
func (s desk) work(t sampling.Tube) desk {
	if s.tube != t.Number {
		s.members, s.label = nil, paper{}
	}
	s.tube, s.technique, s.problem, s.doubt = t.Number, t.Technique, "", false
	return s
}
