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

// desk is the sampling desk. What it knows of people lives here and goes with the
// screen; what must outlive a crash is in the ledger.
type desk struct {
	staffed
	technique Technique
	reason    string
	copies    int

	person  record.Person // who is to be sampled; zero for nobody yet
	order   string
	tube    string // in work
	members []member
	pooling bool // the next tube is a pool

	label   int // ID of the printing
	printed bool
	fault   string // why it was not printed
	keeping int    // ID of the sample's record
	checks  int    // ID of the check or look-up that is waited for
	text    string
	card    record.Person // of a paper whose order is looked up
	asked   time.Time     // when
	problem string
	doubt   bool
}

// member is one person of the pool in work, as far as this session knows.
type member struct {
	place  int
	person record.Person
	kept   bool
}

func (c *step) openDesk() scene {
	s := desk{technique: RTPCR, copies: max(c.m.setup.Copies, 1)}
	if t := c.m.setup.Techniques; len(t) > 0 {
		s.technique = t[0]
	}
	return s
}

func (desk) topic() string { return "sampling" }

func (s desk) view(c *step) View {
	b := c.m.ledger.Balance()
	v := SamplingDesk{
		Technique: s.technique, Techniques: c.m.setup.Techniques, Reason: s.reason, Reasons: c.m.setup.TestReasons,
		Person: mask(s.person.Name), Order: s.order, Tube: s.tube, Pool: s.pooling,
		Limit: c.m.setup.PoolMost, Least: c.m.setup.PoolLeast, Copies: s.copies,
		Open: c.openPools(s.tube), Problem: s.problem, Doubt: s.doubt,
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
	case s.fault != "":
		return LabelFailed
	case s.printed:
		return LabelPrinted
	case s.label != 0:
		return LabelPrinting
	}
	return LabelPrinted // in an earlier session
}

// openPools lists the pools, and labels given out, that wait to be gone on with.
func (c *step) openPools(except string) []OpenPool {
	var open []OpenPool
	for _, t := range c.m.ledger.Tubes(func(t sampling.Tube) bool { return t.Open() && !t.Unread() && t.Number != except }) {
		open = append(open, OpenPool{Tube: t.Number, Members: len(t.Members), Technique: t.Technique, Since: t.Since.Time()})
	}
	return open
}

// earlier are the members of whom only the mark is known: from before a restart,
// or before the tube was put aside.
func (s desk) earlier(t sampling.Tube) []sampling.Member {
	return t.Members[:max(len(t.Members)-len(s.members), 0)]
}

func (s desk) on(c *step, e Event) scene {
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
			if o.Technique != 0 && s.tube == "" {
				s.technique = o.Technique
			}
			if o.Reason != "" {
				s.reason = o.Reason
			}
			s.checks = 0
			return s.identified(c, o.Person, o.Number)
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
	case Printed:
		if e.ID == s.label {
			s.printed, s.fault = true, ""
			c.keep(record.Print{Layout: "sample", Number: s.tube, Copies: s.copies, Staff: c.Staff.Number})
		}
	case PrintFailed:
		if e.ID == s.label {
			s.fault, s.problem = e.Problem, e.Problem
			c.keep(record.Print{Layout: "sample", Number: s.tube, Failed: e.Problem, Staff: c.Staff.Number})
		}
	case RecordKept:
		if s.keeping != 0 && e.ID == s.keeping {
			return s.kept(c)
		}
	case RecordFailed:
		if s.keeping != 0 && e.ID == s.keeping {
			return s.refused()
		}
	case Tapped:
		return s.tapped(c, e)
	}
	return s
}

// seen tells tubes from people by what the text looks like.
func (s desk) seen(c *step, text string) scene {
	s.problem = ""
	if s.keeping != 0 {
		return s // the last sample is not kept yet
	}
	if sampling.IsNumber(text) {
		return s.tubeSeen(c, text)
	}
	s.text, s.card, s.checks = text, record.Person{}, c.check(text)
	return s
}

// checked takes a person from an identity paper, or an order from a slip.
func (s desk) checked(c *step, cred credential.Credential) scene {
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
	c.do(LookUp{ID: s.checks, What: "order", Slip: s.text})
	return s
}

// orderWait is how long a person with an identity paper waits for the order.
const orderWait = 3 * time.Second

// orderless goes on without an order: an identity paper is enough, a slip says
// too little of its holder.
func (s desk) orderless(c *step, problem string) scene {
	card := s.card
	s.card, s.checks = record.Person{}, 0
	if card == (record.Person{}) {
		s.problem = problem
		return s
	}
	return s.identified(c, card, "")
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
func (s desk) registered(c *step, o record.Order) scene {
	if o.Reason != "" {
		s.reason = o.Reason
	}
	return s.identified(c, o.Person, o.Number)
}

// identified is where person and tube come together, whichever came first.
func (s desk) identified(c *step, p record.Person, order string) scene {
	s.problem, s.doubt = "", false
	if slices.ContainsFunc(s.members, func(m member) bool { return same(m.person, p) }) {
		s.problem = "person-twice"
		return s
	}
	s.person, s.order, s.card = p, order, record.Person{}
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
func (s desk) give(c *step) scene {
	ledger, t := c.m.ledger.Give(sampling.Series(c.m.setup.Kiosk), c.Now, s.technique, s.pooling, s.reason)
	c.m.ledger = ledger
	c.saveDesk()
	c.saveTube(t)
	s = s.work(t)
	s.label = c.id()
	c.do(Print{ID: s.label, Job: c.tubeLabel(t, s.person, s.copies)})
	return s
}

// tubeLabel is what stands on a tube: its number, and for one person's the
// masked name and birth year, so that the desk sees at a glance whose it is.
func (c *step) tubeLabel(t sampling.Tube, p record.Person, copies int) Job {
	fields := map[string]string{
		"number": t.Number, "technique": t.Technique.String(), "at": stamp(t.Since.Time().In(c.Now.Location())),
		"kiosk": c.m.setup.Kiosk, "pool": strconv.FormatBool(t.Pool), "name": "", "birth": "",
	}
	if !t.Pool && p.Name != "" {
		fields["name"], fields["birth"] = mask(p.Name), strconv.Itoa(p.Birth)
	}
	return Job{Layout: "sample", Code: t.Number, Fields: fields, Copies: copies}
}

// work puts a tube on the desk. What is known of people of another tube goes.
func (s desk) work(t sampling.Tube) desk {
	if s.tube != t.Number {
		s.members, s.printed, s.fault, s.label = nil, false, "", 0
	}
	s.tube, s.technique, s.problem, s.doubt = t.Number, t.Technique, "", false
	return s
}
