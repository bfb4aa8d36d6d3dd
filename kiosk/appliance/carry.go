package appliance

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/record"
	"chot/store/forward"
	"chot/store/wire"
)

// What the technician's page says of the way to the province.
var serverFaults = map[forward.Problem]struct {
	code     string
	severity checkpoint.Severity
}{
	forward.Unreachable: {"server-unreachable", checkpoint.Notice},
	forward.OverBudget:  {"server-over-budget", checkpoint.Notice},
	forward.Refused:     {"server-refused", checkpoint.Warning},
	forward.Forked:      {"server-forked", checkpoint.Warning},
	forward.BadReceipt:  {"server-bad-receipt", checkpoint.Warning},
	forward.Broken:      {"journal-unreadable", checkpoint.Warning},
}

// forwarder is the way to the province.
func (a *appliance) forwarder() (*forward.Forwarder, error) {
	f, err := forward.New(forward.Options{
		Journal: a.journal, HTTP: a.client, URL: a.id.Server, Key: a.id.Key, Rand: a.rand, Log: a.log,
		Keys: a.receiptKeys, MaxAge: a.patience(), Daily: a.config.Metered, Erased: erased,
		Ledger: a.config.spent(), Spool: a.config.spool(),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the way to the province: %w", err)
	}
	return f, nil
}

// serverPart is the way to the province on the technician's page.
func (a *appliance) serverPart(h forward.Health) checkpoint.DeviceChanged {
	changed := checkpoint.DeviceChanged{Part: checkpoint.PartServer, Value: a.id.Server}
	if !h.LastReceipt.IsZero() {
		changed.Facts = append(changed.Facts, checkpoint.Fact{Code: "receipt", Value: moment(h.LastReceipt)})
	}
	spent := fmt.Sprintf("%.1f", float64(h.Spent)/1e6)
	if a.config.Metered > 0 {
		spent += fmt.Sprintf("/%.1f", float64(a.config.Metered)/1e6)
	}
	changed.Facts = append(changed.Facts, checkpoint.Fact{Code: "spent", Value: spent + " MB"})
	if fault, ok := serverFaults[h.Problem]; ok {
		changed.Conditions = []checkpoint.Condition{{Code: fault.code, Severity: fault.severity, Since: h.Since}}
	}
	return changed
}

// carry brings the journal to the province and tells the checkpoint how that
// goes.
func (a *appliance) carry(ctx context.Context, send func(context.Context, checkpoint.Event)) error {
	f, err := a.forwarder()
	if err != nil {
		return err
	}
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for wait(ctx, time.Second) {
			h := f.Health()
			send(ctx, a.serverPart(h))
			send(ctx, checkpoint.NetworkChanged{Online: h.Problem != forward.Unreachable})
		}
	}()
	err = f.Run(ctx)
	<-watching
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// erased keeps the proof that an order of the province was obeyed as a record of
// ours. The request is named by the digest of the order: it names nobody.
func erased(order *wire.Erasure, raw []byte) (uint8, []byte) {
	sum := sha256.Sum256(raw)
	payload, err := record.Encode(record.Erasure{Request: hex.EncodeToString(sum[:8]), Entries: order.Numbers})
	if err != nil { // more numbers than a record holds: the order itself is the proof
		payload = raw
	}
	return uint8(record.KindErasure), payload
}

// patience is how long a record waits for others to go along with it: on a
// metered link long, else hardly at all.
func (a *appliance) patience() time.Duration {
	if a.config.Metered > 0 {
		return time.Minute
	}
	return time.Second
}

// receiptKeys are whom to believe a receipt, by the present bundle.
func (a *appliance) receiptKeys() []*ecdsa.PublicKey {
	keys, err := loadProvinceKeys(a.bundle.Files())
	if err != nil {
		a.log.Error("no receipt can be believed", "error", err)
		return nil
	}
	return keys.receipt
}
