package intake

import (
	"context"
	"errors"

	"chot/deploy/province/internal/db"
	"chot/store/wire"
)

// shown are the refusals that officers must see; the others concern the carrier
// alone.
var shown = map[wire.Code]bool{
	wire.Fork: true, wire.Gap: true, wire.Revoked: true, wire.BadSignature: true,
}

// refuse notes an error where officers see it, and passes it on.
func (in *Intake) refuse(ctx context.Context, kiosk db.Kiosk, err error) error {
	var refused *wire.Error
	if kiosk.ID != "" && errors.As(err, &refused) && shown[refused.Code] {
		in.incident(ctx, kiosk, string(refused.Code), refused.Text)
	}
	return err
}

// incident counts something that officers must see. Failing to write it does not
// change the answer to the kiosk.
func (in *Intake) incident(ctx context.Context, kiosk db.Kiosk, kind, text string) {
	if err := db.Note(ctx, in.DB, kiosk.ID, kiosk.Area, kind, text, in.Now()); err != nil {
		in.Log.Error("an incident was not kept", "kiosk", kiosk.ID, "kind", kind, "error", err)
	}
}
