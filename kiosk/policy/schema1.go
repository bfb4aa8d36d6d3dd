package policy

import (
	"time"

	"chot/kiosk/credential"
)

// policy1 is policy.json of schema 1, which knew one disease: a regime listed its
// codes beside its limits.
type policy1 struct {
	Schema    int    `json:"schema"`
	Version   string `json:"version"`
	Country   string `json:"country"`
	Freshness struct {
		Trust Ages `json:"trust"`
		Rules Ages `json:"rules"`
	} `json:"freshness"`
	Regimes []regime1 `json:"regimes"`
}

type regime1 struct {
	ID          string                `json:"id"`
	Places      []string              `json:"places,omitempty"`
	From        time.Time             `json:"from,omitzero"`
	To          time.Time             `json:"to,omitzero"`
	Diseases    []string              `json:"diseases"`
	Skew        Period                `json:"skew"`
	Dose        Limits                `json:"dose"`
	Test        Limits                `json:"test"`
	Recovery    Limits                `json:"recovery"`
	PositiveFor Period                `json:"positiveFor"`
	Series      Series                `json:"series"`
	Accept      []credential.FamilyID `json:"accept,omitempty"`
	Require     [][]Kind              `json:"require"`
	Levels      map[string]Level      `json:"levels,omitempty"`
}

// upgrade is the same policy in the present schema.
func (p *policy1) upgrade() Policy {
	now := Policy{Schema: schema, Version: p.Version, Country: p.Country}
	now.Freshness.Trust, now.Freshness.Rules = p.Freshness.Trust, p.Freshness.Rules
	for _, r := range p.Regimes {
		now.Regimes = append(now.Regimes, Regime{
			ID: r.ID, Places: r.Places, From: r.From, To: r.To, Skew: r.Skew, Accept: r.Accept, Levels: r.Levels,
			Diseases: []Disease{{
				ID: "covid-19", Codes: r.Diseases, Dose: r.Dose, Test: r.Test, Recovery: r.Recovery,
				PositiveFor: r.PositiveFor, Series: r.Series, Require: r.Require,
			}},
		})
	}
	return now
}
