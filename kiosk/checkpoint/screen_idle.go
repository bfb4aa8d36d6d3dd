package checkpoint

import (
	"slices"
	"time"

	"chot/kiosk/declaration"
)

// Idle waits for a visitor.
type Idle struct {
	Hint       Hint        // what to do so that the code in view can be read; "" for no advice
	NoReader   bool        // neither camera nor scanner works: no code can be read here now
	Message    Message     // the 5K message whose turn it is; zero for no message
	Direction  Direction   // which way the next visitor is counted
	Directions []Direction // what may be chosen; fewer than two: nothing to choose
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

// Message is one of the official messages, from the signed content.
type Message struct {
	ID      string
	Text    string // in the screen's language
	Source  string
	Date    time.Time
	Picture string // name of a picture of the content, "" for no picture
}

// Link is an address shown as a QR code.
type Link struct {
	ID  string // names its words
	URL string
}

func (Idle) view() {}

// idle waits for a visitor. It holds nothing.
type idle struct{ plain }

var _ = register(taps[idle]{
	TapDirection: idle.toward,
	TapService:   idle.serve,
}, Idle{})

func (idle) screenID() string       { return "idle" }
func (idle) timeout(*Setup) timeout { return timeout{} }

func (idle) view(c *step) View {
	v := Idle{
		Direction:  c.way(),
		Directions: c.m.setup.Directions,
		Links:      c.m.setup.Links,
		Services:   c.services(),
		Message:    c.message(),
		NoReader:   c.m.parts.noReader(),
	}
	if c.m.hint.what != "" && c.Now.Before(c.m.hint.at.Add(c.m.setup.Times.Hint)) {
		v.Hint = c.m.hint.what
	}
	return v
}

func (s idle) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		return c.read(e.Text)
	case Tick:
		// A direction that was chosen and left goes back to the usual one.
		if c.Now.Sub(c.m.touched) > c.m.setup.Times.Form {
			c.m.direction = 0
			c.Language = c.m.setup.Languages[0]
		}
	}
	return s
}

func (s idle) toward(c *step, direction string) screen {
	for _, d := range c.m.setup.Directions {
		if d.String() == direction {
			c.m.direction = d
		}
	}
	return s
}

func (s idle) serve(c *step, id string) screen {
	if slices.Contains(c.services(), Service(id)) {
		return services[Service(id)].open(c)
	}
	return s
}

// services are those that are set up and have what they need.
func (c *step) services() []Service {
	return slices.DeleteFunc(slices.Clone(c.m.setup.Services), func(id Service) bool {
		s, known := services[id]
		return !known || s.offers != nil && !s.offers(c)
	})
}

// form picks the form of the day.
func (c *step) form(p Purpose) *declaration.Form {
	return declaration.Pick(c.m.setup.Forms, formIDs[p], c.Now)
}

var formIDs = map[Purpose]string{
	ForDeclaration: declaration.Health,
	ForTest:        declaration.Test,
	ForVaccination: declaration.Vaccination,
}

// message is the content whose turn it is: never one before or after its time.
func (c *step) message() Message {
	var holding []Content
	for _, m := range c.m.setup.Content {
		if !c.Now.Before(m.From) && (m.Until.IsZero() || c.Now.Before(m.Until)) {
			holding = append(holding, m)
		}
	}
	if len(holding) == 0 {
		return Message{}
	}
	each := max(c.m.setup.Times.Message, time.Second)
	m := holding[int(c.Now.Unix()/int64(each/time.Second))%len(holding)]
	return Message{ID: m.ID, Text: c.worded(m.Texts), Source: m.Source, Date: m.Date, Picture: m.Picture}
}
