package db

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
)

// Prepared is a query for one row that is asked for every batch: a connection
// plans it once, where other queries are planned each time.
type Prepared[R any] struct {
	d    *bun.DB
	stmt bun.Stmt
}

// Prepare prepares a query for rows of R. Its values are $1, $2 and so on, and
// it names its columns: after a migration by a newer instance a prepared * fails.
func Prepare[R any](ctx context.Context, d *bun.DB, query string) (*Prepared[R], error) {
	stmt, err := d.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing a query for a %s: %w", reflect.TypeFor[R]().Name(), err)
	}
	return &Prepared[R]{d, stmt}, nil
}

// Row returns the row for some values, and [sql.ErrNoRows] where there is none.
func (p *Prepared[R]) Row(ctx context.Context, values ...any) (row R, err error) {
	rows, err := p.stmt.QueryContext(ctx, values...)
	if err != nil {
		return row, err
	}
	var found []R
	if err := p.d.ScanRows(ctx, rows, &found); err != nil {
		return row, err
	}
	if len(found) == 0 {
		return row, sql.ErrNoRows
	}
	return found[0], nil
}

// Columns are the columns of R's table, after a prefix such as "k.", for a query.
func Columns[R any](d *bun.DB, prefix string) string {
	var names []string
	for _, f := range d.Table(reflect.TypeFor[R]()).Fields {
		names = append(names, prefix+string(f.SQLName))
	}
	return strings.Join(names, ", ")
}
