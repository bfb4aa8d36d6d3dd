package enquiry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Client asks a province.
type Client struct {
	HTTP *http.Client // speaks as the kiosk
	URL  string       // of the province, without a path
}

// Result looks up tests by a slip and the phone's last digits.
func (c *Client) Result(ctx context.Context, code, digits string) (Result, error) {
	return ask[Result](ctx, c, PathResult, Question{Code: code, Digits: digits})
}

// Vaccination looks up doses and invitations by a slip or an identity paper, and
// the phone's last digits.
func (c *Client) Vaccination(ctx context.Context, code, digits string) (Vaccination, error) {
	return ask[Vaccination](ctx, c, PathVaccination, Question{Code: code, Digits: digits})
}

// Order looks up a registration for a test by its slip or an identity paper, for
// staff: the badge is the number of the one that is logged in.
func (c *Client) Order(ctx context.Context, code, badge string) (Order, error) {
	return ask[Order](ctx, c, PathOrder, Question{Code: code, Badge: badge})
}

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 1 << 20

func ask[A any](ctx context.Context, c *Client, path string, q Question) (answer A, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return answer, fmt.Errorf("asking %s: %w", path, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return answer, fmt.Errorf("asking %s: %w", path, err)
	}
	r.Header.Set("Content-Type", "application/json")
	w, err := c.HTTP.Do(r)
	if err != nil {
		return answer, fmt.Errorf("asking %s: %w", path, err)
	}
	defer w.Body.Close()
	switch w.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return answer, ErrNoSuch
	case http.StatusTooManyRequests:
		return answer, ErrTooMany
	default:
		return answer, fmt.Errorf("asking %s: the province answers %s", path, w.Status)
	}
	if kind := w.Header.Get("Content-Type"); kind != "application/json" {
		return answer, fmt.Errorf("asking %s: the answer is %q, not JSON", path, kind)
	}
	if err := json.NewDecoder(io.LimitReader(w.Body, maxAnswer)).Decode(&answer); err != nil {
		return answer, fmt.Errorf("reading the answer of %s: %w", path, err)
	}
	return answer, nil
}
