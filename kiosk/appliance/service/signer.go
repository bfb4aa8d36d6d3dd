package service

import (
	"crypto"
	"errors"
	"io"
	"log/slog"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential/owncode"
)

// Signer signs slips and results with the kiosk's own key.
type Signer struct {
	Kiosk string // its name
	Unit  string // code of the administrative unit where it stands
	Key   crypto.Signer
	Rand  io.Reader
	Now   func() time.Time
	Log   *slog.Logger
}

// Sign answers [checkpoint.Sign].
func (s Signer) Sign(a checkpoint.Sign) checkpoint.Event {
	now := s.Now()
	terms := owncode.Terms{Issuer: s.Kiosk, Number: a.Number, IssuedAt: now, NotBefore: now, NotAfter: a.Until}
	text, err := "", errors.New("nothing to sign")
	switch {
	case a.Slip != nil:
		text, err = owncode.Sign(s.Rand, s.Key, terms, owncode.Slip{
			Name: a.Slip.Name, Birth: a.Slip.Birth, Verdict: a.Slip.Level.String(), Basis: a.Slip.Basis, Place: s.Unit,
			Party: a.Slip.Party, // so that the next kiosk lets as many through
		})
	case a.Result != nil:
		text, err = owncode.Sign(s.Rand, s.Key, terms, owncode.Result{
			Name: a.Result.Name, Birth: a.Result.Birth, Specimen: a.Result.Tube, Technique: a.Result.Technique.String(),
			Outcome: a.Result.Outcome.String(), SampledAt: a.Result.Sampled.Unix(),
		})
	}
	if err != nil {
		s.Log.Error("signing failed", "error", err)
		return checkpoint.SignFailed{ID: a.ID}
	}
	return checkpoint.Signed{ID: a.ID, Code: text}
}
