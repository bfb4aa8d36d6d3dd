// Package est issues kiosk certificates by Enrolment over Secure Transport
// (RFC 7030, as clarified by RFC 8951):
//
//	GET  /.well-known/est/cacerts         the authority's certificate, to anybody
//	POST /.well-known/est/simpleenroll    with HTTP basic authentication: the kiosk's name and a token
//	POST /.well-known/est/simplereenroll  over mutual TLS, before the certificate expires or within a grace time
//
// A token is good for one kiosk, once, until it expires. Used again with the
// same key it gives the same certificate, because the first answer may have been
// lost on the way; with another key it is refused and shown to officers: a
// copied or reused sheet.
package est

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/keys"
)

// Path is where the operations live (RFC 7030, 3.2.2).
const Path = "/.well-known/est/"

// maxRequest bounds a certificate request, in bytes.
const maxRequest = 16 << 10

// Service issues certificates.
type Service struct {
	DB        *bun.DB
	Authority *keys.Authority
	Issued    func() // called after each certificate, for those who list them
	Now       func() time.Time
	Log       *slog.Logger
}

// Register adds the operations to mux. The peer names the kiosk of a request's
// verified client certificate, which may have expired, and fails for one that is not welcome.
func (s *Service) Register(mux *http.ServeMux, peer func(*http.Request) (kiosk string, err error)) {
	mux.HandleFunc("GET "+Path+"cacerts", func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, s.Authority.Certificate)
	})
	mux.HandleFunc("POST "+Path+"simpleenroll", func(w http.ResponseWriter, r *http.Request) {
		kiosk, token, ok := r.BasicAuth()
		if !ok {
			s.unauthorised(w, refusal{http.StatusUnauthorized, "", "a token is needed"})
			return
		}
		s.operate(w, r, func(request *x509.CertificateRequest) (*x509.Certificate, error) {
			return s.enrol(r.Context(), kiosk, token, request)
		})
	})
	mux.HandleFunc("POST "+Path+"simplereenroll", func(w http.ResponseWriter, r *http.Request) {
		kiosk, err := peer(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		s.operate(w, r, func(request *x509.CertificateRequest) (*x509.Certificate, error) {
			return s.renew(r.Context(), kiosk, r.TLS.PeerCertificates[0], request)
		})
	})
}

// refusal is an error whose text may go to the client.
type refusal struct {
	status int
	code   string // for programs: the error of the challenge where the status is 401
	text   string
}

func (e refusal) Error() string { return e.text }

func (s *Service) operate(w http.ResponseWriter, r *http.Request, issue func(*x509.CertificateRequest) (*x509.Certificate, error)) {
	request, err := readRequest(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	cert, err := issue(request)
	var refused refusal
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusUnauthorized:
		s.unauthorised(w, refused)
	case errors.As(err, &refused):
		http.Error(w, refused.text, refused.status)
	case err != nil:
		s.Log.Error("a certificate was not issued", "error", err)
		w.Header().Set("Retry-After", "30")
		http.Error(w, "no certificate can be issued at the moment", http.StatusServiceUnavailable)
	default:
		s.Issued()
		s.answer(w, cert)
	}
}

// unauthorised says which token would do, and in the way of RFC 6750 why this
// one does not.
func (s *Service) unauthorised(w http.ResponseWriter, why refusal) {
	challenge := `Basic realm="estrealm"`
	if why.code != "" {
		challenge += fmt.Sprintf(`, error=%q`, why.code)
	}
	w.Header().Set("WWW-Authenticate", challenge)
	http.Error(w, why.text, http.StatusUnauthorized)
}

// readRequest reads a PKCS#10 request in base64 of its DER, or as PEM, which
// curl and openssl send more easily, and checks its signature and key.
func readRequest(w http.ResponseWriter, r *http.Request) (*x509.CertificateRequest, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/pkcs10" {
		return nil, errors.New("the request is not of type application/pkcs10")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	return ParseRequest(body)
}

// ParseRequest reads a certificate request as readRequest describes.
func ParseRequest(body []byte) (*x509.CertificateRequest, error) {
	var der []byte
	if block, _ := pem.Decode(body); block != nil {
		der = block.Bytes
	} else {
		text := strings.Map(func(r rune) rune {
			if r == '\r' || r == '\n' || r == ' ' || r == '\t' {
				return -1
			}
			return r
		}, string(body))
		var err error
		if der, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, errors.New("the request is not in base64")
		}
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, errors.New("the request is no PKCS#10")
	}
	if key, ok := request.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the key is not on the curve P-256")
	}
	if err := request.CheckSignature(); err != nil {
		return nil, errors.New("the request is not signed by its key")
	}
	return request, nil
}

// answer sends a certificate as a certs-only CMS message (RFC 7030, 4.1.3).
func (s *Service) answer(w http.ResponseWriter, cert *x509.Certificate) {
	bag, err := pkcs7.DegenerateCertificate(cert.Raw)
	if err != nil {
		s.Log.Error("a certificate was not packed", "error", err)
		http.Error(w, "the certificate cannot be packed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/pkcs7-mime; smime-type=certs-only")
	w.Header().Set("Content-Transfer-Encoding", "base64")
	text := base64.StdEncoding.EncodeToString(bag)
	for len(text) > 64 {
		fmt.Fprintln(w, text[:64])
		text = text[64:]
	}
	fmt.Fprintln(w, text)
}

// issue makes a certificate for the key of a request and the row that keeps it.
func (s *Service) issue(kiosk string, request *x509.CertificateRequest) (*x509.Certificate, *db.Certificate, error) {
	cert, err := s.Authority.IssueKiosk(kiosk, request.PublicKey.(*ecdsa.PublicKey), rand.Reader, s.Now())
	if err != nil {
		return nil, nil, err
	}
	return cert, &db.Certificate{
		Serial: Serial(cert), Kiosk: kiosk, Public: cert.RawSubjectPublicKeyInfo, DER: cert.Raw,
		NotBefore: db.At(cert.NotBefore), NotAfter: db.At(cert.NotAfter),
	}, nil
}

// Serial is a certificate's number as the database has it.
func Serial(cert *x509.Certificate) string { return cert.SerialNumber.Text(16) }

// TokenHash is how a token is kept.
func TokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NewToken returns a token of 128 random bits, in letters and digits.
func NewToken() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
