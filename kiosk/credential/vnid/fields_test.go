package vnid

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential"
)

// forms are the fields that are read, by what they make of a text.
func forms() map[string]func(string) (string, bool) {
	dated := func(read func(string) (credential.Date, bool)) func(string) (string, bool) {
		return func(s string) (string, bool) {
			d, ok := read(s)
			return d.String(), ok
		}
	}
	day := func(read func(string) (time.Time, bool)) func(string) (string, bool) {
		return func(s string) (string, bool) {
			t, ok := read(s)
			return t.Format(time.DateOnly), ok
		}
	}
	is := func(test func(string) bool) func(string) (string, bool) {
		return func(s string) (string, bool) { return s, test(s) }
	}
	return map[string]func(string) (string, bool){
		"name": name, "line": line, "former": former, "facility": facility, "hexed name": hexed(name), "hexed line": hexed(line),
		"sex": sexOf, "sex digit": sexOfDigit, "birth": dated(birthSlashed), "birth ISO": dated(birthISO), "day": day(daySlashed),
		"plain name": is(isPlainName), "document": is(isDocument), "QID": is(isQID), "insurance code": is(isInsuranceCode), "digits": is(digits),
		"latin": func(s string) (string, bool) { return latin(s), true },
	}
}

// Each field at the edges of what it takes: a row is a text, and what is read of
// it, "!" where it is refused.
func TestFields(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	hexOf := func(s string) string { return hex.EncodeToString([]byte(s)) }
	forms := forms()
	for field, rows := range map[string][][2]string{
		"name": {
			{"Nguyễn  Thị\tThử", "Nguyễn Thị Thử"}, {"H` Mẫu", "H` Mẫu"}, {"Y’-Thử/(Niê), A.´‘ʼ'–—‑·&", "Y’-Thử/(Niê), A.´‘ʼ'–—‑·&"},
			{x(200), x(200)}, {x(201), "!"}, {"", "!"}, {" ", "!"}, {"-", "!"}, {"A1", "!"}, {"A|B", "!"}, {"A_B", "!"}, {"A\x00B", "!"}, {"A\xf4B", "!"},
			{"Thử", "Thử"}, {"Thử", "Thử"},
		},
		"line": {
			{"Thôn 1,  Xã\tMẫu", "Thôn 1, Xã Mẫu"}, {x(600), x(600)}, {x(601), "!"}, {"", "!"}, {" ", "!"}, {"a\x00b", "!"}, {"a\xf4b", "!"}, {"a\u200bb", "!"},
		},
		"former": {{"141000017", "141000017"}, {"141 000.017", "141000017"}, {"14100001", "!"}, {"1410000170", "!"}, {"14100001X", "!"}, {"", "!"}},
		"facility": {
			{"30 - 001", "30001"}, {"30–001", "30001"}, {"01 - c54", "01C54"}, {"301", "301"}, {"30123456", "30123456"}, {"301234567", "!"}, {"30", "!"},
			{"3", "!"}, {"A0001", "!"}, {"0A001", "!"}, {"30_01", "!"}, {"09AZ9", "09AZ9"}, {"", "!"},
		},
		"hexed name": {
			{hexOf("Thử"), "Thử"}, {strings.ToUpper(hexOf("Thử")), "Thử"}, {hexOf(" Thử\x00"), "Thử"}, {hexOf("Thử"), "Thử"}, {hexOf(""), "!"}, {"zz", "!"}, {"4", "!"}, {"fffe", "!"}, {hexOf("12"), "!"},
		},
		"hexed line": {{hexOf("Tứ Kỳ 1"), "Tứ Kỳ 1"}, {"fffe", "!"}, {"", "!"}},
		"sex": {
			{"Nam", "male"}, {"NAM", "male"}, {"nam", "male"}, {"Nữ", "female"}, {"NỮ", "female"}, {"nu", "female"}, {"Nữ", "female"}, {"", "!"}, {"N", "!"}, {"male", "!"},
		},
		"sex digit": {{"1", "male"}, {"2", "female"}, {"3", ""}, {"0", "!"}, {"", "!"}, {"4", "!"}},
		"birth": {
			{"05091985", "1985-09-05"}, {"5/9/1985", "1985-09-05"}, {"05/09/1985", "1985-09-05"}, {"1985", "1985"}, {"00001985", "1985"}, {"00091985", "1985-09"},
			{"05001985", "!"}, {"31021985", "!"}, {"29022000", "2000-02-29"}, {"29021900", "!"}, {"32011985", "!"}, {"01131985", "!"}, {"01121985", "1985-12-01"},
			{"1850", "1850"}, {"1849", "!"}, {"2399", "2399"}, {"2400", "!"}, {"198", "!"}, {"19855", "!"}, {"0509198X", "!"}, {"", "!"},
			{"5/9/85", "!"}, {"/9/1985", "!"}, {"5//1985", "!"}, {"005/9/1985", "!"}, {"5/009/1985", "!"}, {"5/9", "!"}, {"5-9-1985", "!"},
		},
		"birth ISO": {
			{"1985-09-05", "1985-09-05"}, {"1985-09-**", "1985-09"}, {"1985-**-**", "1985"}, {"1985-**-05", "1985"}, {"1985-00-05", "!"}, {"1985-09-00", "!"},
			{"1985-13-01", "!"}, {"1985-02-30", "!"}, {"1985/09/05", "!"}, {"1985-09/05", "!"}, {"1985-9-05", "!"}, {"1985-09-051", "!"}, {"****-09-05", "!"}, {"", "!"},
		},
		"day": {
			{"10052021", "2021-05-10"}, {"10/05/2021", "2021-05-10"}, {"1/5/2021", "2021-05-01"}, {"01011990", "1990-01-01"}, {"31121989", "!"}, {"31122399", "2399-12-31"},
			{"01012400", "!"}, {"31022021", "!"}, {"2021", "!"}, {"00052021", "!"}, {"", "!"}, {"hôm nay", "!"},
		},
		"plain name":     {{"NGUYEN THI THU", "NGUYEN THI THU"}, {"A'B-C.", "A'B-C."}, {"AZ", "AZ"}, {"a", "!"}, {"z", "!"}, {"Thu", "!"}, {"THỬ", "!"}, {"A\x80", "!"}, {"1", "!"}, {"", "!"}},
		"document":       {{"09AZ*9", "09AZ*9"}, {"12345", "!"}, {"123456789012345", "123456789012345"}, {"1234567890123456", "!"}, {"12345a", "!"}, {"12345-", "!"}, {"", "!"}},
		"QID":            {{"0", "0"}, {"09azAZ-_*", "09azAZ-_*"}, {x(64), x(64)}, {x(65), "!"}, {"", "!"}, {"a b", "!"}, {"a{", "!"}, {"a[", "!"}, {"a:", "!"}, {"a/", "!"}, {"a@", "!"}},
		"insurance code": {{"3000000017", "3000000017"}, {"030185000017", "030185000017"}, {"AZ4303000000017", "AZ4303000000017"}, {"ZA4303000000017", "ZA4303000000017"}, {"03018500001X", "!"}, {"30000000170", "!"}, {"aZ4303000000017", "!"}, {"Az4303000000017", "!"}, {"A14303000000017", "!"}, {"1A4303000000017", "!"}, {"GD430300000001X", "!"}, {"GD430300000001", "!"}, {"", "!"}},
		"digits":         {{"09", "09"}, {"0/", "!"}, {"9:", "!"}, {"", "!"}},
		"latin":          {{"Đặng Thị Thử", "DANG THI THU"}, {"đỗ", "DO"}, {"Nguyễn", "NGUYEN"}, {"H` Niê", "H` NIE"}},
	} {
		read, ok := forms[field]
		if !ok {
			t.Errorf("%s is not a field", field)
			continue
		}
		for _, row := range rows {
			got, ok := read(row[0])
			if ok != (row[1] != "!") || ok && got != row[1] {
				t.Errorf("%s: %q is %q, %v; want %q", field, row[0], got, ok, row[1])
			}
		}
	}
}

// What each card needs at least, and at most.
func TestBoundsOfCodes(t *testing.T) {
	t.Parallel()
	parse := map[string]func(string) error{
		"card":      func(s string) error { _, err := ParseIDCard(s); return err },
		"insurance": func(s string) error { _, err := ParseInsuranceCard(s); return err },
		"personal":  func(s string) error { _, err := ParsePersonalQR(s); return err },
	}
	const person = "ABC123|NGUYEN THI THU|1985-09-05|0|Q"
	const insured = "3000000017|5468|1985|2|-|-|01/01/2021"
	const card = "030185000017||Thử|1985"
	for name, c := range map[string]struct {
		of, text string
		want     error
	}{
		"a card of four fields":            {"card", card, nil},
		"a card of three":                  {"card", "030185000017||Thử", errFields},
		"a card of 32":                     {"card", card + strings.Repeat("|", 28), nil},
		"a card of 33":                     {"card", card + strings.Repeat("|", 29), errFields},
		"a card as long as a code":         {"card", card + "||" + strings.Repeat("x", maxText-len(card)-2), nil},
		"a card longer than a code":        {"card", card + "||" + strings.Repeat("x", maxText-len(card)-1), errTooLong},
		"a card without a number":          {"card", "|" + card[12:], errField},
		"a card of another number":         {"card", "03018500001X" + card[12:], errField},
		"a card without a name":            {"card", "030185000017|||1985", errField},
		"insurance of seven fields":        {"insurance", insured, nil},
		"insurance of six":                 {"insurance", "3000000017|5468|1985|2|-|-", errFields},
		"insurance of six and a mark":      {"insurance", "3000000017|5468|1985|2|-|-|$", errFields},
		"insurance of another code":        {"insurance", "300000001X" + insured[10:], errField},
		"insurance without a name":         {"insurance", "3000000017|-|1985|2|-|-|01/01/2021", errField},
		"insurance longer than a code":     {"insurance", insured + "|" + strings.Repeat("x", maxText), errTooLong},
		"a person of five fields":          {"personal", person, nil},
		"a person of six":                  {"personal", person + "|x", nil},
		"a person of six, empty":           {"personal", person + "|", nil},
		"a person of four":                 {"personal", "ABC123|NGUYEN THI THU|1985-09-05|0", errFields},
		"a person of seven":                {"personal", person + "|x|y", errFields},
		"a person of no document":          {"personal", person[6:], errField},
		"a person of a kind":               {"personal", strings.Replace(person, "|0|", "|1|", 1), nil},
		"a person of another kind":         {"personal", strings.Replace(person, "|0|", "|2|", 1), errField},
		"a person without a number":        {"personal", strings.TrimSuffix(person, "Q"), errField},
		"a person whose rest is a control": {"personal", person + "|a\x01b", errField},
		"a person longer than a code":      {"personal", person + "|" + strings.Repeat("x", maxText), errTooLong},
	} {
		if err := parse[c.of](c.text); !errors.Is(err, c.want) || err != nil && c.want == nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What is written, to the letter.
func TestTexts(t *testing.T) {
	t.Parallel()
	issued := time.Date(2021, 5, 1, 0, 0, 0, 0, time.UTC)
	for want, got := range map[string]string{
		"030185000017|141000017|Thử|05091985|Nữ|Tứ Kỳ|01052021": IDCard{
			Number: "030185000017", OldNumber: "141000017", Name: "Thử", Birth: credential.Date{Year: 1985, Month: 9, Day: 5}, Sex: "female", Address: "Tứ Kỳ", Issued: issued,
		}.Text(),
		"030085000017||Mẫu|00001985|Nam||": IDCard{Number: "030085000017", Name: "Mẫu", Birth: credential.Date{Year: 1985}, Sex: "male"}.Text(),
		"030085000017||Mẫu||||":            IDCard{Number: "030085000017", Name: "Mẫu"}.Text(),
		"A1|THU|1985-09-05|1|Q|x":          PersonalQR{Document: "A1", Name: "THU", Birth: credential.Date{Year: 1985, Month: 9, Day: 5}, Proxy: true, QID: "Q", Ext: "x"}.Text(),
		"A1|THU|1985-**-**|0|Q":            PersonalQR{Document: "A1", Name: "THU", Birth: credential.Date{Year: 1985}, QID: "Q"}.Text(),
		"3000000017|5468|05/09/1985|2|4b|30 - 001|01/05/2021|02/05/2021|03/05/2021|$": InsuranceCard{
			Code: "3000000017", Name: "Th", Birth: credential.Date{Year: 1985, Month: 9, Day: 5}, Sex: "female", Address: "K", Facility: "30001",
			From: issued, Until: issued.AddDate(0, 0, 1), Issued: issued.AddDate(0, 0, 2),
		}.Text(),
		"3000000017|5468|1985|1|-|-|01/05/2021|-|-|$": InsuranceCard{Code: "3000000017", Name: "Th", Birth: credential.Date{Year: 1985}, Sex: "male", From: issued}.Text(),
	} {
		if got != want {
			t.Errorf("written %q, want %q", got, want)
		}
	}
	for problem, want := range map[credential.Problem]string{NumberMismatch: "number-mismatch", UnknownLayout: "unknown-layout", FieldUnread: "field-unread"} {
		if string(problem) != want { // words of the UI and of records
			t.Errorf("%q, want %q", problem, want)
		}
	}
}

// The fourth digit of a number says century and sex, the next two the year.
func TestNumbersSayBirthAndSex(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"030085000017||A|1985|Nam": false, "030185000017||A|1985|Nữ": false, "030200000017||A|2000|Nam": false, "030326000017||A|2026|Nữ": false,
		"030499000017||A|2199|Nam": false, "030499000017||A|2199|Nữ": true, "030085000017||A|1985|Nữ": true, "030185000017||A|1985|Nam": true,
		"030085000017||A|1986|Nam": true, "030085000017||A|2085|Nam": true, "030085000017||A||Nam": false, "030085000017||A|1985|": false, "030085000017||A||": false,
		"030095000017||A|1985|Nam": true, "030080000017||A|1985|Nam": true,
	} {
		c, err := ParseIDCard(text + "||") // seven fields
		if err != nil {
			t.Fatal(err)
		}
		if got := c.problem == NumberMismatch; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// What looks like a code of a family, and what only begins like one.
func TestLooks(t *testing.T) {
	t.Parallel()
	looks := map[string]func(string) bool{"card": looksLikeCard, "personal": looksLikePersonal, "insurance": looksLikeInsurance}
	for text, want := range map[string]string{
		"030185000017|x": "card", "030185000017|": "", "030185000017": "", "03018500001X|x": "", "30185000017|xx": "",
		"a|b|1985-09-05|0|": "personal", "a|b|1985-09-05|1|": "personal", "a|b|1985-09-05|2|": "", "a|b|1985-09-05|/|": "", "a|b|1985-09-05|0": "",
		"a|b|1985/09-05|0|": "", "a|b|1985-09/05|0|": "", "a|b|1985-09-05:0|": "", "a|b|1985-09-05|0:": "", "a|1985-09-05|0|": "", "": "", "a|b": "",
		"030185000017|b|1985-09-05|0|": "personal",
		"3000000017|4e67|":             "insurance", "3000000017|0f9a": "insurance", "3000000017|AF09": "insurance", "3000000017|FA00": "insurance", "3000000017|4e6": "",
		"3000000017|ge67": "", "3000000017|eg67": "", "3000000017|GE67": "", "3000000017|E:67": "", "3000000017|/e67": "", "3000000017": "", "300000001|4e67": "",
		"030185000017|4e67|1985": "insurance", "030185000017|4e67|0": "insurance", "030185000017|4e67|9": "insurance", "030185000017|141000017|Thử": "card",
		"030185000017|4e67|": "card", "030185000017|4e67": "card", "030185000017|4e67|:": "card", "030185000017|4e67|/": "card",
		"030185000017|4e67|1985-09-05|0|": "personal",
	} {
		for family, look := range looks {
			if got := look(text); got != (family == want) {
				t.Errorf("%q looks like %s: %v", text, family, got)
			}
		}
	}
}
