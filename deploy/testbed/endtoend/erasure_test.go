package endtoend

import (
	"crypto/hpke"
	"crypto/rand"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chot/kiosk/record"
	"chot/store"

	"chot/deploy/testbed/harness"
)

// A person asks for erasure. An officer of the province orders it; the kiosk
// deletes what it holds of that person and nothing else, keeps and forwards the
// proof, and the order is proved.
func TestWhatAPersonWantsErasedIsErasedAndProved(t *testing.T) {
	if os.Getenv("CHOT_WINDOWS") == "" {
		t.Skip("skipped: make test-windows runs it")
	}
	t.Parallel()
	b, _ := newBench(t, "--seen", "1", "--pause", "1", "--leave", "0")
	b.camera(b.config, "")
	asks := record.Person{Name: "Nguyễn Thị Thử", Birth: 1950, Document: "030150000001", Phone: "0912345678"}
	stays := record.Person{Name: "Trần Văn Thử", Birth: 1980, Document: "030080000002", Phone: "0912345679"}
	numbers := b.journalled(
		record.Declaration{Number: "tuky-1-1", Person: asks, Level: 1},
		record.Declaration{Number: "tuky-1-2", Person: stays, Level: 1},
		record.Sample{Tube: "K07-000001", Person: asks, Technique: record.RTPCR},
	)
	kiosk := b.startKiosk(b.config)
	harness.Until(t, "the receipt", time.Minute, func() bool { return b.chain().Waiting == 0 })

	o := b.officer("canbo")
	if page := o.send("/people/erase", url.Values{"field": {"document"}, "value": {asks.Document}, "reason": {"YC-2026-17"}}); !strings.Contains(page, "2") {
		t.Errorf("after the order the page says\n%s", page)
	}
	open, proved := "chờ máy thực hiện", "đã chứng minh"
	if page := o.send("/erasures", nil); !strings.Contains(page, open) {
		t.Errorf("the order is not open:\n%s", page)
	}
	kiosk.End(syscall.SIGTERM) // it asks for orders when it starts, and once an hour
	kiosk = b.startKiosk(b.config)
	harness.Until(t, "the proof", time.Minute, func() bool {
		page := o.send("/erasures", nil)
		return strings.Contains(page, proved) && !strings.Contains(page, open)
	})
	kiosk.End(syscall.SIGTERM)

	if !b.chain().Verified {
		t.Error("after the erasure the chain does not verify")
	}
	look, err := store.Inspect(filepath.Join(b.dir, "kiosk", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range look.Entries(look.Chains[0].Journal) {
		if err != nil {
			t.Fatal(err)
		}
		want := e.Number == numbers[0] || e.Number == numbers[2]
		if erased := e.Sealed == nil; erased != want {
			t.Errorf("entry %d of kind %d is erased: %v, want %v", e.Number, e.Kind, erased, want)
		}
	}
	for _, who := range []record.Person{asks, stays} {
		page := o.send("/people", url.Values{"field": {"document"}, "value": {who.Document}, "reason": {"YC-2026-17"}})
		if found := strings.Contains(page, who.Name); found != (who == stays) {
			t.Errorf("the province finds %s: %v", who.Name, found)
		}
	}
}

// journalled writes records into the kiosk's journal before it starts, as if it
// had been at work.
func (b *bench) journalled(bodies ...record.Body) (numbers []uint64) {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "province", "keys", "seal.pem"))
	if err != nil {
		b.t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := hpke.MLKEM768X25519().NewPrivateKey(block.Bytes)
	if err != nil {
		b.t.Fatal(err)
	}
	j, err := store.Open(filepath.Join(b.dir, "kiosk", "journal.db"), store.Options{
		Kiosk: "tuky-1", SealKey: key.PublicKey(), Clock: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, body := range bodies {
		payload, err := record.Encode(body)
		if err != nil {
			b.t.Fatal(err)
		}
		e, err := j.Append(b.t.Context(), uint8(body.Kind()), time.Now(), payload)
		if err != nil {
			b.t.Fatal(err)
		}
		numbers = append(numbers, e.Number)
	}
	if err := j.Close(); err != nil {
		b.t.Fatal(err)
	}
	return numbers
}

// officer is a person at the province's page.
type officer struct {
	t      *testing.T
	client *http.Client
	page   string
}

// officer logs the demo's officer in.
func (b *bench) officer(name string) *officer {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // the demo's own certificate
	b.t.Cleanup(transport.CloseIdleConnections)
	o := &officer{b.t, &http.Client{Transport: transport, Jar: jar}, fmt.Sprintf("https://127.0.0.1:%d", b.port+1)}
	o.send("/login", url.Values{"name": {name}, "password": {"chot-demo-2026"}})
	return o
}

// send fetches a page, or posts a form, and returns what it shows.
func (o *officer) send(path string, form url.Values) string {
	o.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.page+path, strings.NewReader(form.Encode()))
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := o.client.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		o.t.Fatalf("%s: %s, %v\n%s", path, answer.Status, err, page)
	}
	return string(page)
}
