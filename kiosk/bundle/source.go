package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Source is where a repository can be read: the province, a mirror, a stick.
type Source struct {
	Client *http.Client
	URL    string // of the repository; the file timestamp.json lies below it
}

// Stick is a repository in a folder, as it is copied to a USB stick.
func Stick(folder string) Source {
	transport := &http.Transport{}
	transport.RegisterProtocol("file", http.NewFileTransportFS(os.DirFS(folder)))
	return Source{Client: &http.Client{Transport: transport}, URL: "file://"}
}

// fetchError is a source that gave no file.
type fetchError struct{ err error }

func (e *fetchError) Error() string { return e.err.Error() }
func (e *fetchError) Unwrap() error { return e.err }

// fetcher reads a source's metadata for the TUF library, whose interface has no
// context.
type fetcher struct {
	ctx  context.Context
	from Source
}

// patience bounds the download of one file of metadata.
const patience = time.Minute

// DownloadFile implements the library's Fetcher.
func (f fetcher) DownloadFile(url string, most int64, _ time.Duration) ([]byte, error) {
	ctx, stop := context.WithTimeout(f.ctx, patience)
	defer stop()
	answer, err := f.from.get(ctx, url, 0)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, &metadata.ErrDownloadHTTP{StatusCode: answer.StatusCode, URL: url}
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err != nil {
		return nil, &fetchError{fmt.Errorf("reading %s: %w", url, err)}
	}
	if int64(len(body)) > most {
		return nil, &metadata.ErrDownloadLengthMismatch{Msg: fmt.Sprintf("%s is longer than %d bytes", url, most)}
	}
	return body, nil
}

// get asks for a file, from an offset on.
func (s Source) get(ctx context.Context, url string, offset int64) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, &fetchError{err}
	}
	if offset > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	answer, err := s.Client.Do(r)
	if err != nil {
		return nil, &fetchError{err}
	}
	return answer, nil
}

// download brings a file's content into the folder, under its hash, and returns
// its path. What an earlier try left is gone on with.
func (s Source) download(ctx context.Context, f File, folder string) (string, error) {
	place := filepath.Join(folder, f.SHA256)
	out, err := os.OpenFile(place, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errLocal, err)
	}
	defer out.Close()
	sum := sha256.New()
	have, err := io.Copy(sum, out)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errLocal, err)
	}
	if have > f.Size { // no beginning of it
		return s.again(ctx, f, folder)
	}
	if have < f.Size {
		if err := s.rest(ctx, f, have, out, sum); err != nil {
			return "", err
		}
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		if have > 0 { // what was left of it may be at fault, not the source
			return s.again(ctx, f, folder)
		}
		return "", s.discard(place, &metadata.ErrLengthOrHashMismatch{Msg: f.Name + " is not what was signed"})
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return "", fmt.Errorf("%w: %w", errLocal, err)
	}
	return place, nil
}

// again removes what was left of a file and downloads it from its beginning.
func (s Source) again(ctx context.Context, f File, folder string) (string, error) {
	if err := os.Remove(filepath.Join(folder, f.SHA256)); err != nil {
		return "", fmt.Errorf("%w: %w", errLocal, err)
	}
	return s.download(ctx, f, folder)
}

// discard removes a partial file that cannot be gone on with.
func (s Source) discard(place string, why error) error {
	if err := os.Remove(place); err != nil {
		return errors.Join(why, errLocal, err)
	}
	return why
}

// rest reads a file from an offset to its end.
func (s Source) rest(ctx context.Context, f File, have int64, out *os.File, sum io.Writer) error {
	dir, base := path.Split(f.target)
	answer, err := s.get(ctx, strings.TrimRight(s.URL, "/")+"/targets/"+dir+f.SHA256+"."+base, have)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	want := http.StatusOK
	if have > 0 {
		want = http.StatusPartialContent
	}
	if answer.StatusCode != want {
		err := &fetchError{fmt.Errorf("%s: the source answered %s", f.Name, answer.Status)}
		if have > 0 { // it cannot go on: begin again next time
			return s.discard(out.Name(), err)
		}
		return err
	}
	n, err := io.Copy(io.MultiWriter(out, sum), io.LimitReader(answer.Body, f.Size-have))
	if err != nil {
		return &fetchError{fmt.Errorf("reading %s: %w", f.Name, err)}
	}
	if have+n < f.Size {
		return &fetchError{fmt.Errorf("%s ended after %d of %d bytes", f.Name, have+n, f.Size)}
	}
	return nil
}
