package declaration

import (
	"slices"
	"strings"

	"chot/kiosk/record"
)

// Person makes the person of a record from a form's answers. The set names the
// units that the address is of.
func (f *Form) Person(a Answers, set string) record.Person {
	a = f.reached(a)
	birth, _ := number(a.Of("birth").Text)
	p := record.Person{
		Name:        a.text("name"),
		Birth:       birth,
		Sex:         record.ParseSex(a.chosen("sex")),
		Nationality: a.chosen("nationality"),
		Document:    a.text("document"),
		Phone:       a.text("phone"),
		Address:     record.Address{Unit: a.chosen("address"), Line: a.text("street")},
	}
	if p.Address.Unit != "" {
		p.Address.Set = set
	}
	return p
}

// Declaration makes the body of a health declaration's record. What is not an
// answer (number, verdict, who declared) is the caller's to set.
func (f *Form) Declaration(a Answers, set string) record.Declaration {
	person := f.Person(a, set)
	a = f.reached(a)
	return record.Declaration{
		Person:   person,
		Form:     f.Name(),
		Travel:   a.text("travel"),
		Symptoms: f.telling("symptoms", a),
		Contacts: f.telling("contacts", a),
		Other:    f.other(a, "travel", "symptoms", "contacts"),
	}
}

// Order makes the body of a test registration's record.
func (f *Form) Order(a Answers, set string) record.Order {
	person := f.Person(a, set)
	a = f.reached(a)
	return record.Order{
		Person:    person,
		Form:      f.Name(),
		Reason:    a.chosen("reason"),
		Technique: record.ParseTechnique(a.chosen("technique")),
		Place:     a.chosen("place"),
		Slot:      a.chosen("slot"),
		Other:     f.other(a, "reason", "technique", "place", "slot"),
	}
}

// Vaccination makes the body of a vaccination registration's record.
func (f *Form) Vaccination(a Answers, set string) record.Vaccination {
	person := f.Person(a, set)
	a = f.reached(a)
	doses, _ := number(a.chosen("doses"))
	return record.Vaccination{
		Person: person,
		Form:   f.Name(),
		Group:  a.chosen("group"),
		Doses:  doses,
		Wish:   a.chosen("wish"),
		Other:  f.other(a, "group", "doses", "wish"),
	}
}

// reached keeps the answers to questions that are asked: an answer whose
// question fell away when an earlier answer was changed does not count.
func (f *Form) reached(a Answers) Answers {
	by := make(map[string]Answer)
	for _, q := range f.Asked(a) {
		if answer := a.Of(q.ID); !answer.Empty() {
			by[q.ID] = answer
		}
	}
	return Answers{by}
}

// telling returns the chosen options without those that stand for none.
func (f *Form) telling(id string, a Answers) []string {
	i := slices.IndexFunc(f.Questions, func(q Question) bool { return q.ID == id })
	var told []string
	for _, v := range a.Of(id).Chosen {
		if o := f.Questions[i].option(v); o != nil && !o.Alone {
			told = append(told, v)
		}
	}
	return told
}

var personal = []string{"name", "birth", "sex", "nationality", "document", "phone", "address", "street"}

// other collects the answers that no field of the record takes.
func (f *Form) other(a Answers, fields ...string) map[string]string {
	var other map[string]string
	for id, answer := range a.by {
		if slices.Contains(personal, id) || slices.Contains(fields, id) {
			continue
		}
		if other == nil {
			other = make(map[string]string)
		}
		if other[id] = strings.Join(answer.Chosen, ","); len(answer.Chosen) == 0 {
			other[id] = strings.TrimSpace(answer.Text)
		}
	}
	return other
}

func (a Answers) text(id string) string { return strings.Join(strings.Fields(a.Of(id).Text), " ") }

func (a Answers) chosen(id string) string {
	if c := a.Of(id).Chosen; len(c) > 0 {
		return c[0]
	}
	return ""
}
