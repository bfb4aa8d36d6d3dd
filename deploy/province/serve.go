package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/uptrace/bun"
	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/adminunits"
	"chot/deploy/province/internal/api"
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
	"chot/deploy/province/internal/report"
	"chot/deploy/province/internal/tufserver"
	"chot/deploy/province/internal/vaccine"
	"chot/deploy/province/internal/web"
	"chot/kiosk/record"
	"chot/store"
)

type serveCmd struct {
	home
	Listen    string        `default:":8443" help:"Address for kiosks."`
	Page      string        `default:":8444" help:"Address of the officers' page."`
	Names     []string      `help:"Host names and addresses of this server, for its certificate, besides its own name and the loopback's."`
	Metrics   string        `help:"Address for Prometheus, in the clear: keep it on the loopback or a management network. Default: none." placeholder:"ADDR"`
	Retention time.Duration `default:"504h" help:"How long what names a person is kept."`
	PageCert  string        `help:"Certificate chain for the page that browsers know (PEM). Default: one of the province's authority." placeholder:"FILE"`
	PageKey   string        `help:"Its key (PEM)." placeholder:"FILE"`
}

// Bounds of what the server takes on at once; what is beyond waits in the
// kernel's queue. They keep an instance below half a gigabyte when thousands of
// kiosks come back together.
const (
	kioskConnections = 800
	pageConnections  = 500
	watchers         = 200
	// Batches in hand: enough that a commit takes many, few enough for their memory,
	// which is about half a megabyte each.
	slots = 128
)

func (c *serveCmd) Run(ctx context.Context, con *console) error {
	// What lives long is small beside what a burst of batches leaves behind:
	// collect less often. GOMEMLIMIT still bounds the whole.
	debug.SetGCPercent(200)
	set, d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	p, err := newProvince(ctx, set, d, con.log, time.Now)
	if err != nil {
		return err
	}
	defer p.intake.Close()
	names := append([]string{"localhost", "127.0.0.1", "::1"}, c.Names...)
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	server, err := set.NewServer(names, time.Now)
	if err != nil {
		return fmt.Errorf("getting the server's certificate: %w", err)
	}
	pageTLS := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: server.Certificate}
	if c.PageCert != "" {
		known, err := tls.LoadX509KeyPair(c.PageCert, c.PageKey)
		if err != nil {
			return fmt.Errorf("reading the page's certificate: %w", err)
		}
		pageTLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{known}}
	}
	kiosks, err := listen(ctx, c.Listen, kioskConnections)
	if err != nil {
		return fmt.Errorf("listening for kiosks: %w", err)
	}
	page, err := listen(ctx, c.Page, pageConnections)
	if err != nil {
		return errors.Join(fmt.Errorf("listening for officers: %w", err), kiosks.Close())
	}
	said := map[string]any{
		"kiosks": address(kiosks), "page": address(page), "pin": fmt.Sprintf("%x", set.CA.Pin()), "root": fmt.Sprintf("%x", p.root),
	}
	running, ctx := errgroup.WithContext(ctx)
	if c.Metrics != "" {
		metrics, err := listen(ctx, c.Metrics, 10)
		if err != nil {
			return errors.Join(fmt.Errorf("listening for Prometheus: %w", err), kiosks.Close(), page.Close())
		}
		said["metrics"] = "http://" + metrics.Addr().String() + "/metrics"
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", promhttp.HandlerFor(p.metrics, promhttp.HandlerOpts{}))
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		serve(ctx, running, metrics, nil, mux, con.log)
	}
	if err := con.out.Encode(said); err != nil {
		return err
	}
	notify("READY=1")
	running.Go(func() error { p.repo.Keep(ctx, p.issued); return nil })
	running.Go(func() error { keepRetention(ctx, p, c.Retention, con.log); return nil })
	serve(ctx, running, kiosks, kioskapi.TLS(server, set, time.Now), p.kiosks, con.log)
	serve(ctx, running, page, pageTLS, p.page, con.log)
	return running.Wait()
}

// province is the server without its listeners.
type province struct {
	intake       *intake.Intake
	repo         *tufserver.Repo
	finder       *person.Finder
	lookups      *lookup.Service
	pages        *web.Server
	metrics      *prometheus.Registry
	root         []byte        // hash of the first root metadata
	issued       chan struct{} // a certificate was
	kiosks, page http.Handler
}

func newProvince(ctx context.Context, set *keys.Set, d *bun.DB, log *slog.Logger, now func() time.Time) (*province, error) {
	box, err := datakeys.New(d, set.Data)
	if err != nil {
		return nil, fmt.Errorf("opening the vault: %w", err)
	}
	if err := db.Claim(ctx, d, "data key", box.Fingerprint()); err != nil {
		return nil, err
	}
	down := &tufserver.Repo{DB: d, Keys: set, Now: now, Log: log}
	root, err := down.Ensure(ctx)
	if err != nil {
		return nil, err
	}
	news := &arrivals.Feed{DB: d, Now: now, Ended: ctx.Done()}
	places := &adminunits.Names{Now: now, Log: log, Read: func(ctx context.Context) ([]byte, string, error) { return down.Newest(ctx, "units/") }}
	rolls := report.Rolls{Vault: box}
	registry := &account.Registry{DB: d, Now: now}
	tests := &lab.Desk{DB: d, Vault: box, Registry: registry, Now: now}
	doses := &vaccine.Desk{DB: d, Vault: box, Registry: registry, Now: now}
	p := &province{repo: down, root: root, issued: make(chan struct{}, 1), intake: intake.New(intake.Options{
		DB: d, Vault: box, Opener: store.NewOpener(set.Seal), Signer: set.Receipt, Committed: news.Wake, Now: now, Log: log,
		Projectors: map[record.Kind]intake.Projector{
			record.KindErasure: person.Proofs{Now: now},
			record.KindRoll:    rolls,

			record.KindOrder: tests, record.KindSample: tests, record.KindPool: tests, record.KindResult: tests, record.KindStaff: tests,
			record.KindVaccination: doses,
		},
	})}
	p.finder = &person.Finder{DB: d, Vault: box, Forgetters: []person.Forgetter{rolls, tests, doses}, Erasers: []person.Eraser{doses}}
	p.metrics = prometheus.NewRegistry()
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&fleet.Collector{DB: d, Now: now, Log: log})
	kiosks := http.NewServeMux()
	g := &kioskapi.API{DB: d, Kiosks: fleet.NewRegister(d), Intake: p.intake, Keys: set, Metrics: kioskapi.NewMetrics(p.metrics), Now: now, Log: log, Slots: make(chan struct{}, slots)}
	g.Register(kiosks)
	issued := func() {
		select {
		case p.issued <- struct{}{}:
		default: // it will be seen to
		}
	}
	(&est.Service{DB: d, Authority: set.CA, Issued: issued, Now: now, Log: log}).Register(kiosks, func(r *http.Request) (string, error) {
		kiosk, err := g.Peer(r)
		return kiosk.ID, err
	})
	down.Register(kiosks)
	p.lookups = &lookup.Service{
		DB: d, Vault: box, Signer: set.Signing["result"], Issuer: set.CA.Certificate.Subject.CommonName, Now: now, Log: log,
		Peer: g.Peer, Vaccination: doses.Status,
	}
	p.lookups.Register(kiosks)
	first := &dashboard.Pages{DB: d, Feed: news, Registry: registry, Finder: p.finder, Now: now, Watchers: make(chan struct{}, watchers)}
	figures := &report.Pages{DB: d, Registry: registry, Places: places, Now: now}
	exports := &export.Desk{DB: d, Vault: box, Finder: p.finder, Vaccine: doses, Registry: registry, Now: now}
	p.pages, err = web.New(registry, places, log, now,
		first.Section(),
		figures.Section(),
		tests.Section(),
		doses.Section(),
		exports.Section(),
	)
	if err != nil {
		p.intake.Close()
		return nil, err
	}
	first.Draw, figures.Say, exports.Say = p.pages.Draw, p.pages.Say, p.pages.Say
	page := http.NewServeMux()
	page.Handle("/", p.pages.Handler())
	operations := api.New(page, registry)
	api.Base(operations, api.Source{DB: d, Feed: news, Now: now})
	figures.Operations(operations)
	tests.Operations(operations)
	for _, mux := range []*http.ServeMux{kiosks, page} {
		mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
		mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, d) })
	}
	p.kiosks, p.page = kiosks, page
	return p, nil
}

// keepRetention deletes what has been kept long enough, every hour.
func keepRetention(ctx context.Context, p *province, retention time.Duration, log *slog.Logger) {
	for {
		n, err := p.finder.Expire(ctx, retention, time.Now())
		err = errors.Join(err, p.lookups.Sweep(ctx))
		switch {
		case err != nil && ctx.Err() == nil:
			log.Error("what has expired was not deleted", "error", err)
		case n > 0:
			log.Info("retention is over", "entries", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}

// ready says whether this instance can do its work, which is what a balancer asks.
func ready(w http.ResponseWriter, r *http.Request, d *bun.DB) {
	ctx, stop := context.WithTimeout(r.Context(), 3*time.Second)
	defer stop()
	if err := d.PingContext(ctx); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

func listen(ctx context.Context, at string, most int) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	return netutil.LimitListener(l, most), nil
}

// address is where a listener can be reached from this machine.
func address(l net.Listener) string {
	a := l.Addr().(*net.TCPAddr)
	if a.IP.IsUnspecified() {
		return fmt.Sprintf("https://localhost:%d", a.Port)
	}
	return "https://" + a.String()
}

// serve runs an HTTP server, in the clear without a configuration of TLS, until the context ends, then lets what is under way
// finish.
func serve(ctx context.Context, running *errgroup.Group, l net.Listener, config *tls.Config, h http.Handler, log *slog.Logger) {
	srv := &http.Server{
		Handler: h, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	running.Go(func() error {
		var err error
		if config != nil {
			err = srv.ServeTLS(l, "", "")
		} else {
			err = srv.Serve(l)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serving %s: %w", l.Addr(), err)
	})
	running.Go(func() error {
		<-ctx.Done()
		grace, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer stop()
		if err := srv.Shutdown(grace); err != nil {
			return errors.Join(fmt.Errorf("ending %s: %w", l.Addr(), err), srv.Close())
		}
		return nil
	})
}

// notify tells systemd something, where it listens (sd_notify(3)).
func notify(state string) {
	at := os.Getenv("NOTIFY_SOCKET")
	if at == "" {
		return
	}
	if at[0] == '@' {
		at = "\x00" + at[1:]
	}
	c, err := net.Dial("unixgram", at)
	if err != nil {
		return // systemd will find out by its time limit
	}
	defer c.Close()
	fmt.Fprint(c, state)
}
