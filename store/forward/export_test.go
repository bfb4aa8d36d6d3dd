package forward

import "time"

// Hurry makes a forwarder wait a thousandth of what it does on a real network.
func (f *Forwarder) Hurry() {
	f.client.timeout = 120 * time.Millisecond
	f.back.min, f.back.max = minWait/1000, maxWait/1000
}
