package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"chot/deploy/province/internal/db"
)

// columns of the table of entries, in its order.
var columns = []string{"journal", "number", "kind", "level", "state", "at", "digest", "hash", "day", "body"}

const table = "(journal BYTEA NOT NULL, number BIGINT NOT NULL, kind SMALLINT NOT NULL, level SMALLINT NOT NULL, " +
	"state SMALLINT NOT NULL, at BIGINT NOT NULL, digest BYTEA NOT NULL, hash BYTEA NOT NULL, day INTEGER NOT NULL, body BYTEA, " +
	"PRIMARY KEY (journal, number))"

// raw reads what the server holds and writes the same rows as fast as the
// database alone takes them. It returns how many there are.
func (c *cli) raw(ctx context.Context, file, dir string) (int, time.Duration, error) {
	place := c.Database
	if place == "" {
		place = file
	}
	d, err := db.Open(ctx, place)
	if err != nil {
		return 0, 0, err
	}
	defer d.Close()
	rows, err := d.QueryContext(ctx, "SELECT journal, number, kind, level, state, at, digest, hash, day, body FROM entries")
	if err != nil {
		return 0, 0, err
	}
	var all [][]any
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return 0, 0, err
		}
		all = append(all, row)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, 0, err
	}
	var took time.Duration
	if c.Database != "" {
		took, err = rawCopy(ctx, c.Database, all)
	} else {
		took, err = rawInsert(ctx, filepath.Join(dir, "raw.db"), all)
	}
	return len(all), took, err
}

// rawInsert writes rows by one prepared statement in one transaction.
func rawInsert(ctx context.Context, file string, all [][]any) (took time.Duration, err error) {
	pool, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close(), os.Remove(file)) }()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE entries "+table); err != nil {
		return 0, err
	}
	began := time.Now()
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return 0, errors.Join(err, tx.Rollback())
	}
	for _, row := range all {
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return 0, errors.Join(err, tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// rawCopy writes rows by COPY.
func rawCopy(ctx context.Context, url string, all [][]any) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE TABLE raw_entries "+table); err != nil {
		return 0, err
	}
	began := time.Now()
	n, err := conn.CopyFrom(ctx, pgx.Identifier{"raw_entries"}, columns, pgx.CopyFromRows(all))
	took := time.Since(began)
	if err == nil && int(n) != len(all) {
		err = fmt.Errorf("%d rows of %d were copied", n, len(all))
	}
	_, dropErr := conn.Exec(ctx, "DROP TABLE raw_entries")
	return took, errors.Join(err, dropErr)
}
