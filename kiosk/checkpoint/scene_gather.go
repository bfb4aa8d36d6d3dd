package checkpoint

import "slices"

// gathering waits for the other codes of a paper that is spread over several.
// They come in any order, and the same one may come again.
type gathering struct {
	plain
	codes    []string // texts so far
	read, of int
	id       int // of the check that the latest text is part of
	asked    []string
}

// gather begins, or goes on, with what a check found to be parts of a whole.
func gather(codes []string, e Gathered) scene {
	return gathering{codes: codes, read: e.Read, of: e.Of}
}

func (gathering) topic() string      { return "gathering" }
func (gathering) rest(s *Setup) rest { return rest{after: s.Times.Answer} }
func (s gathering) view(*step) View  { return Gathering{Read: s.read, Of: s.of} }

// late: the paper was taken away half read.
func (s gathering) late(*step) scene { return unchecked{problem: "incomplete"} }

func (s gathering) on(c *step, e Event) scene {
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
		default: // of another paper: it begins anew with that
			return c.read(s.asked[len(s.asked)-1])
		}
	case Checked:
		if e.ID == s.id {
			return c.checked(s.asked, e)
		}
	case BadgeRead:
		if e.ID == s.id {
			return c.badge(e.Badge)
		}
	case Unreadable:
		if e.ID == s.id {
			s.id = 0
		}
	case Tapped:
		if e.Tap == TapBack || e.Tap == TapDone {
			return c.home()
		}
	}
	return s
}
