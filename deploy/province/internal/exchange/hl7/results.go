package hl7

import (
	"slices"
	"strings"
	"time"

	"chot/deploy/province/internal/analytes"
	"chot/deploy/province/internal/exchange"
)

// order is one OBR with what belongs to it.
type order struct {
	obr, orc     Fields
	line         int
	observations []Segment
	specimens    []exchange.Identifier // of SPM and SAC
	person       exchange.Person
}

// results makes statements of a message.
func (m *Message) results(group *int) (all []exchange.Result) {
	refuse := func(p *exchange.Problem) []exchange.Result {
		*group++
		return []exchange.Result{{Place: exchange.Place{Line: m.line, Path: "MSH"}, Message: m.Control, Group: *group, Problem: p}}
	}
	if m.problem != nil {
		return refuse(m.problem)
	}
	if kind, event, _ := strings.Cut(m.Type, "^"); !slices.Contains(accepted[kind], event) {
		return refuse(&exchange.Problem{Code: exchange.WrongMessage, Read: m.Type})
	}
	if mode := m.first(m.Raw.At(10)); mode == "T" || mode == "D" {
		return refuse(&exchange.Problem{Code: exchange.TestMessage, Read: mode})
	}
	if m.Raw.At(13) != "" { // MSH-14: it continues another one
		return refuse(&exchange.Problem{Code: exchange.Continued, Read: "MSH-14"})
	}
	orders, problem := m.orders()
	if problem != nil {
		return refuse(problem)
	}
	for _, o := range orders {
		*group++
		all = append(all, m.order(o, *group)...)
	}
	if len(all) == 0 {
		return refuse(&exchange.Problem{Code: exchange.WrongMessage, Read: m.Type})
	}
	return all
}

// accepted are the events of the messages that bring results.
var accepted = map[string][]string{
	"ORU": {"", "R01", "R30", "R31", "R32"},
	"OUL": {"", "R21", "R22", "R23", "R24"},
}

// orders groups the segments: observations belong to the OBR before them, a
// specimen to the order before it, or in messages that begin with specimens (OUL)
// to the orders behind it.
func (m *Message) orders() (orders []*order, problem *exchange.Problem) {
	var (
		current       *order
		orc           Fields
		person        exchange.Person
		leading       []exchange.Identifier // of a specimen that stands before its orders
		first, stray  bool
		afterSpecimen bool // observations are the specimen's own
	)
	for _, s := range m.Segments {
		switch f := s.Fields; f[0] {
		case "PID":
			person = m.person(f)
			current, leading, first, afterSpecimen = nil, nil, false, false
		case "ORC":
			if current != nil && current.orc == nil && len(current.observations) == 0 && orc == nil && first {
				current.orc = f // OUL: behind its OBR
			} else {
				orc = f
			}
		case "OBR":
			current = &order{obr: f, orc: orc, line: s.Line, person: person}
			if first {
				current.specimens = slices.Clone(leading)
			}
			orc, afterSpecimen = nil, false
			orders = append(orders, current)
		case "OBX":
			switch {
			case afterSpecimen:
			case current != nil:
				current.observations = append(current.observations, s)
			default:
				stray = true
			}
		case "SPM":
			ids := m.specimen(f)
			if current == nil || first {
				first, leading, current = true, ids, nil
			} else {
				current.specimens = append(current.specimens, ids...)
			}
			afterSpecimen = true
		case "SAC":
			ids := m.container(f)
			if current == nil {
				first = true
				leading = append(leading, ids...)
			} else {
				current.specimens = append(current.specimens, ids...)
			}
		case "DSC", "ADD":
			return nil, &exchange.Problem{Code: exchange.Continued, Read: f[0]}
		}
	}
	if len(orders) == 0 && stray {
		return nil, &exchange.Problem{Code: exchange.NoTube, Read: "OBX"}
	}
	m.share(orders)
	return orders, nil
}

// share lends the one specimen of a message, when it stands with the last order,
// to the others.
func (m *Message) share(orders []*order) {
	if len(orders) < 2 {
		return
	}
	last := orders[len(orders)-1]
	for _, o := range orders[:len(orders)-1] {
		if o.specimens != nil || o.person != last.person {
			return
		}
	}
	for _, o := range orders[:len(orders)-1] {
		o.specimens = last.specimens
	}
}

// specimen are the numbers of SPM-2, SPM-31 and SPM-30.
func (m *Message) specimen(f Fields) (ids []exchange.Identifier) {
	parts := cut(m.repetitions(f.At(2))[0], m.separator.component, maxComponents)
	ids = m.add(ids, exchange.Label, parts[0])
	if len(parts) > 1 {
		ids = m.add(ids, exchange.Laboratory, parts[1])
	}
	for _, r := range m.repetitions(f.At(31)) {
		ids = m.add(ids, exchange.Label, r)
	}
	for _, r := range m.repetitions(f.At(30)) {
		ids = m.add(ids, exchange.Laboratory, r)
	}
	return ids
}

// container are the numbers of SAC-3, SAC-4 and SAC-2.
func (m *Message) container(f Fields) (ids []exchange.Identifier) {
	ids = m.add(ids, exchange.Label, f.At(3))
	ids = m.add(ids, exchange.Label, f.At(4))
	return m.add(ids, exchange.Laboratory, f.At(2))
}

// add adds the first component and subcomponent of a value.
func (m *Message) add(ids []exchange.Identifier, tier exchange.Tier, value string) []exchange.Identifier {
	value = cut(cut(value, m.separator.component, maxComponents)[0], m.separator.sub, maxComponents)[0]
	id := exchange.Identifier{Tier: tier, Value: exchange.Uncover(m.text(value))}
	if id.Value == "" || id.Value == `""` || slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// identifiers are all numbers of an order's specimen.
func (m *Message) identifiers(o *order) []exchange.Identifier {
	ids := slices.Clone(o.specimens)
	for _, field := range []string{o.obr.At(2), o.orc.At(2), o.obr.At(3), o.orc.At(3)} {
		ids = m.add(ids, exchange.Order, field)
	}
	return ids
}

// documents are the types of PID-3.5 (table 0203) that number an identity
// document, the better first.
var documents = []string{"NI", "CZ", "PPN", "SB", "HC"}

func (m *Message) person(f Fields) (p exchange.Person) {
	best := len(documents)
	for _, r := range m.repetitions(f.At(3)) {
		c := cut(r, m.separator.component, maxComponents)
		if len(c) < 5 {
			continue
		}
		kind := m.text(cut(c[4], m.separator.sub, 2)[0])
		if strings.HasPrefix(kind, "NN") {
			kind = "NI"
		}
		rank := slices.Index(documents, kind)
		if rank < 0 || rank >= best {
			continue
		}
		if d := exchange.ReadDocument(m.text(c[0]), 0); d.Problem == "" {
			p.Document, best = d.Number, rank
		}
	}
	if t, _, _, ok := m.time(f.At(7)); ok {
		p.Birth = t.Year()
	}
	c := m.components(f.At(5))
	c[0] = m.first(f.At(5)) // the family name has subcomponents
	name := c[:1:1]
	if len(c) > 2 {
		name = append(name, c[2]) // Vietnamese order: family, middle, given
	}
	if len(c) > 1 {
		name = append(name, c[1])
	}
	p.Name = strings.Join(strings.Fields(strings.Join(name, " ")), " ")
	return p
}

// order makes the statements of one order.
func (m *Message) order(o *order, group int) (all []exchange.Result) {
	base := exchange.Result{
		Message: m.Control, Group: group, Specimens: m.identifiers(o), Person: o.person, Panel: m.codes(o.obr.At(4)), Version: m.made,
	}
	if t, _, _, ok := m.time(o.obr.At(22)); ok {
		base.Version = t
	}
	for _, s := range o.observations {
		x := base
		x.Place = exchange.Place{Line: s.Line, Path: "OBX-5"}
		if m.observation(&x, o, s.Fields) {
			all = append(all, x)
		}
	}
	if len(all) > 0 {
		return all
	}
	// An order without an observation says how far it is.
	base.Place = exchange.Place{Line: o.line, Path: "OBR-25"}
	base.Status = exchange.Pending
	switch m.first(o.obr.At(25)) {
	case "X":
		base.Status = exchange.Cancelled
	case "F", "C":
		base.Problem = &exchange.Problem{Code: exchange.BadOutcome}
	}
	return []exchange.Result{base}
}

// codes are the two codes that a CE or CWE may have of one thing.
func (m *Message) codes(field string) (codes []exchange.Code) {
	c := append(m.components(field), "", "", "", "", "", "")
	for _, i := range []int{0, 3} {
		code := exchange.Code{System: analytes.System(c[i+2]), Code: c[i], Text: c[i+1]}
		if code.Code != "" || code.Text != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

// statuses is table 0085.
var statuses = map[string]exchange.Status{
	"": exchange.Final, "F": exchange.Final, "C": exchange.Corrected, "A": exchange.Amended, "B": exchange.Confirmed, "V": exchange.Confirmed,
	"U": exchange.Final, "P": exchange.Pending, "R": exchange.Pending, "S": exchange.Pending, "I": exchange.Pending, "O": exchange.Pending,
	"N": exchange.Pending, "X": exchange.Cancelled, "D": exchange.Withdrawn, "W": exchange.Withdrawn,
}

// observation reads an OBX, false for one that brings a picture or a document.
func (m *Message) observation(x *exchange.Result, o *order, f Fields) bool {
	problem := func(p *exchange.Problem) {
		if x.Problem == nil {
			x.Problem = p
		}
	}
	kind := m.first(f.At(2))
	if kind == "ED" || kind == "RP" {
		return false
	}
	x.Measured = m.codes(f.At(3))
	for _, word := range m.components(f.At(17)) {
		if t := exchange.TechniqueOf(word); t != 0 && x.Technique == 0 {
			x.Technique = t
		}
	}
	var known bool
	status := m.first(f.At(11))
	if x.Status, known = statuses[status]; !known {
		problem(&exchange.Problem{Code: exchange.BadStatus, Read: status})
	}
	m.times(x, o, f, problem)
	value := f.At(5)
	switch {
	case strings.TrimSpace(value) == `""`:
		x.Status = exchange.Withdrawn
	case x.Status == exchange.Withdrawn, x.Status == exchange.Cancelled, x.Status == exchange.Pending:
		x.Read = m.text(value)
	case kind == "NM" || kind == "SN" || kind == "DT" || kind == "TM" || kind == "TS" || kind == "DTM":
		x.Quantity, x.Read = true, m.text(value)
	default:
		m.value(x, kind, value, f.At(8), status, problem)
	}
	return true
}

// times reads when the result was had (OBX-19, else OBR-22, else what the sender
// says of the observation, OBX-14, else of the message) and when the specimen was
// taken (OBX-14, OBR-7).
func (m *Message) times(x *exchange.Result, o *order, f Fields, problem func(*exchange.Problem)) {
	for _, field := range []string{f.At(19), o.obr.At(22), f.At(14), m.Raw.At(6)} {
		if strings.TrimSpace(field) == "" || !x.Resulted.IsZero() {
			continue
		}
		t, dateOnly, _, ok := m.time(field)
		if !ok {
			problem(&exchange.Problem{Code: exchange.BadTime, Read: field})
			return
		}
		x.Resulted, x.DateOnly = t, dateOnly
	}
	for _, field := range []string{f.At(14), o.obr.At(7)} {
		if t, _, _, ok := m.time(field); ok && x.Collected.IsZero() {
			x.Collected = t
		}
	}
}

// flags is table 0078 as far as it says an outcome.
var flags = map[string]string{"POS": "positive", "DET": "positive", "NEG": "negative", "ND": "negative", "IND": "undetermined", "QCF": "unfit"}

// value reads an outcome. What names it stands in the codes and texts of the
// value, never in the names of the code systems.
func (m *Message) value(x *exchange.Result, kind, value, flag, status string, problem func(*exchange.Problem)) {
	texts := m.answers(kind, value)
	x.Read = strings.Join(texts, " ")
	if len(texts) == 0 {
		if word := flags[m.first(flag)]; word != "" {
			x.Read = m.first(flag)
			texts = []string{word}
		}
	}
	if len(texts) == 0 {
		switch status {
		case "U", "B", "V":
			x.Status = exchange.Confirmed
		default:
			problem(&exchange.Problem{Code: exchange.BadOutcome})
		}
		return
	}
	read, p := exchange.Agree(texts)
	x.Germ = exchange.GermOf(texts)
	if p != "" && x.Germ == "" {
		problem(&exchange.Problem{Code: p, Read: x.Read})
	}
	if read.Pending {
		x.Status = exchange.Pending
	}
	x.Outcome = read.Outcome
}

// answers are the texts of OBX-5 that may be an outcome, in the order in which
// they are to be asked.
func (m *Message) answers(kind, value string) (texts []string) {
	reps := m.repetitions(value)
	if kind == "TX" || kind == "FT" {
		var lines []string
		for _, r := range reps {
			lines = append(lines, m.text(r))
		}
		reps = nil
		if text := strings.Join(strings.Fields(strings.Join(lines, " ")), " "); text != "" {
			texts = append(texts, text)
		}
	}
	for _, r := range reps {
		c := cut(r, m.separator.component, maxComponents)
		order := []int{0}
		if kind == "CE" || kind == "CWE" || kind == "CNE" || kind == "CF" || kind == "" {
			order = []int{0, 3, 1, 4, 8}
		}
		for _, i := range order {
			if i < len(c) {
				if text := strings.Join(strings.Fields(m.text(c[i])), " "); text != "" {
					texts = append(texts, text)
				}
			}
		}
	}
	return texts
}

// Made is when the message was made (MSH-7), zero where it does not say.
func (m *Message) Made() time.Time { return m.made }
