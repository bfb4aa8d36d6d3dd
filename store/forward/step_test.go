package forward

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/store"
	"chot/store/wire"

	"github.com/fxamacker/cbor/v2"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// scene is a forwarder whose province is a script and whose clock the test sets.
type scene struct {
	t        *testing.T
	f        *Forwarder
	j        *store.Journal
	key      *ecdsa.PrivateKey // the kiosk's
	province *ecdsa.PrivateKey
	now      time.Time
	up       time.Duration

	// answer is what the province says to a request. Nil for none: the network
	// is down.
	answer func(r *http.Request, body []byte) *http.Response
	asked  []string      // "POST /v1/batches", …
	sent   []*wire.Batch // what was posted
}

func (s *scene) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	if r.Method == http.MethodPost {
		b, err := wire.DecodeBatch(body)
		if err != nil || r.Header.Get("Content-Type") != "application/cbor" {
			s.t.Errorf("posted: %v, as %q", err, r.Header.Get("Content-Type"))
			return nil, err
		}
		if b.Kiosk == "hall-1" {
			if err := b.Verify(&s.key.PublicKey); err != nil {
				s.t.Error(err)
			}
		}
		s.sent = append(s.sent, b)
	}
	if s.answer == nil {
		return nil, errors.New("the network is down")
	}
	return s.answer(r, body), nil
}

func newKeyOf(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newScene(t *testing.T, alter func(*Options)) *scene {
	t.Helper()
	s := &scene{t: t, key: newKeyOf(t), province: newKeyOf(t), now: noon, up: time.Minute}
	seal, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/dev/shm", "chot-step-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.j, err = store.Open(filepath.Join(dir, "journal"), store.Options{
		Kiosk: "hall-1", SealKey: seal.PublicKey(), Rand: rand.Reader,
		Clock: func() time.Time { return s.now }, Uptime: func() time.Duration { return s.up },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.j.Close() })
	o := Options{
		Journal: s.j, HTTP: &http.Client{Transport: s}, URL: "https://province/", Key: s.key,
		Keys: func() []*ecdsa.PublicKey { return []*ecdsa.PublicKey{&s.province.PublicKey} }, Rand: rand.Reader,
	}
	if alter != nil {
		alter(&o)
	}
	if s.f, err = New(o); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) pass(d time.Duration) { s.now, s.up = s.now.Add(d), s.up+d }

func (s *scene) append(n int) {
	s.t.Helper()
	for range n {
		payload := make([]byte, 120) // which does not compress
		rand.Read(payload)
		if _, err := s.j.Append(s.t.Context(), 1, s.now, payload); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *scene) status() store.Status {
	s.t.Helper()
	st, err := s.j.Status()
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

func says(status int, body []byte) *http.Response {
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{}}
}

func refuses(e wire.Error) *http.Response { return says(e.Status(), e.Encode()) }

// receipt is one for what is asked of it.
func (s *scene) receipt(kiosk string, journal store.ID, held store.Position) []byte {
	s.t.Helper()
	r := wire.Receipt{Kiosk: kiosk, Journal: journal, Held: held, Time: s.now}
	data, err := r.Encode(s.province, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return data
}

// takes is a province that takes every batch, and has no orders.
func (s *scene) takes(r *http.Request, body []byte) *http.Response {
	switch r.URL.Path {
	case wire.PathBatches:
		b := s.sent[len(s.sent)-1]
		return says(200, s.receipt(b.Kiosk, b.Journal, b.Head()))
	case wire.PathErasures:
		return says(200, []byte{0x80})
	}
	return refuses(wire.Error{Code: wire.None})
}

// numbers are the first and last entries of the batches that were sent.
func (s *scene) numbers() string {
	var all []string
	for _, b := range s.sent {
		text := fmt.Sprintf("%d-%d", b.Before().Number+1, b.Head().Number)
		if b.Lost > 0 {
			text += fmt.Sprintf(" after %d lost", b.Lost)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func problemOf(err error) Problem {
	if err == nil {
		return ""
	}
	if p := (*problemError)(nil); errors.As(err, &p) {
		return p.problem
	}
	return Unreachable
}

// A batch is sent when it is full, or when its first entry has waited for others
// long enough.
func TestWhenABatchIsDue(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(o *Options) { o.MaxBytes = 2000; o.MaxAge = 10 * time.Second })
	s.answer = s.takes
	step := func(what, sent string, more bool) {
		t.Helper()
		s.sent = nil
		got, err := s.f.step(t.Context())
		if err != nil || got != more || s.numbers() != sent {
			t.Errorf("%s: sent %q, more %t: %v", what, s.numbers(), got, err)
		}
	}
	step("nothing is there", "", false)
	s.append(1)
	step("one entry, just now", "", false)
	s.pass(10*time.Second - time.Millisecond)
	step("one entry, almost long enough", "", false)
	s.pass(time.Millisecond)
	step("one entry, long enough", "1-2", false)
	step("nothing more", "", false)
	s.append(19)
	st := s.status()
	if st.Covered.Number != 2 || st.Head.Number != 21 {
		t.Fatalf("%+v", st)
	}
	s.sent = nil
	more, err := s.f.step(t.Context()) // sealed payloads of about 150 bytes
	if err != nil || !more || len(s.sent) != 1 || s.sent[0].Before().Number != 2 || s.sent[0].Head().Number == 21 || s.sent[0].Lost != 0 {
		t.Errorf("a full batch: %s, more %t: %v", s.numbers(), more, err)
	}
	if b := s.sent[0]; b.Kiosk != "hall-1" || b.Journal != st.Journal || !b.Made.Equal(s.now) {
		t.Errorf("%+v", b)
	}
	covered := s.sent[0].Head().Number
	step("the rest, just now", "", false)
	s.pass(time.Hour)
	step("the rest, later", fmt.Sprintf("%d-21", covered+1), false)
	if h := s.f.Health(); h.Backlog != 0 || !h.Oldest.IsZero() || !h.LastReceipt.Equal(s.now) {
		t.Errorf("%+v", h)
	}
	s.append(2)
	if h := s.f.Health(); h.Backlog != 2 || !h.Oldest.Equal(s.now) {
		t.Errorf("%+v", h)
	}
}

// What the province answers decides what is sent next, and what the technician is
// told.
func TestWhatAnAnswerLeadsTo(t *testing.T) {
	t.Parallel()
	refusal := func(e wire.Error) func(*scene) *http.Response {
		return func(*scene) *http.Response { return refuses(e) }
	}
	have := func(n uint64) store.Position {
		return store.Position{Number: n, Hash: store.Hash{1}}
	}
	body := func(status int, body string) func(*scene) *http.Response {
		return func(*scene) *http.Response { return says(status, []byte(body)) }
	}
	receipt := func(alter func(s *scene, kiosk *string, journal *store.ID, held *store.Position)) func(*scene) *http.Response {
		return func(s *scene) *http.Response {
			b := s.sent[len(s.sent)-1]
			kiosk, journal, held := b.Kiosk, b.Journal, b.Head()
			alter(s, &kiosk, &journal, &held)
			return says(200, s.receipt(kiosk, journal, held))
		}
	}
	for _, c := range []struct {
		what    string
		answer  func(*scene) *http.Response
		problem Problem
		text    string // of the error
		covered uint64
		next    string // what the next step sends
	}{
		{"a receipt", receipt(func(*scene, *string, *store.ID, *store.Position) {}), "", "", 11, ""},
		{"a receipt for more than was sent", receipt(func(s *scene, _ *string, _ *store.ID, held *store.Position) { *held = s.status().Head }), "", "", 11, ""},
		{"a receipt for another kiosk", receipt(func(_ *scene, k *string, _ *store.ID, _ *store.Position) { *k = "hall-2" }), BadReceipt, `a receipt for kiosk "hall-2" came to "hall-1"`, 5, "6-11"},
		{"a receipt for another journal", receipt(func(_ *scene, _ *string, j *store.ID, _ *store.Position) { j[0]++ }), BadReceipt, "there is no journal", 5, "6-11"},
		{"a receipt for another entry", receipt(func(_ *scene, _ *string, _ *store.ID, p *store.Position) { p.Hash[0]++ }), Forked, "forked", 5, "6-11"},
		{"a receipt ahead of the journal", receipt(func(_ *scene, _ *string, _ *store.ID, p *store.Position) { p.Number = 99 }), Forked, "ahead", 5, "6-11"},
		{"a receipt for what it held before", receipt(func(s *scene, _ *string, _ *store.ID, p *store.Position) { *p = s.status().Covered }), BadReceipt, "for something else", 5, "6-11"},
		{"a receipt by another key", func(s *scene) *http.Response {
			b := s.sent[len(s.sent)-1]
			r := wire.Receipt{Kiosk: b.Kiosk, Journal: b.Journal, Held: b.Head(), Time: s.now}
			data, err := r.Encode(newKeyOf(s.t), nil)
			if err != nil {
				s.t.Error(err)
			}
			return says(200, data)
		}, BadReceipt, "the receipt for kiosk hall-1 up to 11", 5, "6-11"},
		{"200 and no receipt", body(200, "log in"), Unreachable, "sending a batch: reading a receipt", 5, "6-11"},
		{"a gap after entry 3", refusal(wire.Error{Code: wire.Gap, Have: have(3)}), "", "", 5, "4-11"},
		{"a gap from the beginning", refusal(wire.Error{Code: wire.Gap}), "", "", 5, "1-11"},
		{"nothing is held", refusal(wire.Error{Code: wire.None}), "", "", 5, "1-11"},
		{"a gap beyond the head", refusal(wire.Error{Code: wire.Gap, Have: have(12)}), Forked, "the province holds entry 12, this kiosk has written 11", 5, "6-11"},
		{"a gap at the head", refusal(wire.Error{Code: wire.Gap, Have: have(11)}), "", "", 5, ""},
		{"a fork", refusal(wire.Error{Code: wire.Fork, Have: have(7), Text: "another entry"}), Forked, "another entry", 5, "6-11"},
		{"malformed", refusal(wire.Error{Code: wire.Malformed, Text: "bytes"}), Refused, "bytes", 5, "6-11"},
		{"a bad signature", refusal(wire.Error{Code: wire.BadSignature}), Refused, "signature", 5, "6-11"},
		{"unknown", refusal(wire.Error{Code: wire.Unknown}), Refused, "unknown", 5, "6-11"},
		{"revoked", refusal(wire.Error{Code: wire.Revoked}), Refused, "revoked", 5, "6-11"},
		{"busy", refusal(wire.Error{Code: wire.Busy}), Unreachable, "busy", 5, "6-11"},
		{"unavailable", refusal(wire.Error{Code: wire.Unavailable}), Unreachable, "unavailable", 5, "6-11"},
		{"a proxy's page", body(502, "<html>"), Unreachable, "something answered 502 Bad Gateway in the province's place", 5, "6-11"},
		{"a redirect", body(301, ""), Unreachable, "something answered 301 Moved Permanently in the province's place", 5, "6-11"},
		{"a code under another status", func(*scene) *http.Response { return says(500, (&wire.Error{Code: wire.Fork}).Encode()) }, Unreachable, "something answered 500", 5, "6-11"},
		{"an answer that breaks off", func(*scene) *http.Response {
			r := says(200, nil)
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("x"), failingReader{}))
			return r
		}, Unreachable, "reading the province's answer: cut", 5, "6-11"},
		{"no network", nil, Unreachable, "the network is down", 5, "6-11"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, nil)
			s.append(10)
			st := s.status()
			run, err := s.j.Batch(t.Context(), st.Journal, 5, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.j.Cover(t.Context(), st.Journal, store.Position{Number: 5, Hash: run.Entries[0].Hash()}, noon, noon, []byte("receipt")); err != nil {
				t.Fatal(err)
			}
			s.pass(time.Minute)
			if c.answer != nil {
				s.answer = func(*http.Request, []byte) *http.Response { return c.answer(s) }
			}
			more, err := s.f.step(t.Context())
			if s.numbers() != "6-11" || more {
				t.Fatalf("sent %s, more %t", s.numbers(), more)
			}
			if problemOf(err) != c.problem || err != nil && !strings.Contains(err.Error(), c.text) {
				t.Errorf("%q: %v, not %q: %s", problemOf(err), err, c.problem, c.text)
			}
			if got := s.status().Covered.Number; got != c.covered {
				t.Errorf("%d entries are covered, not %d", got, c.covered)
			}
			if h := s.f.Health(); h.LastReceipt.IsZero() != (c.covered == 5) || h.Backlog != 11-c.covered {
				t.Errorf("%+v", h)
			}
			s.sent, s.answer = nil, s.takes
			if _, err := s.f.step(t.Context()); err != nil || s.numbers() != c.next {
				t.Errorf("next it sends %q, not %q: %v", s.numbers(), c.next, err)
			}
			if c.next != "" && s.status().Covered.Number != 11 {
				t.Errorf("in the end %d are covered", s.status().Covered.Number)
			}
		})
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("cut") }

// A province that says the same gap twice is not asked at once again.
func TestAGapThatWasFilledAlreadyIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(4)
	s.pass(time.Minute)
	s.answer = func(*http.Request, []byte) *http.Response {
		return refuses(wire.Error{Code: wire.Gap, Have: store.Position{Number: 2, Hash: store.Hash{1}}})
	}
	if _, err := s.f.step(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.f.step(t.Context()); err == nil {
		t.Error("it is done so again at once")
	}
	if s.numbers() != "1-5, 3-5" {
		t.Errorf("sent %s", s.numbers())
	}
}

// What the province lacks and was purged is owned up to as lost.
func TestWhatWasPurgedIsOwnedUpTo(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	for range 6 {
		s.append(1)
		s.pass(time.Minute)
	}
	s.answer = s.takes
	if _, err := s.f.step(t.Context()); err != nil || s.status().Covered.Number != 7 {
		t.Fatalf("%+v, %v", s.status(), err)
	}
	if _, err := s.j.Purge(t.Context(), noon.Add(90*time.Second)); err != nil || s.status().Base.Number != 3 {
		t.Fatalf("%+v, %v", s.status(), err)
	}
	s.append(1)
	s.pass(time.Minute)
	for _, c := range []struct {
		have uint64
		want string
	}{{0, "4-8 after 3 lost"}, {2, "4-8 after 1 lost"}, {3, "4-8"}, {4, "5-8"}} {
		s.sent = nil
		s.answer = func(*http.Request, []byte) *http.Response {
			e := wire.Error{Code: wire.Gap, Have: store.Position{Number: c.have, Hash: store.Hash{1}}}
			return refuses(e)
		}
		if _, err := s.f.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.sent, s.answer = nil, nil
		if _, err := s.f.step(t.Context()); err == nil || s.numbers() != c.want {
			t.Errorf("a province that has %d is sent %s, not %s", c.have, s.numbers(), c.want)
		}
	}
}

// Batches that are too large are halved down to a kilobyte; one entry that is too
// large alone is for people.
func TestBatchesThatAreTooLargeAreHalved(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(o *Options) { o.MaxBytes = 9000 })
	s.append(100)
	s.pass(time.Minute)
	s.answer = s.takes // the segment, which has more than a kilobyte by itself
	if _, err := s.f.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.answer = func(*http.Request, []byte) *http.Response { return refuses(wire.Error{Code: wire.TooLarge, Limit: 1}) }
	for _, want := range []int{4500, 2250, 1125, 1024, 1024} {
		if _, err := s.f.step(t.Context()); err != nil || s.f.maxBytes != want {
			t.Errorf("%d bytes, not %d: %v", s.f.maxBytes, want, err)
		}
	}
	s.f.maxBytes = 1
	if _, err := s.f.step(t.Context()); problemOf(err) != Refused || s.f.maxBytes != 1 {
		t.Errorf("one entry: %v", err)
	}
}

// Orders and statements are asked for when there is nothing to send, once an hour
// by a clock that is never set.
func TestOrdersAreAskedForOnceAnHour(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.answer = s.takes
	const erasures, clock = "GET /v1/erasures?kiosk=hall-1", "GET /v1/clock?kiosk=hall-1"
	step := func(what string, want ...string) {
		t.Helper()
		s.asked = nil
		if _, err := s.f.step(t.Context()); err != nil || fmt.Sprint(s.asked) != fmt.Sprint(want) {
			t.Errorf("%s: asked %q: %v", what, s.asked, err)
		}
	}
	step("at first", erasures, clock)
	step("at once again")
	s.now = s.now.Add(-24 * time.Hour)
	step("the clock was set back")
	s.now = s.now.Add(24 * time.Hour)
	s.pass(time.Hour - time.Nanosecond)
	step("almost an hour later")
	s.pass(time.Nanosecond)
	step("an hour later", erasures, clock)
	s.pass(time.Hour)
	s.answer = nil
	s.asked = nil
	if _, err := s.f.step(t.Context()); err == nil || !strings.Contains(err.Error(), "asking for erasure orders") || len(s.asked) != 1 {
		t.Errorf("without a network: %v, %q", err, s.asked)
	}
	s.answer = func(*http.Request, []byte) *http.Response { return says(200, []byte("x")) }
	if _, err := s.f.step(t.Context()); err == nil || !strings.Contains(err.Error(), "reading erasure orders") {
		t.Errorf("an answer that is not one: %v", err)
	}
	s.answer = s.takes
	step("after errors, at once", erasures, clock)
}

// An order that the province signed for this kiosk is carried out, and its proof
// journalled; no other is.
func TestWhichOrdersAreCarriedOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		alter func(s *scene, o *wire.Erasure) (key *ecdsa.PrivateKey)
		done  bool
	}{
		{"the province's", func(s *scene, _ *wire.Erasure) *ecdsa.PrivateKey { return s.province }, true},
		{"by another key", func(s *scene, _ *wire.Erasure) *ecdsa.PrivateKey { return newKeyOf(s.t) }, false},
		{"for another kiosk", func(s *scene, o *wire.Erasure) *ecdsa.PrivateKey { o.Kiosk = "hall-2"; return s.province }, false},
		{"of a journal that is not here", func(s *scene, o *wire.Erasure) *ecdsa.PrivateKey { o.Journal[0]++; return s.province }, false},
		{"of an entry that is not covered", func(s *scene, o *wire.Erasure) *ecdsa.PrivateKey { o.Numbers = []uint64{5}; return s.province }, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, nil)
			s.append(3)
			s.pass(time.Minute)
			s.answer = s.takes
			if _, err := s.f.step(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.append(1)
			order := wire.Erasure{Kiosk: "hall-1", Journal: s.status().Journal, Numbers: []uint64{2, 3}, Time: s.now}
			key := c.alter(s, &order)
			raw, err := order.Encode(key, nil)
			if err != nil {
				t.Fatal(err)
			}
			list, err := cbor.Marshal([][]byte{[]byte("no order"), raw})
			if err != nil {
				t.Fatal(err)
			}
			s.answer = func(r *http.Request, body []byte) *http.Response {
				if r.URL.Path == wire.PathErasures {
					return says(200, list)
				}
				return s.takes(r, body)
			}
			if _, err := s.f.step(t.Context()); err != nil {
				t.Fatal(err)
			}
			run, err := s.j.Batch(t.Context(), s.status().Journal, 1, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range run.Entries {
				if erased := c.done && (e.Number == 2 || e.Number == 3); (e.Sealed == nil) != erased {
					t.Errorf("entry %d is erased: %t", e.Number, e.Sealed == nil)
				}
			}
			last := run.Entries[len(run.Entries)-1]
			if want := map[bool]uint8{true: 12, false: 1}[c.done]; last.Kind != want || c.done && !last.Time.Equal(s.now) {
				t.Errorf("the last entry is of kind %d, not %d, at %s", last.Kind, want, last.Time)
			}
		})
	}
}

// Each request counts what it cost, with what goes around the bodies; a day that
// has no room for another batch ends sending until the next.
func TestADaysBytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "spent.json")
	const largest = wire.MaxBatch / 8
	s := newScene(t, func(o *Options) { o.Daily, o.Ledger = largest+10_000, path })
	s.append(3)
	s.pass(time.Minute)
	s.answer = s.takes
	if _, err := s.f.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	body, err := s.sent[0].Encode(s.key, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer := s.receipt("hall-1", s.sent[0].Journal, s.sent[0].Head())
	want := int64(len(body)) + overhead + int64(len(answer))
	s.f.worked()
	if got := s.f.Health().Spent; got != want {
		t.Errorf("%d bytes were spent, not %d", got, want)
	}
	kept, err := os.ReadFile(path)
	if err != nil || string(kept) != fmt.Sprintf(`{"day":"2026-03-02","spent":%d}`, want) {
		t.Errorf("kept: %s, %v", kept, err)
	}
	for _, c := range []struct {
		spent int64
		now   time.Time
		until time.Duration // 0: it may go on
	}{
		{10_000, noon, 0},
		{10_001, noon, 12 * time.Hour},
		{10_001, noon.Add(11*time.Hour + 59*time.Minute), time.Minute},
		{10_001, noon.Add(12 * time.Hour), 0}, // the next day
	} {
		b := budget{daily: largest + 10_000, day: noon.Truncate(24 * time.Hour), spent: c.spent}
		err := b.check(c.now)
		var over *overBudget
		if got := errors.As(err, &over); got != (c.until > 0) || got && (over.until != c.until || problemOf(err) != OverBudget) {
			t.Errorf("%d bytes at %s: %v", c.spent, c.now, err)
		}
	}
	if err := (&budget{spent: 1 << 40}).check(noon); err != nil {
		t.Errorf("without a limit: %v", err)
	}
	text := (&overBudget{90 * time.Minute}).Error()
	if text != "today's bytes are spent; sending goes on in 1h30m0s" {
		t.Error(text)
	}
}

// What was spent is read from the file; one that is damaged is reported, and
// counts as nothing spent.
func TestWhatTodayCostIsReadAgain(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for data, want := range map[string]budget{
		`{"day":"2026-03-02","spent":77}`: {daily: 100, day: today, spent: 77},
		`{"day":"yesterday","spent":77}`:  {daily: 100},
		`{"day":`:                         {daily: 100},
		``:                                {daily: 100},
	} {
		path := filepath.Join(t.TempDir(), "spent.json")
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		want.path = path
		got, err := openBudget(100, path)
		if damaged := want.spent == 0; (err != nil) != damaged || err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", data, err)
		}
		if got.spent != want.spent || got.daily != 100 || got.path != path || want.spent > 0 && !got.day.Equal(today) {
			t.Errorf("%s: %+v, not %+v", data, got, want)
		}
	}
	if got, err := openBudget(100, filepath.Join(t.TempDir(), "none")); err != nil || got.spent != 0 {
		t.Errorf("no file: %+v, %v", got, err)
	}
	if err := (&budget{daily: 1, path: filepath.Join(t.TempDir(), "none", "spent.json")}).spend(noon, 1); err == nil || !strings.Contains(err.Error(), "keeping what today cost") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// A forwarder that lacks something is not made, and what may be left out has the
// value that its documentation says.
func TestWhatAForwarderNeeds(t *testing.T) {
	t.Parallel()
	full := newScene(t, nil).f.o
	for what, leaveOut := range map[string]func(*Options){
		"journal": func(o *Options) { o.Journal = nil }, "client": func(o *Options) { o.HTTP = nil }, "URL": func(o *Options) { o.URL = "" },
		"key": func(o *Options) { o.Key = nil }, "keys": func(o *Options) { o.Keys = nil }, "randomness": func(o *Options) { o.Rand = nil },
	} {
		o := full
		leaveOut(&o)
		if f, err := New(o); f != nil || err == nil {
			t.Errorf("without its %s: %v", what, err)
		}
	}
	if full.MaxBytes != 96<<10 || full.MaxAge != 10*time.Second || full.Log == nil {
		t.Errorf("%+v", full)
	}
	if kind, payload := full.Erased(nil, []byte("order")); kind != 12 || string(payload) != "order" {
		t.Errorf("kind %d, %q", kind, payload)
	}
}

// Health tells a problem from when it began until something works.
func TestHealthTellsAProblemFromItsBeginning(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.f.failed(errors.New("no network"), time.Second)
	first := s.f.Health()
	s.pass(time.Minute)
	s.f.failed(errors.New("no answer"), time.Second)
	second := s.f.Health()
	s.f.failed(broken(errors.New("no disk")), time.Second)
	third := s.f.Health()
	s.f.worked()
	for i, c := range []struct{ got, want Health }{
		{first, Health{Problem: Unreachable, Text: "no network", Since: noon}},
		{second, Health{Problem: Unreachable, Text: "no answer", Since: noon}},
		{third, Health{Problem: Broken, Text: "no disk", Since: noon.Add(time.Minute)}},
		{s.f.Health(), Health{}},
	} {
		if c.got != c.want {
			t.Errorf("step %d: %+v, not %+v", i, c.got, c.want)
		}
	}
}

// The province's latest receipt for a journal, none where it holds nothing of it.
func TestAskingForAReceipt(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	c := &Client{HTTP: s.f.o.HTTP, URL: "https://province"}
	journal := store.ID{0xab, 1}
	ask := func(answer *http.Response) (*wire.Receipt, error) {
		s.asked = nil
		s.answer = func(*http.Request, []byte) *http.Response { return answer }
		if answer == nil {
			s.answer = nil
		}
		return c.Receipt(t.Context(), "hall 1", journal)
	}
	held := store.Position{Number: 7, Hash: store.Hash{1}}
	r, err := ask(says(200, s.receipt("hall 1", journal, held)))
	if err != nil || r.Held != held || r.Journal != journal {
		t.Errorf("%+v, %v", r, err)
	}
	want := "GET /v1/receipt?" + url.Values{"kiosk": {"hall 1"}, "journal": {"ab010000000000000000000000000000"}}.Encode()
	if fmt.Sprint(s.asked) != "["+want+"]" {
		t.Errorf("asked %q, not %q", s.asked, want)
	}
	if r, err := ask(refuses(wire.Error{Code: wire.None})); r != nil || err != nil {
		t.Errorf("nothing is held: %+v, %v", r, err)
	}
	for what, answer := range map[string]*http.Response{
		"no network": nil, "refused": refuses(wire.Error{Code: wire.Revoked}), "no receipt": says(200, []byte("x")),
	} {
		if r, err := ask(answer); r != nil || err == nil {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
}

// Retry-After is heard with any refusal.
func TestRetryAfterIsHeard(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(1)
	s.pass(time.Minute)
	s.answer = func(*http.Request, []byte) *http.Response {
		r := refuses(wire.Error{Code: wire.Busy})
		r.Header.Set("Retry-After", "90")
		return r
	}
	_, err := s.f.step(t.Context())
	b := backoff{random: fixed(0), min: time.Second, max: time.Minute}
	if got := b.next(err); got < 90*time.Second || got >= 91*time.Second {
		t.Errorf("it waits %s: %v", got, err)
	}
}

// A forwarder runs until its context ends, waits after an error and not while
// there is more to send.
func TestRunGoesOnUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(o *Options) { o.MaxBytes, o.MaxAge = 300, time.Millisecond })
	s.f.Hurry()
	s.append(20)
	s.pass(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	failed := false
	s.answer = func(r *http.Request, body []byte) *http.Response {
		switch {
		case !failed && len(s.sent) == 3:
			failed = true
			return refuses(wire.Error{Code: wire.Unavailable})
		case r.URL.Path == wire.PathClock: // asked for last
			cancel()
		}
		return s.takes(r, body)
	}
	if err := s.f.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if st := s.status(); st.Covered != st.Head || !failed {
		t.Errorf("%d of %d are covered", st.Covered.Number, st.Head.Number)
	}
}
