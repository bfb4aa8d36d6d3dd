package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the database and brings its schema up to date. The place is a
// postgres:// URL, which may name several hosts, or the path of an SQLite file.
func Open(ctx context.Context, place string) (*bun.DB, error) {
	d, err := open(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if err := migrate(ctx, d); err != nil {
		return nil, errors.Join(fmt.Errorf("bringing the schema up to date: %w", err), d.Close())
	}
	return d, nil
}

func open(ctx context.Context, place string) (*bun.DB, error) {
	if strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://") {
		return openPostgres(ctx, place)
	}
	// What is deleted is overwritten, see Scrub. WAL lets readers go on while one writes; FULL makes every commit durable,
	// because a receipt follows it.
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: place}).EscapedPath()+"?_txlock=immediate"+
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"+
		"&_pragma=wal_autocheckpoint(16000)&_pragma=cache_size(-6000)&_pragma=secure_delete(ON)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	d := bun.NewDB(pool, sqlitedialect.New())
	if err := d.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", place, err), d.Close())
	}
	return d, nil
}

func openPostgres(ctx context.Context, place string) (*bun.DB, error) {
	config, err := pgx.ParseConfig(place)
	if err != nil {
		return nil, err
	}
	// bun writes the values into the statement: preparing each would cost a round
	// trip and never pay.
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(4 + 4*runtime.GOMAXPROCS(0))
	pool.SetMaxIdleConns(4 + 4*runtime.GOMAXPROCS(0))
	pool.SetConnMaxLifetime(5 * time.Minute)
	d := bun.NewDB(pool, pgdialect.New())
	var commit string
	if err := d.QueryRowContext(ctx, "SHOW synchronous_commit").Scan(&commit); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if commit == "off" {
		return nil, errors.Join(errors.New(
			"synchronous_commit is off: a receipt would promise what a crash can lose"), d.Close())
	}
	return d, nil
}

// Scrub makes what was deleted unreadable in the database's files. SQLite has
// overwritten it in its pages (secure_delete), of which older copies stay in the
// WAL until it is written back and cut off, which waits for readers. PostgreSQL's
// dead rows are removed by VACUUM, which its autovacuum runs too.
func Scrub(ctx context.Context, d *bun.DB) error {
	if Postgres(d) {
		for _, table := range []string{"entries", "lookups", "data_keys"} {
			if _, err := d.ExecContext(ctx, "VACUUM "+table); err != nil {
				return fmt.Errorf("removing the dead rows of %s: %w", table, err)
			}
		}
		return nil
	}
	for try := 0; ; try++ {
		var busy, frames, moved int
		if err := d.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
			return fmt.Errorf("cutting off the database's WAL: %w", err)
		}
		if busy == 0 {
			return nil
		}
		if try == 5 {
			return errors.New("cutting off the database's WAL: readers did not let go of it; it is tried again with the next retention")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// Postgres says whether d is a PostgreSQL.
func Postgres(d bun.IDB) bool { return d.Dialect().Name() == dialect.PG }

func migrate(ctx context.Context, d *bun.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	// Packages number their migrations apart from each other: a lower number may
	// come later.
	kind, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithAllowOutofOrder(true)}
	if Postgres(d) {
		// Instances that start together migrate one after the other.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
		if err != nil {
			return err
		}
		kind, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(kind, d.DB, files, options...)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// setting returns a setting, "" if absent.
func setting(ctx context.Context, d bun.IDB, name string) (string, error) {
	var value string
	err := d.NewSelect().Table("settings").Column("value").Where("name = ?", name).Scan(ctx, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// ReadTime returns a setting that is a time, the zero time when it was never
// written.
func ReadTime(ctx context.Context, d bun.IDB, name string) (time.Time, error) {
	text, err := setting(ctx, d, name)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, fmt.Errorf("reading the setting %s: %w", name, err)
	}
	return t, nil
}

// WriteTime writes a setting that is a time.
func WriteTime(ctx context.Context, d bun.IDB, name string, t time.Time) error {
	_, err := d.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
		name, t.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return fmt.Errorf("keeping the setting %s: %w", name, err)
	}
	return nil
}

// Claim keeps a setting that must never change, such as the fingerprint of the
// keys that the data is encrypted with: it is written the first time, and an
// error if it differs later.
func Claim(ctx context.Context, d bun.IDB, name, value string) error {
	if _, err := d.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, value); err != nil {
		return fmt.Errorf("keeping the setting %s: %w", name, err)
	}
	held, err := setting(ctx, d, name)
	if err != nil {
		return fmt.Errorf("reading the setting %s: %w", name, err)
	}
	if held != value {
		return fmt.Errorf("the database belongs to another %s than the one given", name)
	}
	return nil
}
