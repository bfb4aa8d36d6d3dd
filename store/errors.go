package store

import "errors"

var (
	// ErrClosed is returned by a journal that has been closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrFull is returned when the file system has less room than the reserve, or
	// none; nothing was written.
	ErrFull = errors.New("the disk is full")
	// ErrDisk is returned when the file cannot be read or written: the disk is
	// read-only, broken or gone, or the process may not open files. Nothing that
	// was to be written counts as written. Until a write succeeds again the
	// journal keeps no record.
	ErrDisk = errors.New("the disk does not take what is written")
	// ErrTooLarge is returned by Append for a payload beyond [MaxPayload].
	ErrTooLarge = errors.New("the payload is too large")
	// ErrChain means that entries do not form a chain.
	ErrChain = errors.New("the chain is broken")
	// ErrFork means that someone holds another entry under a number of this
	// journal: the card was cloned, or the entries were tampered with.
	ErrFork = errors.New("the journal has forked")
	// ErrAhead means that a receipt covers entries that this journal has never
	// written.
	ErrAhead = errors.New("the receipt is ahead of the journal")
	// ErrPurged means that the entries asked for are no longer kept.
	ErrPurged = errors.New("the entries were purged")
	// ErrUnknown means that a journal of this name is not in the file.
	ErrUnknown = errors.New("there is no journal")
	// ErrSealed means that a sealed payload cannot be opened: it was changed, or
	// sealed to another key.
	ErrSealed = errors.New("the seal does not open")
)
