package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/table"
	"chot/kiosk/record"
)

// A simulated laboratory knows the truth: which specimens were taken from whom, and
// what was found in each. It writes files in every dialect that laboratories use,
// with their controls, panels, questions, corrections and mistakes, and whatever is
// held afterwards must be true.

// sample is one specimen with its truth.
type sample struct {
	tube, kiosk string
	area        db.Area
	person      record.Person
	truth       record.Outcome // what the laboratory has said last
	said        bool
}

// simulation is a province with specimens, and the laboratory of one district.
type simulation struct {
	*rand.Rand
	samples []*sample
	by      Source
	message int
	clock   time.Time
}

// confusing are numbers that a lenient comparison takes for each other.
var confusing = []string{"120", "12-0", "12.0X", "D1-23", "D12-3", "D123", "AB-1.2", "AB-12", "AB1-2", "0012345", "K7-000-1", "K7-0001", "K70-001"}

func newSimulation(seed uint64) *simulation {
	s := &simulation{Rand: rand.New(rand.NewPCG(seed, 19)), by: Source{"lab-298", "30/298", Laboratory}, clock: today}
	add := func(tube, kiosk string, area db.Area) {
		n := len(s.samples)
		s.samples = append(s.samples, &sample{
			tube: tube, kiosk: kiosk, area: area, truth: s.outcome(),
			person: record.Person{Name: fmt.Sprintf("%s %s %s", family[n%len(family)], middle[n/7%len(middle)], given[n%len(given)]), Birth: 1930 + n%80},
		})
	}
	for i, number := range confusing {
		add(number, fmt.Sprintf("desk-%d", i%3), here)
		add(number, "desk-9", there) // the same labels in another district
	}
	for i := range 30 {
		add(fmt.Sprintf("TK%02d-%07d", s.IntN(20), i*7), "desk-1", here)
		add(fmt.Sprintf("%013d", 26110100000+i), "desk-2", here)
	}
	return s
}

var (
	family = []string{"Nguyễn", "Trần", "Lê", "Phạm", "Đỗ", "Vũ"}
	middle = []string{"Thị", "Văn", "Hữu", "Ngọc"}
	given  = []string{"Hương", "Minh", "Thử", "Lan", "Dũng", "Yến", "Quỳnh"}
)

func (s *simulation) outcome() record.Outcome { return record.Outcome(1 + s.IntN(4)) }

func pick[T any](s *simulation, of ...T) T { return of[s.IntN(len(of))] }

// mine are the specimens that the laboratory's area has.
func (s *simulation) mine() (all []*sample) {
	for _, x := range s.samples {
		if s.by.Scope.Contains(x.area) {
			all = append(all, x)
		}
	}
	return all
}

// takeAll lets the kiosks bring their specimens.
func (s *simulation) takeAll(b *bench) {
	for _, x := range s.samples {
		b.kiosk(x.kiosk, x.area, record.Sample{Tube: x.tube, Technique: record.RTPCR, Person: x.person})
	}
}

// words of outcomes, as laboratories write them.
var outcomeWords = map[record.Outcome][]string{
	record.Negative:     {"Âm tính", "ÂM TÍNH", "Âm tính (-)", "am tinh", "Negative", "Neg", "Not detected", "Không phát hiện", "Âm Tính Ct=38"},
	record.Positive:     {"Dương tính", "DƯƠNG TÍNH (+)", "Dương tính, Ct: N=25, E=26", "Positive", "Detected", "Dương", "DƯƠNG TÍNH (+) CT 25.3"},
	record.Suspected:    {"Nghi ngờ", "Nghi nhiễm", "Presumptive positive"},
	record.Undetermined: {"Chưa xác định", "Không xác định", "Inconclusive", "Indeterminate"},
}

// file is what the laboratory sends, with how many of its lines should be filed
// without a person.
type simulated struct {
	name  string
	data  []byte
	clean int // lines that are right and written in a declared dialect
}

// table writes a table.
func (s *simulation) table() simulated {
	sep := pick(s, ",", ";", "\t", "|")
	names, quote := s.IntN(2) == 0, s.IntN(3) == 0
	header := []string{"STT", pick(s, "Mã ống", "Mã mẫu", "Mã bệnh phẩm", "Barcode", "Sample ID", "ma_bp"), "Chứng nội", "Gen N",
		pick(s, "Kết quả", "Kết luận", "KQ XN", "Result"), pick(s, "Ngày trả kết quả", "Ngày có kết quả", "NGAY_KQ")}
	if names {
		header = append(header, "Họ và tên", "Năm sinh")
	}
	var rows [][]string
	for range s.IntN(3) { // titles
		rows = append(rows, []string{pick(s, "PHÒNG XÉT NGHIỆM ABC", "Danh sách kết quả ngày 01/12/2026", "")})
	}
	rows = append(rows, header)
	out := simulated{}
	date := pick(s, "2/1/2006 15:04", "02/01/2006", "2-1-2006", "2.1.06 15:04", "15:04 2/1/06", "200601021504", "2006-01-02T15:04:05", "2/1/2006 3:04 PM")
	for i := range 3 + s.IntN(12) {
		x := pick(s, s.mine()...)
		row := []string{fmt.Sprint(i + 1), x.tube, pick(s, "Detected", "Dương tính"), pick(s, "Dương tính", "Âm tính", ""), "", s.clock.Add(-time.Hour).In(exchange.Zone).Format(date)}
		if names {
			row = append(row, x.person.Name, fmt.Sprint(x.person.Birth))
		}
		switch kind := s.IntN(20); {
		case kind == 0: // not ready
			row[4] = pick(s, "", "Chưa có kết quả", "Đang xét nghiệm")
		case kind == 1: // damaged by a spreadsheet
			row[4] = pick(s, outcomeWords[x.truth]...)
			if row[1] = s.damage(x.tube, names); row[1] == x.tube {
				x.said = true
			}
		case kind == 2: // an answer that is no word
			row[4] = pick(s, "???", "1", "Xem phiếu", "Âm tính (+)")
		case kind == 3 && names: // another's name
			row[4], row[6] = pick(s, outcomeWords[x.truth]...), "Người Khác Hẳn"
		default:
			row[4] = pick(s, outcomeWords[x.truth]...)
			x.said = true
			out.clean++
			if s.IntN(5) == 0 {
				row[1] = pick(s, `="`+x.tube+`"`, "'"+x.tube, " "+strings.ToLower(x.tube)+" ", x.tube+"\u00a0")
			}
		}
		rows = append(rows, row)
	}
	rows = append(rows, []string{"", pick(s, "", "Tổng cộng")}, []string{"Người lập bảng"})
	if s.IntN(10) == 0 {
		out.name, out.data = "xlsx", workbook(rows)
		return out
	}
	newline := pick(s, "\n", "\r\n", "\r")
	var text strings.Builder
	if s.IntN(4) == 0 {
		text.WriteString("sep=" + sep + newline)
	}
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				text.WriteString(sep)
			}
			if quote || strings.ContainsAny(cell, sep+`"`) {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			text.WriteString(cell)
		}
		text.WriteString(newline)
	}
	encoding := pick(s, "utf-8", "utf-8-bom", "utf-16le", "windows-1258", "nfd")
	out.name, out.data = fmt.Sprintf("csv %q %s %s", sep, encoding, date), encode(text.String(), encoding)
	return out
}

// damage is what a spreadsheet makes of a number: nothing that is another's, unless
// the row names the person.
func (s *simulation) damage(tube string, named bool) string {
	damaged := pick(s, tube+".0", "2.61101E+11", strings.TrimLeft(tube, "0")+"X9", strings.ReplaceAll(tube, "-", ""), strings.TrimLeft(tube, "0"), "#N/A")
	for _, x := range s.samples {
		if exchange.TubeKey(x.tube) == exchange.TubeKey(damaged) && !(named && x.tube != tube) && x.tube != tube {
			return "2.61101E+11"
		}
	}
	return damaged
}

func workbook(rows [][]string) []byte {
	book := excelize.NewFile()
	defer book.Close()
	for i, row := range rows {
		for j, cell := range row {
			name, _ := excelize.CoordinatesToCellName(j+1, i+1) // small numbers
			book.SetCellValue("Sheet1", name, cell)
		}
	}
	var out bytes.Buffer
	book.Write(&out)
	return out.Bytes()
}

func encode(text, encoding string) []byte {
	switch encoding {
	case "utf-8-bom":
		return append([]byte("\xef\xbb\xbf"), text...)
	case "nfd":
		return []byte(norm.NFD.String(text))
	case "utf-16le":
		out := []byte("\xff\xfe")
		for _, u := range utf16.Encode([]rune(text)) {
			out = append(out, byte(u), byte(u>>8))
		}
		return out
	case "windows-1258":
		if out, ok := cp1258(text); ok {
			return out
		}
	}
	return []byte(text)
}

// cp1258 writes tones as bytes of their own where the letter has none with it.
func cp1258(text string) ([]byte, bool) {
	var out []byte
	for _, r := range norm.NFC.String(text) {
		if b, ok := charmap.Windows1258.EncodeRune(r); ok {
			out = append(out, b)
			continue
		}
		parts := []rune(norm.NFD.String(string(r)))
		tone := slices.IndexFunc(parts, func(r rune) bool { return strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", r) })
		if tone < 0 {
			return nil, false
		}
		base := norm.NFC.String(string(append(slices.Clone(parts[:tone]), parts[tone+1:]...)))
		b, ok := charmap.Windows1258.EncodeRune([]rune(base)[0])
		mark, fine := charmap.Windows1258.EncodeRune(parts[tone])
		if !ok || !fine || len([]rune(base)) != 1 {
			return nil, false
		}
		out = append(out, b, mark)
	}
	return out, true
}

var (
	snomed = map[record.Outcome]string{record.Negative: "260415000", record.Positive: "260373001", record.Suspected: "720735008", record.Undetermined: "419984006"}
	answer = map[record.Outcome]string{record.Negative: "LA11883-8", record.Positive: "LA11882-0", record.Suspected: "720735008", record.Undetermined: "LA9663-1"}
)

// hl7 writes messages.
func (s *simulation) hl7() simulated {
	var out simulated
	var text strings.Builder
	batch := s.IntN(3) == 0
	if batch {
		text.WriteString("FHS|^~\\&|LIS\rBHS|^~\\&|LIS\r")
	}
	for range 1 + s.IntN(4) {
		s.message++
		s.clock = s.clock.Add(time.Second)
		x := pick(s, s.mine()...)
		status, truth := "F", x.truth
		switch s.IntN(8) {
		case 0:
			if x.said { // it was wrong before: the truth is what is said last
				status, truth = "C", s.outcome()
				x.truth = truth
			}
		case 1:
			status = "P"
		}
		if status != "P" {
			x.said = true
			out.clean++
		}
		oul := s.IntN(4) == 0
		kind := pick(s, "ORU^R01", "ORU^R30")
		if oul {
			kind = "OUL^R22"
		}
		fmt.Fprintf(&text, "MSH|^~\\&|LIS|LAB|CHOT|TINH|%s+0700||%s|%d|P|2.5.1||||||%s\r", s.clock.Add(-time.Minute).In(exchange.Zone).Format("20060102150405"), kind, s.message, pick(s, "", "UNICODE UTF-8"))
		if s.IntN(2) == 0 {
			words := strings.Fields(x.person.Name)
			fmt.Fprintf(&text, "PID|1||77^^^BV^MR||%s^%s^%s||%d0203\r", words[0], words[2], words[1], x.person.Birth)
		}
		label := strings.ReplaceAll(strings.ReplaceAll(x.tube, `\`, `\E\`), "&", `\T\`)
		spm := fmt.Sprintf("SPM|1|%s^%s\r", label, "L"+strconv.Itoa(s.IntN(1e6)))
		if oul {
			text.WriteString(spm)
		}
		filler := label
		if oul || kind == "ORU^R01" && s.IntN(2) == 0 {
			filler = "F" + strconv.Itoa(s.IntN(1e6))
		}
		fmt.Fprintf(&text, "OBR|1|O%d|%s|%s\r", s.IntN(1e6), filler, pick(s, "94531-1^SARS-CoV-2 RNA panel^LN", "95941-1^Panel^LN", "94500-6^SARS-CoV-2^LN"))
		observations := []string{fmt.Sprintf("CWE|94500-6^SARS-CoV-2 RNA^LN||%s||||||%s", pick(s, snomed[truth]+"^^SCT", answer[truth]+"^^LN", "^"+outcomeWords[truth][0]+`\X0D\`), status)}
		for range s.IntN(4) {
			other := pick(s, record.Negative, record.Positive)
			observations = append(observations, pick(s,
				fmt.Sprintf("CWE|92142-9^Influenza A^LN||%s^^SCT||||||F", snomed[other]),
				fmt.Sprintf("ST|IC^Internal control^L||%s||||||F", outcomeWords[other][0]),
				fmt.Sprintf("CWE|94563-4^IgG^LN||%s^^SCT||||||F", snomed[other]),
				fmt.Sprintf("ST|N^N gene^L||%s||||||F", outcomeWords[other][0]),
				"NM|94745-7^Ct^LN||31.2||||||F",
				"CWE|95418-0^Health worker^LN||N^No^HL70136||||||F",
			))
		}
		s.Shuffle(len(observations), func(i, j int) { observations[i], observations[j] = observations[j], observations[i] })
		for i, o := range observations {
			fmt.Fprintf(&text, "OBX|%d|%s\r", i+1, o)
		}
		if !oul && filler != label {
			text.WriteString(spm)
		}
	}
	if batch {
		text.WriteString("BTS|1\rFTS|1\r")
	}
	out.name, out.data = "hl7", []byte(text.String())
	return out
}

// fhir writes a bundle.
func (s *simulation) fhir() simulated {
	type object = map[string]any
	var out simulated
	var entries []object
	concept := func(system, code string) object {
		return object{"coding": []object{{"system": system, "code": code}}}
	}
	mine := s.mine()
	s.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
	for i, x := range mine[:1+s.IntN(5)] { // one message says one thing of each
		status, truth := "final", x.truth
		if x.said && s.IntN(6) == 0 {
			status, truth = "corrected", s.outcome()
			x.truth = truth
		}
		if status == "final" && s.IntN(8) == 0 {
			status = "preliminary"
		} else {
			x.said = true
			out.clean++
		}
		specimen := object{"resourceType": "Specimen", "id": "spm", "identifier": []object{
			{"type": concept("", "FILL"), "value": fmt.Sprint("L", s.IntN(1e6))}, {"type": concept("", "PLAC"), "value": x.tube}}}
		value := concept("http://snomed.info/sct", snomed[truth])
		observation := object{"resourceType": "Observation", "status": status, "code": concept("http://loinc.org", "94500-6"), "valueCodeableConcept": value}
		flu := object{"resourceType": "Observation", "status": "final", "code": concept("http://loinc.org", "92142-9"), "valueCodeableConcept": concept("http://snomed.info/sct", snomed[record.Positive])}
		switch s.IntN(4) {
		case 0: // contained, each with the same local id
			observation["contained"], observation["specimen"] = []object{specimen}, object{"reference": "#spm"}
			flu["contained"], flu["specimen"] = []object{specimen}, object{"reference": "#spm"}
			entries = append(entries, object{"resource": flu}, object{"resource": observation})
		case 1: // by fullUrl, with the same id on each server
			root := fmt.Sprintf("http://server-%d.example/fhir/", i)
			observation["specimen"] = object{"reference": "Specimen/spm"}
			entries = append(entries, object{"fullUrl": root + "Specimen/spm", "resource": specimen}, object{"fullUrl": root + "Observation/o", "resource": observation})
		case 2: // a report of a panel, its observations by urn
			delete(specimen, "id")
			sp, a, b := fmt.Sprint("urn:uuid:s", i), fmt.Sprint("urn:uuid:a", i), fmt.Sprint("urn:uuid:b", i)
			report := object{"resourceType": "DiagnosticReport", "status": status, "code": concept("http://loinc.org", "95941-1"),
				"specimen": []object{{"reference": sp}}, "result": []object{{"reference": a}, {"reference": b}}}
			if status == "corrected" {
				observation["status"] = "final"
			}
			entries = append(entries, object{"fullUrl": a, "resource": flu}, object{"resource": report}, object{"fullUrl": b, "resource": observation}, object{"fullUrl": sp, "resource": specimen})
		default: // by identifier alone
			observation["specimen"] = object{"identifier": object{"value": x.tube}}
			entries = append(entries, object{"resource": observation})
		}
	}
	s.message++
	data, _ := json.Marshal(object{"resourceType": "Bundle", "type": "message", "identifier": object{"value": fmt.Sprint("B", s.message)}, "entry": entries}) // maps of texts
	out.name, out.data = "fhir", data
	return out
}

func (s *simulation) file() simulated {
	switch s.IntN(3) {
	case 0:
		return s.table()
	case 1:
		return s.hl7()
	}
	return s.fhir()
}

// lies are results that hold and are not true: of another specimen, or another
// outcome.
func (s *simulation) lies(held map[string]string) (all []string) {
	for key, outcome := range held {
		tube, kiosk, _ := strings.Cut(key, "@")
		i := slices.IndexFunc(s.samples, func(x *sample) bool { return x.tube == tube && x.kiosk == kiosk })
		if i < 0 || !s.samples[i].said || s.samples[i].truth.String() != outcome || !s.by.Scope.Contains(s.samples[i].area) {
			all = append(all, key+" = "+outcome)
		}
	}
	return all
}

// files is how many files are simulated: CHOT_SOAK_FILES, or some hundred.
func files() int {
	if n, err := strconv.Atoi(os.Getenv("CHOT_SOAK_FILES")); err == nil {
		return n
	}
	if racing {
		return 40
	}
	return 400
}

// No statement is ever filed for another specimen than the true one, and no other
// outcome than the true one; at least 99 % of the lines of declared dialects are
// filed without a person.
func TestNothingUntrueIsEverFiled(t *testing.T) {
	t.Parallel()
	const each = 40 // files a province
	var clean, filed int
	fates := map[string]int{}
	for seed := range uint64((files() + each - 1) / each) {
		b, s := newBench(t), newSimulation(seed+1)
		s.takeAll(b)
		for range each {
			f := s.file()
			b.clock = s.clock
			read, err := Read(f.data, table.Options{})
			if err != nil {
				t.Fatalf("seed %d, %s: %v\n%.3000q", seed+1, f.name, err, f.data)
			}
			answer, err := b.Report(t.Context(), s.by, account.Account{Name: s.by.Name, Area: s.by.Scope}, "", f.name, read, false)
			if err != nil {
				t.Fatal(err)
			}
			done := 0
			for _, l := range answer.Lines {
				fates[strings.TrimSpace(string(l.Fate)+" "+l.Reason)]++
				if l.Fate == exchange.Filed || l.Fate == exchange.Changed || l.Fate == exchange.Known {
					done++
				}
			}
			clean, filed = clean+f.clean, filed+min(done, f.clean)
			if lies := s.lies(b.holds()); len(lies) > 0 {
				t.Fatalf("seed %d, %s: %v is not true\n%.3000q", seed+1, f.name, lies, f.data)
			}
		}
		b.DB.Close()
	}
	t.Logf("%d of %d clean lines were filed; fates %v", filed, clean, fates)
	if filed*100 < clean*99 {
		t.Errorf("%d of %d clean lines were filed", filed, clean)
	}
}

// The simulator notices what was wrong before: numbers that were compared without
// their dots and dashes, and the first observation that was taken for the result.
func TestTheSimulatorCanFail(t *testing.T) {
	t.Parallel()
	loose := func(tube string) string {
		return strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(strings.ToUpper(tube))
	}
	for name, rule := range map[string]struct {
		key   func(string) string
		first bool
	}{"the old key": {loose, false}, "the first observation": {exchange.TubeKey, true}} {
		caught := 0
		for seed := range uint64(5) {
			s := newSimulation(seed + 1)
			held := map[string]string{}
			for range 40 {
				f := s.file()
				read, err := Read(f.data, table.Options{})
				if err != nil {
					t.Fatal(err)
				}
				sifted, groups := sift(read.Statements, nil), map[int]bool{}
				for _, x := range sifted {
					counts := x.fate == "" && x.doubt == ""
					if rule.first {
						counts = x.Outcome != 0 && !groups[x.Group] && (x.Status == exchange.Final || x.Status == exchange.Corrected) && len(x.Specimens) > 0
						groups[x.Group] = groups[x.Group] || counts
					}
					if !counts || x.Problem != nil {
						continue
					}
					for _, one := range s.mine() {
						if rule.key(one.tube) == rule.key(x.Specimens[0].Value) {
							held[one.tube+"@"+one.kiosk] = x.Outcome.String()
							break
						}
					}
				}
				if len(s.lies(held)) > 0 {
					caught++
					break
				}
			}
		}
		if caught < 4 {
			t.Errorf("%s is caught in %d of 5 simulations", name, caught)
		}
	}
}
