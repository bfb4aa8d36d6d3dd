package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/enquiry"
	"chot/kiosk/record"
)

// enquirer is an [enquiry.Client].
type enquirer interface {
	Result(ctx context.Context, code, digits string) (enquiry.Result, error)
	Vaccination(ctx context.Context, code, digits string) (enquiry.Vaccination, error)
	Order(ctx context.Context, code, badge string) (enquiry.Order, error)
}

// answerWithin is how long the province is waited for; the checkpoint itself
// gives up a little later.
const answerWithin = 12 * time.Second

// LookUps asks the province about a visitor's results, vaccinations and orders.
type LookUps struct {
	province   enquirer
	background Background
	log        *slog.Logger
}

// NewLookUps makes look-ups at a province.
func NewLookUps(province enquirer, background Background, log *slog.Logger) *LookUps {
	return &LookUps{province, background, log}
}

// Background runs a task that may wait, and sends the checkpoint its event.
type Background func(task func() checkpoint.Event)

// LookUp asks the province. Whatever keeps it from answering, the visitor is told
// that it cannot be reached: what is held here is sealed.
func (l *LookUps) LookUp(ctx context.Context, a checkpoint.LookUp) {
	l.background(func() checkpoint.Event {
		ctx, stop := context.WithTimeout(ctx, answerWithin)
		defer stop()
		found, err := l.found(ctx, a)
		switch {
		case errors.Is(err, enquiry.ErrNoSuch):
			return checkpoint.LookUpFailed{ID: a.ID, Problem: "no-such"}
		case errors.Is(err, enquiry.ErrTooMany):
			return checkpoint.LookUpFailed{ID: a.ID, Problem: "too-many"}
		case err != nil:
			l.log.Warn("look-up", "error", err)
			return checkpoint.LookUpFailed{ID: a.ID, Problem: "offline"}
		}
		return found
	})
}

func (l *LookUps) found(ctx context.Context, a checkpoint.LookUp) (checkpoint.Event, error) {
	switch a.What {
	case "result":
		r, err := l.province.Result(ctx, a.Slip, a.Digits)
		return resultFound(a.ID, r), err
	case "vaccination":
		v, err := l.province.Vaccination(ctx, a.Slip, a.Digits)
		return vaccinationFound(a.ID, v), err
	case "order":
		order, err := l.province.Order(ctx, a.Slip, a.Staff)
		return checkpoint.OrderFound{ID: a.ID, Order: checkpoint.FoundOrder{
			Number: order.Number, Person: order.Person, Technique: record.ParseTechnique(order.Technique), Reason: order.Reason,
		}}, err
	}
	return nil, enquiry.ErrNoSuch
}

func resultFound(id int, r enquiry.Result) checkpoint.Event {
	e := checkpoint.ResultFound{ID: id, Name: r.Name, Code: r.Code}
	for _, t := range r.Tests {
		e.Results = append(e.Results, checkpoint.ResultLine{
			Tube: t.Tube, Technique: record.ParseTechnique(t.Technique), Outcome: record.ParseOutcome(t.Outcome), Sampled: t.Sampled,
			Corrected: t.Corrected, Before: record.ParseOutcome(t.Before),
		})
	}
	return e
}

func vaccinationFound(id int, v enquiry.Vaccination) checkpoint.Event {
	e := checkpoint.VaccinationFound{ID: id, Name: v.Name, Certificate: v.Certificate, Status: checkpoint.VaccinationStatus{
		Registered: v.Registered, Invited: v.Invited, Place: v.Place,
	}}
	for _, d := range v.Doses {
		e.Status.Doses = append(e.Status.Doses, checkpoint.DoseLine{Number: d.Number, Product: d.Product, At: d.At, Place: d.Place})
	}
	return e
}
