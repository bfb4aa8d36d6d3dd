package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"golang.org/x/crypto/argon2"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
	"chot/store/wire"
)

const password = "mật khẩu để thử"

// officer is a browser without a screen that has logged in.
type officer struct {
	s      *server
	client *http.Client
}

func (s *server) officer(name, role, area string) *officer {
	s.t.Helper()
	s.account(name, role, area)
	o := s.stranger()
	if status, body := o.post("/login", url.Values{"name": {name}, "password": {password}}); status != http.StatusOK || strings.Contains(body, "refused") {
		s.t.Fatalf("logging in: %d: %s", status, body)
	}
	return o
}

// account makes an officer's account, as the command does but with a hash that is
// quick to check: the command's own is for [TestAnAccountIsMadeByCommand].
func (s *server) account(name, role, area string) {
	s.t.Helper()
	salt, enc := make([]byte, 16), base64.RawStdEncoding
	row := &db.Account{
		Name: name, Title: name, Role: role, Area: db.Area(area), Language: "vi", Made: db.At(time.Now()),
		Password: fmt.Sprintf("$argon2id$v=%d$m=64,t=1,p=1$%s$%s", argon2.Version,
			enc.EncodeToString(salt), enc.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 64, 1, 32))),
	}
	if _, err := s.database().NewInsert().Model(row).Exec(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// An account that the command made can log in, and the command gives it a new
// password, which ends its sessions.
func TestAnAccountIsMadeByCommand(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	o := s.stranger()
	for _, secret := range []string{password, password + " mới"} {
		s.command(secret+"\n", "account", "--name", "tinh", "--title", "Sở Y tế", "--role", "province", "--area", "30")
		if _, body := o.get("/kiosks"); !strings.Contains(body, `action="/login"`) {
			t.Error("a session lives on")
		}
		if status, body := o.post("/login", url.Values{"name": {"tinh"}, "password": {secret}}); status != http.StatusOK || !strings.Contains(body, "Sở Y tế") {
			t.Errorf("logging in: %d: %s", status, body)
		}
	}
}

// stranger has not logged in.
func (s *server) stranger() *officer {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	client := newClient(s.t, &tls.Config{RootCAs: s.keys().CA.Pool()})
	client.Jar = jar
	return &officer{s, client}
}

func (o *officer) get(path string) (int, string) { return o.do(http.MethodGet, path, nil, nil) }

func (o *officer) post(path string, form url.Values) (int, string) {
	return o.do(http.MethodPost, path, form, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}})
}

func (o *officer) do(method, path string, form url.Values, header http.Header) (int, string) {
	o.s.t.Helper()
	r, err := http.NewRequestWithContext(o.s.t.Context(), method, o.s.Page+path, strings.NewReader(form.Encode()))
	if err != nil {
		o.s.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	answer, err := o.client.Do(r)
	if err != nil {
		o.s.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		o.s.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// An officer sees the own area by every route, and nothing of another's.
func TestAnOfficerSeesTheOwnAreaOnly(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		here, there := s.kioskIn("hall-here", "30/298/11194"), s.kioskIn("hall-there", "30/299/11300")
		for _, k := range []*kiosk{here, there} {
			k.declare(time.Now(), "Nguyễn Thử", "030199000001", "0912345678")
			k.visits(3)
			k.sendAll()
			k.visits(3)
			_, err := k.send(7, 8) // leaves a gap, hence an incident
			refused(t, err, "gap")
		}
		o := s.officer("xa", "commune", "30/298/11194")
		for _, path := range []string{"/", "/kiosks", "/incidents"} {
			status, body := o.get(path)
			if status != http.StatusOK || !strings.Contains(body, "hall-here") || strings.Contains(body, "hall-there") {
				t.Errorf("%s: status %d, shows the own: %v, another's: %v", path, status,
					strings.Contains(body, "hall-here"), strings.Contains(body, "hall-there"))
			}
		}
		_, body := o.post("/people", url.Values{"field": {"document"}, "value": {"030199000001"}, "reason": {"thử"}})
		if n := strings.Count(body, "Nguyễn Thử"); n != 1 {
			t.Errorf("the search shows %d people, want 1", n)
		}
		for path, form := range map[string]url.Values{
			"/kiosks/revoke": {"kiosk": {"hall-here"}, "reason": {"x"}},
			"/people/erase":  {"field": {"document"}, "value": {"030199000001"}, "reason": {"x"}},
			"/incidents":     {"kiosk": {"hall-here"}, "kind": {"gap"}},
		} {
			if status, _ := o.post(path, form); status != http.StatusForbidden {
				t.Errorf("a commune may %s: %d", path, status)
			}
		}
		if status, _ := o.get("/audit"); status != http.StatusForbidden {
			t.Errorf("a commune reads the audit log: %d", status)
		}
		district := s.officer("huyen", "district", "30/298")
		for path, form := range map[string]url.Values{
			"/kiosks/revoke": {"kiosk": {"hall-there"}, "reason": {"x"}},
			"/incidents":     {"kiosk": {"hall-there"}, "kind": {"gap"}},
		} {
			if status, _ := district.post(path, form); status != http.StatusNotFound {
				t.Errorf("a district may %s in another: %d", path, status)
			}
		}
		if _, err := there.send(5, 8); err != nil {
			t.Errorf("the other district's kiosk was touched: %v", err)
		}
		laboratory := s.officer("lab", "laboratory", "30")
		if _, body := laboratory.get("/"); !strings.Contains(body, `action="/tests"`) {
			t.Error("a laboratory's first page is not that of its tests")
		}
		for _, path := range []string{"/kiosks", "/incidents", "/people", "/audit", "/arrivals/stream"} {
			if status, _ := laboratory.get(path); status != http.StatusForbidden {
				t.Errorf("a laboratory sees %s: %d", path, status)
			}
		}
		province := s.officer("tinh", "province", "30")
		if _, body := province.get("/audit"); !strings.Contains(body, "Tra cứu người</td>") || strings.Contains(body, "030199000001") {
			t.Error("the audit log lacks the search, or holds what was searched for")
		}
	})
}

func TestTheAPIShowsTheOwnAreaOnlyAndDescribesItself(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		for name, area := range map[string]string{"hall-here": "30/298/11194", "hall-there": "30/299/11300"} {
			k := s.kioskIn(name, area)
			k.visits(2)
			k.sendAll()
		}
		s.account("xa", "commune", "30/298/11194")
		if status, _ := s.stranger().get("/api/v1/kiosks"); status != http.StatusUnauthorized {
			t.Errorf("without a token: %d", status)
		}
		if _, body := s.ask("xa", "/api/v1/kiosks"); !strings.Contains(body, "hall-here") || strings.Contains(body, "hall-there") {
			t.Errorf("the kiosks are %s", body)
		}
		if _, body := s.ask("xa", "/api/v1/figures/"+time.Now().In(db.Zone).Format("2006-01-02")); !strings.Contains(body, `{"kind":1,"label":"","count":2}`) {
			t.Errorf("the figures are %s", body)
		}
		if status, body := s.stranger().get("/openapi.json"); status != http.StatusOK || !strings.Contains(body, "/api/v1/kiosks") {
			t.Errorf("the description: %d", status)
		}
	})
}

// ask asks the API for something as an account.
func (s *server) ask(account, path string) (int, string) {
	s.t.Helper()
	o := s.stranger()
	body := strings.NewReader(fmt.Sprintf(`{"name":%q,"password":%q}`, account, password))
	answer, err := o.client.Post(s.Page+"/api/v1/session", "application/json", body)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var session struct{ Token string }
	if err := json.NewDecoder(answer.Body).Decode(&session); err != nil || session.Token == "" {
		s.t.Fatalf("logging in: %s, %v", answer.Status, err)
	}
	return o.do(http.MethodGet, path, nil, http.Header{"Authorization": {"Bearer " + session.Token}})
}

func TestMetricsAndHealth(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "--metrics", "127.0.0.1:0")
	s.flags = s.flags[:2] // other commands know no metrics
	k := s.kiosk("hall-1")
	k.visits(1)
	k.sendAll()
	_, err := k.carry([]byte("no batch"))
	refused(t, err, wire.Malformed)
	for url, want := range map[string]string{
		s.Metrics: `chot_batches_total{answer="receipt"} 1`, s.Kiosks + "/healthz": "ok", s.Page + "/healthz": "ok",
		s.Kiosks + "/readyz": "ready", s.Page + "/readyz": "ready",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := k.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s, without %q: %v", url, answer.Status, want, err)
		}
		if strings.Contains(string(body), "hall-1") {
			t.Errorf("%s names a kiosk", url)
		}
	}
}

func TestThePageIsGuarded(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	o := s.officer("tinh", "province", "30")
	foreign := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://elsewhere.example"}}
	if status, _ := o.do(http.MethodPost, "/logout", nil, foreign); status != http.StatusForbidden {
		t.Errorf("a request from another site: %d", status)
	}
	stranger := s.stranger()
	for _, path := range []string{"/", "/kiosks", "/people", "/audit", "/arrivals/stream"} {
		if _, body := stranger.get(path); !strings.Contains(body, `action="/login"`) {
			t.Errorf("a stranger sees %s", path)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Page+"/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := stranger.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
	if status, body := o.get("/nowhere"); status != http.StatusNotFound || !strings.Contains(body, "Không có mục này") || !strings.Contains(body, "/kiosks") {
		t.Errorf("an address that no page has: %d: %s", status, body)
	}
	if _, body := o.get("/audit"); !strings.Contains(body, "Đăng nhập") {
		t.Error("the audit log does not word who logged in")
	}
	for range 6 {
		stranger.post("/login", url.Values{"name": {"tinh"}, "password": {"sai sai sai sai"}})
	}
	if status, _ := stranger.post("/login", url.Values{"name": {"tinh"}, "password": {password}}); status != http.StatusTooManyRequests {
		t.Errorf("after six wrong passwords: %d", status)
	}
	if status, _ := o.get("/"); status != http.StatusOK {
		t.Errorf("the one who was logged in is locked out: %d", status)
	}
}

// chromium is a headless one; the test is skipped if it is not installed.
func chromium(t *testing.T, width, height int) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed (Debian's package chromium): skipped")
	}
	// Chromium's own folder, so that it does not outlive the test.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height), chromedp.IgnoreCertErrors)
	all, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(all)
	t.Cleanup(closeTab)
	tab, stopTab := context.WithTimeout(tab, 90*time.Second)
	t.Cleanup(stopTab)
	return tab
}

// downloaded waits for a file of a kind and returns its size.
func downloaded(t *testing.T, folder, kind string) int64 {
	t.Helper()
	for range 200 {
		found, err := filepath.Glob(filepath.Join(folder, "*"+kind))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 1 {
			info, err := os.Stat(found[0])
			if err != nil {
				t.Fatal(err)
			}
			return info.Size()
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("nothing was downloaded")
	return 0
}

// An officer logs in and sees a kiosk's records arrive without doing anything,
// then writes a campaign and downloads a report.
func TestRecordsAreSeenToArrive(t *testing.T) {
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
			k := s.kiosk("hall-1")
			shot := func(name string) chromedp.Action[chromedp.Void] {
				return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
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
				chromedp.Navigate(s.Page), chromedp.WaitVisible(`input[name=password]`), shot("login"),
				chromedp.SendKeys(`input[name=name]`, "tinh"), chromedp.SendKeys(`input[name=password]`, password),
				chromedp.Submit(`form.card`), chromedp.WaitVisible(`[data-stream-state].green`))
			if err != nil {
				t.Fatal(err)
			}
			k.visits(3)
			for level := record.Level(2); level <= 3; level++ {
				if err := k.Add(time.Now(), record.Visit{Direction: record.In, Family: "eu-dcc", Level: level, Temperature: 381}); err != nil {
					t.Fatal(err)
				}
			}
			k.declare(time.Now(), "Nguyễn Thử", "030199000001", "0912345678")
			if err := k.Add(time.Now(), record.Health{Version: "1.0.0", Backlog: 12, DiskFree: 9000, Conditions: []record.Condition{{Code: "printer-paper-out", Severity: 2}}}); err != nil {
				t.Fatal(err)
			}
			k.sendAll()
			if err := chromedp.Do(tab, chromedp.WaitVisible(`tbody[data-stream] tr:nth-child(7)`), shot("arrivals")); err != nil {
				t.Fatal(err)
			}
			rows, err := chromedp.Run(tab, chromedp.Text(`tbody[data-stream]`))
			if err != nil {
				t.Fatal(err)
			}
			visits, err := chromedp.Run(tab, chromedp.Text(`[data-figure="1"]`))
			if err != nil {
				t.Fatal(err)
			}
			err = chromedp.Do(tab, chromedp.Navigate(s.Page+"/kiosks"), chromedp.WaitVisible(`#kiosk-hall-1`), shot("kiosks"))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(rows, "hall-1") != 7 || visits != "5" {
				t.Errorf("%s visits are counted, and the rows are %q", visits, rows)
			}
			if strings.Contains(rows, "Nguyễn") {
				t.Error("the live page names a person")
			}
			k.visits(4)
			if _, err := k.send(12, 12); err == nil { // skips numbers
				t.Error("a gap was taken")
			}
			err = chromedp.Do(tab, chromedp.Navigate(s.Page+"/incidents"), chromedp.WaitVisible(`main table, main p`), shot("incidents"),
				chromedp.Navigate(s.Page+"/people"), chromedp.SendKeys(`input[name=value]`, "030199000001"), chromedp.SendKeys(`input[name=reason]`, "YC-1"),
				chromedp.Submit(`form.card`), chromedp.WaitVisible(`main table`), shot("people"),
				chromedp.Navigate(s.Page+"/audit"), chromedp.WaitVisible(`main table`), shot("audit"),
				chromedp.Navigate(s.Page+"/accounts"), chromedp.WaitVisible(`main table`), shot("accounts"))
			if err != nil {
				t.Fatal(err)
			}
			k.add(record.Roll{Campaign: "5k", Agency: "truong-01", App: true, Declared: true, Person: record.Person{Name: "Trần Thử"}})
			for n := range 7 {
				k.add(record.Roll{Campaign: "5k", Agency: "truong-02", App: true, Declared: n > 1, Person: record.Person{Name: "Lê Thử", Birth: 1970 + n}})
			}
			k.sendAll()
			files := t.TempDir()
			_, err = chromedp.Call(tab, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
				Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: files,
			})
			if err != nil {
				t.Fatal(err)
			}
			err = chromedp.Do(tab,
				chromedp.Navigate(s.Page+"/campaigns"), chromedp.WaitVisible(`form.card`),
				chromedp.SendKeys(`input[name=id]`, "5k"), chromedp.SendKeys(`input[name=title]`, "Công văn 123/SYT-NVY"),
				chromedp.SendKeys(`input[name=target]`, "100% cán bộ cài ứng dụng và khai báo y tế"),
				chromedp.SetValue(`input[name=deadline]`, time.Now().AddDate(0, 0, 5).Format(time.DateOnly)),
				chromedp.SetValue(`textarea`, "truong-01;Trường THCS Thử;30/298/11194;42\ntruong-02;Trường Tiểu học Thử;30/298/11200;7"),
				shot("campaigns"), chromedp.Submit(`form.card`), chromedp.WaitVisible(`.figures`), shot("campaign"),
				chromedp.Navigate(s.Page+"/reports?level=checkpoint"), chromedp.WaitVisible(`.chart canvas`), shot("reports"),
				chromedp.Click(`a[download]`))
			if err != nil {
				t.Fatal(err)
			}
			if size := downloaded(t, files, ".xlsx"); size < 2000 {
				t.Errorf("the report that was downloaded has %d bytes", size)
			}
		})
	}
}
