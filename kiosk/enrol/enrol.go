package enrol

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"
)

// Invitation is what a provisioning sheet says.
type Invitation struct {
	Server string   // https://host[:port]
	Pins   [][]byte // SHA-256 of the SubjectPublicKeyInfo of authorities, any of which the server may have
	Kiosk  string   // the name that the kiosk will have
	Token  string
}

// ErrRefused means that the province answered, and said no: trying again with
// the same sheet is of no use.
var ErrRefused = errors.New("the province refuses")

// ErrUsed and ErrExpired mean that another sheet is needed: another kiosk came
// with this one before, or it is too late. Both are refusals.
var (
	ErrUsed    = fmt.Errorf("%w: the token was used before", ErrRefused)
	ErrExpired = fmt.Errorf("%w: the token has expired", ErrRefused)
)

// refusals are the errors of a challenge (RFC 7235, section 4.1) that the
// province names a reason by.
var refusals = map[string]error{`error="token-used"`: ErrUsed, `error="token-expired"`: ErrExpired}

// ErrPin means that the server is not the one that the sheet names.
var ErrPin = errors.New("the server is not the one that the sheet names")

// patience bounds one request.
const patience = 30 * time.Second

// Enrol makes a key, has the province certify it, and keeps both in dir. Where
// dir already holds the identity that is asked for, it is returned as it is.
func Enrol(ctx context.Context, dir string, inv Invitation, now func() time.Time) (*Identity, error) {
	id, err := enrol(ctx, dir, inv, now)
	if err != nil {
		return nil, fmt.Errorf("enrolling %s with %s: %w", inv.Kiosk, inv.Server, err)
	}
	return id, nil
}

func enrol(ctx context.Context, dir string, inv Invitation, now func() time.Time) (*Identity, error) {
	server, err := url.Parse(inv.Server)
	if err != nil || server.Scheme != "https" || server.Host == "" {
		return nil, fmt.Errorf("%q is no https address", inv.Server)
	}
	if id, err := Load(dir); err == nil && id.Kiosk == inv.Kiosk && id.Server == inv.Server && id.pinned(inv.Pins) && now().Before(id.Certificate.NotAfter) {
		return id, nil
	} else if err != nil && !errors.Is(err, ErrNone) {
		return nil, err
	}
	key, err := makeKey(dir)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	id := &Identity{Kiosk: inv.Kiosk, Server: inv.Server, Key: key, dir: dir}
	client := newClient(&tls.Config{
		MinVersion: tls.VersionTLS13, Time: now,
		InsecureSkipVerify: true, // the pin is checked instead, and the name with it
		VerifyConnection: func(c tls.ConnectionState) error {
			id.Authority, err = verify(c.PeerCertificates, server.Hostname(), inv.Pins, now())
			return err
		},
	})
	defer client.CloseIdleConnections()
	if err := id.request(ctx, client, "simpleenroll", func(r *http.Request) { r.SetBasicAuth(inv.Kiosk, inv.Token) }, now()); err != nil {
		return nil, err
	}
	return id, id.save()
}

func (id *Identity) pinned(pins [][]byte) bool {
	sum := sha256.Sum256(id.Authority.RawSubjectPublicKeyInfo)
	return slices.ContainsFunc(pins, func(pin []byte) bool { return bytes.Equal(pin, sum[:]) })
}

// verify finds the pinned authority in what the server sent, and checks the
// server's own certificate against it.
func verify(sent []*x509.Certificate, host string, pins [][]byte, now time.Time) (*x509.Certificate, error) {
	for _, authority := range sent {
		if !authority.IsCA || !(&Identity{Authority: authority}).pinned(pins) {
			continue
		}
		roots := x509.NewCertPool()
		roots.AddCert(authority)
		if _, err := sent[0].Verify(x509.VerifyOptions{
			Roots: roots, DNSName: host, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}); err != nil {
			return nil, fmt.Errorf("checking the server's certificate: %w", err)
		}
		return authority, nil
	}
	return nil, ErrPin
}

// Renew returns the identity with a new certificate for the same key: what the
// kiosk has signed goes on to hold. The present one stays good until it expires.
func (id *Identity) Renew(ctx context.Context, now func() time.Time) (*Identity, error) {
	config := id.TLS()
	config.Time = now
	client := newClient(config)
	defer client.CloseIdleConnections()
	next := *id
	if err := next.request(ctx, client, "simplereenroll", func(*http.Request) {}, now()); err != nil {
		return nil, fmt.Errorf("renewing the certificate of %s: %w", id.Kiosk, err)
	}
	if err := next.save(); err != nil {
		return nil, fmt.Errorf("keeping the renewed certificate of %s: %w", id.Kiosk, err)
	}
	return &next, nil
}

func newClient(config *tls.Config) *http.Client {
	return &http.Client{
		Timeout:   patience,
		Transport: &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true},
		// A token goes to the server that the sheet names, nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// request asks for a certificate and puts it into the identity.
func (id *Identity) request(ctx context.Context, client *http.Client, operation string, authorise func(*http.Request), now time.Time) error {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: id.Kiosk}}, id.Key)
	if err != nil {
		return fmt.Errorf("making a certificate request: %w", err)
	}
	address := strings.TrimRight(id.Server, "/") + "/.well-known/est/" + operation
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(base64.StdEncoding.EncodeToString(der)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/pkcs10")
	r.Header.Set("Content-Transfer-Encoding", "base64")
	authorise(r)
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	switch {
	case answer.StatusCode >= 400 && answer.StatusCode < 500:
		challenge := answer.Header.Get("WWW-Authenticate")
		for mark, err := range refusals {
			if strings.Contains(challenge, mark) {
				return err
			}
		}
		return fmt.Errorf("%w: %s", ErrRefused, strings.TrimSpace(string(body)))
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("the province answered %s: %s", answer.Status, strings.TrimSpace(string(body)))
	}
	cert, err := ParseCertificate(body)
	if err != nil {
		return err
	}
	return id.accept(cert, now)
}

// accept takes a certificate that is what was asked for.
func (id *Identity) accept(cert *x509.Certificate, now time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(id.Authority)
	_, err := cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	switch {
	case err != nil:
		return fmt.Errorf("checking the certificate that came: %w", err)
	case !ok || !id.Key.PublicKey.Equal(key):
		return errors.New("the certificate that came is for another key")
	case cert.Subject.CommonName != id.Kiosk:
		return fmt.Errorf("the certificate that came is for %q", cert.Subject.CommonName)
	}
	id.Certificate = cert
	return nil
}

// ParseCertificate reads a certs-only CMS message in base64 (RFC 7030, 4.2.3).
func ParseCertificate(body []byte) (*x509.Certificate, error) {
	text := strings.Join(strings.Fields(string(body)), "")
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the answer is not in base64")
	}
	bag, err := pkcs7.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(bag.Certificates) != 1 {
		return nil, fmt.Errorf("the answer holds %d certificates, not one", len(bag.Certificates))
	}
	return bag.Certificates[0], nil
}
