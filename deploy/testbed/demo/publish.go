package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"chot/kiosk/trust"
)

// shipped is what the demo publishes besides the trust list: the 5K messages
// and the units of the place.
//
//go:embed bundle
var shipped embed.FS

// publish gives the kiosks of the demo what they need to know, by the same
// command that an operator uses.
func (s *site) publish(ctx context.Context, w world, now time.Time) error {
	dir := filepath.Join(s.dir, "publish")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clearing what is to be published: %w", err)
	}
	files, err := fs.Sub(shipped, "bundle")
	if err != nil {
		return fmt.Errorf("opening what is to be published: %w", err)
	}
	if err := os.CopyFS(dir, files); err != nil {
		return fmt.Errorf("laying out what is to be published: %w", err)
	}
	list, err := json.Marshal(w.trustList())
	if err != nil {
		return fmt.Errorf("writing the trust list: %w", err)
	}
	if _, err := trust.Import(dir, "eu-dcc", "demo.json", list, now); err != nil {
		return fmt.Errorf("making the trust data: %w", err)
	}
	keys := filepath.Join(s.provinceDir(), "keys")
	cmd := exec.CommandContext(ctx, s.program("kioskctl"), "publish", "put", "--server", s.kiosks,
		"--ca", filepath.Join(keys, "ca.crt"), "--root", s.root, "--key", filepath.Join(keys, "tuf", "targets.pem"), dir)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return errors.Join(fmt.Errorf("publishing: %w", err), errors.New(said.String()))
	}
	return nil
}
