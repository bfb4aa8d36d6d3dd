package update

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// RAUC is the machine as Debian's rauc and systemd serve it: both run as root and
// are asked over D-Bus, so the kiosk can have a signed release installed and no
// other.
type RAUC struct {
	Command, Systemctl string // "" for rauc and systemctl
}

// Install implements [System].
func (r RAUC) Install(ctx context.Context, path string) error {
	return run(ctx, cmp.Or(r.Command, "rauc"), "install", path)
}

// Confirm implements [System].
func (r RAUC) Confirm(ctx context.Context) error {
	return run(ctx, cmp.Or(r.Command, "rauc"), "status", "mark-good", "booted")
}

// Back implements [System].
func (r RAUC) Back(ctx context.Context) error {
	return run(ctx, cmp.Or(r.Command, "rauc"), "status", "mark-active", "other")
}

// Restart implements [System].
func (r RAUC) Restart(ctx context.Context) error {
	return run(ctx, cmp.Or(r.Systemctl, "systemctl"), "reboot")
}

func run(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, lines[len(lines)-1])
	}
	return nil
}
