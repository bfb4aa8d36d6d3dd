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

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/uptrace/bun"
	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"

	"chot/deploy/province/internal/kioskapi"
	"chot/deploy/province/internal/person"
)

type serveCmd struct {
	home
	Listen    string        `default:":8443" help:"Address for kiosks."`
	Page      string        `default:":8444" help:"Address of the officers' page."`
	Names     []string      `help:"Host names and addresses of this server, for its certificate, besides its own name and the loopback's."`
	Metrics   string        `help:"Address for Prometheus, in the clear: keep it on the loopback or a management network. Default: none." placeholder:"ADDR"`
	Retention time.Duration `default:"504h" help:"How long what names a person is kept."`
	PerSource int           `default:"200" help:"Connections from one address at once; 0 for any number, as behind a balancer."`
	PageCert  string        `help:"Certificate chain for the page that browsers know (PEM). Default: one of the province's authority." placeholder:"FILE"`
	PageKey   string        `help:"Its key (PEM)." placeholder:"FILE"`
	MLLP      string        `name:"mllp" help:"Address for laboratories that send HL7 v2 over MLLP with TLS. Default: none." placeholder:"ADDR"`
	MLLPPeers string        `name:"mllp-peers" help:"List of the laboratories that may send (TOML): a [[peer]] with name, area, and certificate or address." placeholder:"FILE"`
	MLLPPlain bool          `name:"mllp-plain" help:"Take MLLP without TLS, from listed addresses: for a closed network alone."`
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
	kiosks, err := listen(ctx, c.Listen, kioskConnections, c.PerSource)
	if err != nil {
		return fmt.Errorf("listening for kiosks: %w", err)
	}
	page, err := listen(ctx, c.Page, pageConnections, c.PerSource)
	if err != nil {
		return errors.Join(fmt.Errorf("listening for officers: %w", err), kiosks.Close())
	}
	said := map[string]any{
		"kiosks": address(kiosks), "page": address(page), "pin": fmt.Sprintf("%x", set.CA.Pin()), "root": fmt.Sprintf("%x", p.root),
	}
	running, ctx := errgroup.WithContext(ctx)
	if c.Metrics != "" {
		metrics, err := listen(ctx, c.Metrics, 10, 0)
		if err != nil {
			return errors.Join(fmt.Errorf("listening for Prometheus: %w", err), kiosks.Close(), page.Close())
		}
		said["metrics"] = "http://" + metrics.Addr().String() + "/metrics"
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", promhttp.HandlerFor(p.metrics, promhttp.HandlerOpts{}))
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		serve(ctx, running, metrics, nil, mux, con.log)
	}
	if c.MLLP != "" {
		l, err := c.serveMLLP(ctx, running, p, server.Certificate, con.log)
		if err != nil {
			return errors.Join(err, kiosks.Close(), page.Close())
		}
		said["mllp"] = l.Addr().String()
	}
	if err := con.out.Encode(said); err != nil {
		return err
	}
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		con.log.Warn("systemd was not told that the server is ready", "error", err)
	}
	running.Go(func() error { p.repo.Keep(ctx, p.issued); return nil })
	retention := &person.Retention{
		DB: d, Finder: p.finder, Sweep: p.limits.Sweep, Keep: c.Retention, Now: time.Now, Log: con.log,
	}
	running.Go(func() error { retention.Run(ctx); return nil })
	serve(ctx, running, kiosks, kioskapi.TLS(server, set, time.Now), p.kiosks, con.log)
	serve(ctx, running, page, pageTLS, p.page, con.log)
	return running.Wait()
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

// listen listens for connections, of which there are at most some at once, and at
// most some from one address.
func listen(ctx context.Context, at string, most, perSource int) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	if perSource > 0 {
		l = &sourceListener{Listener: l, most: perSource, open: map[string]int{}}
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
