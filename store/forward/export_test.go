package forward

import "time"

// Hurry makes a forwarder wait a thousandth of what it does on a real network.
func (f *Forwarder) Hurry() {
	f.client.timeout = 120 * time.Millisecond
	f.back.least, f.back.most = leastWait/1000, mostWait/1000
}
