package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chot/kiosk/record"
)

const hl7 = "MSH|^~\\&|LIS|CDC|CHOT|TINH|20261101083000||ORU^R01^ORU_R01|MSG7|P|2.5.1\r" +
	"PID|1||123\r" +
	"OBR|1|O-1|T-100|94500-6^SARS-CoV-2 RNA^LN|||||||||||||||||||20261101080000+0700\r" +
	"OBX|1|NM|CT^Ct||31.2|||||F\r" +
	"OBX|2|CWE|94500-6^SARS-CoV-2 RNA^LN||260373001^Detected^SCT||||||F|||20261101081500+0700\r" +
	"SPM|1|T-101^LAB-9\r" +
	"OBR|2||T-102|94558-4^Ag^LN\r" +
	"OBX|1|ST|94558-4^Ag^LN||ÂM TÍNH||||||F\r"

const observation = `{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"94500-6"}]},
	"specimen":{"identifier":{"value":"T-1"}},"effectiveDateTime":"2026-11-01T08:00:00+07:00","valueCodeableConcept":{"coding":[{"code":"260415000","display":"Not detected"}]}}`

const diagnosticBundle = `{"resourceType":"Bundle","type":"message","entry":[
	{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Specimen","accessionIdentifier":{"value":"T-2"}}},
	{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Observation","status":"final","code":{"text":"antigen"},"valueString":"Dương tính"}},
	{"resource":{"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"specimen":[{"reference":"urn:uuid:1"}],"result":[{"reference":"urn:uuid:2"}]}},
	{"resource":{"resourceType":"DiagnosticReport","status":"final","code":{"text":"rt-pcr"},"specimen":[{"reference":"#s"}],"contained":[{"resourceType":"Specimen","id":"s","identifier":[{"value":"T-3"}]}],"conclusion":"lấy mẫu lại"}},
	{"resource":{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"valueString":"whatever"}}]}`

func TestResultsOfEveryFormat(t *testing.T) {
	t.Parallel()
	type want struct {
		tube      string
		technique record.Technique
		outcome   record.Outcome
	}
	for _, c := range []struct {
		name, format, text string
		want               []want
	}{
		{"Vietnamese export", CSV, "STT;Mã ống;Kết quả;Kỹ thuật;Ngày trả kết quả\n1;T-1;ÂM TÍNH;Realtime PCR;01/11/2026 08:30\n2;T-2;Dương tính;;\n", []want{{"T-1", record.RTPCR, record.Negative}, {"T-2", 0, record.Positive}}},
		{"a cycler's, by tab, with a mark", CSV, "\ufeffWell\tSample Name\tCall\nA1\tT-3\tInconclusive\n\t\t\nA2\tT-4\tInvalid\n", []want{{"T-3", 0, record.Undetermined}, {"T-4", 0, record.Unfit}}},
		{"without diacritics", CSV, "ma mau,ket qua\nT-5,nghi ngo\nT-6,LAY MAU LAI\n", []want{{"T-5", 0, record.Suspected}, {"T-6", 0, record.Resample}}},
		{"HL7, the tube of SPM first", HL7, hl7, []want{{"T-101", record.RTPCR, record.Positive}, {"T-102", record.Antigen, record.Negative}}},
		{"HL7 with line feeds and frames", HL7, "\v" + strings.ReplaceAll(hl7, "\r", "\n") + "\x1c\r", []want{{"T-101", record.RTPCR, record.Positive}, {"T-102", record.Antigen, record.Negative}}},
		{"an Observation", FHIR, observation, []want{{"T-1", record.RTPCR, record.Negative}}},
		{"DiagnosticReports in a Bundle", FHIR, diagnosticBundle, []want{{"T-2", record.Antigen, record.Positive}, {"T-3", record.RTPCR, record.Resample}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			format, reports, err := Parse([]byte(c.text))
			if err != nil || format != c.format {
				t.Fatalf("%s, %v", format, err)
			}
			var got []want
			for _, r := range reports {
				got = append(got, want{r.Tube, r.Technique, r.Outcome})
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("read %v, want %v", got, c.want)
			}
		})
	}
}

func TestTimesAreTheProvinces(t *testing.T) {
	t.Parallel()
	_, reports, err := Parse([]byte(hl7))
	if want := time.Date(2026, 11, 1, 1, 15, 0, 0, time.UTC); err != nil || !reports[0].At.Equal(want) {
		t.Errorf("%v, %v", reports, err)
	}
	_, reports, err = Parse([]byte("tube,result,date\nT,neg,01/11/2026 08:30\n"))
	if want := time.Date(2026, 11, 1, 1, 30, 0, 0, time.UTC); err != nil || !reports[0].At.Equal(want) {
		t.Errorf("%v, %v", reports, err)
	}
}

func TestWhatCannotBeReadFailsTheWhole(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":                        "",
		"no rows":                      "tube,result\n",
		"no column for the tube":       "name,result\nA,neg\n",
		"an unknown word":              "tube,result\nT-1,neg\nT-2,perhaps\n",
		"a tube that is none":          "tube,result\nỐng,neg\n",
		"a day that is none":           "tube,result,date\nT-1,neg,32/13/2026\n",
		"another message":              "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\r",
		"an order without a result":    "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\rOBR|1||T-1\r",
		"a result that is not final":   "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\rOBR|1||T-1\rOBX|1|ST|X||neg||||||P\r",
		"an observation without order": "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\rOBX|1|ST|X||neg||||||F\r",
		"half a document":              `{"resourceType":"Observation"`,
		"an observation of nothing":    `{"resourceType":"Observation","status":"final","valueString":"neg"}`,
		"a patient":                    `{"resourceType":"Patient"}`,
	} {
		if _, reports, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: read as %v", name, reports)
		}
	}
}

// Every outcome and technique has words in all forms that are listed, and no word
// means two of them.
func TestNoWordMeansTwoThings(t *testing.T) {
	t.Parallel()
	for o := record.Negative; o <= record.Resample; o++ {
		if len(words.Outcomes[o.String()]) == 0 {
			t.Errorf("no words for %s", o)
		}
	}
	for code, names := range words.Outcomes {
		for _, name := range names {
			if r, err := report("T", name, "", ""); err != nil || r.Outcome.String() != code {
				t.Errorf("%q means %s, want %s (%v)", name, r.Outcome, code, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{hl7, observation, diagnosticBundle, "tube;result\nT-1;-\n", "\ufefftube\tresult\nT\tpos\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, reports, err := Parse(data)
		for _, r := range reports {
			if err != nil || r.Tube == "" || len(r.Tube) > 64 || r.Outcome.String() == "" || r.Technique > record.Antigen {
				t.Fatalf("%+v, %v", r, err)
			}
		}
	})
}
