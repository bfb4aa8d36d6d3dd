package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"time"
)

// ticketDays is for how many days a session can be resumed: RFC 8446, 4.6.1,
// allows seven.
const ticketDays = 7

// Tickets returns the keys of the tickets by which TLS sessions are resumed, the
// present one first. They follow from the data key and the day (UTC), so that
// each instance of a cluster, and one that was restarted, takes up the sessions
// of all others: that is when everybody comes back at once. Who has the data key
// and a ticket still lacks the key exchange of the resumed connection.
func (s *Set) Tickets(now time.Time) (keys [][32]byte, err error) {
	for back := range ticketDays + 1 {
		day := now.UTC().AddDate(0, 0, -back).Format(time.DateOnly)
		key, err := hkdf.Key(sha256.New, s.Data, nil, "chot TLS session tickets of "+day, 32)
		if err != nil {
			return nil, fmt.Errorf("deriving the key of session tickets: %w", err)
		}
		keys = append(keys, [32]byte(key))
	}
	return keys, nil
}
