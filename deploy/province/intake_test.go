package main

import (
	"errors"
	"testing"
	"time"

	"chot/kiosk/record"
	"chot/store/wire"
)

// visits appends visits to a kiosk's journal.
func (k *kiosk) visits(n int) {
	k.server.t.Helper()
	for range n {
		err := k.Add(time.Now(), record.Visit{Direction: record.In, Family: "eu-dcc", Level: 1, Reasons: []record.Reason{{Code: "doses"}}})
		if err != nil {
			k.server.t.Fatal(err)
		}
	}
}

// refused checks that an error is the province's, with a code.
func refused(t *testing.T, err error, code wire.Code) *wire.Error {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("answered %v, want %s", err, code)
	}
	return e
}

func TestABatchIsCommittedAndReceipted(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.visits(10)
		receipt, err := k.send(1, 11)
		if err != nil {
			t.Fatal(err)
		}
		if receipt.Held.Number != 11 || receipt.Held.Hash != k.Entries[10].Hash() {
			t.Errorf("the receipt is for %d, %s", receipt.Held.Number, receipt.Held.Hash)
		}
	})
}
