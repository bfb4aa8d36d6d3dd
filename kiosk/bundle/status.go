package bundle

import (
	"errors"
	"io/fs"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Status is how old what the kiosk has is, and how the last update went.
type Status struct {
	Version int64     // of the timestamp; 0 before the first update
	Signed  time.Time // by the province: the age of the kiosk's data counts from here
	Expires time.Time // until when the province vouches that nothing newer exists
	Changed bool      // whether the last update brought other files
	Problem Problem   // of the last update, "" where it went well
	Err     error     // the same in words
}

// Problem is why an update brought nothing, as a code for the UI.
type Problem string

// The problems. All but Unreachable mean that the mirror or stick is not what it
// should be.
const (
	Unreachable Problem = "unreachable" // no answer, or not all files
	Frozen      Problem = "frozen"      // what it offers has expired: it withholds what is newer, or the kiosk's clock is ahead
	Rollback    Problem = "rollback"    // what it offers is older than what the kiosk has
	Tampered    Problem = "tampered"    // a signature or content is wrong
	Local       Problem = "local"       // the kiosk's own disk
	Refused     Problem = "refused"     // it is signed, and cannot be used: a file in it is wrong
)

// errLocal marks faults of the kiosk's own disk.
var errLocal = errors.New("writing the bundle")

// errRefused marks a generation that was not accepted.
var errRefused = errors.New("published data refused")

func problem(err error) Problem {
	var (
		expired *metadata.ErrExpiredMetadata
		older   *metadata.ErrBadVersionNumber
		http    *metadata.ErrDownloadHTTP
		remote  *fetchError
		disk    *fs.PathError
	)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errRefused):
		return Refused
	case errors.Is(err, errLocal), errors.As(err, &disk):
		return Local
	case errors.As(err, &remote), errors.As(err, &http):
		return Unreachable
	case errors.As(err, &expired):
		return Frozen
	case errors.As(err, &older):
		return Rollback
	}
	return Tampered
}
