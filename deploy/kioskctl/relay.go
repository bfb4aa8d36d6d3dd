package main

import (
	"context"
	"fmt"
	"os"

	"chot/store/forward"
)

type relayCmd struct {
	stateFolder
	Folder string `arg:"" help:"A folder on the stick." type:"existingdir"`
}

// Run works on the spool alone, which the kiosk's forwarder looks after.
func (c *relayCmd) Run(_ context.Context, con *console) error {
	id, err := c.identity()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.spool(), 0o700); err != nil {
		return fmt.Errorf("making the kiosk's spool: %w", err)
	}
	done, err := forward.Exchange(c.Folder, c.spool(), id.Kiosk)
	if err := con.print(map[string]any{"batches": done.Batches, "receipts": done.Receipts, "returned": done.Returned}); err != nil {
		return err
	}
	if err != nil {
		return exit{1, err.Error()}
	}
	return nil
}
