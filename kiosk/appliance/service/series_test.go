package service

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/store"
	"chot/store/wire"
)

// shower is a kiosk that shows and takes codes.
func shower(t *testing.T, name string) (s *Series, answer *checkpoint.SeriesMade) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealKey, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	j, err := store.Open(filepath.Join(state, "journal.db"), store.Options{Kiosk: name, SealKey: sealKey.PublicKey(), Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	spool := filepath.Join(state, "spool")
	if err := os.Mkdir(spool, 0o755); err != nil {
		t.Fatal(err)
	}
	answer = new(checkpoint.SeriesMade)
	return NewSeries(SeriesOptions{
		Kiosk: name, Journal: j, Key: key, Rand: rand.Reader, Spool: spool, Log: quiet,
		Background: func(task func() checkpoint.Event) { *answer = task().(checkpoint.SeriesMade) },
	}), answer
}

// show hands the codes that one kiosk shows to another's camera and returns what
// that one has taken.
func show(t *testing.T, from *Series, codes *checkpoint.SeriesMade, to *Series) (taken checkpoint.CodeTaken) {
	t.Helper()
	from.Make(t.Context())
	to.Make(t.Context())
	for _, text := range codes.Codes {
		for _, seen := range []string{text, "a passer-by's code", text} {
			for _, e := range to.Take(seen) {
				taken = e.(checkpoint.CodeTaken)
			}
		}
	}
	return taken
}

// A kiosk without a network shows its backlog; a neighbour takes it and later
// shows the receipt in return.
func TestABacklogGoesFromScreenToCameraAndTheReceiptBack(t *testing.T) {
	t.Parallel()
	first, codes := shower(t, "hall-1")
	second, answers := shower(t, "hall-2")
	for range 120 {
		if _, err := first.o.Journal.Append(t.Context(), 1, time.Now(), make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if taken := show(t, first, codes, second); codes.Entries != 121 || taken.Batches != 1 || taken.Problem != "" {
		t.Fatalf("of %d entries in %d codes the neighbour took %+v", codes.Entries, len(codes.Codes), taken)
	}
	spooled, err := filepath.Glob(filepath.Join(second.o.Spool, "*.batch"))
	if err != nil || len(spooled) != 1 {
		t.Fatalf("in the spool are %v, %v", spooled, err)
	}
	data, err := os.ReadFile(spooled[0])
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.DecodeBatch(data)
	if err != nil || len(b.Entries) != 121 {
		t.Fatalf("the batch: %v", err)
	}

	provinceKey := second.o.Key
	receipt, err := (&wire.Receipt{Kiosk: b.Kiosk, Journal: b.Journal, Held: b.Head(), Time: time.Now()}).Encode(provinceKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second.o.Spool, "hall-1.receipt"), receipt, 0o644); err != nil {
		t.Fatal(err)
	}
	if taken := show(t, second, answers, first); answers.Entries != 0 || taken.Receipts != 1 || taken.Batches != 0 {
		t.Errorf("of the receipt in %d codes the first kiosk took %+v", len(answers.Codes), taken)
	}
}

// What does not fit into a round of codes stays for the next one.
func TestALongBacklogIsShownInPart(t *testing.T) {
	t.Parallel()
	h, codes := shower(t, "hall-1")
	payload := make([]byte, 1000)
	for range 60 {
		rand.Read(payload)
		if _, err := h.o.Journal.Append(t.Context(), 1, time.Now(), payload); err != nil {
			t.Fatal(err)
		}
	}
	h.Make(t.Context())
	if n := len(codes.Codes); n == 0 || n > seriesMaxCodes || !codes.More || codes.Entries == 0 || codes.Entries >= 60 {
		t.Errorf("%d codes with %d entries, more: %v", n, codes.Entries, codes.More)
	}
}
