package vnid_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/vnid"
	"chot/kiosk/internal/suite"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// The persons are invented; the numbers fit no province's real series.
const (
	cardText     = "030185000017|141000017|Nguyễn Thị Thử|05091985|Nữ|Thôn Mẫu, Xã Thí Dụ, Tứ Kỳ, Hải Dương|10052021"
	personalText = "******000017|NGUYEN THI THU|1985-09-**|1|QID000000017|1<GD430*******"
)

var insuranceText = "GD4303000000017|" + hex.EncodeToString([]byte("Nguyễn Thị Thử")) + "|05/09/1985|2|" +
	hex.EncodeToString([]byte("Tứ Kỳ, Hải Dương")) + "|30 - 001|01/01/2021|31/12/2021|15/12/2020|30300000000017|-|4|01/01/2025|17e0000000-7102|$"

func TestWhatIsRead(t *testing.T) {
	t.Parallel()
	cardHolder := credential.Holder{
		Name: "Nguyễn Thị Thử", Latin: "NGUYEN THI THU", Sex: "female", Birth: credential.Date{Year: 1985, Month: 9, Day: 5},
		Document: "030185000017", Address: "Thôn Mẫu, Xã Thí Dụ, Tứ Kỳ, Hải Dương",
	}
	insured := cardHolder
	insured.Document, insured.Address = "GD4303000000017", "Tứ Kỳ, Hải Dương"
	vn := credential.Issuer{Country: "VN"}
	plainCard := credential.Credential{Family: credential.VNID, ID: "030185000017", Holder: cardHolder, IssuedAt: day(2021, 5, 10)}
	plainInsured := credential.Credential{
		Family: credential.VNBHYT, ID: "GD4303000000017", Holder: insured, IssuedAt: day(2020, 12, 15),
		NotBefore: day(2021, 1, 1), NotAfter: time.Date(2021, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	shortInsurance := "3000000017|" + hex.EncodeToString([]byte("Nguyễn Thị Thử")) + "|1985|2|-|-|01/01/2021"
	plainShort := credential.Credential{
		Family: credential.VNBHYT, ID: "3000000017", NotBefore: day(2021, 1, 1),
		Holder: credential.Holder{Name: "Nguyễn Thị Thử", Latin: "NGUYEN THI THU", Sex: "female", Birth: credential.Date{Year: 1985}, Document: "3000000017"},
	}
	for name, c := range map[string]struct {
		family credential.Family
		text   string
		want   credential.Credential
	}{
		"ID card": {vnid.Card, cardText, credential.Credential{
			Family: credential.VNID, ID: "030185000017", Holder: cardHolder, IssuedAt: day(2021, 5, 10),
		}},
		"ID card whose number says another sex": {vnid.Card, strings.Replace(cardText, "Nữ", "Nam", 1), credential.Credential{
			Family: credential.VNID, ID: "030185000017", Holder: with(cardHolder, func(h *credential.Holder) { h.Sex = "male" }),
			IssuedAt: day(2021, 5, 10), Problem: vnid.NumberMismatch,
		}},
		"ID card of a holder whose birthday is unknown": {vnid.Card, strings.Replace(cardText, "05091985", "00001985", 1), credential.Credential{
			Family: credential.VNID, ID: "030185000017", IssuedAt: day(2021, 5, 10),
			Holder: with(cardHolder, func(h *credential.Holder) { h.Birth = credential.Date{Year: 1985} }),
		}},
		"card of a later layout, read as far as it is recognisable": {vnid.Card, "030185000017||Nguyễn Thị Thử|05091985|Nữ|?\x00?|x|y|z", credential.Credential{
			Family: credential.VNID, ID: "030185000017", Problem: vnid.UnknownLayout,
			Holder: with(cardHolder, func(h *credential.Holder) { h.Address = "" }),
		}},
		"personal QR": {vnid.Personal, personalText, credential.Credential{
			Family: credential.VNQR, ID: "QID000000017",
			Holder: credential.Holder{Name: "NGUYEN THI THU", Latin: "NGUYEN THI THU", Birth: credential.Date{Year: 1985, Month: 9}, Document: "******000017", Proxy: true},
		}},
		"health-insurance card": {vnid.Insurance, insuranceText, credential.Credential{
			Family: credential.VNBHYT, ID: "GD4303000000017", Holder: insured, IssuedAt: day(2020, 12, 15),
			NotBefore: day(2021, 1, 1), NotAfter: time.Date(2021, 12, 31, 23, 59, 59, 0, time.UTC),
		}},
		"health-insurance card with single digits": {vnid.Insurance, "3000000017|" + hex.EncodeToString([]byte("Thử")) + "|5/9/1985|1|-|30-001|1/1/2021|-|-|$", credential.Credential{
			Family: credential.VNBHYT, ID: "3000000017", NotBefore: day(2021, 1, 1),
			Holder: credential.Holder{Name: "Thử", Latin: "THU", Sex: "male", Birth: credential.Date{Year: 1985, Month: 9, Day: 5}, Document: "3000000017"},
		}},
		"health-insurance card in its shortest form": {vnid.Insurance, "3000000017|" + hex.EncodeToString([]byte("Nguyễn Thị Thử")) + "|1985|2|-|-|01/01/2021", credential.Credential{
			Family: credential.VNBHYT, ID: "3000000017", NotBefore: day(2021, 1, 1),
			Holder: credential.Holder{Name: "Nguyễn Thị Thử", Latin: "NGUYEN THI THU", Sex: "female", Birth: credential.Date{Year: 1985}, Document: "3000000017"},
		}},
		"card since July 2024":                            {vnid.Card, cardText + "||||", plainCard},
		"card since July 2024 with what is not published": {vnid.Card, cardText + "|Trần Văn Mẫu|030150000001||", changed(plainCard, func(c *credential.Credential) { c.Problem = vnid.UnknownLayout })},
		"card, decomposed Unicode":                        {vnid.Card, norm.NFD.String(cardText), plainCard},
		"card as a module frames it":                      {vnid.Card, cardText + " \x00\r\n", plainCard},
		"card with blanks and tabs around its fields":     {vnid.Card, "030185000017|" + strings.ReplaceAll(cardText[13:], "|", "\t| "), plainCard},
		"card, capitals":                                  {vnid.Card, strings.Replace(cardText, "Nữ", "NỮ", 1), plainCard},
		"card, sex without diacritics":                    {vnid.Card, strings.Replace(cardText, "Nữ", "nu", 1), plainCard},
		"card, dates with slashes":                        {vnid.Card, strings.NewReplacer("05091985", "5/9/1985", "10052021", "10/05/2021").Replace(cardText), plainCard},
		"card whose empty former number was doubled":      {vnid.Card, strings.Replace(cardText, "141000017", "||", 1), plainCard},
		"card of a name of the highlands": {vnid.Card, strings.Replace(cardText, "Nguyễn Thị Thử", "H` Thử\u00a0Niê  (Y’ Mẫu)", 1), changed(plainCard, func(c *credential.Credential) {
			c.Holder.Name, c.Holder.Latin = "H` Thử Niê (Y’ Mẫu)", "H` THU NIE (Y’ MAU)"
		})},
		"card without an address":               {vnid.Card, strings.Replace(cardText, cardHolder.Address, "", 1), changed(plainCard, noAddress)},
		"card with a broken address":            {vnid.Card, strings.Replace(cardText, "Thôn", "Th\xf4n", 1), changed(plainCard, noAddress)},
		"card with a former number of 8 digits": {vnid.Card, strings.Replace(cardText, "141000017", "14100001", 1), plainCard},
		"card with a former number with blanks": {vnid.Card, strings.Replace(cardText, "141000017", "141 000 017", 1), plainCard},
		"card with an impossible day of birth":  {vnid.Card, strings.Replace(cardText, "05091985", "31021985", 1), changed(plainCard, func(c *credential.Credential) { c.Problem, c.Holder.Birth = vnid.FieldUnread, credential.Date{} })},
		"card with a third sex":                 {vnid.Card, strings.Replace(cardText, "Nữ", "X", 1), changed(plainCard, func(c *credential.Credential) { c.Problem, c.Holder.Sex = vnid.FieldUnread, "" })},
		"card with an issue date of letters":    {vnid.Card, strings.Replace(cardText, "10052021", "hôm nay", 1), changed(plainCard, func(c *credential.Credential) { c.Problem, c.IssuedAt = vnid.FieldUnread, time.Time{} })},
		"card without birth, sex and issue date": {vnid.Card, "030185000017||Nguyễn Thị Thử||||", changed(plainCard, func(c *credential.Credential) {
			c.Holder.Birth, c.Holder.Sex, c.IssuedAt = credential.Date{}, "", time.Time{}
			noAddress(c)
		})},
		"card cut short": {vnid.Card, "030185000017|141000017|Nguyễn Thị Thử|05091985", changed(plainCard, func(c *credential.Credential) {
			c.Problem, c.Holder.Sex, c.IssuedAt = vnid.UnknownLayout, "", time.Time{}
			noAddress(c)
		})},
		"health-insurance card of a facility with a letter": {vnid.Insurance, strings.Replace(insuranceText, "30 - 001", "01 - C54", 1), plainInsured},
		"health-insurance card that ends in #":              {vnid.Insurance, strings.TrimSuffix(insuranceText, "$") + "#", plainInsured},
		"health-insurance card as a module frames it":       {vnid.Insurance, insuranceText + "\x00 \r\n", plainInsured},
		"health-insurance card, short, that ends in #":      {vnid.Insurance, shortInsurance + "|#", plainShort},
		"health-insurance card, short, without a mark":      {vnid.Insurance, shortInsurance, plainShort},
		"health-insurance card of the person's number": {vnid.Insurance, strings.Replace(insuranceText, "GD4303000000017", "030185000017", 1), changed(plainInsured, func(c *credential.Credential) {
			c.ID, c.Holder.Document = "030185000017", "030185000017"
		})},
		"health-insurance card, decomposed name":       {vnid.Insurance, strings.Replace(insuranceText, hex.EncodeToString([]byte("Nguyễn Thị Thử")), hex.EncodeToString([]byte(norm.NFD.String("Nguyễn Thị Thử"))), 1), plainInsured},
		"health-insurance card, sex not known":         {vnid.Insurance, strings.Replace(insuranceText, "|2|", "|3|", 1), changed(plainInsured, func(c *credential.Credential) { c.Holder.Sex = "" })},
		"health-insurance card, sex of a letter":       {vnid.Insurance, strings.Replace(insuranceText, "|2|", "|F|", 1), changed(plainInsured, func(c *credential.Credential) { c.Problem, c.Holder.Sex = vnid.FieldUnread, "" })},
		"health-insurance card of a facility in words": {vnid.Insurance, strings.Replace(insuranceText, "30 - 001", "Tứ Kỳ", 1), plainInsured},
		"health-insurance card of day zero":            {vnid.Insurance, strings.Replace(insuranceText, "05/09/1985", "5//1985", 1), changed(plainInsured, func(c *credential.Credential) { c.Problem, c.Holder.Birth = vnid.FieldUnread, credential.Date{} })},
		"health-insurance card that ends before it begins": {vnid.Insurance, strings.Replace(insuranceText, "31/12/2021", "31/12/2019", 1), changed(plainInsured, func(c *credential.Credential) {
			c.Problem, c.NotBefore, c.NotAfter = vnid.FieldUnread, time.Time{}, time.Time{}
		})},
		"personal QR as a module frames it": {vnid.Personal, personalText + "\x00\r\n", credential.Credential{
			Family: credential.VNQR, ID: "QID000000017",
			Holder: credential.Holder{Name: "NGUYEN THI THU", Latin: "NGUYEN THI THU", Birth: credential.Date{Year: 1985, Month: 9}, Document: "******000017", Proxy: true},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want.Standing, c.want.Issuer = credential.SelfDeclared, vn
			if !c.family.Recognise(c.text) {
				t.Fatal("not recognised")
			}
			got, err := c.family.Read(c.text, nil)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("read\n%+v\nwant\n%+v", got, c.want)
			}
		})
	}
}

func with(h credential.Holder, change func(*credential.Holder)) credential.Holder {
	change(&h)
	return h
}

func changed(c credential.Credential, change func(*credential.Credential)) credential.Credential {
	change(&c)
	return c
}

func noAddress(c *credential.Credential) { c.Holder.Address = "" }

var all = []credential.Family{vnid.Card, vnid.Personal, vnid.Insurance}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                           "",
		"a link":                            "https://example.org/a|b|c",
		"a number alone":                    "030185000017",
		"a card without a name":             strings.Replace(cardText, "Nguyễn Thị Thử", "", 1),
		"a card with a name of digits":      strings.Replace(cardText, "Nguyễn Thị Thử", "12345", 1),
		"a card whose number has a letter":  "O" + cardText[1:],
		"a card as long as no code is":      cardText[:60] + strings.Repeat("a", 3000) + cardText[60:],
		"a card of nothing but fields":      "030185000017||Nguyễn Thị Thử" + strings.Repeat("|", 2000),
		"a personal QR in lower case":       strings.Replace(personalText, "NGUYEN", "Nguyen", 1),
		"a personal QR with diacritics":     strings.Replace(personalText, "THU", "THỬ", 1),
		"a personal QR of month 13":         strings.Replace(personalText, "-09-", "-13-", 1),
		"a personal QR of kind 2":           strings.Replace(personalText, "|1|", "|2|", 1),
		"a personal QR with a field more":   personalText + "|x",
		"an insurance card, name not hex":   "GD4303000000017|Nguyen|05/09/1985|2|-|30 - 001|01/01/2021|-|-|$",
		"an insurance card, name not UTF-8": "GD4303000000017|fffe|05/09/1985|2|-|30 - 001|01/01/2021|-|-|$",
		"an insurance card cut short":       insuranceText[:60],
		"an insurance card without a name":  strings.Replace(insuranceText, hex.EncodeToString([]byte("Nguyễn Thị Thử")), "-", 1),
		"a card of three fields":            "030185000017|141000017|Nguyễn Thị Thử",
		"a card of eleven digits":           cardText[1:],
		"a card whose name is broken":       strings.Replace(cardText, "Nguyễn", "Nguy\xf4n", 1),
		"a card with a control in its name": strings.Replace(cardText, "Nguyễn", "Nguy\x00ễn", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, f := range all {
				if c, err := f.Read(text, nil); !errors.Is(err, credential.ErrNotRecognised) {
					t.Errorf("%s read it: %+v, %v", f.ID, c, err)
				}
			}
		})
	}
}

func TestAFamilyRecognisesItsOwnAlone(t *testing.T) {
	t.Parallel()
	unmasked := strings.Replace(personalText, "******000017", "030185000017", 1)
	for text, want := range map[string]credential.FamilyID{
		cardText: credential.VNID, personalText: credential.VNQR, unmasked: credential.VNQR, insuranceText: credential.VNBHYT,
	} {
		for _, f := range all {
			if got := f.Recognise(text); got != (f.ID == want) {
				t.Errorf("%s says %v of %q", f.ID, got, text)
			}
		}
	}
}

func TestRecognisingDoesNotAllocate(t *testing.T) {
	for _, f := range all {
		for _, text := range []string{cardText, personalText, insuranceText, "HC1:6BF"} {
			if n := testing.AllocsPerRun(10, func() { f.Recognise(text) }); n != 0 {
				t.Errorf("%s allocates %v times on %q", f.ID, n, text)
			}
		}
	}
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	t.Parallel()
	name := rapid.StringMatching(`[A-ZĐ][a-zưỡễ]{1,6}( [A-ZĐ][a-zưỡễ]{1,6}){1,3}`)
	plain := rapid.StringMatching(`[A-Z]{2,6}( [A-Z]{2,6}){1,3}`)
	sex := rapid.SampledFrom([]string{"male", "female"})
	birth := rapid.Custom(func(t *rapid.T) credential.Date {
		d := credential.Date{Year: rapid.IntRange(1900, 2026).Draw(t, "year"), Month: rapid.IntRange(0, 12).Draw(t, "month")}
		if d.Month > 0 {
			d.Day = rapid.IntRange(0, 28).Draw(t, "day")
		}
		return d
	})
	date := rapid.Custom(func(t *rapid.T) time.Time {
		return day(2016, 1, 1).AddDate(0, 0, rapid.IntRange(0, 5000).Draw(t, "days"))
	})
	rapid.Check(t, func(t *rapid.T) {
		card := vnid.IDCard{
			Number:    rapid.StringMatching(`[0-9]{12}`).Draw(t, "number"),
			OldNumber: rapid.StringMatching(`([0-9]{9})?`).Draw(t, "old"),
			Name:      name.Draw(t, "name"), Birth: birth.Draw(t, "birth"), Sex: sex.Draw(t, "sex"),
			Address: rapid.StringMatching(`[A-Za-zữộ,0-9]{1,20}( [A-Za-zữộ,0-9]{1,20}){0,3}`).Draw(t, "address"), Issued: date.Draw(t, "issued"),
		}
		if got, err := vnid.ParseIDCard(card.Text()); err != nil || got.Text() != card.Text() || got.Birth != card.Birth {
			t.Fatalf("%q came back as %q, %v", card.Text(), got.Text(), err)
		}
		qr := vnid.PersonalQR{
			Document: rapid.StringMatching(`[0-9A-Z*]{6,15}`).Draw(t, "document"), Name: plain.Draw(t, "plain"),
			Birth: birth.Draw(t, "birth"), Proxy: rapid.Bool().Draw(t, "proxy"),
			QID: rapid.StringMatching(`[0-9A-Z]{1,20}`).Draw(t, "qid"), Ext: rapid.StringMatching(`[0-9<*]{0,20}`).Draw(t, "ext"),
		}
		if got, err := vnid.ParsePersonalQR(qr.Text()); err != nil || got != qr {
			t.Fatalf("%q came back as %+v, %v", qr.Text(), got, err)
		}
		ins := vnid.InsuranceCard{
			Code: rapid.StringMatching(`[A-Z]{2}[0-9]{13}|[0-9]{10}|[0-9]{12}`).Draw(t, "code"), Name: name.Draw(t, "name"),
			Birth: credential.Date{Year: 1985}, Sex: sex.Draw(t, "sex"), Facility: rapid.StringMatching(`([0-9]{2}[0-9A-Z]{3})?`).Draw(t, "facility"),
			From: date.Draw(t, "from"),
		}
		if got, err := vnid.ParseInsuranceCard(ins.Text()); err != nil || got != ins {
			t.Fatalf("%q came back as %+v, %v", ins.Text(), got, err)
		}
	})
}

// A field that only describes never refuses a card: whatever stands in it, number,
// name and the other fields are read as they are without it.
func TestOneOddFieldLeavesTheOthers(t *testing.T) {
	t.Parallel()
	junk := rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "-", "\x00", "\t", "\u00a0", "X", "Th\xf4n", "31021985", "99999999", "141 00", "Xã `Mẫu` ´‘–(/)", norm.NFD.String("Nữ")}),
		rapid.StringMatching(`[ -{}~\x{c0}-\x{1ef9}]{0,40}`),
	)
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		fields := strings.Split(cardText, "|")
		at := rapid.SampledFrom([]int{1, 3, 4, 5, 6}).Draw(t, "field")
		fields[at] = junk.Draw(t, "junk")
		text := strings.Join(fields, "|") + rapid.SampledFrom([]string{"", "||||", "\r\n", "\x00", " "}).Draw(t, "end")
		if !vnid.Card.Recognise(text) {
			if strings.HasPrefix(fields[1], "-") || vnid.Personal.Recognise(text) || vnid.Insurance.Recognise(text) {
				return
			}
			t.Fatalf("%q is not recognised", text)
		}
		got, err := vnid.Card.Read(text, nil)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		read++
		want, err := vnid.Card.Read(cardText, nil)
		if err != nil {
			t.Fatal(err)
		}
		// The odd field is what it is; all others are compared.
		want.Problem = got.Problem
		switch at {
		case 3:
			want.Holder.Birth = got.Holder.Birth
		case 4:
			want.Holder.Sex = got.Holder.Sex
		case 5:
			want.Holder.Address = got.Holder.Address
		case 6:
			want.IssuedAt = got.IssuedAt
		}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("%q read\n%+v\nwant\n%+v", text, got, want)
		}
		if at == 1 && got.Problem != "" || at == 5 && got.Problem != "" {
			t.Fatalf("%q is doubtful: %s", text, got.Problem)
		}
	})
	if read < 90 {
		t.Errorf("only %d of 100 cards were read", read)
	}
}

// The files of the public test data that were read wrongly once.
func TestReportedCards(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "reports/cards")
	for file, want := range map[string]credential.Credential{
		"bhyt-c54.txt": {
			Family: credential.VNBHYT, ID: "0100000017", NotBefore: day(2023, 7, 1), IssuedAt: day(2023, 7, 31),
			Holder: credential.Holder{Name: "Nguyễn Văn Thử", Latin: "NGUYEN VAN THU", Sex: "male", Birth: credential.Date{Year: 1988, Month: 3, Day: 29}, Document: "0100000017"},
		},
		"card-nfd.txt": {
			Family: credential.VNID, ID: "030185000017", IssuedAt: day(2021, 5, 10),
			Holder: credential.Holder{Name: "Nguyễn Thị Thử", Latin: "NGUYEN THI THU", Sex: "female", Birth: credential.Date{Year: 1985, Month: 9, Day: 5},
				Document: "030185000017", Address: "Thôn Mẫu, Tứ Kỳ, Hải Dương"},
		},
		"card-name-backtick.txt": {
			Family: credential.VNID, ID: "030185000017", IssuedAt: day(2021, 5, 10),
			Holder: credential.Holder{Name: "H` Thử Niê", Latin: "H` THU NIE", Sex: "female", Birth: credential.Date{Year: 1985, Month: 9, Day: 5},
				Document: "030185000017", Address: "Thôn Mẫu, Tứ Kỳ, Hải Dương"},
		},
	} {
		want.Standing, want.Issuer = credential.SelfDeclared, credential.Issuer{Country: "VN"}
		text := string(suite.Read(t, folder, file))
		read := 0
		for _, f := range all {
			if !f.Recognise(text) {
				continue
			}
			got, err := f.Read(text, nil)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			if read++; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("%s read\n%+v\nwant\n%+v", file, got, want)
			}
		}
		if read != 1 {
			t.Errorf("%s is of %d families", file, read)
		}
	}
}

// FuzzRead holds that nothing but ErrNotRecognised comes out of a family, and
// never a credential that claims to be signed.
func FuzzRead(f *testing.F) {
	for _, s := range []string{cardText, personalText, insuranceText, "", "030185000017||||||", "GD4303000000017|4e|1985|1|-|-|$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read := 0
		for _, fam := range all {
			c, err := fam.Read(text, nil)
			if err != nil {
				if !errors.Is(err, credential.ErrNotRecognised) {
					t.Fatal(err)
				}
				continue
			}
			if read++; c.Standing != credential.SelfDeclared || c.Family != fam.ID || c.Holder.Name == "" {
				t.Fatalf("%q read as %+v", text, c)
			}
		}
		if read > 1 {
			t.Fatalf("%q is of %d families", text, read)
		}
	})
}

func ExampleIDCard_Text() {
	card := vnid.IDCard{
		Number: "030185000017", Name: "Nguyễn Thị Thử", Sex: "female",
		Birth: credential.Date{Year: 1985, Month: 9, Day: 5}, Address: "Tứ Kỳ, Hải Dương",
		Issued: time.Date(2021, 5, 10, 0, 0, 0, 0, time.UTC),
	}
	fmt.Println(card.Text())
	read, _ := vnid.Card.Read(card.Text(), nil)
	fmt.Println(read.Standing, read.Holder.Latin)
	// Output:
	// 030185000017||Nguyễn Thị Thử|05091985|Nữ|Tứ Kỳ, Hải Dương|10052021
	// self-declared NGUYEN THI THU
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vnid.Card.Read(cardText, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadHostile reads what costs most: as long as a code can be, refused
// at its end.
func BenchmarkReadHostile(b *testing.B) {
	for name, text := range map[string]string{
		"fields":  "030185000017|" + strings.Repeat("|", 2900),
		"name":    "030185000017||" + strings.Repeat("ễ", 960) + "|||||",
		"address": "030185000017||A|05091985|Nữ|" + strings.Repeat("ễ", 960) + "|x",
		"hex":     "3000000017|" + strings.Repeat("e1bb85", 480) + "|1985|2|-|-|x",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, f := range all {
					if _, err := f.Read(text, nil); err == nil {
						b.Fatal("read")
					}
				}
			}
		})
	}
}
