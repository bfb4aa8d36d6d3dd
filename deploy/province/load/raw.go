package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
)

// tables are those that records fill, with the columns of each. The first holds
// the records themselves.
var tables = []table{
	{"entries", []string{"journal", "number", "kind", "level", "state", "at", "digest", "hash", "day", "body"}},
	{"lookups", []string{"journal", "number", "hash"}},
	{"arrivals", []string{"journal", "first", "last", "kiosk", "area", "at", "carrier", "oldest", "newest", "expired"}},
	{"tallies", []string{"day", "kiosk", "area", "kind", "label", "count"}},
}

type table struct {
	name    string
	columns []string
}

// speed is how fast the database alone is.
type speed struct {
	held    int           // entries
	entries time.Duration // that writing them takes
	all     time.Duration // that writing all rows takes that the server wrote for them
}

// raw reads what the server holds and writes the same rows into an empty database
// of the same schema, in one transaction, as fast as the database alone takes
// them: by COPY into PostgreSQL, by prepared inserts into SQLite.
func (p *place) raw(ctx context.Context) (speed, error) {
	from, err := db.Open(ctx, p.server)
	if err != nil {
		return speed{}, err
	}
	rows := make([][][]any, len(tables))
	for i, t := range tables {
		if rows[i], err = t.read(ctx, from); err != nil {
			return speed{}, errors.Join(err, from.Close())
		}
	}
	if err := from.Close(); err != nil {
		return speed{}, err
	}
	fresh, err := db.Open(ctx, p.empty) // brings the schema up
	if err != nil {
		return speed{}, err
	}
	if err := fresh.Close(); err != nil {
		return speed{}, err
	}
	s := speed{held: len(rows[0])}
	write := rawInsert
	if p.name == postgres {
		write = rawCopy
	}
	if s.entries, s.all, err = write(ctx, p.empty, rows); err != nil {
		return speed{}, fmt.Errorf("writing the same rows: %w", err)
	}
	return s, nil
}

func (t table) read(ctx context.Context, d *bun.DB) ([][]any, error) {
	rows, err := d.QueryContext(ctx, "SELECT "+strings.Join(t.columns, ", ")+" FROM "+t.name)
	if err != nil {
		return nil, err
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all = append(all, row)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

// rawInsert writes rows by one prepared statement a table in one transaction.
func rawInsert(ctx context.Context, file string, rows [][][]any) (entries, all time.Duration, err error) {
	pool, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	began := time.Now()
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return 0, 0, err
	}
	for i, t := range tables {
		if err := t.insert(ctx, tx, rows[i]); err != nil {
			return 0, 0, errors.Join(err, tx.Rollback())
		}
		if i == 0 {
			entries = time.Since(began)
		}
	}
	if err := tx.Commit(); err != nil {
		return 0, 0, err
	}
	return entries, time.Since(began), nil
}

func (t table) insert(ctx context.Context, tx *sql.Tx, rows [][]any) error {
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ")
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+t.name+" ("+strings.Join(t.columns, ", ")+") VALUES ("+marks+")")
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return errors.Join(err, insert.Close())
		}
	}
	return insert.Close()
}

// rawCopy writes rows by COPY in one transaction.
func rawCopy(ctx context.Context, url string, rows [][][]any) (entries, all time.Duration, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	began := time.Now()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, 0, err
	}
	for i, t := range tables {
		n, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(rows[i]))
		if err == nil && int(n) != len(rows[i]) {
			err = fmt.Errorf("%d rows of %d were copied", n, len(rows[i]))
		}
		if err != nil {
			return 0, 0, errors.Join(err, tx.Rollback(ctx))
		}
		if i == 0 {
			entries = time.Since(began)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return 0, 0, err
	}
	return entries, time.Since(began), nil
}
