package store

import "golang.org/x/crypto/chacha20poly1305"

// NoSync makes a journal lose on a power cut what it has acknowledged.
func NoSync(o *Options) { o.noSync = true }

// SealedSize is how many bytes a payload takes sealed.
func SealedSize(payload []byte) int { return len(compress(payload)) + chacha20poly1305.Overhead }

// LockHolder names the process that has a journal open.
var LockHolder = lockHolder
