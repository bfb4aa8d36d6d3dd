package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"chot/deploy/province/tufpublish"
	"chot/kiosk/published"
)

type publishCmd struct {
	Put    publishPutCmd    `cmd:"" help:"Publish every file below a directory under its path there."`
	List   publishListCmd   `cmd:"" help:"List what is published, a JSON line each."`
	Limit  publishLimitCmd  `cmd:"" help:"Change for whom a published file is; --halt is the kill switch."`
	Remove publishRemoveCmd `cmd:"" help:"Take published files back."`
	Rotate publishRotateCmd `cmd:"" help:"Replace the key of root or targets; kiosks follow by themselves."`
}

// repository is where to publish and with which right.
type repository struct {
	Server string `required:"" help:"The province's address for kiosks." placeholder:"URL"`
	CA     string `required:"" help:"Certificate of the province's authority (PEM)." placeholder:"FILE" type:"existingfile"`
	Root   string `required:"" help:"SHA-256 of the first root metadata, hexadecimal; the server prints it when it starts." placeholder:"HASH"`
}

// editing is a repository with the key that may change it.
type editing struct {
	repository
	Key string `required:"" help:"The targets key (PEM)." placeholder:"FILE" type:"existingfile"`
}

// limits are a roll-out on the command line.
type limits struct {
	Groups  []string  `help:"Only these groups of kiosks."`
	Percent int       `help:"Only this percentage of kiosks." placeholder:"N"`
	From    time.Time `help:"Not before this time, RFC 3339." placeholder:"TIME"`
	Window  string    `help:"Time of day in which a release may be installed, such as 01:00-04:00."`
}

func (l limits) rollout() tufpublish.Rollout {
	return tufpublish.Rollout{Groups: l.Groups, Percent: l.Percent, From: l.From, Window: l.Window}
}

func (r repository) open(ctx context.Context) (*tufpublish.Editor, error) {
	root, err := hex.DecodeString(r.Root)
	if err != nil {
		return nil, fmt.Errorf("reading the root's hash: %w", err)
	}
	ca, err := os.ReadFile(r.CA)
	if err != nil {
		return nil, fmt.Errorf("reading the authority's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("reading the authority's certificate %s: it holds none", r.CA)
	}
	client := &http.Client{Timeout: 10 * time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}, ForceAttemptHTTP2: true,
	}}
	return tufpublish.Open(ctx, client, r.Server, root)
}

// change opens the repository, changes it and publishes the change.
func (e editing) change(ctx context.Context, change func(*tufpublish.Editor) error) error {
	key, err := readPublisherKey(e.Key)
	if err != nil {
		return err
	}
	editor, err := e.open(ctx)
	if err != nil {
		return err
	}
	if err := change(editor); err != nil {
		return err
	}
	if err := usableTogether(ctx, editor); err != nil {
		return err
	}
	return editor.Publish(ctx, key, time.Now())
}

type publishPutCmd struct {
	editing
	limits
	Dir string `arg:"" help:"Directory laid out as a kiosk's bundle: trust/, revocation/, rules/, valuesets/, forms/, units/, labels/, content/, policy.json, staff.json." type:"existingdir"`
}

// Run refuses what a kiosk could not use: a mistake must be seen here, not on a
// thousand kiosks.
func (c *publishPutCmd) Run(ctx context.Context, con *console) error {
	files := os.DirFS(c.Dir)
	if err := usable(files); err != nil {
		return fmt.Errorf("refusing to publish %s: %w", c.Dir, err)
	}
	count := 0
	err := c.change(ctx, func(e *tufpublish.Editor) error {
		return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(files, name)
			if err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
			count++
			return e.Put(name, content, c.rollout())
		})
	})
	if err != nil {
		return err
	}
	return con.print(map[string]any{"published": count})
}

// usable loads a bundle as a kiosk does, and refuses keys that no kiosk knows.
func usable(files fs.FS) error {
	data, err := published.Load(files)
	if err != nil {
		return err
	}
	if len(data.Unknown) > 0 {
		return fmt.Errorf("unknown keys, perhaps misspelt: %s", strings.Join(data.Unknown, "; "))
	}
	return nil
}

// usableTogether loads what kiosks would have after the change, for each group that
// has files of its own: files that are right by themselves may not go together, and
// a kiosk turns to all of them or to none.
func usableTogether(ctx context.Context, e *tufpublish.Editor) error {
	for _, group := range append([]string{""}, e.Groups()...) {
		if err := usableBy(ctx, e, group); err != nil {
			if group != "" {
				return fmt.Errorf("refusing to publish, together with what is published for the group %s: %w", group, err)
			}
			return fmt.Errorf("refusing to publish, together with what is published: %w", err)
		}
	}
	return nil
}

func usableBy(ctx context.Context, e *tufpublish.Editor, group string) (err error) {
	folder, err := os.MkdirTemp("", "kioskctl-publish-")
	if err != nil {
		return fmt.Errorf("making room for what is published: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := e.Save(ctx, group, folder); err != nil {
		return err
	}
	_, err = published.Load(os.DirFS(folder))
	return err
}

type publishListCmd struct{ repository }

func (c *publishListCmd) Run(ctx context.Context, con *console) error {
	e, err := c.open(ctx)
	if err != nil {
		return err
	}
	list, err := e.List()
	if err != nil {
		return err
	}
	for _, entry := range list {
		if err := con.print(entry); err != nil {
			return err
		}
	}
	return nil
}

type publishLimitCmd struct {
	editing
	limits
	confirmed
	Halt  bool     `help:"The kill switch: kiosks drop the file, and go back from a release."`
	Names []string `arg:"" name:"name" help:"Published files."`
}

func (c *publishLimitCmd) Run(ctx context.Context, con *console) error {
	r := c.rollout()
	r.Halt = c.Halt
	if c.Halt {
		if err := c.ask(con, fmt.Sprintf("Every kiosk drops %s. Go on?", strings.Join(c.Names, ", "))); err != nil {
			return err
		}
	}
	return c.each(ctx, con, c.Names, func(e *tufpublish.Editor, name string) error { return e.Limit(name, r) })
}

type publishRemoveCmd struct {
	editing
	confirmed
	Names []string `arg:"" name:"name" help:"Published files."`
}

func (c *publishRemoveCmd) Run(ctx context.Context, con *console) error {
	if err := c.ask(con, fmt.Sprintf("Every kiosk loses %s. Go on?", strings.Join(c.Names, ", "))); err != nil {
		return err
	}
	return c.each(ctx, con, c.Names, (*tufpublish.Editor).Remove)
}

// each changes published files by name, all or none of them.
func (e editing) each(ctx context.Context, con *console, names []string, do func(*tufpublish.Editor, string) error) error {
	err := e.change(ctx, func(editor *tufpublish.Editor) error {
		for _, name := range names {
			if err := do(editor, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return con.print(map[string]any{"changed": len(names)})
}
