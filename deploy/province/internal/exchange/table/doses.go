package table

import (
	"regexp"
	"strconv"
	"strings"

	"chot/deploy/province/internal/exchange"
)

// DoseFields are the fields of a table of doses and invitations.
var DoseFields = []string{"document", "name", "birth", "phone", "number", "product", "lot", "given", "place", "due", "certificate", "status"}

// Doses reads a table of doses and invitations. A row without the number of a dose
// and with an appointment is an invitation.
func Doses(data []byte, o Options) (*exchange.File[exchange.Dose], error) {
	s, err := read(data, o, known.Doses, "document")
	if err != nil {
		return nil, err
	}
	f := file[exchange.Dose](s)
	given, due := s.timesOf("given"), s.timesOf("due")
	for _, r := range s.rows {
		if one, any := s.dose(r, given, due); any {
			f.Statements = append(f.Statements, one)
		}
	}
	if len(f.Statements) > exchange.MaxStatements {
		return nil, exchange.ErrTooMany
	}
	return f, nil
}

func (s *sheet) dose(r row, given, due order) (x exchange.Dose, any bool) {
	x = exchange.Dose{Place: exchange.Place{Line: r.line}, Table: true}
	if r.broken {
		x.Problem = &exchange.Problem{Code: exchange.BadLine}
		return x, true
	}
	number, appointment := s.get(r, "number"), s.get(r, "due")
	x.Person = exchange.Person{
		Document: exchange.Uncover(s.get(r, "document")), Name: s.get(r, "name"), Birth: exchange.YearOf(s.get(r, "birth")),
		Phone: exchange.Uncover(s.get(r, "phone")),
	}
	x.Product, x.Lot, x.Site, x.Certificate = s.get(r, "product"), exchange.Uncover(s.get(r, "lot")), s.get(r, "place"), s.get(r, "certificate")
	if x.Person.Document == "" && x.Product == "" && number == "" && appointment == "" {
		return x, false
	}
	problem := func(p *exchange.Problem) {
		if x.Problem == nil {
			x.Problem = p
		}
	}
	day, times := s.get(r, "given"), given
	switch {
	case number != "":
		var fine bool
		if x.Number, fine = DoseNumber(number); !fine {
			problem(&exchange.Problem{Code: exchange.BadDose, Read: number})
		}
	case appointment != "":
		day, times = appointment, due
	default:
		problem(&exchange.Problem{Code: exchange.BadDose})
	}
	w, p := times.time(day)
	problem(p)
	x.Given = w.Time
	if status := s.get(r, "status"); status != "" {
		var fine bool
		if x.Status, fine = statuses[exchange.Plain(status)]; !fine {
			problem(&exchange.Problem{Code: exchange.BadStatus, Read: status})
		}
	}
	return x, true
}

// MaxDoses is the highest number that a dose may have.
const MaxDoses = 20

var doseNumber = regexp.MustCompile(`^(?:mui(?:tiem)?(?:thu|so)?|dose|lan)?(\d{1,2})$`)

var twoNumbers = regexp.MustCompile(`\d\D+\d`)

var ordinals = map[string]int{"nhat": 1, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5}

// DoseNumber reads the number of a dose: "2", "Mũi 2", "Mũi tiêm thứ hai", "2.0".
// Words that do not say which dose it is ("nhắc lại") are no number.
func DoseNumber(s string) (int, bool) {
	if twoNumbers.MatchString(strings.TrimSuffix(exchange.Uncover(s), ".0")) {
		return 0, false // "1/2"
	}
	plain := exchange.Plain(strings.TrimSuffix(exchange.Uncover(s), ".0"))
	if m := doseNumber.FindStringSubmatch(plain); m != nil {
		n, err := strconv.Atoi(m[1])
		return n, err == nil && n >= 1 && n <= MaxDoses
	}
	for _, before := range []string{"muitiemthu", "muithu", "lanthu", "mui"} {
		if word, found := strings.CutPrefix(plain, before); found {
			n, known := ordinals[word]
			return n, known
		}
	}
	return 0, false
}
