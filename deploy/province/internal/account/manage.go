package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// Manages says whether a may make, change and disable b: one of its own area
// whose role is not as wide as its own. The province's office manages all of its
// area, its own accounts too.
func (a Account) Manages(b Account) bool {
	if !a.May(ManageAccounts) || !a.Sees(b.Area) {
		return false
	}
	return a.Role == Province || slices.Index(Roles, b.Role) > slices.Index(Roles, a.Role)
}

// ErrNotYours means that an account may not be managed by who asked.
var ErrNotYours = errors.New("the account lies outside what you manage")

// Listed is an account in a list.
type Listed struct {
	Account
	Made     db.Time
	Disabled db.Time
}

// List returns the accounts that one manages, by name.
func (g *Registry) List(ctx context.Context, who Account) ([]Listed, error) {
	var rows []db.Account
	if err := g.DB.NewSelect().Model(&rows).Apply(who.Area.Where("area")).OrderExpr("name").Limit(1000).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing the accounts: %w", err)
	}
	var list []Listed
	for _, row := range rows {
		if a := account(row); who.Manages(a) {
			list = append(list, Listed{a, row.Made, row.Disabled})
		}
	}
	return list, nil
}

// Set is [Registry.Put] by another account, which must manage what the account is
// to be and what it was. It returns the password, made up where none is given.
func (g *Registry) Set(ctx context.Context, who, a Account, password, remote string) (string, error) {
	if !who.Manages(a) {
		return "", ErrNotYours
	}
	if err := g.mayChange(ctx, who, a.Name); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	if password == "" {
		password = rand.Text()
	}
	if err := g.Log(ctx, g.DB, who, "set-account", a.Name, remote); err != nil {
		return "", err
	}
	return password, g.Put(ctx, a, password)
}

// mayChange says whether an account is one that another manages. The error is
// [sql.ErrNoRows] for a name without an account.
func (g *Registry) mayChange(ctx context.Context, who Account, name string) error {
	row := db.Account{Name: name}
	if err := g.DB.NewSelect().Model(&row).WherePK().Scan(ctx); err != nil {
		return fmt.Errorf("looking up the account %s: %w", name, err)
	}
	if !who.Manages(account(row)) {
		return ErrNotYours
	}
	return nil
}

// Disable keeps an account from logging in, at once; [Registry.Set] lets it in
// again. No account disables itself, so that one is always left.
func (g *Registry) Disable(ctx context.Context, who Account, name, remote string) error {
	err := g.mayChange(ctx, who, name)
	if errors.Is(err, sql.ErrNoRows) || name == who.Name {
		return ErrNotYours
	}
	if err != nil {
		return err
	}
	return g.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := g.Log(ctx, tx, who, "disable-account", name, remote); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*db.Account)(nil)).Set("disabled = ?", db.At(g.Now())).Where("name = ?", name).Exec(ctx)
		if err != nil {
			return fmt.Errorf("disabling the account %s: %w", name, err)
		}
		return endSessions(ctx, tx, name)
	})
}
