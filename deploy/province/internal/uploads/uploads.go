// Package uploads keeps a file between the preview that an officer or a laboratory
// is shown and their confirmation, and remembers which column of a laboratory's
// tables is which. A file may name people: it is encrypted under the key of its
// day and deleted when it was confirmed, or after an hour.
package uploads

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/charset"
	"chot/deploy/province/internal/exchange/table"
)

// Store keeps files.
type Store struct {
	DB   *bun.DB
	Keys *datakeys.Keyring
	Now  func() time.Time
}

// kept is how long a file waits to be confirmed.
const kept = time.Hour

// ErrGone means that a file is no longer there: it was confirmed, or it waited too
// long.
var ErrGone = errors.New("the file is no longer there: please choose it again")

// Put keeps a file of an account and returns its number.
func (s *Store) Put(ctx context.Context, account, kind, name string, data []byte) (string, error) {
	now := s.Now()
	if _, err := s.DB.NewDelete().Model((*db.Upload)(nil)).Where("expires < ?", db.At(now)).Exec(ctx); err != nil {
		return "", fmt.Errorf("deleting files that were not confirmed: %w", err)
	}
	box, err := s.Keys.Day(ctx, db.DayOf(now))
	if err != nil {
		return "", err
	}
	row := &db.Upload{ID: rand.Text(), Account: account, Kind: kind, Name: clip(name), Expires: db.At(now.Add(kept)), Day: box.Day}
	row.Body = box.Seal(data, associated(row.ID))
	if _, err := s.DB.NewInsert().Model(row).Exec(ctx); err != nil {
		return "", fmt.Errorf("keeping a file for its preview: %w", err)
	}
	return row.ID, nil
}

func clip(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), 100)], "")
}

func associated(id string) []byte { return append([]byte("upload"), id...) }

// Get returns a file of an account and its name.
func (s *Store) Get(ctx context.Context, account, kind, id string) (data []byte, name string, err error) {
	var row db.Upload
	err = s.DB.NewSelect().Model(&row).Where("id = ? AND account = ? AND kind = ? AND expires >= ?", id, account, kind, db.At(s.Now())).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", ErrGone
	}
	if err != nil {
		return nil, "", fmt.Errorf("looking for a file: %w", err)
	}
	data, err = s.Keys.Open(ctx, row.Day, row.Body, associated(row.ID))
	if errors.Is(err, datakeys.ErrGone) {
		return nil, "", ErrGone
	}
	return data, row.Name, err
}

// Drop deletes a file, and says whether it was still there: of two confirmations
// at once, one finds it.
func (s *Store) Drop(ctx context.Context, id string) (bool, error) {
	done, err := s.DB.NewDelete().Model((*db.Upload)(nil)).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("deleting a file: %w", err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// header is the hash of a table's header.
func header(columns []exchange.Column) string {
	h := sha256.New()
	for _, c := range columns {
		fmt.Fprintf(h, "%s\x00", exchange.Plain(c.Name))
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// Remember keeps which column is which in tables with this header.
func (s *Store) Remember(ctx context.Context, source, kind string, columns []exchange.Column, chosen map[string]int) error {
	text, err := json.Marshal(chosen)
	if err != nil {
		return fmt.Errorf("encoding columns: %w", err)
	}
	row := &db.ColumnMap{Source: source, Kind: kind, Header: header(columns), Columns: string(text), At: db.At(s.Now())}
	_, err = s.DB.NewInsert().Model(row).On("CONFLICT (source, kind, header) DO UPDATE").Set("columns = EXCLUDED.columns").Set("at = EXCLUDED.at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping which column is which: %w", err)
	}
	return nil
}

// Recall returns what was remembered of a header, nil where nothing was.
func (s *Store) Recall(ctx context.Context, source, kind string, columns []exchange.Column) (map[string]int, error) {
	row := db.ColumnMap{Source: source, Kind: kind, Header: header(columns)}
	err := s.DB.NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for which column is which: %w", err)
	}
	var chosen map[string]int
	if err := json.Unmarshal([]byte(row.Columns), &chosen); err != nil {
		return nil, fmt.Errorf("reading which column is which: %w", err)
	}
	return chosen, nil
}

// Read reads a file with what is remembered of its header, where the options do not
// name the columns.
func Read[S any](ctx context.Context, s *Store, source, kind string, data []byte, o table.Options, read func([]byte, table.Options) (*exchange.File[S], error)) (*exchange.File[S], error) {
	f, err := read(data, o)
	if o.Columns != nil {
		return f, err
	}
	var missing *table.MissingColumns
	var columns []exchange.Column
	switch {
	case errors.As(err, &missing):
		columns, o.Header = missing.Columns, missing.Header
	case err != nil:
		return nil, err
	default:
		columns, o.Header = f.Columns, f.Header
	}
	if len(columns) == 0 {
		return f, err
	}
	chosen, recallErr := s.Recall(ctx, source, kind, columns)
	if recallErr != nil {
		return nil, recallErr
	}
	if chosen == nil {
		return f, err
	}
	o.Columns = chosen
	return read(data, o)
}

// FromForm reads what a person chose on the preview's form: "encoding", "header"
// and for each field "col.<field>", the column's index or "".
func FromForm(r *http.Request, fields []string) (o table.Options) {
	for _, name := range charset.Names {
		if r.PostFormValue("encoding") == name {
			o.Encoding = name
		}
	}
	if r.PostFormValue("columns") == "" {
		return o
	}
	o.Columns = map[string]int{}
	o.Header, _ = strconv.Atoi(r.PostFormValue("header")) // 0, the first row, where it is no number
	for _, field := range fields {
		if i, err := strconv.Atoi(r.PostFormValue("col." + field)); err == nil && i >= 0 {
			o.Columns[field] = i
		}
	}
	return o
}

// Field is a field with the column that was taken for it, for the preview's form.
type Field struct {
	Name   string
	Column int // -1 for none
}

// Form is what the preview's form shows.
type Form struct {
	ID        string
	Action    string
	Fields    []Field
	Columns   []exchange.Column
	Header    int
	Encoding  string
	Encodings []string
	Chosen    bool // the columns were named by a person
}

// NewForm makes the form of a preview.
func NewForm(id, action string, fields []string, columns []exchange.Column, headerLine int, o table.Options, encoding string) Form {
	f := Form{
		ID: id, Action: action, Columns: columns, Header: headerLine, Encoding: o.Encoding, Encodings: charset.Names, Chosen: o.Columns != nil,
	}
	if f.Encoding == "" {
		f.Encoding = encoding
	}
	for _, name := range fields {
		field := Field{name, -1}
		for _, c := range columns {
			if c.Field == name && field.Column < 0 {
				field.Column = c.Index
			}
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

// EraseWork takes a person off the work list of a kind: what is there of them can
// then only be dismissed. It returns how many statements it has erased.
func EraseWork(ctx context.Context, tx bun.Tx, kind string, hashes [][]byte) (int, error) {
	done, err := tx.NewUpdate().Model((*db.Work)(nil)).Set("document = NULL").Set("body = NULL").
		Where("kind = ? AND document IN (?)", kind, bun.List(hashes)).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("erasing a person from the work list: %w", err)
	}
	n, err := done.RowsAffected()
	return int(n), err
}

// Yield waits after a transaction that took a while, so that others write too:
// SQLite has one writer and no queue for it, who asks again at once would starve
// the kiosks. PostgreSQL needs no such wait.
func Yield(ctx context.Context, d bun.IDB, took time.Duration) error {
	if db.Postgres(d) {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(took + pause):
		return nil
	}
}

// pause is how long others have at least, whatever a transaction took.
const pause = 25 * time.Millisecond
