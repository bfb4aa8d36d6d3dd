// Package lookup answers what kiosks ask about one person, by the questions of
// package chot/kiosk/enquiry.
//
// Who asks must show a slip that a kiosk of ours signed, or an identity paper, and
// know the last four digits of the phone that was given. For staff, who sample whom
// they have in front of them, a registration is found without the digits: by its
// slip, or by a paper that bears the name and the year of birth that it was made
// with, only in the kiosk's own district, and only while a badge of the published staff
// list is logged in. Whether a code is unknown or
// something does not fit is not told.
//
// Guessing is bounded in the database, for each code and each kiosk, and so are
// the answers that a kiosk gets. Each answer stands in the audit log, without the
// person.
package lookup

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/ratelimit"
	"chot/kiosk/credential"
	"chot/kiosk/credential/owncode"
	"chot/kiosk/credential/vnid"
	"chot/kiosk/enquiry"
	"chot/kiosk/record"
	"chot/store/wire"
)

// Service answers kiosks.
type Service struct {
	DB     *bun.DB
	Keys   *datakeys.Keyring
	Limits *ratelimit.Limiter
	// Audit logs an answer; the badge is that of who asked, "" for a visitor.
	Audit func(ctx context.Context, kiosk db.Kiosk, action, badge, remote string) error
	// Staff says whether a badge is on the published list and not revoked.
	Staff  func(ctx context.Context, badge string) (bool, error)
	Signer *ecdsa.PrivateKey // of results
	Issuer string            // that the results name, as kiosks.json has it
	Now    func() time.Time
	Log    *slog.Logger
	// Peer is the kiosk that a request comes from.
	Peer func(*http.Request) (db.Kiosk, error)
	// Vaccination tells what is known under the hash of a document: doses,
	// invitation, certificate, and the holder as far as that is known.
	Vaccination func(context.Context, []byte) (enquiry.Vaccination, record.Person, error)
}

// Register adds the questions to the kiosks' mux.
func (s *Service) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST "+enquiry.PathResult, handle(s, s.result))
	mux.HandleFunc("POST "+enquiry.PathVaccination, handle(s, s.vaccination))
	mux.HandleFunc("POST "+enquiry.PathOrder, handle(s, s.order))
}

// handle wraps a question: who asks, how often, and how the answer looks.
func handle[A any](s *Service, answer func(context.Context, subject, string) (A, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := ask(s, w, r, answer)
		status := http.StatusOK
		var refused *wire.Error
		switch {
		case err == nil:
		case errors.Is(err, enquiry.ErrNoSuch):
			status = http.StatusNotFound
		case errors.Is(err, enquiry.ErrTooMany):
			status = http.StatusTooManyRequests
		case errors.Is(err, errMalformed):
			status = http.StatusBadRequest
		case errors.As(err, &refused):
			status = refused.Status()
		default:
			status = http.StatusServiceUnavailable
			if r.Context().Err() == nil {
				s.Log.Error("a kiosk's question failed", "path", r.URL.Path, "error", err)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		if status != http.StatusOK {
			fmt.Fprintln(w, "{}")
			return
		}
		json.NewEncoder(w).Encode(a)
	}
}

var errMalformed = errors.New("the question is malformed")

func ask[A any](s *Service, w http.ResponseWriter, r *http.Request, answer func(context.Context, subject, string) (A, error)) (a A, err error) {
	kiosk, err := s.Peer(r)
	if err != nil {
		return a, err
	}
	var q enquiry.Question
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10)).Decode(&q); err != nil {
		return a, errMalformed
	}
	if q.Code == "" || len(q.Code) > enquiry.MaxCode || q.Digits != "" && len(q.Digits) != enquiry.Digits || len(q.Badge) > enquiry.MaxBadge {
		return a, errMalformed
	}
	ctx := r.Context()
	asker, answers := "kiosk/"+kiosk.ID, "answers/"+kiosk.ID
	for subject, limit := range map[string]ratelimit.Limit{asker: perKiosk, answers: perKioskAnswers} {
		if ok, err := s.Limits.Take(ctx, subject, limit); err != nil || !ok {
			return a, cmp.Or(err, enquiry.ErrTooMany)
		}
	}
	about, known, err := s.subject(ctx, q.Code)
	if err != nil {
		return a, err
	}
	about.asker, about.badge = kiosk, q.Badge
	code := "code/" + r.URL.Path + "/" + about.key
	ok, err := s.Limits.Take(ctx, code, perCode)
	switch {
	case err != nil:
		return a, err
	case !ok:
		return a, enquiry.ErrTooMany
	case !known:
		return a, errors.Join(enquiry.ErrNoSuch, s.Limits.Return(ctx, answers))
	}
	if a, err = answer(ctx, about, q.Digits); err != nil {
		return a, errors.Join(err, s.Limits.Return(ctx, answers))
	}
	action := "look-up-" + path.Base(r.URL.Path)
	if err := s.Audit(ctx, kiosk, action, q.Badge, r.RemoteAddr); err != nil {
		return a, err
	}
	return a, s.Limits.Return(ctx, code, asker)
}

// The limits. Four digits have ten thousand values: a slip that was found gives
// five tries a day, and a kiosk with a heap of them thirty an hour. A desk serves
// fewer than three hundred people an hour.
var (
	perCode         = ratelimit.Limit{Most: 5, Within: 24 * time.Hour}
	perKiosk        = ratelimit.Limit{Most: 30, Within: time.Hour}  // in vain
	perKioskAnswers = ratelimit.Limit{Most: 300, Within: time.Hour} // not in vain
)

// subject is what a code names: a slip by kiosk and number, or a person by the
// hash of a document.
type subject struct {
	key           string // under which questions are counted
	kiosk, number string
	document      []byte
	holder        credential.Holder // of the document
	asker         db.Kiosk
	badge         string // that is logged in
}

// subject reads a code. One that proves nothing and names no person is unknown.
func (s *Service) subject(ctx context.Context, text string) (subject, bool, error) {
	if owncode.Slips.Recognise(text) {
		ring := &keyring{ctx: ctx, d: s.DB}
		c, err := owncode.Slips.Read(text, ring)
		if ring.err != nil {
			return subject{}, false, ring.err
		}
		if err == nil && c.Standing == credential.Signed {
			return subject{key: c.Issuer.Name + "/" + c.ID, kiosk: c.Issuer.Name, number: c.ID}, true, nil
		}
	}
	for _, family := range []credential.Family{vnid.Card, vnid.Personal, vnid.Insurance} {
		if !family.Recognise(text) {
			continue
		}
		c, err := family.Read(text, nil)
		if err != nil {
			continue
		}
		if hash := person.DocumentHash(s.Keys, c.Holder.Document); hash != nil {
			return subject{key: fmt.Sprintf("%x", hash), document: hash, holder: c.Holder}, true, nil
		}
	}
	sum := sha256.Sum256([]byte(text))
	return subject{key: fmt.Sprintf("%x", sum[:16])}, false, nil
}

// keyring finds the keys of the kiosks that are welcome.
type keyring struct {
	ctx context.Context
	d   bun.IDB
	err error
}

// Keys implements credential.Keyring.
func (k *keyring) Keys(_ credential.FamilyID, issuer string, _ []byte) (keys []credential.Key) {
	var rows []db.Certificate
	k.err = k.d.NewSelect().Model(&rows).Column("public").Where("kiosk = ? AND revoked = 0", issuer).Limit(20).Scan(k.ctx)
	if k.err != nil {
		k.err = fmt.Errorf("looking up the keys of a slip: %w", k.err)
	}
	for _, row := range rows {
		if public, err := x509.ParsePKIXPublicKey(row.Public); err == nil {
			keys = append(keys, credential.Key{Public: public})
		}
	}
	return keys
}

// knows says whether the digits are the last of the person's phone.
func knows(p record.Person, digits string) bool {
	phone := intake.Normal("phone", p.Phone)
	return len(digits) == enquiry.Digits && len(phone) > enquiry.Digits && strings.HasSuffix(phone, digits)
}

// open reads the person of a row; one that is gone is unknown.
func (s *Service) open(ctx context.Context, o db.Origin, sealed db.Sealed) (record.Person, error) {
	p, err := person.Open(ctx, s.Keys, o, sealed)
	if errors.Is(err, datakeys.ErrGone) {
		return p, enquiry.ErrNoSuch
	}
	return p, err
}
