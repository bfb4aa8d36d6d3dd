package forward_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"chot/store/forward"
)

// A kiosk that comes back after an outage resumes its session, whose keys still
// follow from a hybrid exchange; a province that has forgotten the session gets
// nothing before such an exchange was made again.
func TestComingBackResumesTheSession(t *testing.T) {
	t.Parallel()
	province := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %v %s", r.Proto, r.TLS.DidResume, r.TLS.CurveID)
	}))
	province.EnableHTTP2 = true
	province.TLS = &tls.Config{}
	province.StartTLS()
	t.Cleanup(province.Close)
	roots := x509.NewCertPool()
	roots.AddCert(province.Certificate())
	dialer := forward.NewDialer(&tls.Config{RootCAs: roots, ServerName: "example.com"})
	below, dialled := dialer.Dial, atomic.Int32{}
	dialer.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled.Add(1)
		return below(ctx, network, address)
	}
	client := forward.NewHTTP(dialer)
	const first, again = "HTTP/2.0 false X25519MLKEM768", "HTTP/2.0 true CurveP256"
	for i, step := range []struct {
		forget bool
		want   string
		dials  int32
	}{
		{false, first, 1}, {false, again, 1}, {false, again, 1}, {true, first, 2}, {false, again, 1},
	} {
		if step.forget {
			province.TLS.SetSessionTicketKeys([][32]byte{{byte(i)}})
		}
		before := dialled.Load()
		answer, err := client.Get(province.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(got) != step.want {
			t.Errorf("step %d: the connection is %q, not %q: %v", i, got, step.want, err)
		}
		if n := dialled.Load() - before; n != step.dials {
			t.Errorf("step %d: %d connections were made, not %d", i, n, step.dials)
		}
		client.CloseIdleConnections()
	}
}
