package appliance

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
func shower(t *testing.T, name string) (h *hands, answer *checkpoint.SeriesMade) {
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
	h = &hands{
		appliance: &appliance{config: config{State: state}, journal: j},
		signer:    signer{kiosk: name, key: key, rand: rand.Reader}, log: quiet,
	}
	if err := os.Mkdir(h.appliance.config.spool(), 0o755); err != nil {
		t.Fatal(err)
	}
	answer = new(checkpoint.SeriesMade)
	h.office = &office{ask: func(task func() checkpoint.Event) { *answer = task().(checkpoint.SeriesMade) }}
	return h, answer
}

// show hands the codes that one kiosk shows to another's camera and returns what
// that one has taken.
func show(t *testing.T, from *hands, codes *checkpoint.SeriesMade, to *hands) (taken checkpoint.CodeTaken) {
	t.Helper()
	from.do(t.Context(), checkpoint.MakeSeries{})
	to.do(t.Context(), checkpoint.MakeSeries{})
	for _, text := range codes.Codes {
		for _, seen := range []string{text, "a passer-by's code", text} {
			for _, e := range to.do(t.Context(), checkpoint.TakeCode{Text: seen}) {
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
		if _, err := first.appliance.journal.Append(t.Context(), 1, time.Now(), make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if taken := show(t, first, codes, second); codes.Entries != 121 || taken.Batches != 1 || taken.Problem != "" {
		t.Fatalf("of %d entries in %d codes the neighbour took %+v", codes.Entries, len(codes.Codes), taken)
	}
	spooled, err := filepath.Glob(filepath.Join(second.appliance.config.spool(), "*.batch"))
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

	provinceKey := second.signer.key.(*ecdsa.PrivateKey)
	receipt, err := (&wire.Receipt{Kiosk: b.Kiosk, Journal: b.Journal, Held: b.Head(), Time: time.Now()}).Encode(provinceKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second.appliance.config.spool(), "hall-1.receipt"), receipt, 0o644); err != nil {
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
		if _, err := h.appliance.journal.Append(t.Context(), 1, time.Now(), payload); err != nil {
			t.Fatal(err)
		}
	}
	h.do(t.Context(), checkpoint.MakeSeries{})
	if n := len(codes.Codes); n == 0 || n > seriesMost || !codes.More || codes.Entries == 0 || codes.Entries >= 60 {
		t.Errorf("%d codes with %d entries, more: %v", n, codes.Entries, codes.More)
	}
}
