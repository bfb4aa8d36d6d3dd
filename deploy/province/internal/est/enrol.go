package est

import (
	"bytes"
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// enrol issues a kiosk's first certificate against a token.
func (s *Service) enrol(ctx context.Context, kiosk, token string, request *x509.CertificateRequest) (*x509.Certificate, error) {
	now := s.Now()
	row := db.Token{Hash: TokenHash(token)}
	err := s.DB.NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Kiosk != kiosk {
		return nil, refusal{http.StatusUnauthorized, "token-unknown", "the token is not known for this kiosk"}
	}
	if err != nil {
		return nil, fmt.Errorf("looking up a token: %w", err)
	}
	switch {
	case !row.Used.IsZero():
		return s.again(ctx, row, request)
	case now.After(row.Expires.Time):
		s.note(ctx, row, "an expired token was shown")
		return nil, refusal{http.StatusUnauthorized, "token-expired", "the token has expired"}
	}
	cert, certificate, err := s.issue(kiosk, request)
	if err != nil {
		return nil, err
	}
	row.Used, row.Serial = db.At(now), certificate.Serial
	taken := false
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewUpdate().Model(&row).Column("used", "serial").WherePK().Where("used = 0").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			taken = true
			return err
		}
		if err := s.replaceKeys(ctx, tx, row); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(certificate).Exec(ctx); err != nil {
			return err
		}
		return s.admit(ctx, tx, row)
	})
	if err != nil {
		return nil, fmt.Errorf("enrolling kiosk %s: %w", kiosk, err)
	}
	if taken { // by a request that ran beside this one
		return s.enrol(ctx, kiosk, token, request)
	}
	s.Log.Info("a kiosk was enrolled", "kiosk", kiosk, "serial", certificate.Serial)
	return cert, nil
}

// replaceKeys revokes the certificates that the kiosk has: a name has one key. That
// it had one that holds is shown, for a token may have been made by mistake or by a
// thief.
func (s *Service) replaceKeys(ctx context.Context, tx bun.Tx, t db.Token) error {
	now := db.At(s.Now())
	res, err := tx.NewUpdate().Model((*db.Certificate)(nil)).Set("revoked = ?", now).
		Where("kiosk = ? AND revoked = 0 AND not_after > ?", t.Kiosk, now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("replacing the keys of kiosk %s: %w", t.Kiosk, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	// An expired one could still be renewed.
	if _, err := tx.NewUpdate().Model((*db.Certificate)(nil)).Set("revoked = ?", now).
		Where("kiosk = ? AND revoked = 0", t.Kiosk).Exec(ctx); err != nil {
		return fmt.Errorf("replacing the expired keys of kiosk %s: %w", t.Kiosk, err)
	}
	if n == 0 {
		return nil
	}
	return db.Note(ctx, tx, t.Kiosk, t.Area, "replaced", "the kiosk was enrolled again while its key held; that key is refused now", s.Now())
}

// admit makes or renews the row of the kiosk that a token was for. A kiosk that
// was revoked comes back when it is given a new token; its old certificates
// stay revoked.
func (s *Service) admit(ctx context.Context, tx bun.Tx, t db.Token) error {
	kiosk := &db.Kiosk{ID: t.Kiosk, Site: t.Site, Area: t.Area, Group: t.Group, Role: t.Role, Made: db.At(s.Now())}
	_, err := tx.NewInsert().Model(kiosk).On("CONFLICT (id) DO UPDATE").
		Set("site = EXCLUDED.site").Set("area = EXCLUDED.area").Set("grp = EXCLUDED.grp").Set("role = EXCLUDED.role").
		Set("revoked = 0").Set("reason = ''").Exec(ctx)
	return err
}

// again answers a token that was used before.
func (s *Service) again(ctx context.Context, t db.Token, request *x509.CertificateRequest) (*x509.Certificate, error) {
	row := db.Certificate{Serial: t.Serial}
	if err := s.DB.NewSelect().Model(&row).WherePK().Scan(ctx); err != nil {
		return nil, fmt.Errorf("looking up what a token gave: %w", err)
	}
	cert, err := x509.ParseCertificate(row.DER)
	if err != nil {
		return nil, fmt.Errorf("reading what a token gave: %w", err)
	}
	if !bytes.Equal(cert.RawSubjectPublicKeyInfo, request.RawSubjectPublicKeyInfo) || !row.Revoked.IsZero() || s.Now().After(t.Expires.Time) {
		s.note(ctx, t, "a used token was shown again: a copied or reused sheet")
		return nil, refusal{http.StatusUnauthorized, "token-used", "the token was used before"}
	}
	return cert, nil
}

func (s *Service) note(ctx context.Context, t db.Token, text string) {
	if err := db.Note(ctx, s.DB, t.Kiosk, t.Area, "token", text, s.Now()); err != nil {
		s.Log.Error("an incident was not kept", "kiosk", t.Kiosk, "error", err)
	}
}

// renew issues a kiosk's next certificate over its present one.
func (s *Service) renew(ctx context.Context, kiosk string, present *x509.Certificate, request *x509.CertificateRequest) (*x509.Certificate, error) {
	// RFC 7030, 4.2.2: subject and alternative names as in the present one.
	if request.Subject.CommonName != present.Subject.CommonName {
		return nil, refusal{http.StatusForbidden, "", "the request names another kiosk"}
	}
	cert, certificate, err := s.issue(kiosk, request)
	if err != nil {
		return nil, err
	}
	if _, err := s.DB.NewInsert().Model(certificate).Exec(ctx); err != nil {
		return nil, fmt.Errorf("renewing the certificate of kiosk %s: %w", kiosk, err)
	}
	s.Log.Info("a kiosk's certificate was renewed", "kiosk", kiosk, "serial", certificate.Serial)
	return cert, nil
}
