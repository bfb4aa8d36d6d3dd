package forward

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chot/store"
	"chot/store/wire"

	"github.com/fxamacker/cbor/v2"
)

// Client speaks to the province. Its HTTP client bears the certificate that it
// goes by.
type Client struct {
	HTTP *http.Client
	URL  string // of the province, "https://province.example:8443"

	timeout time.Duration // for one request; zero for requestTime
}

const (
	requestTime = 2 * time.Minute // for one request, on the slowest link
	maxAnswer   = 1 << 20         // bytes
	// overhead is what a request and its answer cost besides their bodies, in
	// bytes: headers, TLS records and packets, roughly.
	overhead = 500
)

// answer is what the province says, and what it cost to hear it.
type answer struct {
	body  []byte
	bytes int64
}

// refusal is an answer other than 200: the error, and how long to wait at least.
type refusal struct {
	err   error
	after time.Duration
}

func (p *refusal) Error() string { return p.err.Error() }
func (p *refusal) Unwrap() error { return p.err }

func (c *Client) do(ctx context.Context, method, path string, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.timeout, requestTime))
	defer cancel()
	a := answer{bytes: int64(len(body)) + overhead}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", wire.ContentType)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	a.bytes += int64(len(a.body))
	if err != nil {
		return a, fmt.Errorf("reading the province's answer: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return a, nil
	}
	refused, err := wire.DecodeError(a.body)
	if err != nil || refused.Status() != resp.StatusCode {
		refused = &wire.Error{Code: wire.Unavailable, Text: "something answered " + resp.Status + " in the province's place"}
	}
	return a, &refusal{refused, retryAfter(resp.Header.Get("Retry-After"))}
}

// retryAfter reads the header in seconds; its form with a date is as good as a
// clock, which a kiosk does not have. It obeys up to an hour.
func retryAfter(header string) time.Duration {
	s, err := strconv.ParseUint(header, 10, 32)
	if err != nil {
		return 0
	}
	return min(time.Duration(s)*time.Second, time.Hour)
}

// post sends a batch and returns the receipt, which is not verified yet.
func (c *Client) post(ctx context.Context, batch []byte) (*wire.Receipt, answer, error) {
	a, err := c.do(ctx, http.MethodPost, wire.PathBatches, batch)
	if err != nil {
		return nil, a, fmt.Errorf("sending a batch: %w", err)
	}
	r, err := wire.DecodeReceipt(a.body)
	if err != nil {
		return nil, a, fmt.Errorf("sending a batch: %w", err)
	}
	return r, a, nil
}

// Receipt asks for the province's latest receipt for a journal, nil where it
// holds nothing of it. It is not verified yet.
func (c *Client) Receipt(ctx context.Context, kiosk string, journal store.ID) (*wire.Receipt, error) {
	q := url.Values{"kiosk": {kiosk}, "journal": {hex.EncodeToString(journal[:])}}
	a, err := c.do(ctx, http.MethodGet, wire.PathReceipt+"?"+q.Encode(), nil)
	if refused := (*wire.Error)(nil); errors.As(err, &refused) && refused.Code == wire.None {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("asking for a receipt: %w", err)
	}
	return wire.DecodeReceipt(a.body)
}

// clock asks for the province's latest statement about a kiosk's clock.
func (c *Client) clock(ctx context.Context, kiosk string) ([]byte, answer, error) {
	a, err := c.do(ctx, http.MethodGet, wire.PathClock+"?"+url.Values{"kiosk": {kiosk}}.Encode(), nil)
	if err != nil {
		return nil, a, fmt.Errorf("asking for a statement about the clock: %w", err)
	}
	return a.body, a, nil
}

// erasures asks for the orders that wait for a kiosk.
func (c *Client) erasures(ctx context.Context, kiosk string) ([][]byte, answer, error) {
	a, err := c.do(ctx, http.MethodGet, wire.PathErasures+"?"+url.Values{"kiosk": {kiosk}}.Encode(), nil)
	if err != nil {
		return nil, a, fmt.Errorf("asking for erasure orders: %w", err)
	}
	var orders [][]byte
	if err := cbor.Unmarshal(a.body, &orders); err != nil {
		return nil, a, fmt.Errorf("reading erasure orders: %w", err)
	}
	return orders, a, nil
}
