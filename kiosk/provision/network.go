package provision

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"chot/kiosk/credential/owncode"
)

// Network joins networks.
type Network interface {
	// Join joins a Wi-Fi network and stays with it, at later starts too.
	Join(ctx context.Context, w owncode.WiFi) error
}

// NetworkManager joins by nmcli (NetworkManager 1.2 and later).
type NetworkManager struct {
	Command string // "" for nmcli
}

// profile is the name of the kiosk's connection.
const profile = "chot"

// Join makes a profile of its own for the network and brings it up. The
// passphrase goes to nmcli's standard input: arguments can be seen by others. A
// profile that does not work is taken away again.
func (n NetworkManager) Join(ctx context.Context, w owncode.WiFi) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	_ = n.run(ctx, "", "connection", "delete", "id", profile) // of an earlier sheet; usually absent
	add := []string{
		"connection", "add", "type", "wifi", "con-name", profile, "ifname", "*", "ssid", w.SSID,
		"connection.autoconnect", "yes", "connection.autoconnect-retries", "0", // for ever: there is no button to press
	}
	secret := ""
	if w.Passphrase != "" {
		add = append(add, "wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk-flags", "0")
		secret = "802-11-wireless-security.psk:" + w.Passphrase + "\n"
	}
	if err := n.run(ctx, "", add...); err != nil {
		return fmt.Errorf("describing the network %q: %w", w.SSID, err)
	}
	if err := n.run(ctx, secret, "--wait", "45", "connection", "up", "id", profile, "passwd-file", "/dev/stdin"); err != nil {
		_ = n.run(ctx, "", "connection", "delete", "id", profile) // the error to tell is the first one
		return fmt.Errorf("joining the network %q: %w", w.SSID, err)
	}
	return nil
}

func (n NetworkManager) run(ctx context.Context, input string, args ...string) error {
	name := n.Command
	if name == "" {
		name = "nmcli"
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader(input)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("nmcli: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}
