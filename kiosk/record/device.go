package record

// KindHealth is the kiosk's report of its own state.
const KindHealth Kind = 9

var _ = impersonal[Health](KindHealth, "health")

// Health is the kiosk's report of its own state.
type Health struct {
	Version    string      `cbor:"1,keyasint"`
	Uptime     int64       `cbor:"2,keyasint,omitempty"` // seconds
	Backlog    int64       `cbor:"3,keyasint,omitempty"` // entries that wait for a receipt
	Oldest     Unix        `cbor:"4,keyasint,omitempty"` // of the oldest of them
	Trust      string      `cbor:"5,keyasint,omitempty"` // version of the trust data
	TrustAge   int64       `cbor:"6,keyasint,omitempty"` // seconds
	Rules      string      `cbor:"7,keyasint,omitempty"`
	ClockError int64       `cbor:"8,keyasint,omitempty"` // milliseconds ahead of the server's
	DiskFree   int64       `cbor:"9,keyasint,omitempty"` // megabytes
	Conditions []Condition `cbor:"10,keyasint,omitempty"`
	Refused    string      `cbor:"11,keyasint,omitempty"` // published data that cannot be used: file, key, why
}

// Kind implements Body.
func (Health) Kind() Kind { return KindHealth }

// Condition is something that is wrong with the kiosk.
type Condition struct {
	_        struct{} `cbor:",toarray"`
	Code     string   // "printer-paper-out"
	Severity uint8    // 1 notice, 2 warning, 3 out of order
	Since    Unix
}

// KindLoss is journal damage or a clock jump.
const KindLoss Kind = 11

var _ = impersonal[Loss](KindLoss, "loss")

// Loss is damage to the journal, or a jump of the clock.
type Loss struct {
	What  string `cbor:"1,keyasint"`           // "journal", "clock"
	First uint64 `cbor:"2,keyasint,omitempty"` // numbers of the entries that may be lost
	Last  uint64 `cbor:"3,keyasint,omitempty"`
	Jump  int64  `cbor:"4,keyasint,omitempty"` // seconds, negative for backwards
	Cause string `cbor:"5,keyasint,omitempty"`
}

// Kind implements Body.
func (Loss) Kind() Kind { return KindLoss }

// KindErasure is a person's data deleted on request.
const KindErasure Kind = 12

var _ = impersonal[Erasure](KindErasure, "erasure")

// Erasure is the proof that entries were deleted on a person's request. It names
// the request, never the person.
type Erasure struct {
	Request string   `cbor:"1,keyasint"`
	Entries []uint64 `cbor:"2,keyasint,omitempty"`
}

// Kind implements Body.
func (Erasure) Kind() Kind { return KindErasure }
