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

// vital is something without which the kiosk must not go on: hung is for how long
// it has not moved.
type vital struct {
	name string
	hung func() time.Duration
}

// newWatchdog returns what tells systemd that the kiosk is alive, at most three
// times in the time that systemd allows, unless something vital has hung for as
// long. systemd then ends the kiosk and starts it again.
func newWatchdog(log *slog.Logger, vitals ...vital) func() {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil || limit == 0 {
		return func() {}
	}
	return watchdog(limit, time.Now, log, func() {
		_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog) // a message that is lost ends the kiosk, as it should
	}, vitals)
}

func watchdog(limit time.Duration, now func() time.Time, log *slog.Logger, feed func(), vitals []vital) func() {
	next, said := now(), ""
	return func() {
		if now().Before(next) {
			return
		}
		for _, v := range vitals {
			if hung := v.hung(); hung >= limit {
				if said != v.name {
					said = v.name
					log.Error("the watchdog is not fed", "hung", v.name, "for", hung)
				}
				return
			}
		}
		said = ""
		next = now().Add(limit / 3)
		feed()
	}
}
