package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/analytes"
	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// oru is a message with one order of a tube and its observations.
func oru(control, tube string, obx ...string) string {
	m := "MSH|^~\\&|LIS|CDC|CHOT|TINH|20261201083000+0700||ORU^R01^ORU_R01|" + control + "|P|2.5.1\rPID|1||123\r" +
		"OBR|1|O-1|" + tube + "|94500-6^SARS-CoV-2 RNA^LN\r"
	for i, o := range obx {
		m += fmt.Sprintf("OBX|%d|%s\r", i+1, o)
	}
	return m
}

const (
	covidPositive = "CWE|94500-6^SARS-CoV-2 RNA^LN||260373001^Detected^SCT||||||F"
	covidNegative = "CWE|94500-6^SARS-CoV-2 RNA^LN||260415000^Not detected^SCT||||||F"
)

// What is measured decides, whatever comes first.
func TestWhatIsMeasuredDecides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		obx   []string
		fates []string
		held  string
	}{
		{"influenza first", []string{"CWE|92142-9^Flu A^LN||260373001^Detected^SCT||||||F", covidNegative}, []string{"noted other-analyte", "filed"}, "negative"},
		{"an internal control", []string{"ST|IC^Internal control^L||Detected||||||F", covidNegative}, []string{"noted control", "filed"}, "negative"},
		{"antibodies", []string{"CWE|94563-4^IgG^LN||10828004^Positive^SCT||||||F"}, []string{"noted other-analyte"}, ""},
		{"the N gene first", []string{"ST|N^N gene^L||Negative||||||F", covidPositive}, []string{"noted part", "filed"}, "positive"},
		{"one gene alone", []string{"ST|94533-7^N gene^LN||Negative||||||F"}, []string{"listed only-parts"}, ""},
		{"a question", []string{"CWE|95418-0^Health worker^LN||N^No^HL70136||||||F", covidNegative}, []string{"noted question", "filed"}, "negative"},
		{"a cycle threshold", []string{"NM|94745-7^Ct^LN||31.2||||||F", covidPositive}, []string{"noted other-analyte", "filed"}, "positive"},
		{"a cycle threshold as text", []string{"ST|CT^Ct^L||31,2||||||F", covidPositive}, []string{"noted other-analyte", "filed"}, "positive"},
		{"a comment", []string{covidPositive, "ST|CMT^Comment^L||Đã gọi điện||||||F"}, []string{"filed", "refused bad-outcome"}, "positive"},
		{"a code that is not known", []string{"ST|XQ7^Xét nghiệm lạ^L||Positive||||||F"}, []string{"listed unknown-code"}, ""},
		{"an answer to the order", []string{"ST|KQ^Kết luận^L||Âm tính||||||F"}, []string{"filed"}, "negative"},
		{"the answer names a germ", []string{"CWE|95423-0^Flu and SARS^LN||407479009^Influenza A^SCT||||||F"}, []string{"listed names-germ"}, ""},
		{"two answers", []string{covidPositive, covidNegative}, []string{"listed contradiction", "listed contradiction"}, ""},
		{"code and text differ", []string{"CWE|94500-6||260373001^Not detected^SCT||||||F"}, []string{"refused sign-differs"}, ""},
		{"a sign in brackets", []string{"ST|94500-6||Negative (-)||||||F"}, []string{"filed"}, "negative"},
		{"word and sign differ", []string{"ST|94500-6||Âm tính (+)||||||F"}, []string{"refused sign-differs"}, ""},
		{"words with a threshold", []string{"ST|94500-6||DƯƠNG TÍNH (+) CT 25.3||||||F"}, []string{"filed"}, "positive"},
		{"highlighted", []string{`ST|94500-6||\H\Positive\N\||||||F`}, []string{"filed"}, "positive"},
		{"preliminary", []string{"ST|94500-6||Positive||||||P"}, []string{"waiting"}, ""},
		{"without a status", []string{"ST|94500-6||Positive"}, []string{"filed"}, "positive"},
		{"an unknown status", []string{"ST|94500-6||Positive||||||Q"}, []string{"refused bad-status"}, ""},
		{"a flag instead of a value", []string{"|94500-6||||||NEG|||F"}, []string{"refused bad-outcome"}, ""},
		{"of another technique", []string{"CWE|94558-4^Ag^LN||260373001||||||F"}, []string{"listed other-test"}, ""},
		{"in the year 2030", []string{"ST|94500-6||Positive||||||F|||20300101"}, []string{"refused future-time"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.specimens("desk-1", here, "T-1")
			if got := b.report(laboratory, oru("M1", "T-1", c.obx...)); !slices.Equal(got, c.fates) {
				t.Errorf("fates %q, want %q", got, c.fates)
			}
			want := map[string]string{}
			if c.held != "" {
				want["T-1@desk-1"] = c.held
			}
			if got := b.holds(); !maps.Equal(got, want) {
				t.Errorf("holds %v, want %v", got, want)
			}
		})
	}
}

// with replaces the status of an observation.
func with(status, obx string) string { return strings.TrimSuffix(obx, "F") + status }

// A laboratory's own corrections and withdrawals change what holds; each is written
// to the audit log.
func TestStatuses(t *testing.T) {
	t.Parallel()
	other := Source{"lab-2", "30", Laboratory}
	type step struct {
		by    Source
		text  string
		fates []string
		held  string
	}
	for name, steps := range map[string][]step{
		"corrected": {
			{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"},
			{laboratory, oru("M2", "T-1", with("C", covidNegative)), []string{"changed"}, "negative"},
			{laboratory, oru("M1", "T-1", covidPositive), []string{"known settled"}, "negative"},
			{laboratory, oru("M2", "T-1", with("C", covidNegative)), []string{"known settled"}, "negative"},
		},
		"corrected by another laboratory": {
			{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"},
			{other, oru("M2", "T-1", with("C", covidNegative)), []string{"listed conflict"}, "positive"},
		},
		"another final result": {
			{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"},
			{laboratory, oru("M2", "T-1", covidNegative), []string{"listed conflict"}, "positive"},
		},
		"the same by another": {
			{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"},
			{other, oru("M9", "T-1", covidPositive), []string{"known"}, "positive"},
		},
		"amended": {
			{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"},
			{laboratory, oru("M2", "T-1", with("A", covidPositive)), []string{"known"}, "positive"},
			{laboratory, oru("M3", "T-1", with("A", covidNegative)), []string{"changed"}, "negative"},
		},
		"verified again": {
			{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"},
			{laboratory, oru("M2", "T-1", with("V", covidPositive)), []string{"known"}, "positive"},
		},
		"a correction of nothing": {{laboratory, oru("M2", "T-1", with("C", covidNegative)), []string{"filed"}, "negative"}},
		"wrong":                   {{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"}, {laboratory, oru("M2", "T-1", with("W", covidPositive)), []string{"cleared"}, ""}},
		"deleted":                 {{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"}, {laboratory, oru("M2", "T-1", with("D", covidPositive)), []string{"cleared"}, ""}},
		"cancelled":               {{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"}, {laboratory, oru("M2", "T-1", with("X", covidPositive)), []string{"cleared"}, ""}},
		"withdrawn by another": {
			{laboratory, oru("M1", "T-1", covidPositive), []string{"filed"}, "positive"},
			{other, oru("M2", "T-1", with("W", covidPositive)), []string{"listed conflict"}, "positive"},
		},
		"withdrawn, then sent late": {
			{laboratory, oru("M2", "T-1", with("W", covidPositive)), []string{"known nothing-held"}, ""},
			{laboratory, strings.Replace(oru("M1", "T-1", covidPositive), "083000", "082000", 1), []string{"known older"}, ""},
			{laboratory, strings.Replace(oru("M3", "T-1", covidNegative), "083000", "084000", 1), []string{"filed"}, "negative"},
		},
		"withdrawn, then a table": {
			{laboratory, "tube,result\nT-1,pos\n", []string{"filed"}, "positive"},
			{laboratory, "tube,result,result status\nT-1,pos,withdrawn\n", []string{"cleared"}, ""},
			{laboratory, "tube,result\nT-1,pos\n", []string{"listed after-recall"}, ""},
		},
		"FHIR corrected": {
			{laboratory, observation("final", "260373001"), []string{"filed"}, "positive"},
			{laboratory, observation("corrected", "260415000"), []string{"changed"}, "negative"},
			{laboratory, observation("entered-in-error", "260415000"), []string{"cleared"}, ""},
		},
		"FHIR amended":   {{laboratory, observation("final", "260373001"), []string{"filed"}, "positive"}, {laboratory, observation("amended", "260415000"), []string{"changed"}, "negative"}},
		"FHIR cancelled": {{laboratory, observation("cancelled", "260415000"), []string{"listed cancelled"}, ""}},
		"FHIR unknown":   {{laboratory, observation("unknown", "260415000"), []string{"listed not-confirmed"}, ""}},
		"FHIR no status": {{laboratory, observation("", "260415000"), []string{"refused bad-status"}, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.specimens("desk-1", here, "T-1")
			changes := 0
			for i, s := range steps {
				got := b.report(s.by, s.text)
				if !slices.Equal(got, s.fates) {
					t.Errorf("step %d: fates %q, want %q", i+1, got, s.fates)
				}
				if held := b.holds()["T-1@desk-1"]; held != s.held {
					t.Errorf("step %d: holds %q, want %q", i+1, held, s.held)
				}
				if got[0] == "changed" || got[0] == "cleared" {
					changes++
				}
			}
			n, err := b.DB.NewSelect().Model((*db.Audit)(nil)).Where("action = 'correct-result'").Count(t.Context())
			if err != nil || int(n) != changes {
				t.Errorf("%d changes, %d in the audit log (%v)", changes, n, err)
			}
		})
	}
}

func observation(status, code string) string {
	return `{"resourceType":"Observation","status":"` + status + `","code":{"coding":[{"system":"http://loinc.org","code":"94500-6"}]},` +
		`"specimen":{"identifier":{"value":"T-1"}},"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"` + code + `"}]}}`
}

// A number matches itself: case, Unicode form and outer blanks aside.
func TestANumberMatchesItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ taken, sent, want string }{
		{"D1-23", "D1-23", "filed"},
		{"D1-23", "d1-23", "filed"},
		{"D1-23", " D1-23\u00a0", "filed"},
		{"D1-23", "\u200bD1-23", "filed"},
		{"D1-23", "D12-3", "listed unknown-tube"},
		{"D1-23", "D123", "listed unknown-tube"},
		{"D1-23", "D1.23", "listed unknown-tube"},
		{"D1-23", "(D1-23)", "listed unknown-tube"},
		{"120", "12.0", "listed unknown-tube"},
		{"12", "12.0", "listed unknown-tube"},
		{"0012", "12", "listed unknown-tube"},
		{"12", "0012", "listed unknown-tube"},
	} {
		b := newBench(t)
		b.specimens("desk-1", here, c.taken)
		got := b.report(laboratory, "tube\tresult\n"+c.sent+"\tpos\n")
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("%q sent for %q: %q, want %q", c.sent, c.taken, got, c.want)
		}
		if work := b.work(); c.want != "filed" && (len(work) != 1 || !strings.Contains(work[0].Proposals, c.taken)) {
			t.Errorf("%q sent for %q: the work list proposes %+v", c.sent, c.taken, work)
		}
	}
}

// A source changes only what is its own.
func TestAreasAndAuthorities(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.specimens("desk-1", here, "T-1", "T-2")
	b.specimens("desk-9", there, "T-9", "T-1") // the same number elsewhere
	theirs := Source{"lab-299", "30/299", Laboratory}
	ours := Source{"lab-298", "30/298", Laboratory}
	if got := b.report(theirs, "tube,result\nT-1,neg\nT-2,neg\n"); !slices.Equal(got, []string{"filed", "listed unknown-tube"}) {
		t.Errorf("another district's laboratory: %q", got)
	}
	if got := b.report(ours, "tube,result\nT-1,pos\nT-2,pos\n"); !slices.Equal(got, []string{"filed", "filed"}) {
		t.Errorf("the district's laboratory: %q", got)
	}
	// One whose area has both cannot tell them apart.
	if got := b.report(laboratory, "tube,result\nT-1,pos\n"); !slices.Equal(got, []string{"listed double-tube"}) {
		t.Errorf("the province's laboratory: %q", got)
	}
	// A kiosk reports on others' tubes and voids them.
	for _, rogue := range []struct {
		id   string
		area db.Area
	}{{"rogue-1", here}, {"rogue-9", there}} {
		b.kiosk(rogue.id, rogue.area,
			record.Result{Number: "R", Tube: "T-2", Technique: record.RTPCR, Outcome: record.Negative},
			record.Staff{Action: "void", Target: "T-2"},
			record.Pool{Tube: "T-2", Step: record.Voided},
		)
	}
	want := map[string]string{"T-1@desk-1": "positive", "T-1@desk-9": "negative", "T-2@desk-1": "positive"}
	if got := b.holds(); !maps.Equal(got, want) {
		t.Errorf("holds %v, want %v", got, want)
	}
	voided, err := b.DB.NewSelect().Model((*db.Specimen)(nil)).Where("voided > 0").Count(t.Context())
	if err != nil || voided != 0 {
		t.Errorf("%d specimens were voided (%v)", voided, err)
	}
	// The rightful correction still goes through.
	if got := b.report(ours, oru("M2", "T-2", with("C", covidNegative))); !slices.Equal(got, []string{"changed"}) {
		t.Errorf("the rightful correction: %q", got)
	}
	// Settling keeps to the area too.
	stranger := account.Account{Name: "khac", Role: account.Province, Area: "30/299"}
	for _, w := range b.work() {
		if w.Area != "30/299" && !strings.HasPrefix(string(w.Area), "30/299/") {
			if err := b.Settle(t.Context(), stranger, "", w.ID, Choice{Decision: Accept}); err == nil {
				t.Errorf("%s of %s was settled by %s", w.Problem, w.Area, stranger.Area)
			}
		}
	}
}

// What a kiosk read on the spot gives way to the laboratory, never the other way.
func TestKiosksHaveLessAuthority(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.kiosk("desk-1", here, record.Sample{Tube: "A-1", Technique: record.Antigen}, record.Sample{Tube: "A-2", Technique: record.Antigen})
	reading := func(tube string, o record.Outcome) {
		b.kiosk("desk-1", here, record.Result{Number: "R", Tube: tube, Technique: record.Antigen, Outcome: o})
	}
	reading("A-1", record.Negative)
	if got := b.report(laboratory, "tube,result\nA-1,pos\nA-2,pos\n"); !slices.Equal(got, []string{"changed", "filed"}) {
		t.Errorf("the laboratory: %q", got)
	}
	reading("A-1", record.Negative)
	reading("A-2", record.Negative)
	if got, want := b.holds(), map[string]string{"A-1@desk-1": "positive", "A-2@desk-1": "positive"}; !maps.Equal(got, want) {
		t.Errorf("holds %v, want %v", got, want)
	}
	if work := b.work(); len(work) != 2 || work[0].Problem != string(Conflict) {
		t.Errorf("the work list has %+v", work)
	}
}

// A laboratory's own number that is by chance another's tube decides nothing.
func TestTheLabelDecides(t *testing.T) {
	t.Parallel()
	message := func(spm, obr string) string {
		return "MSH|^~\\&|LIS|CDC|CHOT|TINH|20261201083000||ORU^R01|M|P|2.5.1\rOBR|1||" + obr + "|94500-6\rOBX|1|" + covidPositive + "\rSPM|1|" + spm + "\r"
	}
	for _, c := range []struct{ spm, obr, want string }{
		{"T-1^121", "555", "filed"},
		{"T-1^120", "555", "listed two-specimens"},
		{"T-1", "120", "listed two-specimens"},
		{"T-7^120", "555", "listed unknown-tube"},
		{"T-7", "120", "listed unknown-tube"},
		{"^120&LAB", "555", "filed"},
		{"", "120", "filed"},
	} {
		b := newBench(t)
		b.specimens("desk-1", here, "T-1", "120")
		if got := b.report(laboratory, message(c.spm, c.obr)); !slices.Equal(got, []string{c.want}) {
			t.Errorf("SPM %q, OBR %q: %q, want %q", c.spm, c.obr, got, c.want)
		}
	}
}

// A result that names another person than the specimen's is for a person to decide.
func TestAnotherPersonIsSeen(t *testing.T) {
	t.Parallel()
	taken := record.Person{Name: "Nguyễn Thị Thử", Birth: 1950, Document: "030150000001"}
	for _, c := range []struct{ row, want string }{
		{"T-1,pos,Nguyễn Thị Thử,1950,030150000001", "filed"},
		{"T-1,pos,NGUYEN THI THU,1950,", "filed"},
		{"T-1,pos,Thử Nguyễn Thị,03/02/1950,", "filed"},
		{"T-1,pos,,,", "filed"},
		{"T-1,pos,N. T. Thử,,", "filed"},
		{"T-1,pos,Trần Văn Khác,1950,", "listed other-person"},
		{"T-1,pos,Nguyễn Thị Thử,1951,", "listed other-person"},
		{"T-1,pos,Nguyễn Thị Thử,1950,030150000002", "listed other-person"},
	} {
		b := newBench(t)
		b.kiosk("desk-1", here, record.Sample{Tube: "T-1", Technique: record.RTPCR, Person: taken})
		if got := b.report(laboratory, "tube,result,name,birth year,cccd\n"+c.row+"\n"); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.row, got, c.want)
		}
	}
}

// One number at two kiosks: the document tells whose it is.
func TestTheDocumentTellsTwoApart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, kiosk := range []string{"desk-1", "desk-2"} {
		b.kiosk(kiosk, here, record.Sample{Tube: "T-1", Technique: record.RTPCR, Person: record.Person{Document: fmt.Sprintf("03015000000%d", i+1)}})
	}
	if got := b.report(laboratory, "tube,result,cccd\nT-1,pos,030150000002\n"); !slices.Equal(got, []string{"filed"}) {
		t.Errorf("%q", got)
	}
	if got, want := b.holds(), map[string]string{"T-1@desk-2": "positive"}; !maps.Equal(got, want) {
		t.Errorf("holds %v, want %v", got, want)
	}
	if got := b.report(laboratory, "tube,result,cccd\nT-1,pos,030150000009\n"); !slices.Equal(got, []string{"listed double-tube"}) {
		t.Errorf("%q", got)
	}
}

// What waits is decided again when its specimen arrives, by each number it has.
func TestWhatWaitsIsDecidedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.report(laboratory, oru("M1", "T-1", covidPositive))
	b.report(laboratory, oru("M2", "G-1", covidNegative))
	b.kiosk("desk-1", here, record.Pool{Tube: "G-1", Step: record.Opened},
		record.Sample{Tube: "G-1", Technique: record.RTPCR, Member: 1}, record.Sample{Tube: "G-1", Technique: record.RTPCR, Member: 2})
	b.specimens("desk-1", here, "T-1")
	if got, want := b.holds(), map[string]string{"T-1@desk-1": "positive"}; !maps.Equal(got, want) {
		t.Errorf("holds %v, want %v", got, want)
	}
	if work := b.work(); len(work) != 1 || work[0].Problem != string(OpenPool) || work[0].Tube != "G-1" {
		t.Errorf("the open pool: %+v", work)
	}
	b.kiosk("desk-1", here, record.Pool{Tube: "G-1", Step: record.Closed, Size: 2})
	if got, want := b.holds(), map[string]string{"T-1@desk-1": "positive", "G-1@desk-1": "negative"}; !maps.Equal(got, want) || len(b.work()) > 0 {
		t.Errorf("holds %v, want %v; work %+v", got, want, b.work())
	}
}

// A withdrawal takes what waits of it off the list.
func TestAWithdrawalSettlesWhatWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.report(laboratory, oru("M1", "T-1", covidPositive))
	b.report(Source{"lab-2", "30", Laboratory}, oru("M1", "T-1", covidPositive))
	b.report(laboratory, oru("M2", "T-1", with("W", covidPositive)))
	if work := b.work(); len(work) != 1 || work[0].Source != "lab-2" {
		t.Errorf("open: %+v", work)
	}
}

// A code is explained once, for its laboratory, and what waits is decided again.
func TestACodeIsExplainedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.specimens("desk-1", here, "T-1", "T-2", "T-3")
	const own = "ST|XQ7^Xét nghiệm lạ^L||Positive||||||F"
	for i, tube := range []string{"T-1", "T-2"} {
		b.report(laboratory, oru(fmt.Sprint("M", i), tube, own))
	}
	b.report(Source{"lab-2", "30", Laboratory}, oru("M", "T-3", own))
	who := account.Account{Name: "tinh", Role: account.Province, Area: "30"}
	var id string
	for _, w := range b.work() {
		if w.Source == laboratory.Name {
			id = w.ID
		}
	}
	for _, bad := range []Choice{
		{Decision: Explain}, {Decision: Explain, Kind: "panel"}, {Decision: Explain, Kind: analytes.Result}, {Decision: "?"}, {Decision: Assign},
	} {
		if err := b.Settle(t.Context(), who, "", id, bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if err := b.Settle(t.Context(), who, "", id, Choice{Decision: Explain, Kind: analytes.Result, Technique: record.RTPCR}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.holds(), map[string]string{"T-1@desk-1": "positive", "T-2@desk-1": "positive"}; !maps.Equal(got, want) {
		t.Errorf("holds %v, want %v", got, want)
	}
	if work := b.work(); len(work) != 1 || work[0].Source != "lab-2" {
		t.Errorf("open: %+v", work)
	}
	if got := b.report(laboratory, oru("M9", "T-3", own)); !slices.Equal(got, []string{"filed"}) {
		t.Errorf("afterwards: %q", got)
	}
}

// Each problem that may be accepted is, for the specimen that it is about, and no
// other is.
func TestDecisions(t *testing.T) {
	t.Parallel()
	who := account.Account{Name: "tinh", Role: account.Province, Area: "30"}
	for _, c := range []struct {
		name     string
		text     string
		decision Choice
		fails    bool
		held     map[string]string
	}{
		{"a conflict is accepted", "tube,result\nT-1,pos\n", Choice{Decision: Accept}, false, map[string]string{"T-1@desk-1": "positive"}},
		{"a conflict is dismissed", "tube,result\nT-1,pos\n", Choice{Decision: Dismiss}, false, map[string]string{"T-1@desk-1": "negative"}},
		{"a conflict is another tube's", "tube,result\nT-1,pos\n", Choice{Decision: Assign, Tube: "T-2"}, false, map[string]string{"T-1@desk-1": "negative", "T-2@desk-1": "positive"}},
		{"an unknown tube is not accepted", "tube,result\nT-8,pos\n", Choice{Decision: Accept}, true, map[string]string{"T-1@desk-1": "negative"}},
		{"an unknown tube is assigned", "tube,result\nT-8,pos\n", Choice{Decision: Assign, Tube: "t-2"}, false, map[string]string{"T-1@desk-1": "negative", "T-2@desk-1": "positive"}},
		{"another technique is accepted", "tube,result,method\nT-2,pos,test nhanh\n", Choice{Decision: Accept}, false, map[string]string{"T-1@desk-1": "negative", "T-2@desk-1": "positive"}},
		{"parts are accepted", oru("M", "T-2", "ST|N^N gene^L||Positive||||||F"), Choice{Decision: Accept}, false, map[string]string{"T-1@desk-1": "negative", "T-2@desk-1": "positive"}},
		{"a cancellation is seen", oru("M", "T-2", with("X", covidPositive)), Choice{Decision: Dismiss}, false, map[string]string{"T-1@desk-1": "negative"}},
		{"a cancellation is not accepted", oru("M", "T-2", with("X", covidPositive)), Choice{Decision: Accept}, true, map[string]string{"T-1@desk-1": "negative"}},
		{"a withdrawal by another is accepted", oru("M", "T-1", with("W", covidNegative)), Choice{Decision: Accept}, false, map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.specimens("desk-1", here, "T-1", "T-2")
			b.report(Source{"lab-2", "30", Laboratory}, "tube,result\nT-1,neg\n")
			b.report(laboratory, c.text)
			work := b.work()
			if len(work) != 1 {
				t.Fatalf("the work list has %+v", work)
			}
			err := b.Settle(t.Context(), who, "", work[0].ID, c.decision)
			if (err != nil) != c.fails {
				t.Errorf("settled: %v", err)
			}
			if got := b.holds(); !maps.Equal(got, c.held) {
				t.Errorf("holds %v, want %v", got, c.held)
			}
			if open := b.work(); (len(open) > 0) != c.fails {
				t.Errorf("still open: %+v", open)
			}
			if !c.fails {
				if err := b.Settle(t.Context(), who, "", work[0].ID, c.decision); err == nil {
					t.Error("it is settled twice")
				}
			}
		})
	}
}

// What was dismissed is not asked again when the same file comes again.
func TestWhatWasDismissedStaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const file = "tube,result\nX-1,pos\n"
	b.report(laboratory, file)
	who := account.Account{Name: "tinh", Role: account.Province, Area: "30"}
	if err := b.Settle(t.Context(), who, "", b.work()[0].ID, Choice{Decision: Dismiss}); err != nil {
		t.Fatal(err)
	}
	if got := b.report(laboratory, file); !slices.Equal(got, []string{"known settled"}) || len(b.work()) > 0 {
		t.Errorf("%q, open %+v", got, b.work())
	}
}
