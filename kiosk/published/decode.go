package published

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Error says what of a published file cannot be used, and why.
type Error struct {
	File string // name in the bundle, such as "checkpoint.json"
	Key  string // of the value at fault, as JSON has it; "" where it is the file as a whole
	Why  error
}

func (e *Error) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s: %v", e.File, e.Why)
	}
	return fmt.Sprintf("%s: %s: %v", e.File, e.Key, e.Why)
}

func (e *Error) Unwrap() error { return e.Why }

// wrong is the error of a key's value.
func wrong(key, format string, args ...any) error {
	return &Error{Key: key, Why: fmt.Errorf(format, args...)}
}

// in names the file of an error that may name a key already.
func in(file string, err error) error {
	if err == nil {
		return nil
	}
	var named *Error
	if errors.As(err, &named) {
		if named.File == "" {
			named.File = file
		}
		return named
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return &Error{File: file, Key: kind.Field, Why: fmt.Errorf("a JSON %s cannot be read as %s", kind.Value, kind.Type)}
	}
	return &Error{File: file, Why: err}
}

// loader reads files and collects the keys that it does not know.
type loader struct {
	files   fs.FS
	unknown []string // "checkpoint.json: fevr"
}

// decode reads one JSON value into v. A key that is not known is noted, not
// refused: an older kiosk lives on with a newer province.
func (l *loader) decode(file string, data []byte, v any) error {
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	err := strict.Decode(v)
	if key, is := unknownKey(err); is {
		l.unknown = append(l.unknown, file+": "+key)
		return json.Unmarshal(data, v) // the whole file, with what follows the value
	}
	if err == nil {
		if _, err := strict.Token(); !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: something follows the end of the value", line(data, strict.InputOffset()))
		}
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("line %d: %w", line(data, syntax.Offset), err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("line %d: the file ends in the middle of a value", line(data, int64(len(data))))
	}
	return err
}

// unknownKey is the key that a strict decoder does not know. The package has no
// type for this error, only its words.
func unknownKey(err error) (string, bool) {
	if err == nil {
		return "", false
	}
	_, quoted, found := strings.Cut(err.Error(), "unknown field ")
	return strings.Trim(quoted, `"`), found
}

func line(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
}

// one reads a file that need not be there.
func (l *loader) one(file string, v any) error {
	data, err := fs.ReadFile(l.files, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = l.decode(file, data, v)
	}
	return in(file, err)
}

// each reads the files below a folder, in the order of their names; the folder
// need not be there.
func (l *loader) each(folder, ending string, read func(file string, data []byte) error) error {
	err := fs.WalkDir(l.files, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ending {
			return err
		}
		data, err := fs.ReadFile(l.files, name)
		if err == nil {
			err = read(name, data)
		}
		return in(name, err)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func sorted(unknown []string) []string {
	slices.Sort(unknown)
	return slices.Compact(unknown)
}
