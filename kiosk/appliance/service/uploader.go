package service

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"chot/kiosk/appliance/parts"
	"chot/kiosk/appliance/pause"
	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
	"chot/kiosk/record"
	"chot/store"
	"chot/store/forward"
	"chot/store/wire"
)

// serverConditions says what is wrong with the way to the province.
var serverConditions = map[forward.Problem]*condition.Condition{
	forward.Unreachable: condition.ServerUnreachable,
	forward.OverBudget:  condition.ServerOverBudget,
	forward.Refused:     condition.ServerRefused,
	forward.Forked:      condition.ServerForked,
	forward.BadReceipt:  condition.ServerBadReceipt,
	forward.Broken:      condition.JournalUnreadable,
}

// UploaderOptions are what an uploader needs.
type UploaderOptions struct {
	Journal       *store.Journal
	HTTP          *http.Client // speaks to the province as this kiosk
	Server        string       // its URL
	Key           *ecdsa.PrivateKey
	Rand          io.Reader
	ReceiptKeys   func() []*ecdsa.PublicKey // whom to believe a receipt, by the present bundle
	ReceiptsUntil func() time.Time          // the end of the validity of the keys
	Metered       int64                     // bytes a day; 0 for any number
	Ledger        string                    // file that counts them
	Spool         string                    // folder of neighbours' batches
	Log           *slog.Logger
}

// Uploader brings the journal to the province.
type Uploader struct {
	forwarder *forward.Forwarder
	server    string
	metered   int64
}

// NewUploader makes an uploader.
func NewUploader(o UploaderOptions) (*Uploader, error) {
	f, err := forward.New(forward.Options{
		Journal: o.Journal, HTTP: o.HTTP, URL: o.Server, Key: o.Key, Rand: o.Rand, Log: o.Log,
		Keys: o.ReceiptKeys, KeysUntil: o.ReceiptsUntil, MaxAge: patience(o.Metered), Daily: o.Metered, Erased: erased,
		Ledger: o.Ledger, Spool: o.Spool,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the way to the province: %w", err)
	}
	return &Uploader{f, o.Server, o.Metered}, nil
}

// patience is how long a record waits for others to go along with it: on a
// metered link long, else hardly at all.
func patience(metered int64) time.Duration {
	if metered > 0 {
		return time.Minute
	}
	return time.Second
}

// erased keeps the proof that an order of the province was obeyed as a record of
// ours. The request is named by the digest of the order: it names no person.
func erased(order *wire.Erasure, raw []byte) (uint8, []byte) {
	sum := sha256.Sum256(raw)
	payload, err := record.Encode(record.Erasure{Request: hex.EncodeToString(sum[:8]), Entries: order.Numbers})
	if err != nil { // more numbers than a record holds: the order itself is the proof
		payload = raw
	}
	return uint8(record.KindErasure), payload
}

// Run uploads until the context ends, and tells the checkpoint how that goes.
func (u *Uploader) Run(ctx context.Context, tell parts.Tell, send func(context.Context, checkpoint.Event)) error {
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for pause.For(ctx, time.Second) {
			h := u.forwarder.Health()
			tell(ctx, u.part(h))
			send(ctx, checkpoint.NetworkChanged{Online: h.Problem != forward.Unreachable})
		}
	}()
	err := u.forwarder.Run(ctx)
	<-watching
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// part is the way to the province on the technician's page.
func (u *Uploader) part(h forward.Health) parts.State {
	s := parts.State{Part: checkpoint.PartServer, Value: u.server}
	if !h.LastReceipt.IsZero() {
		s.Facts = append(s.Facts, checkpoint.Fact{Code: "receipt", Value: formatMoment(h.LastReceipt)})
	}
	spent := fmt.Sprintf("%.1f", float64(h.Spent)/1e6)
	if u.metered > 0 {
		spent += fmt.Sprintf("/%.1f", float64(u.metered)/1e6)
	}
	s.Facts = append(s.Facts, checkpoint.Fact{Code: "spent", Value: spent + " MB"})
	if wrong := serverConditions[h.Problem]; wrong != nil {
		s.Wrong = []*condition.Condition{wrong}
	}
	return s
}

// Deliver uploads until the province has signed for everything, or until a time is
// over, and tells how that went.
func (u *Uploader) Deliver(ctx context.Context, within time.Duration, tell parts.Tell) {
	limited, stop := context.WithTimeout(ctx, within)
	defer stop()
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_ = u.forwarder.Run(limited) // how it went, its health says
	}()
	for pause.For(limited, 100*time.Millisecond) {
		if u.forwarder.Health().Backlog == 0 {
			break
		}
	}
	state := u.part(u.forwarder.Health())
	stop()
	<-ran
	tell(ctx, state)
}
