package service

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/enquiry"
	"chot/kiosk/record"
)

// replies is a province that knows of one person, or fails.
type replies struct {
	asked [2]string // code and digits
	err   error
}

var sampled = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

func (r *replies) Result(_ context.Context, code, digits string) (enquiry.Result, error) {
	r.asked = [2]string{code, digits}
	return enquiry.Result{Name: "N. V. An", Code: "CHOT1R:X", Tests: []enquiry.Test{
		{Tube: "T1", Technique: "antigen", Outcome: "negative", Sampled: sampled}, {Tube: "T2", Technique: "rt-pcr", Sampled: sampled},
	}}, r.err
}

func (r *replies) Vaccination(_ context.Context, code, digits string) (enquiry.Vaccination, error) {
	r.asked = [2]string{code, digits}
	return enquiry.Vaccination{
		Name: "N. V. An", Registered: true, Invited: sampled, Place: "Trạm y tế", Certificate: "HC1:X",
		Doses: []enquiry.Dose{{Number: 1, Product: "EU/1/20/1528", At: sampled, Place: "Tứ Kỳ"}},
	}, r.err
}

func (r *replies) Order(_ context.Context, code, badge string) (enquiry.Order, error) {
	r.asked = [2]string{code, badge}
	return enquiry.Order{Number: "A-1", Person: record.Person{Name: "Nguyễn Văn An", Birth: 1990}, Technique: "rt-pcr", Reason: "contact"}, r.err
}

func TestLookUpsAskTheProvince(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		look  checkpoint.LookUp
		err   error
		asked [2]string
		want  checkpoint.Event
	}{
		{"results", checkpoint.LookUp{ID: 1, What: "result", Slip: "SLIP", Digits: "5678"}, nil, [2]string{"SLIP", "5678"},
			checkpoint.ResultFound{ID: 1, Name: "N. V. An", Code: "CHOT1R:X", Results: []checkpoint.ResultLine{
				{Tube: "T1", Technique: record.Antigen, Outcome: record.Negative, Sampled: sampled},
				{Tube: "T2", Technique: record.RTPCR, Sampled: sampled},
			}}},
		{"vaccination", checkpoint.LookUp{ID: 2, What: "vaccination", Slip: "CARD", Digits: "5678"}, nil, [2]string{"CARD", "5678"},
			checkpoint.VaccinationFound{ID: 2, Name: "N. V. An", Certificate: "HC1:X", Status: checkpoint.VaccinationStatus{
				Registered: true, Invited: sampled, Place: "Trạm y tế",
				Doses: []checkpoint.DoseLine{{Number: 1, Product: "EU/1/20/1528", At: sampled, Place: "Tứ Kỳ"}},
			}}},
		{"an order for the desk", checkpoint.LookUp{ID: 3, What: "order", Slip: "SLIP", Staff: "B-7"}, nil, [2]string{"SLIP", "B-7"},
			checkpoint.OrderFound{ID: 3, Order: checkpoint.FoundOrder{
				Number: "A-1", Person: record.Person{Name: "Nguyễn Văn An", Birth: 1990}, Technique: record.RTPCR, Reason: "contact",
			}}},
		{"wrong digits", checkpoint.LookUp{ID: 4, What: "result", Slip: "SLIP", Digits: "0000"}, enquiry.ErrNoSuch, [2]string{"SLIP", "0000"},
			checkpoint.LookUpFailed{ID: 4, Problem: "no-such"}},
		{"too often", checkpoint.LookUp{ID: 5, What: "vaccination", Slip: "SLIP", Digits: "0000"}, enquiry.ErrTooMany, [2]string{"SLIP", "0000"},
			checkpoint.LookUpFailed{ID: 5, Problem: "too-many"}},
		{"no network", checkpoint.LookUp{ID: 6, What: "order", Slip: "SLIP"}, errors.New("no route"), [2]string{"SLIP"},
			checkpoint.LookUpFailed{ID: 6, Problem: "offline"}},
		{"what cannot be asked", checkpoint.LookUp{ID: 7, What: "weather", Slip: "SLIP"}, nil, [2]string{},
			checkpoint.LookUpFailed{ID: 7, Problem: "no-such"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			province := &replies{err: c.err}
			var got checkpoint.Event
			l := NewLookUps(province, func(task func() checkpoint.Event) { got = task() }, quiet)
			l.LookUp(t.Context(), c.look)
			if province.asked != c.asked {
				t.Errorf("asked %q, want %q", province.asked, c.asked)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
