package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// publishRotateCmd replaces a publisher's key.
type publishRotateCmd struct {
	repository
	confirmed
	RootKey string `required:"" help:"The present root key (PEM)." placeholder:"FILE" type:"existingfile"`
	New     string `required:"" help:"The role's new key (PEM), which is made where the file does not exist." placeholder:"FILE"`
	Role    string `arg:"" enum:"root,targets" help:"root or targets."`
}

func (c *publishRotateCmd) Run(ctx context.Context, con *console) error {
	root, err := readPublisherKey(c.RootKey)
	if err != nil {
		return err
	}
	if err := c.ask(con, fmt.Sprintf("The present key of %s is worth nothing afterwards. Go on?", c.Role)); err != nil {
		return err
	}
	// The new key is safe on disk before anything names it.
	if err := makePublisherKey(c.New); err != nil {
		return err
	}
	fresh, err := readPublisherKey(c.New)
	if err != nil {
		return err
	}
	editor, err := c.open(ctx)
	if err != nil {
		return err
	}
	if err := editor.Rotate(ctx, c.Role, root, fresh, time.Now()); err != nil {
		return err
	}
	return con.print(map[string]any{"rotated": c.Role, "key": c.New})
}

// makePublisherKey writes a new key to a file unless there is one.
func makePublisherKey(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the new key: %w", err)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return errors.Join(fmt.Errorf("making the new key: %w", err), f.Close())
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return errors.Join(fmt.Errorf("making the new key: %w", err), f.Close())
	}
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the new key: %w", err)
	}
	return nil
}

// readPublisherKey reads a key of the way down.
func readPublisherKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("reading the key %s: it is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the key %s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("reading the key %s: it is %T, not an Ed25519 key", path, parsed)
	}
	return key, nil
}
