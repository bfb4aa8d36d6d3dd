package report

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"chot/deploy/province/internal/datakeys"
	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/intake"
	"chot/deploy/province/internal/person"
	"chot/kiosk/record"
)

// roll is one person of an agency in a campaign.
type roll struct {
	bun.BaseModel `bun:"table:rolls"`
	Campaign      string `bun:",pk"`
	Agency        string `bun:",pk"`
	Person        []byte `bun:",pk"` // keyed hash; random once the record is gone
	Area          db.Area
	App           int16 // 1 or 0
	Declared      int16
	At            db.Time
	Journal       []byte // and number: the record that said so last
	Number        int64
}

// Rolls keeps what agencies' rolls say.
type Rolls struct{ Keys *datakeys.Keyring }

// longest is how many bytes the code of a campaign or agency has at most.
const longest = 64

// Kinds implements intake.Projector.
func (Rolls) Kinds() []record.Kind { return []record.Kind{record.KindRoll} }

// Project implements intake.Projector. A person is counted once in an agency; the
// latest record holds.
func (r Rolls) Project(ctx context.Context, tx bun.Tx, taken []intake.Taken) error {
	at := map[string]int{}
	var rows []roll
	for _, t := range taken {
		b, ok := t.Record.Body.(record.Roll)
		if !ok || len(b.Campaign) > longest || len(b.Agency) > longest {
			continue
		}
		row := roll{
			Campaign: b.Campaign, Agency: b.Agency, Person: r.who(b.Person), Area: t.Kiosk.Area,
			App: number(b.App), Declared: number(b.Declared), At: t.Entry.At, Journal: t.Entry.Journal, Number: t.Entry.Number,
		}
		key := row.Campaign + "\x00" + row.Agency + "\x00" + string(row.Person)
		i, known := at[key]
		switch {
		case !known:
			at[key] = len(rows)
			rows = append(rows, row)
		case !row.At.Before(rows[i].At.Time):
			rows[i] = row
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (campaign, agency, person) DO UPDATE").
		Set("area = EXCLUDED.area").Set("app = EXCLUDED.app").Set("declared = EXCLUDED.declared").
		Set("at = EXCLUDED.at").Set("journal = EXCLUDED.journal").Set("number = EXCLUDED.number").
		Where("EXCLUDED.at >= roll.at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping %d people of rolls: %w", len(rows), err)
	}
	return nil
}

// who tells people of a roll apart: by the document's number where it is whole,
// else by all that is known.
func (r Rolls) who(p record.Person) []byte {
	if p.Document != "" && !strings.Contains(p.Document, "*") {
		return r.Keys.Hash("roll document", intake.Normal("document", p.Document))
	}
	return r.Keys.Hash("roll person", fmt.Sprintf("%s|%d|%s|%s", strings.ToUpper(p.Name), p.Birth, p.Document, intake.Normal("phone", p.Phone)))
}

func number(yes bool) int16 {
	if yes {
		return 1
	}
	return 0
}

// Forget implements person.Forgetter: the person stays counted, and can no longer
// be told to be the one of another record.
func (Rolls) Forget(ctx context.Context, tx bun.Tx, entries []person.Key) error {
	for _, e := range entries {
		random := make([]byte, 16)
		rand.Read(random)
		_, err := tx.NewUpdate().Model((*roll)(nil)).Set("person = ?", random).
			Where("journal = ? AND number = ?", e.Journal, e.Number).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting a person of a roll: %w", err)
		}
	}
	return nil
}
