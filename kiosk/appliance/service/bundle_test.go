package service

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"chot/kiosk/bundle"
	"chot/kiosk/condition"
	"chot/kiosk/published"
)

// What is refused has a condition, and in words that fit a page the file, the key
// and why.
func TestRefusedDataAreNamed(t *testing.T) {
	t.Parallel()
	_, err := published.Load(fstest.MapFS{"checkpoint.json": {Data: []byte(`{"fever": 35}`)}})
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, c := range []struct {
		status bundle.Status
		want   *condition.Condition
		says   string
	}{
		{bundle.Status{}, nil, ""},
		{bundle.Status{Problem: bundle.Unreachable, Err: errors.New("no route")}, nil, ""},
		{bundle.Status{Problem: bundle.Refused, Err: err}, condition.TrustRefused, "checkpoint.json: fever: 35 is not within 36–42"},
		{bundle.Status{Problem: bundle.Local, Err: errors.New(strings.Repeat("x", 999) + " policy.json was changed on the disk")},
			condition.TrustDamaged, "policy.json was changed on the disk"},
	} {
		got, why := Refusal(c.status)
		if got != c.want || (why == nil) != (c.want == nil) {
			t.Errorf("%+v: %v, %v", c.status, got, why)
		}
		if why != nil && (!strings.HasSuffix(short(why), c.says) || len(short(why)) > maxRefusal+3) {
			t.Errorf("%q, which should say %q", short(why), c.says)
		}
	}
}

// A kiosk turns to what was accepted and changed, and to nothing else.
func TestBundleServiceTakesOnlyWhatWasAccepted(t *testing.T) {
	t.Parallel()
	loader := new(Loader)
	first := published.Defaults()
	var learned []*published.Data
	b := NewBundle(BundleOptions{
		Loader: loader, Data: first, Log: quiet, RaiseFloor: func(context.Context, time.Time, time.Time) error { return nil },
		Learned: func(_ context.Context, d *published.Data, _ bundle.Status) { learned = append(learned, d) },
	})
	if err := loader.Accept(fstest.MapFS{"checkpoint.json": {Data: []byte(`{"fever": 35}`)}}); err == nil {
		t.Fatal("it was accepted")
	}
	b.updated(t.Context(), bundle.Status{Problem: bundle.Refused, Err: errors.New("refused")})
	if err := loader.Accept(fstest.MapFS{"checkpoint.json": {Data: []byte(`{"fever": 38}`)}}); err != nil {
		t.Fatal(err)
	}
	b.updated(t.Context(), bundle.Status{Problem: bundle.Local, Err: errors.New("the disk is full")})
	if b.Data() != first {
		t.Error("it turned to what was not taken")
	}
	b.updated(t.Context(), bundle.Status{Changed: true})
	if b.Data().Checkpoint.Fever != 38 || len(learned) != 3 || learned[1] != first || learned[2] != b.Data() {
		t.Errorf("it works by a fever of %g", b.Data().Checkpoint.Fever)
	}
}
