package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/tufpublish"
	"chot/kiosk/credential"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/credential/vnid"
	"chot/kiosk/enquiry"
	"chot/kiosk/record"
)

// slip is what the kiosk prints for a number.
func (k *kiosk) slip(number string) string {
	k.server.t.Helper()
	now := time.Now()
	text, err := owncode.Sign(nil, k.Key, owncode.Terms{
		Issuer: k.Name, Number: number, IssuedAt: now, NotBefore: now, NotAfter: now.Add(24 * time.Hour),
	}, owncode.Slip{Verdict: "green", Basis: "test"})
	if err != nil {
		k.server.t.Fatal(err)
	}
	return text
}

func (k *kiosk) enquiries() *enquiry.Client {
	return &enquiry.Client{HTTP: k.client, URL: k.server.Kiosks}
}

// upload sends a file by a form.
func (o *officer) upload(path, name, content string) (int, string) {
	o.s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", name)
	if err != nil {
		o.s.t.Fatal(err)
	}
	if _, err := io.WriteString(file, content); err != nil {
		o.s.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		o.s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(o.s.t.Context(), http.MethodPost, o.s.Page+path, &body)
	if err != nil {
		o.s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := o.client.Do(r)
	if err != nil {
		o.s.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		o.s.t.Fatal(err)
	}
	return answer.StatusCode, string(said)
}

// report uploads a file, confirms the preview, and returns the page that says what
// became of it.
func (o *officer) report(path, name, content string) (int, string) {
	o.s.t.Helper()
	status, body := o.upload(path, name, content)
	form := confirmation.FindStringSubmatch(body)
	if form == nil {
		return status, body
	}
	return o.post(path+"/confirm", url.Values{"id": {form[1]}})
}

var confirmation = regexp.MustCompile(`(?s)/confirm".*?name="id" value="(\w+)"`)

// fates are how many lines of an upload had each fate, as the page shows them.
func fates(body string) string {
	var all []string
	for _, m := range fate.FindAllStringSubmatch(body, -1) {
		all = append(all, m[1]+" "+m[2])
	}
	return strings.Join(all, ", ")
}

var fate = regexp.MustCompile(`<li data-fate="([a-z]+)"><b>(\d+)</b>`)

// invented people.
var (
	huong = record.Person{Name: "Nguyễn Thị Hương", Birth: 1950, Document: "030150000001", Phone: "0912345678"}
	minh  = record.Person{Name: "Trần Văn Minh", Birth: 1980, Document: "030080000002", Phone: "0912345679"}
)

// sampled are two people in a pool and one alone.
func (k *kiosk) sampled() {
	k.server.t.Helper()
	at := time.Now().Add(-time.Minute)
	for i, b := range []record.Body{
		record.Order{Number: "A1", Person: huong, Technique: record.RTPCR, Reason: "contact"},
		record.Order{Number: "A2", Person: minh, Technique: record.RTPCR},
		record.Pool{Tube: "G-1", Step: record.Opened, Technique: record.RTPCR},
		record.Sample{Tube: "G-1", Person: huong, Order: "A1", Technique: record.RTPCR, Member: 1},
		record.Sample{Tube: "G-1", Person: minh, Order: "A2", Technique: record.RTPCR, Member: 2},
		record.Sample{Tube: "S-1", Person: minh, Order: "A2", Technique: record.RTPCR},
	} {
		if err := k.Add(at.Add(time.Duration(i)*time.Second), b); err != nil {
			k.server.t.Fatal(err)
		}
	}
}

func (k *kiosk) closePool() {
	k.add(record.Pool{Tube: "G-1", Step: record.Closed, Size: 2, Technique: record.RTPCR})
}

func TestResultsReachTheirPeople(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("desk-1")
		lab, commune := s.officer("lab", "laboratory", "30"), s.officer("xa", "commune", commune)
		const results = "Mã ống;Kết quả;Kỹ thuật\nG-1;Dương tính;RT-PCR\nS-1;ÂM TÍNH;pcr\nX-9;âm tính;\n"

		// Before anything has arrived all of it is work, and none is dropped.
		if status, body := lab.report("/tests", "a.csv", results); status != http.StatusOK || fates(body) != "listed 3" {
			t.Errorf("results before the specimens: %d: %s", status, body)
		}
		k.sampled()
		k.sendAll()
		if _, body := lab.get("/tests"); !strings.Contains(body, "S-1") || strings.Contains(body, "G-1") {
			t.Error("the single specimen's result is not filed when it arrives, or the open pool's is")
		}
		if _, body := lab.get("/tests/work"); !strings.Contains(body, "Mẫu gộp chưa đóng") || !strings.Contains(body, "X-9") {
			t.Error("the open pool or the unknown tube is not on the work list")
		}
		ask := k.enquiries()
		found, err := ask.Result(t.Context(), k.slip("A1"), "5678")
		if err != nil || len(found.Tests) != 1 || found.Tests[0].Outcome != "" || found.Code != "" {
			t.Errorf("before the pool is closed: %+v, %v", found, err)
		}
		k.closePool()
		if _, err := k.send(8, 8); err != nil {
			t.Fatal(err)
		}
		found, err = ask.Result(t.Context(), k.slip("A1"), "5678")
		if err != nil || len(found.Tests) != 1 || found.Tests[0].Outcome != "resample" || found.Name != "N. T. Hương" {
			t.Errorf("a member of a positive pool is told %+v, %v", found, err)
		}
		found, err = ask.Result(t.Context(), k.slip("A2"), "5679")
		if err != nil || len(found.Tests) != 2 || found.Tests[1].Outcome != "negative" {
			t.Fatalf("the one who was sampled alone too is told %+v, %v", found, err)
		}
		signed, err := owncode.Results.Read(found.Code, resultKeys{s})
		if err != nil || signed.Standing != credential.Signed || signed.Payload.(owncode.Result).Outcome != "negative" {
			t.Errorf("the signed result is %+v, %v", signed, err)
		}
		// The one was sampled again already, the other must be called.
		_, body := commune.get("/tests/recall")
		if !strings.Contains(body, huong.Name) || strings.Contains(body, minh.Name) {
			t.Error("the recall list is wrong")
		}
		if status, _ := commune.post("/tests/recall", url.Values{"tube": {"G-1"}, "member": {"1"}}); status != http.StatusOK {
			t.Errorf("noting a call: %d", status)
		}
		if _, body := commune.get("/tests/recall"); !strings.Contains(body, "xa đã gọi") {
			t.Error("the call is not noted")
		}

		// The same again is known; another outcome is a conflict for a person to decide.
		if _, body := lab.report("/tests", "b.csv", "tube,result\nS-1,neg\n"); fates(body) != "known 1" {
			t.Errorf("a repeat: %s", body)
		}
		if _, body := lab.report("/tests", "c.csv", "tube,result\nS-1,pos\n"); fates(body) != "listed 1" {
			t.Errorf("a conflict: %s", body)
		}
		var work db.Work
		if err := s.database().NewSelect().Model(&work).Where("problem = 'conflict'").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if status, _ := lab.post("/tests/work", url.Values{"id": {work.ID}, "decision": {"accept"}}); status != http.StatusOK {
			t.Errorf("deciding: %d", status)
		}
		if found, err = ask.Result(t.Context(), k.slip("A2"), "5679"); err != nil || found.Tests[1].Outcome != "positive" {
			t.Errorf("after the decision: %+v, %v", found, err)
		}
		// Who had been told otherwise is told that it was corrected.
		if told := found.Tests[1]; told.Before != "negative" || time.Since(told.Corrected) > time.Minute || found.Tests[0].Before != "" {
			t.Errorf("the correction is told as %+v", found.Tests)
		}
		_, audit := s.officer("tinh", "province", "30").get("/audit")
		for _, row := range []string{"ghi mới: 0, sửa: 0, đã có: 0, cần xử lý: 3, không đọc được: 0<", "S-1: Trái với kết quả đang có; Công nhận kết quả này<", "số dòng: 1<", "<td class=\"words\">G-1/1<"} {
			if !strings.Contains(audit, row) {
				t.Errorf("the audit log lacks %q", row)
			}
		}
	})
}

// resultKeys are what a kiosk's bundle has for results.
type resultKeys struct{ s *server }

func (r resultKeys) Keys(credential.FamilyID, string, []byte) []credential.Key {
	return []credential.Key{{Public: &r.s.keys().Signing["result"].PublicKey}}
}

func TestGuessingIsBoundedForEverySlipAndEveryKiosk(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		s.staff(`{"badges": [{"number": "B-7", "pin": "1$8$c2FsdA==$AAAAAAAAAAAAAAAAAAAAAA=="}]}`)
		k, other := s.kiosk("desk-1"), s.kiosk("desk-2")
		k.sampled()
		k.sendAll()
		ask := k.enquiries()
		for _, c := range []struct {
			name, code, digits string
			want               error
		}{
			{"right", k.slip("A1"), "5678", nil},
			{"wrong digits", k.slip("A2"), "0000", enquiry.ErrNoSuch},
			{"no digits", k.slip("A2"), "", enquiry.ErrNoSuch},
			{"no such slip", k.slip("A9"), "5678", enquiry.ErrNoSuch},
			{"signed by another kiosk", other.slip("A1"), "5678", enquiry.ErrNoSuch},
			{"not a slip", "CHOT1S:ABC", "5678", enquiry.ErrNoSuch},
			{"an identity card", card(huong), "5678", enquiry.ErrNoSuch},
		} {
			if _, err := ask.Result(t.Context(), c.code, c.digits); !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
		for range 5 {
			if _, err := ask.Result(t.Context(), k.slip("A1"), "0000"); !errors.Is(err, enquiry.ErrNoSuch) {
				t.Errorf("a wrong guess: %v", err)
			}
		}
		// Right now, and from elsewhere, but too late.
		for _, from := range []*kiosk{k, other} {
			if _, err := from.enquiries().Result(t.Context(), k.slip("A1"), "5678"); !errors.Is(err, enquiry.ErrTooMany) {
				t.Errorf("after five wrong guesses: %v", err)
			}
		}
		last := error(nil)
		for n := range 31 {
			_, last = ask.Result(t.Context(), k.slip(fmt.Sprintf("B%d", n)), "5678")
		}
		if !errors.Is(last, enquiry.ErrTooMany) {
			t.Errorf("a kiosk that guesses numbers: %v", last)
		}
		if _, err := other.enquiries().Order(t.Context(), k.slip("A2"), "B-7"); err != nil {
			t.Errorf("another kiosk suffers: %v", err)
		}
	})
}

// card is the code of a person's identity card.
func card(p record.Person) string {
	return vnid.IDCard{Number: p.Document, Name: p.Name, Birth: credential.Date{Year: p.Birth, Month: 1, Day: 2}, Sex: "female", Address: "Tứ Kỳ",
		Issued: time.Date(2021, 5, 1, 0, 0, 0, 0, time.UTC)}.Text()
}

func TestAnOrderIsFoundAtTheDesk(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k, desk := s.kiosk("hall-1"), s.kiosk("desk-1")
		k.sampled()
		k.sendAll()
		if _, err := desk.enquiries().Order(t.Context(), k.slip("A1"), "B-7"); !errors.Is(err, enquiry.ErrNoSuch) {
			t.Errorf("while no staff list is published: %v", err)
		}
		s.staff(`{"badges": [{"number": "B-7", "pin": "1$8$c2FsdA==$AAAAAAAAAAAAAAAAAAAAAA=="}, {"number": "B-8", "pin": "", "revoked": true}]}`)
		for _, badge := range []string{"", "B-8", "B-9"} {
			if _, err := desk.enquiries().Order(t.Context(), k.slip("A1"), badge); !errors.Is(err, enquiry.ErrNoSuch) {
				t.Errorf("with the badge %q: %v", badge, err)
			}
		}
		for _, code := range []string{k.slip("A1"), card(huong)} {
			order, err := desk.enquiries().Order(t.Context(), code, "B-7")
			if err != nil || order.Number != "A1" || order.Person != huong || order.Technique != "rt-pcr" || order.Reason != "contact" {
				t.Errorf("the order is %+v, %v", order, err)
			}
		}
		f := s.finder()
		found, err := f.Find(t.Context(), "30", "document", huong.Document)
		if err != nil || len(found) != 2 {
			t.Fatalf("found %d entries, %v", len(found), err)
		}
		_, body := s.officer("tinh", "province", "30").post("/people/erase", url.Values{"field": {"document"}, "value": {huong.Document}, "reason": {"YC-1"}})
		if strings.Contains(body, "refused") {
			t.Fatalf("erasing: %s", body)
		}
		if _, err := desk.enquiries().Order(t.Context(), k.slip("A1"), "B-7"); !errors.Is(err, enquiry.ErrNoSuch) {
			t.Errorf("after erasure: %v", err)
		}
		n, err := s.database().NewSelect().Model((*db.Specimen)(nil)).Where("person IS NULL AND document IS NULL AND order_number = ''").Count(t.Context())
		if err != nil || n != 1 {
			t.Errorf("%d specimens have forgotten whose they were (%v)", n, err)
		}
	})
}

func TestVaccinationIsLookedUp(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.add(record.Vaccination{Number: "V1", Person: huong, Group: "over-65", Doses: 1, Wish: "any"})
		k.sendAll()
		post := s.officer("xa", "commune", commune)
		_, body := post.report("/vaccination", "mui.csv", "Số CCCD,Họ và tên,Điện thoại,Mũi,Vắc xin,Ngày tiêm,Nơi tiêm,Chứng nhận\n"+
			"030150000001,Nguyễn Thị Hương,0912345678,1,AstraZeneca,01/06/2026,TYT An Thanh,\n"+
			"030150000001,Nguyễn Thị Hương,0912345678,2,AstraZeneca,01/09/2026,TYT An Thanh,HC1:THU\n"+
			"030080000002,Trần Văn Minh,0912345679,1,Vero Cell,02/06/2026,TYT An Thanh,\n")
		if fates(body) != "filed 3" {
			t.Errorf("importing doses: %s", body)
		}
		if _, body = post.report("/vaccination", "moi.csv", "CCCD;Họ tên;Ngày hẹn;Nơi tiêm\n030150000001;Nguyễn Thị Hương;24/12/2026;TYT An Thanh\n"); fates(body) != "filed 1" {
			t.Errorf("importing invitations: %s", body)
		}
		ask := k.enquiries()
		for _, code := range []string{k.slip("V1"), card(huong)} {
			found, err := ask.Vaccination(t.Context(), code, "5678")
			if err != nil || !found.Registered || len(found.Doses) != 2 || found.Certificate != "HC1:THU" || found.Name != "N. T. Hương" {
				t.Errorf("found %+v, %v", found, err)
			}
			if day := found.Doses[1].At.In(db.Zone).Format(time.DateOnly); day != "2026-09-01" || found.Invited.In(db.Zone).Format(time.DateOnly) != "2026-12-24" {
				t.Errorf("the days are %s and %v", day, found.Invited)
			}
		}
		if found, err := ask.Vaccination(t.Context(), card(minh), "5679"); err != nil || found.Registered || len(found.Doses) != 1 {
			t.Errorf("who never registered: %+v, %v", found, err)
		}
		if _, err := ask.Vaccination(t.Context(), card(minh), "5678"); !errors.Is(err, enquiry.ErrNoSuch) {
			t.Errorf("with another's digits: %v", err)
		}
		elsewhere := s.officer("khac", "commune", "30/299/11300")
		if _, body := elsewhere.report("/vaccination", "x.csv", "cccd,mũi,vắc xin,ngày tiêm\n030150000001,1,Moderna,01/07/2026\n"); fates(body) != "listed 1" || strings.Contains(body, huong.Name) {
			t.Errorf("another commune changes a dose: %s", body)
		}
		s.officer("tinh", "province", "30").post("/people/erase", url.Values{"field": {"document"}, "value": {huong.Document}, "reason": {"YC-1"}})
		if _, err := ask.Vaccination(t.Context(), card(huong), "5678"); !errors.Is(err, enquiry.ErrNoSuch) {
			t.Errorf("after erasure: %v", err)
		}
	})
}

func TestServicesKeepToTheArea(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("desk-1")
		k.sampled()
		k.closePool()
		k.sendAll()
		province := s.officer("tinh", "province", "30")
		province.report("/tests", "a.csv", "tube,result\nG-1,positive\nS-1,negative\n")
		province.report("/tests", "b.csv", "tube,result\nS-1,positive\n")
		var work db.Work
		if err := s.database().NewSelect().Model(&work).Where("problem = 'conflict'").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		elsewhere := s.officer("khac", "commune", "30/299/11300")
		for _, path := range []string{"/tests", "/tests/work", "/tests/recall", "/vaccination"} {
			status, body := elsewhere.get(path)
			if status != http.StatusOK || strings.Contains(body, "G-1") || strings.Contains(body, "S-1") || strings.Contains(body, huong.Name) {
				t.Errorf("%s shows another area's rows (%d)", path, status)
			}
		}
		if status, _ := elsewhere.post("/tests/recall", url.Values{"tube": {"G-1"}, "member": {"1"}}); status != http.StatusNotFound {
			t.Errorf("noting a call elsewhere: %d", status)
		}
		lab := s.officer("lab-khac", "laboratory", "30/299")
		if status, _ := lab.post("/tests/work", url.Values{"id": {work.ID}, "decision": {"accept"}}); status != http.StatusNotFound {
			t.Errorf("deciding elsewhere: %d", status)
		}
		if _, body := lab.report("/tests", "b.csv", "tube,result\nS-1,positive\n"); fates(body) != "listed 1" {
			t.Errorf("reporting elsewhere: %s", body)
		}
		var held db.Result
		if err := s.database().NewSelect().Model(&held).Where("tube_key = 'S-1'").Scan(t.Context()); err != nil || held.Outcome != int16(record.Negative) {
			t.Errorf("the result is %+v, %v", held, err)
		}
		for _, path := range []string{"/tests/recall", "/vaccination"} {
			if status, _ := lab.get(path); status != http.StatusForbidden {
				t.Errorf("a laboratory sees %s: %d", path, status)
			}
		}
		if status, _ := s.officer("xa", "commune", commune).upload("/tests", "b.csv", "tube,result\nS-1,positive\n"); status != http.StatusForbidden {
			t.Errorf("a commune enters results: %d", status)
		}
	})
}

// staff publishes a staff list.
func (s *server) staff(list string) {
	s.t.Helper()
	root, err := hex.DecodeString(s.Root)
	if err != nil {
		s.t.Fatal(err)
	}
	e, err := tufpublish.Open(s.t.Context(), s.kiosk("publisher").client, s.Kiosks, root)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := e.Put("staff.json", []byte(list), tufpublish.Rollout{}); err != nil {
		s.t.Fatal(err)
	}
	if err := e.Publish(s.t.Context(), s.keys().TUF["targets"], time.Now()); err != nil {
		s.t.Fatal(err)
	}
}
