package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/adminunits"
	"chot/deploy/province/internal/api"
	"chot/deploy/province/internal/apikeys"
	"chot/deploy/province/internal/arrivals"
	"chot/deploy/province/internal/dashboard"
	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/est"
	"chot/deploy/province/internal/export"
	"chot/deploy/province/internal/fleet"
	"chot/deploy/province/internal/intake"
	"chot/deploy/province/internal/keys"
	"chot/deploy/province/internal/kioskapi"
	"chot/deploy/province/internal/lab"
	"chot/deploy/province/internal/lookup"
	"chot/deploy/province/internal/person"
	"chot/deploy/province/internal/ratelimit"
	"chot/deploy/province/internal/report"
	"chot/deploy/province/internal/tufserver"
	"chot/deploy/province/internal/vaccine"
	"chot/deploy/province/internal/web"
	"chot/kiosk/record"
	"chot/kiosk/staff"
	"chot/store"
)

// A part is a package of the server that records, people or officers meet. What it
// takes part in is said by the interfaces that it implements:
//
//	intake.Projector  what it takes from a record when it arrives
//	person.Forgetter  how it erases what it made from records
//	person.Eraser     how it erases what it keeps of a person besides
//	web.Sectioner     its pages
//	api.Operator      its operations for other systems
//
// To add one is to name it in newParts.

// tools are what parts are built from.
type tools struct {
	db       *bun.DB
	keys     *datakeys.Keyring
	registry *account.Registry
	units    *adminunits.Names
	feed     *arrivals.Feed
	limits   *ratelimit.Limiter
	now      func() time.Time
}

// newParts builds the parts that records arrive at.
func newParts(t tools) (parts []any, tests *lab.Desk, doses *vaccine.Desk) {
	tests = &lab.Desk{DB: t.db, Vault: t.keys, Registry: t.registry, Now: t.now}
	doses = &vaccine.Desk{DB: t.db, Vault: t.keys, Registry: t.registry, Now: t.now}
	return []any{
		person.Proofs{Now: t.now},
		report.Rolls{Keys: t.keys},
		tests,
		doses,
	}, tests, doses
}

// newPages builds the parts that only show what others took.
func newPages(t tools, finder *person.Finder, doses *vaccine.Desk) []any {
	return []any{
		&dashboard.Pages{DB: t.db, Feed: t.feed, Registry: t.registry, Finder: finder, Now: t.now, Watchers: make(chan struct{}, watchers)},
		&report.Pages{DB: t.db, Figures: t.feed.Figures, Registry: t.registry, Places: t.units, Now: t.now},
		&apikeys.Pages{Registry: t.registry},
		&export.Desk{DB: t.db, Vault: t.keys, Finder: finder, Vaccine: doses, Registry: t.registry, Now: t.now},
	}
}

// only returns those of the parts that implement an interface.
func only[I any](parts []any) (all []I) {
	for _, part := range parts {
		if p, ok := part.(I); ok {
			all = append(all, p)
		}
	}
	return all
}

// checkForgetting refuses a part that takes something from records about people
// and cannot erase it.
func checkForgetting(parts []any) error {
	for _, part := range parts {
		p, projects := part.(intake.Projector)
		if _, forgets := part.(person.Forgetter); !projects || forgets {
			continue
		}
		for _, kind := range p.Kinds() {
			if _, personal := kind.New().(record.Personal); personal {
				return fmt.Errorf("%T takes records of kind %s and is no person.Forgetter: it could not erase a person", part, kind)
			}
		}
	}
	return nil
}

// province is the server without its listeners.
type province struct {
	intake       *intake.Intake
	repo         *tufserver.Repo
	finder       *person.Finder
	tests        *lab.Desk
	limits       *ratelimit.Limiter
	pages        *web.Server
	metrics      *prometheus.Registry
	root         []byte        // hash of the first root metadata
	issued       chan struct{} // receives after a certificate was issued
	kiosks, page http.Handler
}

func newProvince(ctx context.Context, set *keys.Set, d *bun.DB, log *slog.Logger, now func() time.Time) (*province, error) {
	ring, err := datakeys.New(d, set.Data)
	if err != nil {
		return nil, fmt.Errorf("reading the data key: %w", err)
	}
	if err := db.Claim(ctx, d, "data key", ring.Fingerprint()); err != nil {
		return nil, err
	}
	repo := &tufserver.Repo{DB: d, Keys: set, Now: now, Log: log}
	root, err := repo.Ensure(ctx)
	if err != nil {
		return nil, err
	}
	limits := &ratelimit.Limiter{DB: d, Now: now}
	t := tools{
		db: d, keys: ring, limits: limits, registry: &account.Registry{DB: d, Limits: limits, Now: now}, now: now,
		feed: &arrivals.Feed{DB: d, Now: now, Ended: ctx.Done()},
		units: &adminunits.Names{Now: now, Log: log, Read: func(ctx context.Context) ([]byte, string, error) {
			return repo.Newest(ctx, "units/")
		}},
	}
	parts, tests, doses := newParts(t)
	finder := &person.Finder{DB: d, Keys: ring, Forgetters: only[person.Forgetter](parts), Erasers: only[person.Eraser](parts)}
	parts = append(newPages(t, finder, doses), parts...)
	if err := checkForgetting(parts); err != nil {
		return nil, err
	}
	p := &province{repo: repo, root: root, finder: finder, tests: tests, limits: limits, issued: make(chan struct{}, 1), metrics: prometheus.NewRegistry()}
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&fleet.Collector{DB: d, Now: now, Log: log})
	if err := p.buildPage(t, parts, log); err != nil {
		return nil, err
	}
	p.intake = intake.New(intake.Options{
		DB: d, Keys: ring, Opener: store.NewOpener(set.Seal), Signer: set.Receipt, Projectors: only[intake.Projector](parts),
		Committed: t.feed.Wake, Now: now, Log: log,
	})
	p.buildKiosks(t, set, doses, log)
	return p, nil
}

// buildPage builds the officers' side: pages and API.
func (p *province) buildPage(t tools, parts []any, log *slog.Logger) (err error) {
	var sections []web.Section
	for _, s := range only[web.Sectioner](parts) {
		sections = append(sections, s.Section())
	}
	if p.pages, err = web.New(t.registry, t.units, log, t.now, sections...); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", p.pages.Handler())
	operations := api.New(mux, t.registry)
	api.Base(operations, api.Source{DB: t.db, Now: t.now})
	for _, o := range only[api.Operator](parts) {
		o.Operations(operations)
	}
	probes(mux, t.db)
	p.page = web.Secure(mux)
	return nil
}

// buildKiosks builds the kiosks' side.
func (p *province) buildKiosks(t tools, set *keys.Set, doses *vaccine.Desk, log *slog.Logger) {
	mux := http.NewServeMux()
	kiosks := &kioskapi.API{
		DB: t.db, Kiosks: fleet.NewRegister(t.db), Intake: p.intake, Keys: set, Metrics: kioskapi.NewMetrics(p.metrics),
		Now: t.now, Log: log, Slots: make(chan struct{}, slots),
	}
	kiosks.Register(mux)
	issued := func() {
		select {
		case p.issued <- struct{}{}:
		default: // it will be seen to
		}
	}
	(&est.Service{DB: t.db, Authority: set.CA, Issued: issued, Now: t.now, Log: log}).Register(mux, func(r *http.Request) (string, error) {
		kiosk, err := kiosks.Returning(r)
		return kiosk.ID, err
	})
	p.repo.Register(mux)
	lookups := &lookup.Service{
		DB: t.db, Keys: t.keys, Signer: set.Signing["result"], Issuer: set.CA.Certificate.Subject.CommonName, Now: t.now, Log: log,
		Limits: t.limits, Audit: func(ctx context.Context, kiosk db.Kiosk, action, badge, remote string) error {
			return t.registry.Log(ctx, t.db, account.Account{Name: kiosk.ID, Area: kiosk.Area}, action, badge, remote)
		},
		Staff: p.staff,
		Peer:  kiosks.Peer, Vaccination: doses.Status,
	}
	lookups.Register(mux)
	probes(mux, t.db)
	p.kiosks = mux
}

// staff says whether a badge is on the published staff list, and not revoked.
func (p *province) staff(ctx context.Context, badge string) (bool, error) {
	if badge == "" {
		return false, nil
	}
	text, _, err := p.repo.Newest(ctx, "staff.json")
	if err != nil || text == nil {
		return false, err
	}
	var list staff.List
	if err := json.Unmarshal(text, &list); err != nil {
		return false, fmt.Errorf("reading the published staff.json: %w", err)
	}
	return list.Has(badge), nil
}

// probes answers whether the server lives, and whether it can work.
func probes(mux *http.ServeMux, d *bun.DB) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, d) })
}
