package checkpoint

import "chot/kiosk/record"

type locks map[string]int

func (c *step) remember(map[string][]byte) error { return nil }
func (c *step) logout(string)                    { c.Staff = Badge{} }
func (c *step) badge(b Badge) scene              { return login{} }
func (c *step) menu() scene                      { return idle{} }
func (c *step) assist() scene                    { return idle{} }
func (c *step) overriding() scene                { return idle{} }

type login struct{ plain }

func (login) topic() string               { return "login" }
func (login) rest(s *Setup) rest          { return rest{after: s.Times.Staff} }
func (login) view(*step) View             { return Login{} }
func (s login) on(c *step, e Event) scene { return s }

type provision struct {
	plain
	stage ProvisionStage
}

func (provision) topic() string               { return "provision" }
func (provision) rest(s *Setup) rest          { return rest{} }
func (provision) view(*step) View             { return Provision{} }
func (s provision) on(c *step, e Event) scene { return s }

type resultLookUp = login
type vaccinationDesk = login
type desk struct{}

func (desk) registered(*step, record.Person, string, record.Order) scene { return idle{} }
