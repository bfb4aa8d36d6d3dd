package appliance

import (
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notifyReady tells systemd that the kiosk is up.
func notifyReady(log *slog.Logger) {
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		log.Warn("telling systemd", "error", err)
	}
}

// newWatchdog returns what tells systemd that the kiosk is alive, at most three
// times in the time that systemd allows.
func newWatchdog() func() {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil || limit == 0 {
		return func() {}
	}
	next := time.Now()
	return func() {
		if now := time.Now(); now.After(next) {
			next = now.Add(limit / 3)
			_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog) // a message that is lost ends the kiosk, as it should
		}
	}
}
