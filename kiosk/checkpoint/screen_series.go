package checkpoint

import "time"

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

func (Series) view() {}

// pace is how long each code of a series is shown: a camera reads it several
// times, and a neighbour that misses it waits for the next round.
const pace = 750 * time.Millisecond

// series is the page where a kiosk without a network hands its backlog on, and a
// kiosk with one takes it.
type series struct {
	staffed
	making bool
	made   SeriesMade
	at     int       // the code whose turn it is
	turned time.Time // when it came
	taken  CodeTaken
}

var _ = register(taps[series]{
	TapBack: series.back,
}, Series{})

func (series) screenID() string { return "series" }

func (s series) view(*step) View {
	v := Series{
		Making: s.making, Of: len(s.made.Codes), Entries: s.made.Entries, More: s.made.More,
		Problem: s.made.Problem, Taken: s.taken,
	}
	if v.Of > 0 {
		v.Code, v.At = s.made.Codes[s.at], s.at+1
	}
	return v
}

func (s series) on(c *step, e Event) screen {
	switch e := e.(type) {
	case SeriesMade:
		s.making, s.made, s.at, s.turned = false, e, 0, c.Now
	case CodeTaken:
		s.taken = e
	case CodeSeen:
		c.do(TakeCode{Text: e.Text})
	case Tick:
		if n := len(s.made.Codes); n > 0 && !e.Now.Before(s.turned.Add(pace)) {
			s.at, s.turned = (s.at+1)%n, e.Now
		}
	}
	return s
}

func (series) back(*step, string) screen { return technical{} }
