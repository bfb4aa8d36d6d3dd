package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Writer is a transaction that also takes rows in bulk, by [Copy].
type Writer struct {
	bun.Tx
	d    *bun.DB
	conn bun.Conn
}

// Transact runs do in a transaction.
func Transact(ctx context.Context, d *bun.DB, do func(context.Context, Writer) error) (err error) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(ctx, Writer{tx, d, conn}); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, undo)
		}
		return err
	}
	return tx.Commit()
}

// Copy inserts rows of a model, which may come in parts, as fast as the database
// takes them: by COPY into PostgreSQL, by a prepared statement into SQLite. It is
// for the tables that every record adds to.
func Copy[R any](ctx context.Context, w Writer, parts ...[]R) error {
	rows := &cursor{}
	for _, part := range parts {
		rows.add(reflect.ValueOf(part))
	}
	n := rows.left
	if n == 0 {
		return nil
	}
	table, err := w.d.Table(reflect.TypeFor[R]()), error(nil)
	if Postgres(w.d) {
		err = w.copy(ctx, table, rows)
	} else {
		err = w.insert(ctx, table, rows, "")
	}
	if err != nil {
		return fmt.Errorf("writing %d rows of %s: %w", n, table.Name, err)
	}
	return nil
}

// Count adds rows of a model that are counters: what is not of the primary key is
// a number that is added to the row's that is there. No two rows have the same
// key. It takes arrays into PostgreSQL, a prepared statement into SQLite.
func Count[R any](ctx context.Context, w Writer, counters []R) error {
	if len(counters) == 0 {
		return nil
	}
	rows := &cursor{}
	rows.add(reflect.ValueOf(counters))
	table, err := w.d.Table(reflect.TypeFor[R]()), error(nil)
	if Postgres(w.d) {
		err = w.arrays(ctx, table, rows, addUp(table))
	} else {
		err = w.insert(ctx, table, rows, addUp(table))
	}
	if err != nil {
		return fmt.Errorf("adding to %d counters of %s: %w", len(counters), table.Name, err)
	}
	return nil
}

// addUp is what an INSERT does with a row that is there already.
func addUp(table *schema.Table) string {
	var sums []string
	for _, f := range table.DataFields {
		sums = append(sums, fmt.Sprintf("%s = %s.%s + EXCLUDED.%s", f.SQLName, table.SQLName, f.SQLName, f.SQLName))
	}
	return " ON CONFLICT (" + names(table.PKs) + ") DO UPDATE SET " + strings.Join(sums, ", ")
}

func names(fields []*schema.Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, string(f.SQLName))
	}
	return strings.Join(all, ",")
}

// arrays inserts rows by one statement that has an array for each column: one
// with a value for each would take the parser longer than the rows the table.
func (w Writer) arrays(ctx context.Context, table *schema.Table, rows *cursor, clash string) error {
	numbers, texts := make([][]int64, len(table.Fields)), make([][]string, len(table.Fields))
	for rows.left > 0 {
		row := rows.next()
		for i, f := range table.Fields {
			switch v := f.Value(row); {
			case v.CanInt():
				numbers[i] = append(numbers[i], v.Int())
			case v.Kind() == reflect.String:
				texts[i] = append(texts[i], v.String())
			default:
				return fmt.Errorf("column %s: an array of %s cannot be made", f.Name, v.Type())
			}
		}
	}
	args, marks := []any{pgx.QueryExecModeExec}, make([]string, len(table.Fields))
	for i := range table.Fields {
		if numbers[i] != nil {
			args, marks[i] = append(args, numbers[i]), fmt.Sprintf("$%d::bigint[]", i+1)
		} else {
			args, marks[i] = append(args, texts[i]), fmt.Sprintf("$%d::text[]", i+1)
		}
	}
	line := "INSERT INTO " + string(table.SQLName) + " (" + names(table.Fields) + ") SELECT * FROM unnest(" + strings.Join(marks, ",") + ")" + clash
	return w.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().Exec(ctx, line, args...)
		return err
	})
}

// cursor goes through slices of rows, one after the other.
type cursor struct {
	parts []reflect.Value
	at    int // in the first part
	left  int // rows
}

func (c *cursor) add(part reflect.Value) { c.parts, c.left = append(c.parts, part), c.left+part.Len() }

// next returns the next row; there must be one left.
func (c *cursor) next() reflect.Value {
	for c.at == c.parts[0].Len() {
		c.parts, c.at = c.parts[1:], 0
	}
	row := c.parts[0].Index(c.at)
	c.at, c.left = c.at+1, c.left-1
	return row
}

func (w Writer) copy(ctx context.Context, table *schema.Table, rows *cursor) error {
	line := "COPY " + string(table.SQLName) + " (" + names(table.Fields) + ") FROM STDIN BINARY"
	return w.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, &copyReader{table: table, rows: rows}, line)
		return err
	})
}

// rowsPerStatement is how many rows one statement takes: enough that the statement's own
// cost no longer shows, and below SQLite's limit of parameters.
const rowsPerStatement = 50

func (w Writer) insert(ctx context.Context, table *schema.Table, rows *cursor, clash string) (err error) {
	var args []any
	for rows.left > 0 {
		size := min(rowsPerStatement, rows.left)
		statement, err := w.Tx.Tx.PrepareContext(ctx, insertText(table, size)+clash)
		if err != nil {
			return err
		}
		for rows.left >= size {
			args = args[:0]
			for range size {
				args = values(args, table, rows.next())
			}
			if _, err := statement.ExecContext(ctx, args...); err != nil {
				return errors.Join(err, statement.Close())
			}
		}
		if err := statement.Close(); err != nil {
			return err
		}
	}
	return nil
}

func insertText(table *schema.Table, rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(table.Fields)), ",") + ")"
	return "INSERT INTO " + string(table.SQLName) + " (" + names(table.Fields) + ") VALUES " +
		strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}

// values appends a row's columns, in the types that both drivers take.
func values(to []any, table *schema.Table, row reflect.Value) []any {
	for _, f := range table.Fields {
		v := f.Value(row)
		switch {
		case v.CanInt():
			to = append(to, v.Int())
		case v.Kind() == reflect.String:
			to = append(to, v.String())
		case v.Kind() == reflect.Slice && v.IsNil():
			to = append(to, nil)
		case v.Kind() == reflect.Slice:
			to = append(to, v.Bytes())
		default:
			if t, ok := v.Interface().(Time); ok {
				to = append(to, t.milli())
			} else {
				to = append(to, v.Interface())
			}
		}
	}
	return to
}
