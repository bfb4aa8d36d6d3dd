package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

func (k *kiosk) add(bodies ...record.Body) {
	k.server.t.Helper()
	for _, b := range bodies {
		if err := k.Add(time.Now(), b); err != nil {
			k.server.t.Fatal(err)
		}
	}
}

// workbook downloads a file and returns its first sheet's rows.
func (o *officer) workbook(path string) [][]string {
	o.s.t.Helper()
	status, body := o.get(path)
	if status != http.StatusOK {
		o.s.t.Fatalf("%s: %d", path, status)
	}
	book, err := excelize.OpenReader(bytes.NewReader([]byte(body)))
	if err != nil {
		o.s.t.Fatalf("%s is no workbook: %v", path, err)
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil {
		o.s.t.Fatal(err)
	}
	return rows
}

func row(rows [][]string, first string) []string {
	i := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && r[0] == first })
	if i < 0 {
		return nil
	}
	return rows[i]
}

func TestDailyFigures(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		busy, quiet, far := s.kioskIn("hall-1", "30/298/11194"), s.kioskIn("hall-2", "30/298/11200"), s.kioskIn("hall-3", "30/299/11300")
		visit := func(level record.Level, heat int, reason string) record.Visit {
			return record.Visit{Direction: record.In, Family: "eu-dcc", Level: level, Temperature: heat, Reasons: []record.Reason{{Code: reason}}}
		}
		for range 6 {
			busy.add(visit(1, 366, "dose-complete"), visit(3, 381, "fever"))
		}
		busy.add(record.Declaration{Number: "d1", Level: 2, Reasons: []record.Reason{{Code: "contact"}}},
			record.Sample{Tube: "T1", Technique: record.Antigen}, record.Result{Tube: "T1", Number: "r1", Technique: record.Antigen, Outcome: record.Positive})
		quiet.add(visit(2, 385, "expired"), visit(1, 0, "dose-complete"))
		far.add(visit(1, 362, "dose-complete"))
		for _, k := range []*kiosk{busy, quiet, far} {
			k.sendAll()
		}
		province, district := s.officer("tinh", "province", "30"), s.officer("huyen", "district", "30/298")
		// place, area, visits, green, amber, red, fever, declarations, samples, positives
		for _, c := range []struct {
			who         *officer
			level, line string
			want        string
		}{
			{province, "district", "30/298", "30/298 30/298 14 7 1 6 7 1 1 *"},
			{province, "district", "30/299", "30/299 30/299 1 1 0 0 0 0 0 0"},
			{province, "district", "Tổng", "Tổng 30 15 8 1 6 7 1 1 *"},
			// One person with a fever in the second commune: the first's and hers are hidden.
			{district, "commune", "30/298/11194", "30/298/11194 30/298/11194 12 6 0 6 * 1 1 *"},
			{district, "commune", "30/298/11200", "30/298/11200 30/298/11200 2 1 1 0 * 0 0 0"},
			{district, "commune", "30/299/11300", ""},
			{district, "commune", "Tổng", "Tổng 30/298 14 7 1 6 7 1 1 *"},
			{district, "checkpoint", "S1", "S1 30/298/11194 12 6 0 6 * 1 1 *"},
		} {
			got := strings.Join(row(c.who.workbook("/reports/daily.xlsx?level="+c.level), c.line), " ")
			if got != c.want {
				t.Errorf("by %s: %q, want %q", c.level, got, c.want)
			}
		}
		_, page := province.get("/reports")
		for _, want := range []string{"<td>dose-complete</td><td class=\"n\">8</td>", "data-chart"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		for query, want := range map[string]int{
			"from=2026-01-02&to=2026-01-01": 400, "from=2020-01-01&to=2026-01-01": 400, "from=x": 400, "level=x": 400, "level=commune": 200,
		} {
			if status, _ := province.get("/reports?" + query); status != want {
				t.Errorf("%s: %d, want %d", query, status, want)
			}
		}
		if _, body := province.get("/reports?from=2020-01-01&to=2020-01-07"); !strings.Contains(body, "Không có số liệu") {
			t.Error("days without figures have some")
		}
		// Results of laboratories are counted where the specimen was taken, a pool's
		// only by its members' own; what is taken back is not.
		busy.add(record.Pool{Tube: "G-1", Step: record.Opened, Technique: record.RTPCR},
			record.Sample{Tube: "G-1", Technique: record.RTPCR, Member: 1}, record.Sample{Tube: "G-1", Technique: record.RTPCR, Member: 2},
			record.Pool{Tube: "G-1", Step: record.Closed, Size: 2, Technique: record.RTPCR},
			record.Sample{Tube: "S-1", Technique: record.RTPCR})
		results := "tube,result\nG-1,positive\nS-1,negative\n"
		for i := range 5 {
			tube := fmt.Sprintf("L-%d", i)
			busy.add(record.Sample{Tube: tube, Technique: record.RTPCR})
			results += tube + ",positive\n"
		}
		busy.sendAll()
		province.report("/tests", "a.csv", results)
		positives := func(want string) {
			t.Helper()
			for _, line := range []string{"30/298/11194", "Tổng"} {
				cells := row(district.workbook("/reports/daily.xlsx"), line)
				if got := cells[len(cells)-1]; got != want {
					t.Errorf("%s has %s positive tests, want %s", line, got, want)
				}
			}
		}
		positives("6")
		busy.add(record.Staff{Action: "void", Target: "L-0"})
		busy.sendAll()
		positives("5")
		busy.add(record.Staff{Action: "void", Target: "L-1"})
		busy.sendAll()
		positives("*")
	})
}

func TestACampaign(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		here, there := s.kioskIn("hall-1", "30/298/11194"), s.kioskIn("hall-2", "30/299/11300")
		province, district, commune := s.officer("tinh", "province", "30"), s.officer("huyen", "district", "30/298"), s.officer("xa", "commune", "30/298/11194")
		deadline := time.Now().In(db.Zone).AddDate(0, 0, 2).Format(time.DateOnly)
		form := url.Values{"id": {"5k-2026"}, "title": {"CV 123/SYT"}, "target": {"100% khai báo"}, "goal": {"90"}, "deadline": {deadline},
			"agencies": {"truong;Trường Thử;30/298/11194;10\nchua;Chưa làm; 30/298/11200 ;8\nxa;Xã khác;30/299/11300;6"}}
		if status, body := province.post("/campaigns", form); status != http.StatusOK || !strings.Contains(body, "CV 123/SYT") {
			t.Fatalf("the campaign was not taken: %d", status)
		}
		if status, _ := commune.post("/campaigns", form); status != http.StatusForbidden {
			t.Errorf("a commune runs a campaign: %d", status)
		}
		form.Set("agencies", "xa;Xã khác;30/299/11300;6")
		if status, _ := district.post("/campaigns", form); status != http.StatusBadRequest {
			t.Errorf("a district asks another's agencies: %d", status)
		}
		form.Set("agencies", "truong;Trường Thử;30/298/11194;10")
		if status, _ := district.post("/campaigns", form); status != http.StatusConflict {
			t.Errorf("a district takes the province's campaign: %d", status)
		}
		someone := func(n int, app, declared bool) record.Roll {
			return record.Roll{Campaign: "5k-2026", Agency: "truong", App: app, Declared: declared, Person: record.Person{Name: "Nguyễn Thử", Document: fmt.Sprintf("0301990000%02d", n)}}
		}
		for n := range 9 {
			here.add(someone(n, true, false)) // has the app, has not declared yet
		}
		for n := range 8 {
			here.add(someone(n, true, true)) // later: has declared
		}
		there.add(record.Roll{Campaign: "5k-2026", Agency: "la", App: true, Declared: true, Person: record.Person{Name: "Trần Thử", Document: "030199000099"}},
			record.Roll{Campaign: "other", Agency: "truong", App: true, Declared: true, Person: record.Person{Name: "Trần Thử", Document: "030199000098"}})
		here.sendAll()
		there.sendAll()
		check := func() {
			t.Helper()
			rows := province.workbook("/campaigns/5k-2026/report.xlsx")
			for first, want := range map[string]string{
				"chua":   "chua Chưa làm 30/298/11200 8 0 0 0 0% chưa đạt",
				"truong": "truong Trường Thử 30/298/11194 10 * * * * chưa đạt",
				"la":     "la la 30/299/11300 0 * * * – ngoài danh sách",
			} {
				if got := strings.Join(row(rows, first), " "); got != want {
					t.Errorf("%s: %q, want %q", first, got, want)
				}
			}
			// The district sees no small numbers, hence all of its own.
			rows = district.workbook("/campaigns/5k-2026/report.xlsx")
			if got := strings.Join(row(rows, "truong"), " "); got != "truong Trường Thử 30/298/11194 10 9 8 8 80% chưa đạt" {
				t.Errorf("the district sees %q", got)
			}
			if row(rows, "xa") != nil || row(rows, "la") != nil {
				t.Error("the district sees another's agencies")
			}
		}
		check()
		// Erased people stay counted.
		f := s.finder()
		found, err := f.Find(t.Context(), "30", "document", "030199000001")
		if err != nil || len(found) != 2 {
			t.Fatalf("found %d, %v", len(found), err)
		}
		province.post("/people/erase", url.Values{"field": {"document"}, "value": {"030199000001"}, "reason": {"YC-1"}})
		check()
		if _, body := commune.get("/campaigns"); !strings.Contains(body, "CV 123/SYT") || !strings.Contains(body, "còn 2 ngày") {
			t.Error("the commune does not see the province's campaign, or not its deadline")
		}
		if status, _ := commune.get("/campaigns/none"); status != http.StatusNotFound {
			t.Errorf("a campaign that there is not: %d", status)
		}
	})
}

// An order of erasure is listed until the kiosk proves that it has obeyed.
func TestAnErasureOrderEndsWithItsProof(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k, o := s.kiosk("hall-1"), s.officer("tinh", "province", "30")
		k.declare(time.Now(), "Nguyễn Thử", "030199000001", "0912345678") // entry 2
		k.declare(time.Now(), "Nguyễn Thử", "030199000001", "0912345678") // entry 3
		k.sendAll()
		o.post("/people/erase", url.Values{"field": {"document"}, "value": {"030199000001"}, "reason": {"YC-1"}})
		orders := func() int {
			t.Helper()
			all, err := k.orders()
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		for _, step := range []struct {
			proof []uint64
			want  int
		}{{nil, 1}, {[]uint64{2}, 1}, {[]uint64{7}, 1}, {[]uint64{3, 2}, 0}} {
			if step.proof != nil {
				k.add(record.Erasure{Request: "digest", Entries: step.proof})
				k.sendAll()
			}
			if n := orders(); n != step.want {
				t.Errorf("after the proof of %v there are %d orders, want %d", step.proof, n, step.want)
			}
			_, page := o.get("/erasures")
			if open := strings.Contains(page, "chờ máy thực hiện"); open != (step.want == 1) || !strings.Contains(page, "YC-1") {
				t.Errorf("after the proof of %v the page says that the order is open: %v", step.proof, open)
			}
		}
	})
}

func TestAccountsAreManagedWithinTheOwnArea(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	province, district := s.officer("tinh", "province", "30"), s.officer("huyen", "district", "30/298")
	s.account("huyen2", "district", "30/299")
	for _, c := range []struct {
		name       string
		who        *officer
		account    string
		role, area string
		password   string
		want       int
	}{
		{"a district makes a commune's", district, "xa", "commune", "30/298/11194", password, http.StatusOK},
		{"not one of another district", district, "xa2", "commune", "30/299/11300", password, http.StatusNotFound},
		{"not a district's", district, "huyen3", "district", "30/298", password, http.StatusNotFound},
		{"nor takes over another's by its name", district, "huyen2", "commune", "30/298/11194", password, http.StatusNotFound},
		{"nor the province's", district, "tinh", "commune", "30/298/11194", password, http.StatusNotFound},
		{"nor makes itself more", district, "huyen", "province", "30/298", password, http.StatusNotFound},
		{"a password that is too short", province, "huyen4", "district", "30/297", "ngắn", http.StatusBadRequest},
		{"no role", province, "huyen4", "minister", "30/297", password, http.StatusBadRequest},
		{"no area", province, "huyen4", "district", "", password, http.StatusNotFound},
	} {
		status, body := c.who.post("/accounts", url.Values{"name": {c.account}, "role": {c.role}, "area": {c.area}, "password": {c.password}})
		if status != c.want {
			t.Errorf("%s: %d, want %d", c.name, status, c.want)
		}
		if strings.Contains(body, password) {
			t.Errorf("%s: the page shows the password", c.name)
		}
	}
	if _, page := district.get("/accounts"); !strings.Contains(page, "account-xa") || strings.Contains(page, "account-tinh") || strings.Contains(page, "account-huyen2") {
		t.Error("a district sees accounts that it does not manage")
	}
	commune := s.stranger()
	logIn := func() int {
		status, _ := commune.post("/login", url.Values{"name": {"xa"}, "password": {password}})
		return status
	}
	if status := logIn(); status != http.StatusOK {
		t.Fatalf("the new account cannot log in: %d", status)
	}
	if status, _ := commune.get("/accounts"); status != http.StatusForbidden {
		t.Errorf("a commune manages accounts: %d", status)
	}
	for name, want := range map[string]int{"tinh": http.StatusNotFound, "huyen": http.StatusNotFound, "huyen2": http.StatusNotFound, "none": http.StatusNotFound, "xa": http.StatusOK} {
		if status, _ := district.post("/accounts/disable", url.Values{"name": {name}}); status != want {
			t.Errorf("a district disables %s: %d, want %d", name, status, want)
		}
	}
	if _, body := commune.get("/kiosks"); !strings.Contains(body, `action="/login"`) {
		t.Error("a session outlives its account")
	}
	if status := logIn(); status != http.StatusUnauthorized {
		t.Errorf("a disabled account logs in: %d", status)
	}
	_, page := district.post("/accounts", url.Values{"name": {"xa"}, "role": {"commune"}, "area": {"30/298/11194"}})
	_, after, found := strings.Cut(page, `<b class="secret">`)
	secret, _, _ := strings.Cut(after, "<")
	if !found || len(secret) < 20 {
		t.Fatalf("no password was made up: %q", secret)
	}
	if status, _ := commune.post("/login", url.Values{"name": {"xa"}, "password": {secret}}); status != http.StatusOK {
		t.Errorf("the password that was made up: %d", status)
	}
	if _, page := province.get("/audit"); !strings.Contains(page, "Khóa tài khoản") || !strings.Contains(page, "Lưu tài khoản") {
		t.Error("the audit log lacks what was done to accounts")
	}
}

func TestTheAPIReports(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("hall-1")
	k.visits(7)
	k.add(record.Visit{Level: 3, Temperature: 390})
	k.sendAll()
	s.account("huyen", "district", "30/298")
	day := time.Now().In(db.Zone).Format(time.DateOnly)
	status, body := s.ask("huyen", "/api/v1/reports/daily?level=checkpoint&from="+day+"&to="+day)
	var list struct {
		Items []struct {
			Place  string
			Visits int64
			Fever  *int64
		}
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != http.StatusOK || len(list.Items) != 1 ||
		list.Items[0].Visits != 8 || list.Items[0].Fever != nil {
		t.Errorf("%d: %s", status, body)
	}
	if status, _ := s.ask("huyen", "/api/v1/campaigns/none"); status != http.StatusNotFound {
		t.Errorf("a campaign that there is not: %d", status)
	}
}
