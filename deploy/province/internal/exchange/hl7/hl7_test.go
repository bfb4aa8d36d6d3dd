package hl7

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/exchange"
	"chot/kiosk/record"
)

const head = "MSH|^~\\&|LIS|LAB|CHOT|TINH|20261201083000+0700||ORU^R01|M1|P|2.5.1\r"

// first is the first statement of a message.
func first(t *testing.T, message string) exchange.Result {
	t.Helper()
	f, err := Results([]byte(message))
	if err != nil || len(f.Statements) == 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	return f.Statements[0]
}

func TestTimesOfAnyPrecision(t *testing.T) {
	t.Parallel()
	m := Parse([]byte(head))
	at := func(y, mo, d, h, mi, s, ms int) time.Time {
		return time.Date(y, time.Month(mo), d, h, mi, s, ms*1e6, time.UTC)
	}
	for text, want := range map[string]time.Time{
		"2026":                     at(2025, 12, 31, 17, 0, 0, 0),
		"202611":                   at(2026, 10, 31, 17, 0, 0, 0),
		"20261101":                 at(2026, 10, 31, 17, 0, 0, 0),
		"2026110108":               at(2026, 11, 1, 1, 0, 0, 0),
		"202611010815":             at(2026, 11, 1, 1, 15, 0, 0),
		"20261101081530":           at(2026, 11, 1, 1, 15, 30, 0),
		"20261101081530.1":         at(2026, 11, 1, 1, 15, 30, 100),
		"20261101081530.8443+0000": at(2026, 11, 1, 8, 15, 30, 844).Add(300 * time.Microsecond),
		"2026110108+0000":          at(2026, 11, 1, 8, 0, 0, 0),
		"20261101+0100":            at(2026, 10, 31, 23, 0, 0, 0),
		"20261101081530 -0530":     at(2026, 11, 1, 13, 45, 30, 0),
		"20261101081530^S":         at(2026, 11, 1, 1, 15, 30, 0),
	} {
		if got, _, _, ok := m.time(text); !ok || !got.Equal(want) {
			t.Errorf("%q is %v, %v; want %v", text, got.UTC(), ok, want)
		}
	}
	for _, text := range []string{"", "20", "20261301", "20261132", "2026110124", "202611010860", "20261101+9900", "2026-11-01", "20261101T08"} {
		if got, _, _, ok := m.time(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestEscapes(t *testing.T) {
	t.Parallel()
	m := Parse([]byte(head))
	for text, want := range map[string]string{
		`a\F\b\S\c\R\d\T\e\E\f`: `a|b^c~d&e\f`, `\H\Positive\N\`: "Positive", `a\X0D0A\b`: "a\r\nb", `a\.br\b`: "a\nb",
		`a\.in 3\b`: "ab", `a\Zxx\b`: "ab", `a\Q\b`: `a\Q\b`, `a\b`: `a\b`, `\XC382\m t\XC3AD\nh`: "Âm tính", `\X0G\`: `\X0G\`, ` x `: "x",
	} {
		if got := m.text(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	other := Parse([]byte("MSH#*!%$#A#B#C#D#2026##ORU*R01#9#P#2.5\r"))
	if got := other.text("a%F%b%S%c"); got != "a#b*c" || other.Control != "9" || other.Type != "ORU^R01" {
		t.Errorf("with other separators: %q, %q, %q", got, other.Control, other.Type)
	}
	few := Parse([]byte("MSH|^|A|B|C|D|2026||ORU^R01|7|P|2.5\r"))
	if got := few.text(`a\F\b`); got != `a\F\b` || few.Control != "7" {
		t.Errorf("without an escape character: %q", got)
	}
}

// Where the numbers of a specimen stand, and which is nearest to its label.
func TestNumbersOfASpecimen(t *testing.T) {
	t.Parallel()
	const obx = "OBX|1|ST|94500-6||Negative||||||F\r"
	id := func(tier exchange.Tier, v string) exchange.Identifier {
		return exchange.Identifier{Tier: tier, Value: v}
	}
	label, lab, order := exchange.Label, exchange.Laboratory, exchange.Order
	for name, c := range map[string]struct {
		message string
		want    []exchange.Identifier
	}{
		"SPM-2, both parts":            {head + "OBR|1|O1|F1\r" + obx + "SPM|1|T-1&NS^L9&LAB\r", []exchange.Identifier{id(label, "T-1"), id(lab, "L9"), id(order, "O1"), id(order, "F1")}},
		"SPM-2, the laboratory's part": {head + "OBR|1\r" + obx + "SPM|1|^L9&LAB\r", []exchange.Identifier{id(lab, "L9")}},
		"SPM-31 and SPM-30":            {head + "OBR|1\r" + obx + "SPM|1|" + strings.Repeat("|", 28) + "A1~A2|T-1~T-2\r", []exchange.Identifier{id(label, "T-1"), id(label, "T-2"), id(lab, "A1"), id(lab, "A2")}},
		"SAC before the order": {strings.Replace(head, "ORU^R01", "OUL^R22", 1) + "SPM|1|T-1\rSAC||A9|T-2|T-3\rOBR|1|O1\rORC|RE|O2\r" + obx,
			[]exchange.Identifier{id(label, "T-1"), id(label, "T-2"), id(label, "T-3"), id(lab, "A9"), id(order, "O1"), id(order, "O2")}},
		"no specimen": {head + "ORC|RE|O1|F2\rOBR|1|O1|F1\r" + obx, []exchange.Identifier{id(order, "O1"), id(order, "F1"), id(order, "F2")}},
	} {
		if got := first(t, c.message).Specimens; !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	// One specimen behind the last order is that of all.
	f, err := Results([]byte(head + "OBR|1||F1\r" + obx + "OBR|2||F2\r" + obx + "SPM|1|T-1\r"))
	if err != nil || len(f.Statements) != 2 || f.Statements[0].Specimens[0].Value != "T-1" || f.Statements[1].Specimens[0].Value != "T-1" || f.Statements[0].Group == f.Statements[1].Group {
		t.Errorf("%+v, %v", f, err)
	}
	// Each of its own where each has one.
	f, err = Results([]byte(strings.Replace(head, "ORU^R01", "OUL^R22", 1) + "SPM|1|T-1\rOBR|1\r" + obx + "SPM|2|T-2\rOBX|1|ST|X||not a result\rOBR|1\r" + obx))
	if err != nil || len(f.Statements) != 2 || f.Statements[0].Specimens[0].Value != "T-1" || f.Statements[1].Specimens[0].Value != "T-2" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestThePersonIsChosenByType(t *testing.T) {
	t.Parallel()
	x := first(t, head+"PID|1||26-1^^^BV^MR~B1234567^^^VN^PPN~030180000001^^^VN^NNVNM||Nguyễn&&&^Hương^Thị||19800203\rOBR|1||T\rOBX|1|ST|94500-6||Neg||||||F\r")
	if want := (exchange.Person{Document: "030180000001", Name: "Nguyễn Thị Hương", Birth: 1980}); x.Person != want {
		t.Errorf("%+v, want %+v", x.Person, want)
	}
}

func TestMessagesThatBringNoResult(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ message, want string }{
		"another message":          {strings.Replace(head, "ORU^R01", "ADT^A01", 1), exchange.WrongMessage},
		"no message":               {"OBX|1", exchange.WrongMessage},
		"only its header":          {head, exchange.WrongMessage},
		"a test":                   {strings.Replace(head, "|P|", "|T|", 1) + "OBR|1||T\rOBX|1|ST|X||neg\r", exchange.TestMessage},
		"the rest of another":      {strings.TrimRight(head, "\r") + "||7\rOBR|1||T\r", exchange.Continued},
		"goes on in another":       {head + "OBR|1||T\rOBX|1|ST|X||neg\rDSC|1\r", exchange.Continued},
		"an observation, no order": {head + "OBX|1|ST|X||neg||||||F\r", exchange.NoTube},
		"a final order of nothing": {head + "OBR|1||T|94500-6|||||||||||||||||||||F\r", exchange.BadOutcome},
	} {
		if x := first(t, c.message); x.Problem == nil || x.Problem.Code != c.want {
			t.Errorf("%s: %+v, want %s", name, x.Problem, c.want)
		}
	}
	if x := first(t, head+"OBR|1||T|94500-6|||||||||||||||||||||X\r"); x.Status != exchange.Cancelled || x.Problem != nil {
		t.Errorf("a cancelled order: %+v", x)
	}
	if x := first(t, head+"OBR|1||T|94500-6|||||||||||||||||||||I\r"); x.Status != exchange.Pending {
		t.Errorf("an order in work: %+v", x)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for obx, want := range map[string]record.Outcome{
		"CWE|94500-6||260415000^^SCT||||||F":                 record.Negative,
		"CWE|94500-6||X1^^L^260373001^^SCT||||||F":           record.Positive,
		"CE|94500-6||^Negative^L||||||F":                     record.Negative,
		"CWE|94500-6||^^^^^^^^Dương tính||||||F":             record.Positive,
		"TX|94500-6||Âm~tính||||||F":                         record.Negative,
		"IS|94500-6||NEG||||||F":                             record.Negative,
		"ST|94500-6||\"\"||||||F":                            0,
		"CWE|94500-6||^^260373001||||||F":                    0, // the name of a system says nothing
		"CWE|94500-6||720735008^Presumptive positive||||||F": record.Suspected,
	} {
		if x := first(t, head+"OBR|1||T\rOBX|1|"+obx+"\r"); x.Outcome != want {
			t.Errorf("%q is %s, want %s", obx, x.Outcome, want)
		}
	}
	if x := first(t, head+"OBR|1||T\rOBX|1||94500-6|||||POS|||F\r"); x.Outcome != record.Positive {
		t.Errorf("a flag without a value is %s", x.Outcome)
	}
	if x := first(t, head+"OBR|1||T\rOBX|1|ST|94500-6||\"\"||||||F\r"); x.Status != exchange.Withdrawn {
		t.Errorf("a value that is deleted: %+v", x)
	}
}

func TestAcknowledgements(t *testing.T) {
	t.Parallel()
	m := Parse([]byte(head + "PID|1\rOBR|1||T\rOBX|1|ST|X||a\rOBX|2|ST|X||b\r"))
	got := string(m.Acknowledge(Failed, []Fault{{Segment: 5, Code: "103", Severity: "E", Text: "a|b\\c"}}, time.Date(2026, 12, 1, 8, 0, 0, 0, exchange.Zone), "A9"))
	want := "MSH|^~\\&|CHOT|TINH|LIS|LAB|20261201080000+0700||ACK^R01^ACK|A9|P|2.5.1||||||UNICODE UTF-8\r" +
		"MSA|AE|M1\rERR||OBX^2|103^Table value not found^HL70357|E||||a\\F\\b\\E\\c\r"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
	Parse(nil).Acknowledge(Rejected, []Fault{{Code: "200"}}, time.Now(), "1") // of no message at all
}

func FuzzResults(f *testing.F) {
	for _, s := range []string{head + "OBR|1||T\rOBX|1|ST|94500-6||Negative||||||F\rSPM|1|T-1^L\r", "FHS|^~\\&\rBHS|^~\\&\r" + head, "MSH|^", "MSH|^~\\&#|\r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Results(data)
		if err != nil {
			return
		}
		for _, x := range file.Statements {
			if x.Outcome > record.Resample || x.Technique > record.Antigen {
				t.Fatalf("%+v", x)
			}
		}
		Parse(data).Acknowledge(Accepted, []Fault{{Segment: 2, Code: "103"}}, time.Time{}, "1")
	})
}
