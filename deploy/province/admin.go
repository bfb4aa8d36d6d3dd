package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/fleet"
	"chot/deploy/province/internal/ratelimit"
	"chot/deploy/province/internal/tufserver"
)

// tokenCmd prints all that a provisioning sheet says of the province.
type tokenCmd struct {
	home
	Kiosk string        `required:"" help:"The kiosk's name: lower-case letters, digits, dots, dashes."`
	Site  string        `required:"" help:"Code of the post where it will stand."`
	Area  string        `required:"" help:"Unit codes of the post: province/district/commune."`
	Group string        `help:"Group for staged roll-out."`
	Role  string        `default:"checkpoint" help:"What it will be used for."`
	For   time.Duration `default:"72h" help:"How long the token can be used."`
}

func (c *tokenCmd) Run(ctx context.Context, con *console) error {
	set, d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	root, err := (&tufserver.Repo{DB: d, Keys: set, Now: time.Now, Log: con.log}).Ensure(ctx)
	if err != nil {
		return err
	}
	token, expires, err := fleet.Invite(ctx, d, fleet.Invitation{
		Kiosk: c.Kiosk, Site: c.Site, Area: db.Area(c.Area), Group: c.Group, Role: c.Role, For: c.For,
	}, time.Now())
	if err != nil {
		return err
	}
	return con.out.Encode(map[string]any{
		"kiosk": c.Kiosk, "site": c.Site, "unit": db.Area(c.Area).Unit(), "role": c.Role, "token": token,
		"issuer": set.CA.Certificate.Subject.CommonName, "expires": expires.UTC(), "pin": fmt.Sprintf("%x", set.CA.Pin()),
		"root": fmt.Sprintf("%x", root),
	})
}

type revokeCmd struct {
	home
	Kiosk  string `required:"" help:"The kiosk's name."`
	Reason string `required:"" help:"Why, for those who ask later."`
}

func (c *revokeCmd) Run(ctx context.Context, con *console) error {
	_, d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := fleet.Revoke(ctx, d, c.Kiosk, c.Reason, time.Now()); err != nil {
		return err
	}
	return con.out.Encode(map[string]any{"kiosk": c.Kiosk, "revoked": true})
}

type accountCmd struct {
	home
	Name     string `required:"" help:"The name to log in with."`
	Title    string `help:"The name that is shown."`
	Role     string `required:"" enum:"province,district,commune,laboratory" help:"What the account may do: province, district, commune or laboratory."`
	Area     string `required:"" help:"Where: unit codes, province/district/commune."`
	Language string `default:"${language}" enum:"${languages}" help:"Of the pages: ${enum}."`
}

func (c *accountCmd) Run(ctx context.Context, con *console) error {
	password, err := bufio.NewReader(con.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the password: %w", err)
	}
	_, d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	registry := &account.Registry{DB: d, Limits: &ratelimit.Limiter{DB: d, Now: time.Now}, Now: time.Now}
	err = registry.Put(ctx, account.Account{
		Name: c.Name, Title: c.Title, Role: account.Role(c.Role), Area: db.Area(c.Area), Language: c.Language,
	}, strings.TrimRight(password, "\r\n"))
	if err != nil {
		return err
	}
	return con.out.Encode(map[string]any{"account": c.Name, "role": c.Role, "area": c.Area})
}
