package kioskapi_test

import (
	"crypto/rand"
	"crypto/tls"
	"net"
	"path/filepath"
	"testing"
	"time"

	"chot/deploy/province/internal/keys"
	"chot/deploy/province/internal/kioskapi"
)

// A kiosk takes up its session with whichever instance it meets, also with one
// that was started since, for as long as the protocol allows.
func TestAnyInstanceResumesASession(t *testing.T) {
	t.Parallel()
	start := time.Now()
	set, err := keys.Open(filepath.Join(t.TempDir(), "keys"), "Test", rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	other, err := keys.Open(filepath.Join(t.TempDir(), "keys"), "Other", rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	now := start
	instance := func(set *keys.Set) *tls.Config {
		server, err := set.NewServer([]string{"province"}, func() time.Time { return start })
		if err != nil {
			t.Fatal(err)
		}
		return kioskapi.TLS(server, set, func() time.Time { return now })
	}
	client := &tls.Config{
		RootCAs: set.CA.Pool(), ServerName: "province", NextProtos: []string{"h2"}, ClientSessionCache: tls.NewLRUClientSessionCache(1),
	}
	client.RootCAs.AddCert(other.CA.Certificate)
	first := instance(set)
	for _, step := range []struct {
		name    string
		after   time.Duration
		at      *tls.Config
		resumes bool
	}{
		{"new", 0, first, false},
		{"again", time.Minute, first, true},
		{"another instance", time.Hour, instance(set), true},
		{"the next day", 24 * time.Hour, first, true},
		{"six days later", 7 * 24 * time.Hour, first, true},
		{"too late", 17 * 24 * time.Hour, first, false},
		{"another province", 17 * 24 * time.Hour, instance(other), false},
	} {
		now = start.Add(step.after)
		if got := shake(t, client, step.at); got.DidResume != step.resumes || got.NegotiatedProtocol != "h2" {
			t.Errorf("%s: resumed is %v, the protocol %q", step.name, got.DidResume, got.NegotiatedProtocol)
		}
	}
}

// shake connects a client to a server and returns what they agreed on. A word
// from the server brings its ticket.
func shake(t *testing.T, client, server *tls.Config) tls.ConnectionState {
	t.Helper()
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() {
		conn := tls.Server(far, server)
		_, err := conn.Write([]byte{1})
		done <- err
		conn.Close()
	}()
	conn := tls.Client(near, client)
	defer near.Close()
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return conn.ConnectionState()
}
