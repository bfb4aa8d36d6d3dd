package tufserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/uptrace/bun"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/tufpublish"
)

// downloadTime is what one download may take, over a weak link.
const downloadTime = 30 * time.Minute

// serve sends one file. Ranges and conditions are net/http's: a kiosk on a weak
// link goes on where it was cut off, and a mirror asks cheaply.
func (r *Repo) serve(w http.ResponseWriter, q *http.Request) {
	name := q.PathValue("name")
	f, err := file(q.Context(), r.DB, name)
	if errors.Is(err, sql.ErrNoRows) || strings.HasPrefix(name, "staged/") {
		http.NotFound(w, q)
		return
	}
	if err != nil {
		r.fail(w, err)
		return
	}
	w.Header().Set("ETag", `"`+f.ETag+`"`)
	w.Header().Set("Content-Type", "application/octet-stream")
	if strings.HasSuffix(name, ".json") {
		w.Header().Set("Content-Type", "application/json")
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if name == timestampName {
		w.Header().Set("Cache-Control", "no-cache")
	}
	if f.Size > chunk {
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime)); err != nil {
			r.fail(w, err)
			return
		}
	}
	http.ServeContent(w, q, "", f.At.Time, &reader{ctx: q.Context(), d: r.DB, file: f, at: -1})
}

// Newest returns the published target that is the last by name of those that begin
// with a prefix, and its SHA-256 in hexadecimal; nothing if the target does not exist.
func (r *Repo) Newest(ctx context.Context, prefix string) (target []byte, hash string, err error) {
	s, err := r.load(ctx, r.DB)
	if err != nil {
		return nil, "", err
	}
	published, last := s.trusted.Targets[metadata.TARGETS].Signed.Targets, ""
	for name := range published {
		if strings.HasPrefix(name, prefix) {
			last = max(last, name)
		}
	}
	if last == "" {
		return nil, "", nil
	}
	t := published[last]
	target, err = content(ctx, r.DB, tufpublish.FileName(t, last))
	return target, t.Hashes["sha256"].String(), err
}

// reader reads a file's chunks as they are asked for.
type reader struct {
	ctx    context.Context // of the request that it serves
	d      bun.IDB
	file   db.File
	offset int64
	at     int // the chunk that is held
	held   []byte
}

func (r *reader) Read(p []byte) (int, error) {
	if r.offset >= r.file.Size {
		return 0, io.EOF
	}
	if seq := int(r.offset / chunk); seq != r.at {
		c := db.Chunk{ETag: r.file.ETag, Seq: seq}
		if err := r.d.NewSelect().Model(&c).WherePK().Scan(r.ctx); err != nil {
			return 0, fmt.Errorf("reading %s: %w", r.file.Name, err)
		}
		r.at, r.held = seq, c.Body
	}
	n := copy(p, r.held[min(r.offset%chunk, int64(len(r.held))):])
	r.offset += int64(n)
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		offset += r.file.Size
	}
	if offset < 0 {
		return 0, errors.New("seeking before the beginning")
	}
	r.offset = offset
	return offset, nil
}
