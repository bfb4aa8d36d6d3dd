package declaration

import (
	"strconv"
	"strings"

	"chot/kiosk/credential"
)

// Prefill answers what a credential says of its holder, each answer marked as
// Filled. Units may be nil; with them an address is looked up, and filled in only
// where it leads to one commune.
func (f *Form) Prefill(c *credential.Credential, units *Units) Answers {
	var a Answers
	h := c.Holder
	fill := func(id string, answer Answer) {
		if f.asks(id) && !answer.Empty() {
			answer.Filled = true
			a = a.With(id, answer)
		}
	}
	fill("name", Answer{Text: h.Name})
	if h.Birth.Year > 0 {
		fill("birth", Answer{Text: strconv.Itoa(h.Birth.Year)})
	}
	f.fillOption(fill, "sex", h.Sex)
	fill("document", Answer{Text: h.Document})
	switch c.Family {
	case credential.VNID, credential.VNQR: // issued to citizens alone
		f.fillOption(fill, "nationality", "VN")
	}
	if unit, line, ok := units.Resolve(h.Address); ok {
		fill("address", Answer{Chosen: []string{unit.Code}})
		fill("street", Answer{Text: line})
	} else if h.Address != "" {
		fill("street", Answer{Text: strings.TrimSpace(h.Address)})
	}
	return a
}

func (f *Form) fillOption(fill func(string, Answer), id, value string) {
	for i := range f.Questions {
		if q := &f.Questions[i]; q.ID == id && q.option(value) != nil {
			fill(id, Answer{Chosen: []string{value}})
		}
	}
}

func (f *Form) asks(id string) bool {
	for _, q := range f.Questions {
		if q.ID == id {
			return true
		}
	}
	return false
}
