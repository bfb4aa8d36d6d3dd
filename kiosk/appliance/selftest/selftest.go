// Package selftest tests the parts of a kiosk one at a time, for the technician's
// page.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"chot/kiosk/appliance/device"
	"chot/kiosk/appliance/service"
	"chot/kiosk/checkpoint"
	"chot/store"
)

// Test tests one part and says what it saw, as data: a reading, an address.
type Test func(ctx context.Context) (detail string, err error)

// How long a test may take, and how long a person is waited for who must hold up
// a code or press a button.
const (
	testLimit   = 20 * time.Second
	personLimit = 15 * time.Second
)

// SelfTest has the tests of the parts. A part that is not fitted has none.
type SelfTest struct {
	tests      map[checkpoint.Part]Test
	background service.Background
	log        *slog.Logger
}

// New makes a self-test of the tests of the parts that are fitted.
func New(tests map[checkpoint.Part]Test, background service.Background, log *slog.Logger) *SelfTest {
	return &SelfTest{tests, background, log}
}

// Run tests one part in the background and sends PartTested.
func (s *SelfTest) Run(ctx context.Context, part checkpoint.Part) {
	s.background(func() checkpoint.Event {
		test := s.tests[part]
		if test == nil {
			return checkpoint.PartTested{Part: part, Detail: "not-fitted"}
		}
		ctx, stop := context.WithTimeout(ctx, testLimit)
		defer stop()
		detail, err := test(ctx)
		if err != nil {
			s.log.Warn("a part does not work", "part", string(part), "error", err)
		}
		return checkpoint.PartTested{Part: part, Passed: err == nil, Detail: detail}
	})
}

// Await waits until a part says something by itself: a code held up, the button
// pressed.
func Await(waiter *device.PartWaiter, part checkpoint.Part) Test {
	return func(ctx context.Context) (string, error) {
		ctx, stop := context.WithTimeout(ctx, personLimit)
		defer stop()
		if !waiter.Wait(ctx, part) {
			return "", errors.New("nothing came")
		}
		return "", nil
	}
}

// Network names the addresses that this kiosk has.
func Network(context.Context) (string, error) {
	found, err := service.Addresses()
	if err == nil && len(found) == 0 {
		err = errors.New("the kiosk has no address")
	}
	return strings.Join(found, " "), err
}

// Server asks the province at a URL for the smallest thing that it signs.
func Server(client *http.Client, url string) Test {
	return func(ctx context.Context) (string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/tuf/timestamp.json", nil)
		if err != nil {
			return "", fmt.Errorf("asking the province: %w", err)
		}
		begun := time.Now()
		answer, err := client.Do(request)
		if err != nil {
			return "", fmt.Errorf("asking the province: %w", err)
		}
		defer answer.Body.Close()
		if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)); err != nil {
			return "", fmt.Errorf("asking the province: %w", err)
		}
		if answer.StatusCode != http.StatusOK {
			return answer.Status, fmt.Errorf("the province answered %s", answer.Status)
		}
		return fmt.Sprintf("%d ms", time.Since(begun).Milliseconds()), nil
	}
}

// Journal reads the journal in a file through, with its chain.
func Journal(path string) Test {
	return func(ctx context.Context) (string, error) {
		look, err := store.Inspect(path)
		if err != nil {
			return "", err
		}
		n := 0
		for _, chain := range look.Chains {
			for _, err := range look.Entries(chain.Journal) {
				if err != nil {
					return "", err
				}
				if n++; ctx.Err() != nil {
					return fmt.Sprint(n), ctx.Err()
				}
			}
		}
		return fmt.Sprint(n), nil
	}
}
