package coding_test

import (
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/coding"
	"chot/kiosk/credential/value"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"RA01": coding.COVID19, "RA01.0": coding.COVID19, "XN109": coding.COVID19, "XM68M6": coding.COVID19, "840539006": coding.COVID19,
		"1D47": coding.YellowFever, "XM0N24": coding.YellowFever, "XM3418": coding.YellowFever, "16541001": coding.YellowFever,
		"YellowFeverProductd2c75a15ed309658b3968519ddb31690": coding.YellowFever, "PolioVaccineOralOPVProductabc": coding.Polio,
		"1F03": "1F03", "1F03.1": "1F03.1", "": "",
	} {
		if got := coding.Disease(code); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
	for answer, want := range map[string]string{
		"LA6577-6": "negative", "LA11883-8": "negative", "LA6576-8": "positive", "LA11882-0": "positive", "260415000": "negative", "260373001": "positive",
		"Not Detected": "negative", " Positive ": "positive", "NEG": "negative", "invalid": "", "": "", "419984006": "",
	} {
		if got := coding.Result(answer); got != want {
			t.Errorf("%q is %q, want %q", answer, got, want)
		}
	}
	for code, want := range map[string]string{"M": "male", "Female": "female", "x": "other", "unknown": "", "": ""} {
		if got := coding.Sex(code); got != want {
			t.Errorf("%q is %q", code, got)
		}
	}
	for code, want := range map[string]string{"VNM": "VN", "VN": "VN", "QQQ!": "QQQ!", "": "", "zzzz": "zzzz"} {
		if got := coding.Country(code); got != want {
			t.Errorf("%q is %q", code, got)
		}
	}
	for name, want := range map[string]string{"Nguyen Thi": "NGUYEN THI", "Nguyễn": "", "~": "~", "": ""} {
		if got := coding.Latin(name); got != want {
			t.Errorf("%q is %q", name, got)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	day := time.Date(2021, 9, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		json string
		want credential.Event
	}{
		"all":                  {`{"n":2,"of":"3","at":"2021-09-01","from":"2021-09-01","until":"2021-09-01","text":"x"}`, credential.Event{Number: 2, Of: 3, At: day, From: day, Until: day.AddDate(0, 0, 1).Add(-1), Method: "x"}},
		"an end to the second": {`{"at":"2021-09-01","until":"2021-09-01T00:00:00Z","text":"x"}`, credential.Event{At: day, Until: day, Method: "x"}},
		"nothing":              {`{}`, credential.Event{Unread: credential.FieldAt | credential.FieldMethod}},
		"null":                 {`{"n":null,"of":null,"at":null,"from":null,"until":null,"text":null}`, credential.Event{Unread: credential.FieldAt | credential.FieldMethod}},
		"empty":                {`{"at":"2021-09-01","from":"","until":"","text":""}`, credential.Event{At: day, Unread: credential.FieldMethod}},
		"the bounds":           {`{"n":0,"of":999,"at":"2021-09-01","text":"x"}`, credential.Event{Of: 999, At: day, Method: "x"}},
		"beyond them":          {`{"n":-1,"of":1000,"at":"2021-09-01","text":"x"}`, credential.Event{At: day, Method: "x", Unread: credential.FieldNumber | credential.FieldOf}},
		"of other types":       {`{"n":[],"of":{},"at":1,"from":1,"until":true,"text":1}`, credential.Event{Unread: credential.FieldNumber | credential.FieldOf | credential.FieldAt | credential.FieldFrom | credential.FieldUntil | credential.FieldMethod}},
	} {
		v, err := value.FromJSON([]byte(c.json))
		if err != nil {
			t.Fatal(err)
		}
		var e credential.Event
		f := coding.Fields{Event: &e}
		f.Whole(&e.Number, v.Get("n"), credential.FieldNumber)
		f.Whole(&e.Of, v.Get("of"), credential.FieldOf)
		f.At(v.Get("at"))
		f.From(v.Get("from"))
		f.Until(v.Get("until"))
		f.Text(&e.Method, v.Get("text"), credential.FieldMethod)
		if e != c.want {
			t.Errorf("%s:\n%+v\n%+v", name, e, c.want)
		}
	}
}
