package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// exported downloads an export of today and yesterday.
func (o *officer) exported(format string) (int, string) {
	today := time.Now().In(db.Zone)
	return o.post("/export", url.Values{
		"format": {format}, "from": {today.AddDate(0, 0, -1).Format(time.DateOnly)}, "to": {today.Format(time.DateOnly)},
	})
}

func TestExportsKeepToTheAreaAndAreWrittenDown(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("desk-1")
		k.sampled()
		k.declare(time.Now(), huong.Name, huong.Document, huong.Phone)
		k.add(record.Vaccination{Number: "V1", Person: huong, Group: "over-65"})
		k.sendAll()
		province, elsewhere := s.officer("tinh", "province", "30"), s.officer("khac", "commune", "30/299/11300")
		province.report("/tests", "a.csv", "tube,result\nS-1,negative\n")
		province.report("/vaccination", "b.csv", "cccd,họ tên,mũi,vắc xin,ngày tiêm\n030150000001,Nguyễn Thị Hương,1,Comirnaty,"+time.Now().In(db.Zone).Format("02/01/2006")+"\n")
		status, body := province.exported("fhir")
		var bundle struct {
			Entry []struct {
				Resource struct {
					ResourceType string `json:"resourceType"`
				} `json:"resource"`
			} `json:"entry"`
		}
		if err := json.Unmarshal([]byte(body), &bundle); err != nil || status != http.StatusOK {
			t.Fatalf("the bundle: %d, %v: %s", status, err, body)
		}
		counts := map[string]int{}
		for _, e := range bundle.Entry {
			counts[e.Resource.ResourceType]++
		}
		for kind, want := range map[string]int{
			"Patient": 2, "QuestionnaireResponse": 1, "ServiceRequest": 2, "Specimen": 3, "Observation": 1, "DiagnosticReport": 1, "Immunization": 1,
		} {
			if counts[kind] != want {
				t.Errorf("%d of %s, want %d", counts[kind], kind, want)
			}
		}
		_, body = province.exported("xlsx")
		book, err := excelize.OpenReader(bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		if rows, err := book.GetRows("Xét nghiệm"); err != nil || len(rows) != 4 || rows[3][3] != "ÂM TÍNH" {
			t.Errorf("the sheet is %v, %v", rows, err)
		}
		for _, format := range []string{"fhir", "tests.csv", "declarations.csv", "vaccinations.csv", "doses.csv"} {
			if status, body := elsewhere.exported(format); status != http.StatusOK || strings.Contains(body, huong.Name) || strings.Contains(body, "S-1") {
				t.Errorf("%s holds another area's rows (%d)", format, status)
			}
			if status, body := province.exported(format); status != http.StatusOK || !strings.Contains(body, huong.Name) {
				t.Errorf("%s lacks what it should hold (%d): %s", format, status, body)
			}
		}
		if status, _ := s.officer("lab", "laboratory", "30").exported("fhir"); status != http.StatusForbidden {
			t.Errorf("a laboratory exports: %d", status)
		}
		if _, body := province.get("/audit"); strings.Count(body, "Lấy mẫu: 3") != 7 || strings.Contains(body, huong.Name) {
			t.Error("the audit log lacks the exports, or names people")
		}
	})
}

// An officer imports results, reads whom to call back, and downloads the table.
func TestResultsAreImportedInABrowser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		width, height int
	}{{"desktop", 1280, 900}, {"phone", 390, 844}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tab := chromium(t, c.width, c.height)
			s := start(t, t.TempDir())
			s.account("tinh", "province", "30")
			k := s.kiosk("desk-1")
			k.sampled()
			k.closePool()
			k.add(record.Vaccination{Number: "V1", Person: huong, Group: "over-65", Doses: 1, Wish: "any"})
			k.sendAll()
			results := filepath.Join(t.TempDir(), "ket-qua.csv")
			if err := os.WriteFile(results, []byte("PHÒNG XÉT NGHIỆM\nMã ống;Kết quả\nG-1;Dương tính\nS-1;Âm tính\ns1;Âm tính\n2.61101E+11;Âm tính\nX-9;Âm tính (+)\nX-8;Âm tính\nX-7;\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			shot := func(name string) chromedp.Action[chromedp.Void] {
				return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
					wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > window.innerWidth`))
					if err != nil {
						return err
					}
					if wide {
						t.Errorf("%s is wider than the window", name)
					}
					seen, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(a => a.left >= 0 && a.right <= window.innerWidth)(document.querySelector("nav a[aria-current]").getBoundingClientRect())`))
					if err != nil {
						return err
					}
					if !seen {
						t.Errorf("on %s the menu does not show where one is", name)
					}
					folder := os.Getenv("CHOT_SHOTS")
					if folder == "" {
						return nil
					}
					picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
					if err != nil {
						return err
					}
					return os.WriteFile(filepath.Join(folder, c.name+"-"+name+".png"), picture, 0o644)
				})
			}
			err := chromedp.Do(tab, chromedp.EmulateViewport(int64(c.width), int64(c.height)),
				chromedp.Navigate(s.Page), chromedp.WaitVisible(`input[name=password]`),
				chromedp.SendKeys(`input[name=name]`, "tinh"), chromedp.SendKeys(`input[name=password]`, password),
				chromedp.Submit(`form.card`), chromedp.WaitVisible(`[data-stream-state]`),
				chromedp.Navigate(s.Page+"/tests"), chromedp.WaitVisible(`input[type=file]`),
				chromedp.SetUploadFiles(`input[type=file]`, []string{results}),
				chromedp.Submit(`form.card`), chromedp.WaitVisible(`#preview`), shot("preview"),
				chromedp.WaitVisible(`tr[data-fate=refused]`), chromedp.WaitVisible(`li[data-fate=listed]`),
				chromedp.Submit(`#confirm`), chromedp.WaitVisible(`#imported`), shot("tests"),
				// What is not certain is settled: one number is what it may have meant, the other is dismissed.
				chromedp.Navigate(s.Page+"/tests/work"), chromedp.WaitVisible(`tbody tr:nth-child(2)`), shot("work"),
				chromedp.Click(`tr:has(input[value="S-1"]) input[value="S-1"] ~ button[value=assign]`),
				chromedp.WaitNotPresent(`input[value="S-1"]`),
				chromedp.Click(`button[value=dismiss]`), chromedp.WaitNotPresent(`button[value=dismiss]`), shot("settled"),
				chromedp.Navigate(s.Page+"/tests/recall"), chromedp.WaitVisible(`tbody tr`), shot("recall"),
				chromedp.Navigate(s.Page+"/vaccination"), chromedp.WaitVisible(`tbody tr`), shot("vaccination"),
				chromedp.Navigate(s.Page+"/export"), chromedp.WaitVisible(`select[name=format]`), shot("export"))
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A laboratory's own system reports without a browser.
func TestALaboratorysSystemReports(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("desk-1")
	k.sampled()
	k.sendAll()
	s.account("lab", "laboratory", "30")
	s.account("xa", "commune", commune)
	client := s.stranger().client
	ask := func(path, token, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Page+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/octet-stream")
		if token == "" {
			r.Header.Set("Content-Type", "application/json")
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(said)
	}
	const message = "MSH|^~\\&|LIS|CDC|CHOT|TINH|20261101||ORU^R01|M1|P|2.5.1\rOBR|1||S-1\rOBX|1|ST|94500-6||Negative||||||F\r"
	for _, c := range []struct {
		account, body string
		status        int
		want          string
	}{
		{"lab", message, http.StatusOK, `"format":"HL7 v2","filed":1`},
		{"lab", message, http.StatusOK, `"known":1`},
		{"lab", `{"resourceType":"Observation","status":"final","valueString":"positive","specimen":{"identifier":{"value":"X-1"}},"code":{}}`, http.StatusOK, `"work":1`},
		{"lab", "no result", http.StatusUnprocessableEntity, ""},
		{"xa", message, http.StatusForbidden, ""},
	} {
		var session struct{ Token string }
		_, body := ask("/api/v1/session", "", fmt.Sprintf(`{"name":%q,"password":%q}`, c.account, password))
		if err := json.Unmarshal([]byte(body), &session); err != nil || session.Token == "" {
			t.Fatalf("logging in: %s", body)
		}
		if status, body := ask("/api/v1/results", session.Token, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s reports %.40q: %d, %s", c.account, c.body, status, body)
		}
	}
}

// A machine reports with a key of its own, as FHIR, and is told of each entry.
func TestAMachineReportsWithItsKey(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	k := s.kiosk("desk-1")
	k.sampled()
	k.sendAll()
	province := s.officer("tinh", "province", "30")
	_, page := province.post("/api-keys", url.Values{"title": {"LIS"}, "source": {"cdc"}, "area": {"30"}, "days": {"30"}, "scope": {"results"}})
	secret := regexp.MustCompile(`id="secret">([^<]+)<`).FindStringSubmatch(page)
	if secret == nil {
		t.Fatalf("no key is shown: %s", page)
	}
	client := s.stranger().client
	ask := func(path, token, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Page+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/octet-stream")
		r.Header.Set("Accept-Language", "en")
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(said)
	}
	observation := func(tube, code string) string {
		return `{"resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"94500-6"}]},"specimen":{"identifier":{"value":"` + tube + `"}},"valueCodeableConcept":{"coding":[{"code":"` + code + `"}]}}}`
	}
	bundle := `{"resourceType":"Bundle","type":"batch","entry":[` + observation("S-1", "260415000") + "," + observation("X-1", "260373001") + "," + observation("S-1", "perhaps") + `]}`
	status, dry := ask("/api/v1/results?dryRun=true", secret[1], bundle)
	if status != http.StatusOK || !strings.Contains(dry, `"filed":1`) || !strings.Contains(dry, `"text":"No such tube has arrived in the area"`) {
		t.Errorf("a dry run: %d, %s", status, dry)
	}
	n, err := s.database().NewSelect().Model((*db.Result)(nil)).Count(t.Context())
	if err != nil || n != 0 {
		t.Errorf("a dry run wrote %d results (%v)", n, err)
	}
	status, body := ask("/api/v1/fhir/results", secret[1], bundle)
	var answer struct {
		Type  string
		Entry []struct {
			Response struct {
				Status  string
				Outcome struct {
					Issue []struct{ Severity, Code string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || answer.Type != "batch-response" || len(answer.Entry) != 3 {
		t.Fatalf("%d, %v: %s", status, err, body)
	}
	for i, want := range []string{"201 Created information informational", "202 Accepted warning business-rule", "422 Unprocessable Entity error value"} {
		r := answer.Entry[i].Response
		if got := r.Status + " " + r.Outcome.Issue[0].Severity + " " + r.Outcome.Issue[0].Code; got != want {
			t.Errorf("entry %d is answered %q, want %q", i, got, want)
		}
	}
	if status, _ := ask("/api/v1/vaccinations", secret[1], "cccd\n"); status != http.StatusForbidden {
		t.Errorf("beyond its scope: %d", status)
	}
	_, page = province.get("/api-keys")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if id == nil || strings.Contains(page, secret[1]) || strings.Contains(page, "chưa dùng") {
		t.Fatalf("the page of keys: %s", page)
	}
	province.post("/api-keys/revoke", url.Values{"id": {id[1]}})
	if status, _ := ask("/api/v1/results", secret[1], bundle); status != http.StatusUnauthorized {
		t.Errorf("revoked: %d", status)
	}
}
