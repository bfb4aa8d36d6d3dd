package checkpoint

import "slices"

// Gathering waits for the other codes of a paper that is spread over several.
type Gathering struct {
	Read, Of int // codes
}

func (Gathering) view() {}

// gathering waits for the other codes of a paper that is spread over several.
// They come in any order, and the same one may come again.
type gathering struct {
	plain
	codes    []string // texts so far
	read, of int
	id       int // of the check that the latest text is part of
	asked    []string
}

var _ = register(taps[gathering]{}, Gathering{})

// gather begins, or goes on, with what a check found to be parts of a whole.
func gather(codes []string, e Gathered) screen {
	return gathering{codes: codes, read: e.Read, of: e.Of}
}

func (gathering) screenID() string         { return "gathering" }
func (gathering) timeout(s *Setup) timeout { return timeout{after: s.Times.Answer} }
func (s gathering) view(*step) View        { return Gathering{Read: s.read, Of: s.of} }

// onTimeout: the paper was taken away half read.
func (s gathering) onTimeout(*step) screen { return unchecked{problem: "incomplete"} }

func (s gathering) on(c *step, e Event) screen {
	switch e := e.(type) {
	case CodeSeen:
		if e.Text == "" || slices.Contains(s.codes, e.Text) {
			return s
		}
		s.asked = append(slices.Clone(s.codes), e.Text)
		s.id = c.check(s.asked...)
		return s
	case Gathered:
		switch {
		case e.ID != s.id:
		case e.Read > s.read && e.Of == s.of:
			c.do(Buzz{Pattern: "read"})
			return gather(s.asked, e)
		default: // of another paper: reading starts again with that
			return c.read(s.asked[len(s.asked)-1])
		}
	case Checked:
		if e.ID == s.id {
			return c.checked(s.asked, e)
		}
	case BadgeRead:
		if e.ID == s.id {
			return c.badge(e.Badge, override{})
		}
	case Unreadable:
		if e.ID == s.id {
			s.id = 0
		}
	}
	return s
}
