// Package fleet is the register of the kiosks: who is welcome, who was revoked,
// and how each one is.
package fleet

import (
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/est"
	"chot/store/wire"
)

// Register says which kiosks are admitted.
type Register struct{ rows *db.BatchLoader[admission] }

// admission is what the register says of a certificate.
type admission struct {
	bun.BaseModel `bun:"table:certificates,alias:c"`
	Serial        string `bun:",pk"`
	Revoked       db.Time
	KioskID       string    `bun:"kiosk"`
	Kiosk         *db.Kiosk `bun:"rel:belongs-to,join:kiosk=id"`
}

// NewRegister makes the register of a database.
func NewRegister(d *bun.DB) *Register {
	return &Register{db.NewBatchLoader(
		func(a *admission) string { return a.Serial },
		func(ctx context.Context, serials []string) (rows []admission, err error) {
			err = d.NewSelect().Model(&rows).Relation("Kiosk").Where("c.serial IN (?)", bun.List(serials)).Scan(ctx)
			return rows, err
		},
	)}
}

// Admit returns the kiosk of a client certificate that the TLS layer has
// verified. One that is not welcome is an error of type [*wire.Error].
func (r *Register) Admit(ctx context.Context, cert *x509.Certificate) (db.Kiosk, error) {
	row, err := r.rows.Row(ctx, est.Serial(cert))
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Kiosk == nil {
		return db.Kiosk{}, &wire.Error{Code: wire.Unknown, Text: "the certificate is not on the register"}
	}
	if err != nil {
		return db.Kiosk{}, fmt.Errorf("looking up a certificate: %w", err)
	}
	if !row.Revoked.IsZero() || !row.Kiosk.Revoked.IsZero() {
		return *row.Kiosk, &wire.Error{Code: wire.Revoked, Text: "the kiosk was revoked"}
	}
	return *row.Kiosk, nil
}

// Invitation is what a token is made for.
type Invitation struct {
	Kiosk string // its name: what stands in its certificate
	Site  string // code of the post where it will stand
	Area  db.Area
	Group string // for staged roll-out, "" for none
	Role  string // what it will be used for
	For   time.Duration
}

func (i Invitation) check() error {
	switch {
	case i.Kiosk == "" || len(i.Kiosk) > wire.MaxKiosk || strings.ContainsFunc(i.Kiosk, notName):
		return fmt.Errorf("the kiosk's name %q is not of 1 to %d lower-case letters, digits, dots and dashes", i.Kiosk, wire.MaxKiosk)
	case i.Site == "":
		return errors.New("the site is missing")
	case i.For <= 0:
		return errors.New("the token would have expired already")
	}
	_, err := db.ParseArea(string(i.Area))
	return err
}

func notName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.'
}

// Invite makes a token with which a kiosk can enrol once, and returns it: only
// its hash is kept.
func Invite(ctx context.Context, d bun.IDB, i Invitation, now time.Time) (token string, expires time.Time, err error) {
	if err := i.check(); err != nil {
		return "", time.Time{}, fmt.Errorf("inviting a kiosk: %w", err)
	}
	token, expires = est.NewToken(), now.Add(i.For)
	_, err = d.NewInsert().Model(&db.Token{
		Hash: est.TokenHash(token), Kiosk: i.Kiosk, Site: i.Site, Area: i.Area, Group: i.Group, Role: i.Role,
		Made: db.At(now), Expires: db.At(expires),
	}).Exec(ctx)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("inviting kiosk %s: %w", i.Kiosk, err)
	}
	return token, expires, nil
}

// ErrNoKiosk means that the register has no kiosk of a name.
var ErrNoKiosk = errors.New("no such kiosk")

// Revoke refuses a kiosk from now on: its certificates, and with the next bundle
// its slips.
func Revoke(ctx context.Context, d *bun.DB, kiosk, reason string, now time.Time) error {
	return d.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewUpdate().Model((*db.Kiosk)(nil)).Set("revoked = ?", db.At(now)).Set("reason = ?", reason).
			Where("id = ? AND revoked = 0", kiosk).Exec(ctx)
		if err != nil {
			return fmt.Errorf("revoking kiosk %s: %w", kiosk, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fmt.Errorf("revoking kiosk %s: %w, or revoked before", kiosk, ErrNoKiosk), err)
		}
		_, err = tx.NewUpdate().Model((*db.Certificate)(nil)).Set("revoked = ?", db.At(now)).
			Where("kiosk = ? AND revoked = 0", kiosk).Exec(ctx)
		if err != nil {
			return fmt.Errorf("revoking the certificates of kiosk %s: %w", kiosk, err)
		}
		_, err = tx.NewUpdate().Model((*db.Token)(nil)).Set("expires = ?", db.At(now)).
			Where("kiosk = ? AND used = 0 AND expires > ?", kiosk, db.At(now)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("revoking the tokens of kiosk %s: %w", kiosk, err)
		}
		return nil
	})
}
