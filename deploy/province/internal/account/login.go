package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/ratelimit"
)

// Attempt is one try to log in.
type Attempt struct {
	Name     string
	Password string
	Source   string // address that it comes from
	Device   string // what the last log-in from this browser gave, "" for none
}

// Opened is what a log-in gives a browser to keep, both for cookies.
type Opened struct {
	Session string // its secret
	Device  string // for the next [Attempt]
}

// Errors of a log-in. They are the same for a name that does not exist.
var (
	ErrWrong  = errors.New("name or password are wrong")
	ErrLocked = errors.New("too many wrong passwords from here: try again later")
	ErrBusy   = errors.New("too many log-ins at once: try again")
)

// Limits of wrong passwords. A name that does not exist is counted like one that
// does.
var (
	perPair    = ratelimit.Limit{Most: 5, Within: 15 * time.Minute}  // of a source for a name
	perSource  = ratelimit.Limit{Most: 30, Within: 15 * time.Minute} // of a source
	perAccount = ratelimit.Limit{Most: 50, Within: time.Hour}        // for a name, of all sources together
	perDevice  = ratelimit.Limit{Most: 10, Within: 15 * time.Minute} // of a known browser
)

// known is how long a browser is known after a log-in.
const known = 365 * 24 * time.Hour

// Login checks a password and starts a session.
//
// Each attempt is counted before the password is looked at, by source and name, by
// source, and by name; one beyond a limit is refused unchecked. A browser from
// which the account has logged in before shows that and has a count of its own
// (OWASP, "Slow down online guessing attacks with device cookies"): whoever
// guesses from elsewhere can delay the officer at a new browser, and not lock them
// out of their own. Wrong passwords stand in the audit log.
func (g *Registry) Login(ctx context.Context, try Attempt) (Account, Opened, error) {
	row := db.Account{Name: try.Name}
	err := g.DB.NewSelect().Model(&row).WherePK().Scan(ctx)
	exists := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Account{}, Opened{}, fmt.Errorf("looking up an account: %w", err)
	}
	subjects, err := g.count(ctx, try)
	if err != nil {
		return Account{}, Opened{}, err
	}
	hash := decoy()
	if exists {
		hash = row.Password
	}
	right, err := checkPassword(ctx, hash, try.Password)
	if err != nil {
		return Account{}, Opened{}, errors.Join(err, g.Limits.Return(context.WithoutCancel(ctx), subjects...))
	}
	if !right || !exists || !row.Disabled.IsZero() {
		return Account{}, Opened{}, errors.Join(ErrWrong, g.logFailure(ctx, account(row), exists, "login-failed", try.Source))
	}
	opened, err := g.open(ctx, row)
	if err := errors.Join(err, g.Limits.Return(ctx, subjects...)); err != nil {
		return Account{}, Opened{}, fmt.Errorf("starting a session: %w", err)
	}
	return account(row), opened, nil
}

// count counts an attempt, and returns what it was counted under.
func (g *Registry) count(ctx context.Context, try Attempt) (subjects []string, err error) {
	type rule struct {
		subject string
		limit   ratelimit.Limit
	}
	name := digest(try.Name)
	rules := []rule{
		{"login/source/" + try.Source, perSource},
		{"login/pair/" + name + "/" + try.Source, perPair},
		{"login/name/" + name, perAccount},
	}
	if device, err := g.device(ctx, try); err != nil {
		return nil, err
	} else if device != "" {
		rules = []rule{{"login/device/" + device, perDevice}}
	}
	for _, r := range rules {
		ok, err := g.Limits.Take(ctx, r.subject, r.limit)
		if err == nil && !ok {
			err = ErrLocked
		}
		if err != nil {
			if len(subjects) > 0 { // a refused attempt is no guess
				err = errors.Join(err, g.Limits.Return(ctx, subjects...))
			}
			return nil, err
		}
		subjects = append(subjects, r.subject)
	}
	return subjects, nil
}

// device returns the name of the attempt's browser, "" for one from which the
// account has not logged in before.
func (g *Registry) device(ctx context.Context, try Attempt) (string, error) {
	secret, err := base64.RawURLEncoding.DecodeString(try.Device)
	if err != nil || len(secret) == 0 {
		return "", nil
	}
	row := db.Device{Hash: hashSecret(secret)}
	err = g.DB.NewSelect().Model(&row).WherePK().Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && (row.Account != try.Name || g.Now().After(row.Made.Add(known))):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("looking up a browser: %w", err)
	}
	return fmt.Sprintf("%x", row.Hash), nil
}

// open writes a session, and makes the browser known.
func (g *Registry) open(ctx context.Context, row db.Account) (Opened, error) {
	now, session, device := g.Now(), make([]byte, 32), make([]byte, 32)
	rand.Read(session)
	rand.Read(device)
	err := g.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&db.Session{
			Hash: hashSecret(session), Account: row.Name, Made: db.At(now), Seen: db.At(now), Expires: db.At(now.Add(longest)),
		}).Exec(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*db.Session)(nil)).Where("expires < ?", db.At(now)).Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&db.Device{Hash: hashSecret(device), Account: row.Name, Made: db.At(now)}).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*db.Device)(nil)).Where("made < ?", db.At(now.Add(-known))).Exec(ctx)
		return err
	})
	enc := base64.RawURLEncoding
	return Opened{enc.EncodeToString(session), enc.EncodeToString(device)}, err
}

// logFailure writes a failed log-in to the audit log. A name that does not exist is
// not written, since it may be a password in the wrong field.
func (g *Registry) logFailure(ctx context.Context, who Account, exists bool, action, source string) error {
	if !exists {
		who = Account{Name: "–"}
		err := g.DB.NewSelect().Model((*db.Account)(nil)).ColumnExpr("COALESCE(MIN(area), '')").
			Where("role = ?", Province).Scan(ctx, &who.Area)
		if err != nil {
			return fmt.Errorf("looking up the province's area: %w", err)
		}
	}
	return g.Log(ctx, g.DB, who, action, "", source)
}

// digest names an account that may not exist, in what is counted.
func digest(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
