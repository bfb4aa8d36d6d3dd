package vaccine

import (
	"testing"
	"time"
)

const immunizations = `{"resourceType":"Bundle","type":"collection","entry":[
	{"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","identifier":[{"value":"030150000001"}],"name":[{"text":"Nguyễn Thị Thử"}],"telecom":[{"system":"phone","value":"0912345678"}],"birthDate":"1950-02-03"}},
	{"resource":{"resourceType":"Immunization","id":"i","status":"completed","patient":{"reference":"urn:uuid:p"},"vaccineCode":{"coding":[{"code":"EU/1/20/1528","display":"Comirnaty"}]},"occurrenceDateTime":"2026-09-01","lotNumber":"L1","location":{"display":"TYT An Thanh"},"protocolApplied":[{"doseNumberPositiveInt":2}]}},
	{"resource":{"resourceType":"Immunization","id":"j","status":"not-done"}}]}`

func TestDosesOfEveryFormat(t *testing.T) {
	t.Parallel()
	want := Notice{
		Document: "030150000001", Name: "Nguyễn Thị Thử", Birth: 1950, Phone: "0912345678", Number: 2, Product: "Comirnaty", Lot: "L1",
		Place: "TYT An Thanh",
	}
	for name, text := range map[string]string{
		"FHIR": immunizations,
		"CSV":  "Họ và tên;Số CCCD;Ngày sinh;SĐT;Mũi;Loại vắc xin;Số lô;Ngày tiêm;Nơi tiêm\nNguyễn Thị Thử;030150000001;03/02/1950;0912345678;2;Comirnaty;L1;01/09/2026;TYT An Thanh\n",
	} {
		notices, err := Parse([]byte(text))
		if err != nil || len(notices) != 1 {
			t.Errorf("%s: %v, %v", name, notices, err)
			continue
		}
		got := notices[0]
		if day := got.At.Format(time.DateOnly); day != "2026-09-01" {
			t.Errorf("%s: the day is %s", name, day)
		}
		if got.At = (time.Time{}); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestWhatIsNoDoseFailsTheWhole(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":              "",
		"no document":        "mũi,vắc xin,ngày tiêm\n1,A,2026-01-01\n",
		"a masked document":  "cccd,mũi,vắc xin,ngày tiêm\n0301*****001,1,A,2026-01-01\n",
		"no vaccine":         "cccd,mũi,ngày tiêm\n1,1,2026-01-01\n",
		"no day":             "cccd,mũi,vắc xin\n1,1,A\n",
		"too many":           "cccd,mũi,vắc xin,ngày tiêm\n1,99,A,2026-01-01\n",
		"a dose of nobody":   `{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"A"},"occurrenceDateTime":"2026-01-01","protocolApplied":[{"doseNumberPositiveInt":1}]}`,
		"without its number": `{"resourceType":"Immunization","status":"completed","patient":{"identifier":{"value":"1"}},"vaccineCode":{"text":"A"},"occurrenceDateTime":"2026-01-01"}`,
		"half a document":    `{"resourceType":"Bundle"`,
	} {
		if notices, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: read as %+v", name, notices)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(immunizations))
	f.Add([]byte("cccd;mũi;vắc xin;ngày tiêm\n030150000001;1;A;01/09/2026\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		notices, err := Parse(data)
		for _, n := range notices {
			if err != nil || n.check() != nil || n.At.IsZero() {
				t.Fatalf("%+v, %v", n, err)
			}
		}
	})
}
