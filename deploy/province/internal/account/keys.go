package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chot/deploy/province/internal/db"
)

// Scope is what an API key lets a system do.
type Scope string

// Scopes are the scopes with the right that each gives.
var Scopes = map[Scope]Right{
	"results": EnterTests, "vaccinations": EnterDoses, "exports": Export, "figures": SeeReports,
}

// ScopeNames are the scopes in the order in which a page shows them.
var ScopeNames = []Scope{"results", "vaccinations", "exports", "figures"}

// keyPrefix begins each API key, so that one is recognised where it leaks.
const keyPrefix = "chot_key_"

// IsKey says whether a token is an API key and not a session's secret.
func IsKey(token string) bool { return strings.HasPrefix(token, keyPrefix) }

// maxKeyDays is how long an API key lives at most.
const maxKeyDays = 730

// KeySpec is what an API key should be.
type KeySpec struct {
	Title  string  // as shown
	Source string  // whose reports its reports are; "" for the title
	Scopes []Scope // at least one
	Area   db.Area
	Days   int // until it expires
}

// MakeKey makes an API key for another system and returns its secret, which is
// kept nowhere. It can do no more, and nowhere else, than who makes it; it cannot
// speak for an account that they do not manage.
func (g *Registry) MakeKey(ctx context.Context, who Account, spec KeySpec, remote string) (string, error) {
	if spec.Source == "" {
		spec.Source = spec.Title
	}
	_, areaErr := db.ParseArea(string(spec.Area))
	switch {
	case !who.May(ManageAccounts) || !who.Sees(spec.Area):
		return "", ErrNotYours
	case spec.Title == "" || len(spec.Title) > 64 || len(spec.Source) > 64 || areaErr != nil || len(spec.Scopes) == 0:
		return "", InputError{errors.New("an API key needs a title, an area and a scope")}
	case spec.Days < 1 || spec.Days > maxKeyDays:
		return "", InputError{fmt.Errorf("an API key lives for 1 to %d days, not %d", maxKeyDays, spec.Days)}
	}
	for _, scope := range spec.Scopes {
		if right, known := Scopes[scope]; !known || !who.May(right) {
			return "", InputError{fmt.Errorf("the scope %q is not one that can be given", scope)}
		}
	}
	if err := g.mayChange(ctx, who, spec.Source); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	now, scopes := g.Now(), make([]string, len(spec.Scopes))
	for i, scope := range spec.Scopes {
		scopes[i] = string(scope)
	}
	id, secret := strings.ToLower(rand.Text()[:10]), rand.Text()
	row := &db.APIKey{
		ID: id, Hash: hashSecret([]byte(secret)), Title: spec.Title, Source: spec.Source, Scopes: strings.Join(scopes, " "), Area: spec.Area,
		Made: db.At(now), Account: who.Name, Expires: db.At(now.AddDate(0, 0, spec.Days)),
	}
	if err := g.Log(ctx, g.DB, who, "make-key", spec.Title+" "+id, remote); err != nil {
		return "", err
	}
	if _, err := g.DB.NewInsert().Model(row).Exec(ctx); err != nil {
		return "", fmt.Errorf("keeping an API key: %w", err)
	}
	return keyPrefix + id + "_" + secret, nil
}

// Key returns the account that an API key speaks as. Wrong keys lock nothing: a
// secret of 128 bits is not guessed, and a stranger must not keep a laboratory out.
func (g *Registry) Key(ctx context.Context, token string) (Account, error) {
	id, secret, split := strings.Cut(strings.TrimPrefix(token, keyPrefix), "_")
	if !split {
		return Account{}, ErrWrong
	}
	row := db.APIKey{ID: id}
	err := g.DB.NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrWrong
	}
	if err != nil {
		return Account{}, fmt.Errorf("looking up an API key: %w", err)
	}
	now := g.Now()
	same := subtle.ConstantTimeCompare(row.Hash, hashSecret([]byte(secret))) == 1
	if !same || !row.Revoked.IsZero() || !now.Before(row.Expires.Time) {
		return Account{}, ErrWrong
	}
	if now.After(row.Used.Add(noted)) {
		_, err := g.DB.NewUpdate().Model((*db.APIKey)(nil)).Set("used = ?", db.At(now)).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return Account{}, fmt.Errorf("noting the use of an API key: %w", err)
		}
	}
	return Account{Name: row.Source, Title: row.Title, Role: Machine, Area: row.Area, Language: "vi", Scopes: row.Scopes}, nil
}

// ListedKey is an API key in a list.
type ListedKey struct {
	db.APIKey
	Expired bool
}

// Given are its scopes.
func (k ListedKey) Given() []string { return strings.Fields(k.Scopes) }

// Keys returns the API keys of the area of who manages accounts, those in use first.
func (g *Registry) Keys(ctx context.Context, who Account) ([]ListedKey, error) {
	if !who.May(ManageAccounts) {
		return nil, ErrNotYours
	}
	var rows []db.APIKey
	err := g.DB.NewSelect().Model(&rows).Apply(who.Area.Where("area")).OrderExpr("revoked, title, id").Limit(1000).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the API keys: %w", err)
	}
	list := make([]ListedKey, len(rows))
	for i, row := range rows {
		list[i] = ListedKey{row, !g.Now().Before(row.Expires.Time)}
	}
	return list, nil
}

// RevokeKey ends an API key, at once.
func (g *Registry) RevokeKey(ctx context.Context, who Account, id, remote string) error {
	keys, err := g.Keys(ctx, who)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(keys, func(k ListedKey) bool { return k.ID == id && k.Revoked.IsZero() })
	if i < 0 {
		return ErrNotYours
	}
	if err := g.Log(ctx, g.DB, who, "revoke-key", keys[i].Title+" "+id, remote); err != nil {
		return err
	}
	if _, err := g.DB.NewUpdate().Model((*db.APIKey)(nil)).Set("revoked = ?", db.At(g.Now())).Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("revoking the API key %s: %w", id, err)
	}
	return nil
}
