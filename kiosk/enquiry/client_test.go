package enquiry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"chot/kiosk/enquiry"
)

// province answers every question in one way.
func province(t *testing.T, status int, kind, body string) *enquiry.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q enquiry.Question
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Code != "SLIP" || r.Method != http.MethodPost {
			t.Errorf("%s %s asks %+v: %v", r.Method, r.URL, q, err)
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return &enquiry.Client{HTTP: s.Client(), URL: s.URL}
}

func TestAnAnswerSaysWhatTheVisitorIsTold(t *testing.T) {
	t.Parallel()
	offline := errors.New("any other")
	const json = "application/json"
	for _, c := range []struct {
		name   string
		status int
		kind   string
		body   string
		want   error
	}{
		{"found", 200, json, `{"name":"N. V. Thử","tests":[{"tube":"T1","technique":"rt-pcr","sampled":"2026-01-02T03:04:05Z"}]}`, nil},
		{"unknown or wrong digits", 404, json, `{}`, enquiry.ErrNoSuch},
		{"too many tries", 429, json, `{}`, enquiry.ErrTooMany},
		{"the server has a fault", 500, json, `{}`, offline},
		{"a revoked kiosk", 403, json, `{}`, offline},
		{"another server answers", 200, "text/html", `<h1>Wi-Fi</h1>`, offline},
		{"half an answer", 200, json, `{"name":"N`, offline},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found, err := province(t, c.status, c.kind, c.body).Result(t.Context(), "SLIP", "5678")
			switch {
			case c.want == nil:
				if err != nil || found.Name != "N. V. Thử" || len(found.Tests) != 1 {
					t.Errorf("%+v, %v", found, err)
				}
			case c.want == offline:
				if err == nil || errors.Is(err, enquiry.ErrNoSuch) || errors.Is(err, enquiry.ErrTooMany) {
					t.Errorf("the error is %v", err)
				}
			case !errors.Is(err, c.want):
				t.Errorf("the error is %v, want %v", err, c.want)
			}
		})
	}
}

func TestEachQuestionHasItsPath(t *testing.T) {
	t.Parallel()
	c := province(t, 200, "application/json", `{"number":"7"}`)
	if order, err := c.Order(t.Context(), "SLIP", "B-7"); err != nil || order.Number != "7" {
		t.Errorf("%+v, %v", order, err)
	}
	if _, err := c.Vaccination(t.Context(), "SLIP", "5678"); err != nil {
		t.Error(err)
	}
	c.URL = "http://127.0.0.1:1"
	if _, err := c.Order(t.Context(), "SLIP", "B-7"); err == nil || errors.Is(err, enquiry.ErrNoSuch) {
		t.Errorf("without a network: %v", err)
	}
}
