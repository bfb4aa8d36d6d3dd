package appliance

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/credential/pass"
)

// hands carry out the checkpoint's actions. What is quick is done at once and
// answered at once; what may wait is handed to the room that it concerns, which
// answers by an event of its own.
type hands struct {
	appliance *appliance
	checker   *checker
	scribe    *scribe
	memory    *memory
	press     *press
	office    *office
	gate      *gate
	voice     *voice
	bell      *bell
	taking    taking
	aid       *atomic.Bool // the camera's picture is to be measured
	signer    signer
	send      func(context.Context, checkpoint.Event)
	findStick func() (string, error)
	quit      func()
	log       *slog.Logger
}

// do carries out one action and returns what is known of it already. Actions
// that only a technician's page has are in technician.go.
func (h *hands) do(ctx context.Context, action checkpoint.Action) []checkpoint.Event {
	switch a := action.(type) {
	case checkpoint.Check:
		return []checkpoint.Event{h.checker.check(a)}
	case checkpoint.Keep:
		return h.scribe.keep(a)
	case checkpoint.Save:
		if err := h.memory.save(a.Key, a.Value); err != nil {
			h.log.Error("memory", "error", err)
		}
	case checkpoint.Sign:
		return []checkpoint.Event{h.signer.sign(a, h.log)}
	case checkpoint.Print:
		return h.press.print(a)
	case checkpoint.LookUp:
		return h.office.lookUp(ctx, a, func(err error) { h.log.Warn("look-up", "error", err) })
	case checkpoint.LogIn:
		return h.office.logIn(ctx, a)
	case checkpoint.Lamp:
		h.gate.light(a.Level)
	case checkpoint.Buzz:
		h.gate.buzz(a.Pattern)
	case checkpoint.CallStaff:
		h.gate.buzz("call")
	case checkpoint.OpenBarrier:
		h.gate.open(ctx)
	case checkpoint.Say:
		h.voice.say(a)
	case checkpoint.Forget:
		h.voice.hush()
	case checkpoint.TakeCode:
		taken, err := h.taking.take(a.Text, h.appliance.config.spool())
		if err != nil {
			h.log.Warn("a neighbour's series of codes", "error", err)
		}
		return taken
	case checkpoint.Quit:
		h.quit()
	default:
		h.technician(ctx, action)
	}
	return nil
}

// signer signs slips and results with the kiosk's own key.
type signer struct {
	kiosk string
	unit  string
	key   crypto.Signer
	rand  io.Reader
	now   func() time.Time
}

func (s signer) sign(a checkpoint.Sign, log *slog.Logger) checkpoint.Event {
	now := s.now()
	terms := pass.Terms{Issuer: s.kiosk, Number: a.Number, IssuedAt: now, NotBefore: now, NotAfter: a.Until}
	text, err := "", fmt.Errorf("nothing to sign")
	switch {
	case a.Slip != nil:
		text, err = pass.Sign(s.rand, s.key, terms, pass.Slip{
			Name: a.Slip.Name, Birth: a.Slip.Birth, Verdict: a.Slip.Level.String(), Basis: a.Slip.Basis, Place: s.unit,
			Party: a.Slip.Party, // so that the next kiosk lets as many through
		})
	case a.Result != nil:
		text, err = pass.Sign(s.rand, s.key, terms, pass.Result{
			Name: a.Result.Name, Birth: a.Result.Birth, Specimen: a.Result.Tube, Technique: a.Result.Technique.String(),
			Outcome: a.Result.Outcome.String(), SampledAt: a.Result.Sampled.Unix(),
		})
	}
	if err != nil {
		log.Error("signing failed", "error", err)
		return checkpoint.SignFailed{ID: a.ID}
	}
	return checkpoint.Signed{ID: a.ID, Code: text}
}
