package forward_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"chot/store/forward"
)

// A kiosk that comes back after an outage resumes its session.
func TestComingBackResumesTheSession(t *testing.T) {
	t.Parallel()
	province := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("the kiosk speaks %s", r.Proto)
		}
		if r.TLS.DidResume {
			io.WriteString(w, "resumed")
		}
	}))
	province.EnableHTTP2 = true
	province.StartTLS()
	t.Cleanup(province.Close)
	roots := x509.NewCertPool()
	roots.AddCert(province.Certificate())
	client := forward.NewHTTP(&tls.Config{RootCAs: roots, ServerName: "example.com"})
	for _, want := range []string{"", "resumed", "resumed"} {
		answer, err := client.Get(province.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(got) != want {
			t.Errorf("the session is %q, not %q: %v", got, want, err)
		}
		client.CloseIdleConnections()
	}
}
