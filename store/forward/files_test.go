package forward

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chot/store"
	"chot/store/wire"
)

// listed are the names in a directory.
func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func batchOf(t *testing.T, s *scene, kiosk string) []byte {
	t.Helper()
	run, err := s.j.Batch(t.Context(), s.status().Journal, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	b := wire.Batch{Kiosk: kiosk, Journal: store.ID{7}, Made: s.now, Entries: run.Entries[:2]}
	data, err := b.Encode(s.key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const journal7 = "07000000000000000000000000000000"

// What is exported is named after kiosk, journal and first entry, in batches of
// half the largest size.
func TestWhatAnExportIsCalled(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(5)
	s.now = s.now.Add(-time.Hour) // a clock that is set back begins another batch
	s.append(5)
	dir := t.TempDir()
	n, err := Export(t.Context(), s.j, s.key, rand.Reader, dir)
	journal := s.status().Journal.String()
	want := []string{"hall-1_" + journal + "_0000000000000001.batch", "hall-1_" + journal + "_0000000000000007.batch"}
	// The jump of the clock is an entry too.
	if names := listed(t, dir); err != nil || n != int(s.status().Head.Number) || len(names) != 2 || !slices.Equal(names, want) {
		t.Errorf("%d entries in %q, not in %q: %v", n, names, want, err)
	}
	for _, name := range listed(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %s, %v", name, info.Mode(), err)
		}
	}
	if n, err := Export(t.Context(), s.j, s.key, rand.Reader, filepath.Join(dir, "none")); n != 0 || err == nil || !strings.HasPrefix(err.Error(), "exporting to "+dir) {
		t.Errorf("to a folder that is not there: %d, %v", n, err)
	}
	if st := s.status(); st.Covered.Number != 0 {
		t.Errorf("%d count as held", st.Covered.Number)
	}
}

// A name cannot leave the directory or hide.
func TestFileNames(t *testing.T) {
	t.Parallel()
	for kiosk, want := range map[string]string{
		"hall-1": "hall-1", "a/b": "a-b", `a\b`: "a-b", "a:b": "a-b", "a_b": "a-b", "a\nb\x00c": "a-b-c", "Chợ": "Chợ", " ": " ",
	} {
		if got := fileName(kiosk); got != want {
			t.Errorf("%q: %q, not %q", kiosk, got, want)
		}
		if got := baseName(kiosk, store.ID{7}); got != want+"_"+journal7 {
			t.Errorf("%q: %q", kiosk, got)
		}
	}
}

// What came some other way is taken under its proper name; what is neither a batch
// nor a receipt is not.
func TestWhatIsAccepted(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(3)
	receipt := s.receipt("hall-2", store.ID{7}, store.Position{Number: 2, Hash: store.Hash{1}})
	for _, c := range []struct {
		what    string
		data    []byte
		receipt bool
		name    string
		err     string
	}{
		{"a batch", batchOf(t, s, "hall-2"), false, "hall-2_" + journal7 + "_0000000000000001.batch", ""},
		{"a receipt", receipt, true, "hall-2_" + journal7 + ".receipt", ""},
		{"something else", []byte("x"), false, "", "taking something else than a batch or a receipt: "},
	} {
		dir := t.TempDir()
		got, err := Accept(dir, c.data)
		if got != c.receipt || (err == nil) != (c.err == "") || err != nil && !strings.HasPrefix(err.Error(), c.err) {
			t.Errorf("%s: receipt %t, %v", c.what, got, err)
		}
		names := listed(t, dir)
		if c.name == "" && len(names) > 0 || c.name != "" && !slices.Equal(names, []string{c.name}) {
			t.Errorf("%s: %q", c.what, names)
		} else if c.name != "" {
			if kept, err := os.ReadFile(filepath.Join(dir, c.name)); err != nil || !bytes.Equal(kept, c.data) {
				t.Errorf("%s: %v", c.what, err)
			}
		}
		if got, err := Accept(filepath.Join(dir, "none"), c.data); err == nil || got != c.receipt {
			t.Errorf("%s, to a folder that is not there: receipt %t, %v", c.what, got, err)
		}
	}
}

// Batches in a directory give way to receipts, one by one; what is refused stays,
// and is told.
func TestWhatIsDelivered(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(3)
	dir := t.TempDir()
	for _, kiosk := range []string{"hall-2", "hall-3", "hall-4"} {
		if _, err := Accept(dir, batchOf(t, s, kiosk)); err != nil {
			t.Fatal(err)
		}
	}
	large := filepath.Join(dir, "large.batch")
	if err := os.WriteFile(large, make([]byte, wire.MaxBatch+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.batch"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.answer = func(r *http.Request, body []byte) *http.Response {
		if s.sent[len(s.sent)-1].Kiosk == "hall-3" {
			return refuses(wire.Error{Code: wire.Revoked})
		}
		return s.takes(r, body)
	}
	c := &Client{HTTP: s.f.o.HTTP, URL: "https://province"}
	n, err := Deliver(t.Context(), c, dir)
	third := "hall-3_" + journal7 + "_0000000000000001.batch"
	if n != 2 || err == nil || !strings.Contains(err.Error(), "delivering "+third+": sending a batch: revoked") ||
		!strings.Contains(err.Error(), "delivering large.batch: "+large+" is larger than a batch") {
		t.Errorf("%d were delivered: %v", n, err)
	}
	want := []string{"folder.batch", "hall-2_" + journal7 + ".receipt", third, "hall-4_" + journal7 + ".receipt", "large.batch"}
	if names := listed(t, dir); !slices.Equal(names, want) {
		t.Errorf("%q, not %q", names, want)
	}
	if _, err := Deliver(t.Context(), c, filepath.Join(dir, "none")); err == nil || !strings.HasPrefix(err.Error(), "delivering from "+dir) {
		t.Errorf("from a folder that is not there: %v", err)
	}
	exact := filepath.Join(t.TempDir(), "x.batch")
	if err := os.WriteFile(exact, make([]byte, wire.MaxBatch), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := readFile(exact); err != nil || len(data) != wire.MaxBatch {
		t.Errorf("a file as large as a batch: %d bytes, %v", len(data), err)
	}
}

// Receipts are counted, a neighbour's left alone, and what does not hold is told.
func TestWhatIsCollected(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(3)
	st := s.status()
	own := s.receipt("hall-1", st.Journal, st.Head)
	forged := bytes.Clone(own)
	forged[len(forged)-1] ^= 1
	for _, c := range []struct {
		what    string
		files   map[string][]byte
		n       int
		covered bool
		err     string
	}{
		{"nothing", nil, 0, false, ""},
		{"a forged one", map[string][]byte{"a.receipt": forged}, 0, false, "a.receipt: the receipt for kiosk hall-1 up to 4: the signature does not hold"},
		{"no receipt", map[string][]byte{"a.receipt": []byte("x")}, 0, false, "a.receipt: reading a receipt"},
		{"a neighbour's", map[string][]byte{"a.receipt": s.receipt("hall-2", st.Journal, st.Head)}, 0, false, ""},
		{"another file", map[string][]byte{"a.txt": own}, 0, false, ""},
		{"too large a file", map[string][]byte{"a.receipt": make([]byte, wire.MaxBatch+1)}, 0, false, "larger than a batch"},
		{"its own after a forged one", map[string][]byte{"a.receipt": forged, "b.receipt": own}, 1, true, "a.receipt: "},
		{"its own", map[string][]byte{"a.receipt": own}, 1, true, ""},
	} {
		dir := t.TempDir()
		for name, data := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		n, err := Collect(t.Context(), s.j, s.f.o.Keys(), noon, dir)
		if n != c.n || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %d, %v", c.what, n, err)
		}
		if covered := s.status().Covered == st.Head; covered != c.covered {
			t.Errorf("%s: covered up to %d", c.what, s.status().Covered.Number)
		}
		if names := listed(t, dir); len(names) != len(c.files) {
			t.Errorf("%s: %q are left", c.what, names)
		}
	}
	if n, err := Collect(t.Context(), s.j, s.f.o.Keys(), noon, filepath.Join(t.TempDir(), "none")); n != 0 || err == nil || !strings.HasPrefix(err.Error(), "collecting receipts from ") {
		t.Errorf("from a folder that is not there: %d, %v", n, err)
	}
	s.j.Close()
	if n, err := Collect(t.Context(), s.j, s.f.o.Keys(), noon, t.TempDir()); n != 0 || err == nil {
		t.Errorf("into a closed journal: %d, %v", n, err)
	}
}

// A stick and a spool give each other what the other can use.
func TestWhatIsExchanged(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(3)
	held := store.Position{Number: 2, Hash: store.Hash{1}}
	stick, spool := t.TempDir(), t.TempDir()
	put := func(dir, name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(stick, "1.batch", batchOf(t, s, "hall-2"))
	put(stick, "2.batch", batchOf(t, s, "hall-1")) // its own: it has it
	put(stick, "3.batch", []byte("x"))
	put(stick, "1.receipt", s.receipt("hall-1", store.ID{7}, held))
	put(stick, "2.receipt", s.receipt("hall-2", store.ID{7}, held))
	put(stick, "3.receipt", []byte("x"))
	put(spool, "9.receipt", s.receipt("hall-3", store.ID{7}, held))
	put(spool, "8.receipt", s.receipt("hall-1", store.ID{8}, held))
	done, err := Exchange(stick, spool, "hall-1")
	if done != (Exchanged{Batches: 1, Receipts: 1, Returned: 1}) {
		t.Errorf("%+v", done)
	}
	for _, want := range []string{"exchanging between " + stick + " and " + spool, "3.batch: malformed", "3.receipt: reading a receipt"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	wantSpool := []string{"8.receipt", "9.receipt", "hall-1_" + journal7 + ".receipt", "hall-2_" + journal7 + "_0000000000000001.batch"}
	if names := listed(t, spool); !slices.Equal(names, wantSpool) {
		t.Errorf("the spool: %q", names)
	}
	wantStick := []string{"1.batch", "1.receipt", "2.batch", "2.receipt", "3.batch", "3.receipt", "hall-3_" + journal7 + ".receipt"}
	if names := listed(t, stick); !slices.Equal(names, wantStick) {
		t.Errorf("the stick: %q", names)
	}
	done, err = Exchange(filepath.Join(stick, "none"), spool, "hall-1")
	if done != (Exchanged{}) || err == nil {
		t.Errorf("without a stick: %+v, %v", done, err)
	}
	if done, err := Exchange(t.TempDir(), t.TempDir(), "hall-1"); done != (Exchanged{}) || err != nil {
		t.Errorf("empty: %+v, %v", done, err)
	}
}

// The forwarder records its own receipts of the spool and removes them, good or
// not; a neighbour's waits.
func TestTheSpoolsReceipts(t *testing.T) {
	t.Parallel()
	spool := t.TempDir()
	s := newScene(t, func(o *Options) { o.Spool = spool })
	s.append(3)
	st := s.status()
	good := s.receipt("hall-1", st.Journal, st.Head)
	bad := bytes.Clone(good)
	bad[len(bad)-1] ^= 1
	for name, data := range map[string][]byte{"1.receipt": bad, "2.receipt": []byte("x"), "3.receipt": good, "4.receipt": s.receipt("hall-2", st.Journal, st.Head)} {
		if err := os.WriteFile(filepath.Join(spool, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.f.collectReceipts(t.Context()); err != nil {
		t.Error(err)
	}
	if names := listed(t, spool); !slices.Equal(names, []string{"4.receipt"}) || s.status().Covered != st.Head {
		t.Errorf("%q are left, %d are covered", names, s.status().Covered.Number)
	}
	if err := os.RemoveAll(spool); err != nil {
		t.Fatal(err)
	}
	if err := s.f.collectReceipts(t.Context()); problemOf(err) != Broken {
		t.Errorf("without its spool: %v", err)
	}
	if _, err := s.f.relay(t.Context()); problemOf(err) != Broken {
		t.Errorf("without its spool: %v", err)
	}
	s.f.o.Spool = ""
	if sent, err := s.f.relay(t.Context()); sent || err != nil || s.f.collectReceipts(t.Context()) != nil {
		t.Errorf("a forwarder that has no spool: %t, %v", sent, err)
	}
}

// A neighbour's batch that is refused is passed over for an hour, or until another
// is taken; a province that cannot be reached ends the step.
func TestHowTheSpoolIsRelayed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code   wire.Code
		passed bool
	}{
		{wire.Malformed, true}, {wire.BadSignature, true}, {wire.Unknown, true}, {wire.Revoked, true}, {wire.Gap, true}, {wire.Fork, true},
		{wire.TooLarge, true}, {wire.Busy, false}, {wire.Unavailable, false}, {"", false},
	} {
		t.Run(fmt.Sprintf("%q", c.code), func(t *testing.T) {
			t.Parallel()
			spool := t.TempDir()
			s := newScene(t, func(o *Options) { o.Spool = spool })
			s.append(3)
			for _, kiosk := range []string{"hall-2", "hall-3"} {
				if _, err := Accept(spool, batchOf(t, s, kiosk)); err != nil {
					t.Fatal(err)
				}
			}
			refused := "hall-2"
			s.answer = func(r *http.Request, body []byte) *http.Response {
				switch {
				case s.sent[len(s.sent)-1].Kiosk != refused:
					return s.takes(r, body)
				case c.code == "":
					return says(500, []byte("proxy"))
				}
				return refuses(wire.Error{Code: c.code})
			}
			relay := func(what string, want bool, posts ...string) {
				t.Helper()
				s.sent = nil
				sent, err := s.f.relay(t.Context())
				var to []string
				for _, b := range s.sent {
					to = append(to, b.Kiosk)
				}
				if sent != want || !slices.Equal(to, posts) || (err == nil) != (want || c.passed) {
					t.Errorf("%s: sent %t of %q: %v", what, sent, to, err)
				}
			}
			if !c.passed {
				relay("the first", false, "hall-2")
				relay("again", false, "hall-2")
				return
			}
			relay("the first is refused, the second taken", true, "hall-2", "hall-3")
			relay("the first at once again, because one was taken", false, "hall-2")
			relay("not for an hour", false)
			s.pass(time.Hour - time.Nanosecond)
			relay("almost an hour later", false)
			s.pass(time.Nanosecond)
			relay("an hour later", false, "hall-2")
			refused = ""
			s.pass(time.Hour)
			relay("when it is taken", true, "hall-2")
			relay("nothing is left", false)
			if names := listed(t, spool); len(names) != 2 || !strings.HasSuffix(names[0], ".receipt") || !strings.HasSuffix(names[1], ".receipt") {
				t.Errorf("%q", names)
			}
			if s.f.budget.spent < 7*overhead {
				t.Errorf("%d bytes were spent", s.f.budget.spent)
			}
		})
	}
}

// A series has the receipts of neighbours in up to half of its codes, then the
// backlog, and says what it leaves out.
func TestWhatASeriesHolds(t *testing.T) {
	t.Parallel()
	s := newScene(t, nil)
	s.append(200)
	spool := t.TempDir()
	held := store.Position{Number: 2, Hash: store.Hash{1}}
	for i := range 4 {
		kiosk := fmt.Sprintf("hall-%d", i+1) // the first is this one
		if err := os.WriteFile(filepath.Join(spool, kiosk+".receipt"), s.receipt(kiosk, store.ID{7}, held), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(spool, "damaged.receipt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	const size = 1000
	whole, err := MakeSeries(t.Context(), s.j, s.key, rand.Reader, spool, "hall-1", size, 400)
	if err != nil || whole.More || whole.Entries != 201 {
		t.Fatalf("%d codes, %d entries, more %t: %v", len(whole.Codes), whole.Entries, whole.More, err)
	}
	read := func(codes []string) (receipts []string, entries int) {
		var series wire.Series
		for _, code := range codes {
			data, err := series.Add(code)
			if err != nil {
				t.Fatal(err)
			}
			if data == nil {
				continue
			}
			if r, err := wire.DecodeReceipt(data); err == nil {
				receipts = append(receipts, r.Kiosk)
			} else if b, err := wire.DecodeBatch(data); err == nil {
				entries += len(b.Entries)
			} else {
				t.Error(err)
			}
		}
		return receipts, entries
	}
	if receipts, entries := read(whole.Codes); !slices.Equal(receipts, []string{"hall-2", "hall-3", "hall-4"}) || entries != 201 {
		t.Errorf("it holds receipts for %q and %d entries", receipts, entries)
	}
	for limit, want := range map[int]struct {
		receipts int
		more     bool
	}{
		0: {0, true}, 2: {1, true}, 4: {2, true}, 7: {3, true}, len(whole.Codes) - 1: {3, true}, len(whole.Codes): {3, false},
	} {
		got, err := MakeSeries(t.Context(), s.j, s.key, rand.Reader, spool, "hall-1", size, limit)
		receipts, entries := read(got.Codes)
		if err != nil || len(got.Codes) > limit || len(receipts) != want.receipts || got.More != want.more || entries != got.Entries || !want.more && entries != 201 {
			t.Errorf("of at most %d codes: %d, receipts for %q, %d entries (%d), more %t: %v", limit, len(got.Codes), receipts, entries, got.Entries, got.More, err)
		}
	}
	if _, err := MakeSeries(t.Context(), s.j, s.key, rand.Reader, filepath.Join(spool, "none"), "hall-1", size, 400); err == nil || !strings.HasPrefix(err.Error(), "making codes of receipts: ") {
		t.Errorf("without a spool: %v", err)
	}
	if _, err := MakeSeries(t.Context(), s.j, s.key, rand.Reader, t.TempDir(), "hall-1", 10, 400); err == nil || !strings.HasPrefix(err.Error(), "making codes of the backlog: ") {
		t.Errorf("of codes that are too small: %v", err)
	}
}

// A file is there whole or not at all, and nothing is left of one that is not.
func TestFilesAreWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "x"), 0o700); err != nil { // which no file can replace
		t.Fatal(err)
	}
	if err := writeFile(dir, "x", []byte("data")); err == nil {
		t.Error("a folder was replaced")
	}
	if names := listed(t, dir); !slices.Equal(names, []string{"x"}) {
		t.Errorf("%q are left", names)
	}
	if err := writeFile(dir, "y", []byte("data")); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "y")); err != nil || string(data) != "data" {
		t.Errorf("%q, %v", data, err)
	}
}
