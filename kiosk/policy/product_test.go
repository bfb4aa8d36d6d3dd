package policy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"
)

// trusted is a keyring of one key.
type trusted struct{ key *ecdsa.PublicKey }

func (k trusted) Keys(family credential.FamilyID, _ string, id []byte) []credential.Key {
	return []credential.Key{{Family: family, ID: id, Public: k.key, Country: "VN"}}
}

// A certificate that is signed but names a product that its published value set
// does not have is for a person to look at.
func TestAProductThatIsNotListed(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issuer := hcert.Issuer{Country: "VN", Key: key, KeyID: []byte("12345678")}
	with := func(product string) *credential.Credential {
		text, err := issuer.Sign(rand.Reader, hcert.DCC, map[string]any{
			"ver": "1.3.0", "dob": "1985-09-05",
			"nam": map[string]any{"fn": "Nguyễn", "gn": "Thị Thử", "fnt": "NGUYEN", "gnt": "THI<THU"},
			"v": []any{map[string]any{
				"tg": "840539006", "vp": "1119349007", "mp": product, "ma": "ORG-100030215", "dn": 2, "sd": 2,
				"dt": ago(100, 0).Format(time.DateOnly), "co": "VN", "is": "Bộ Y tế (thử)", "ci": "URN:UVCI:01:VN:THU",
			}},
		}, now.AddDate(0, -2, 0), now.AddDate(0, 6, 0))
		if err != nil {
			t.Fatal(err)
		}
		c, err := hcert.Family.Read(text, trusted{&key.PublicKey})
		if err != nil || c.Standing != credential.Signed {
			t.Fatalf("%+v, %v", c, err)
		}
		return &c
	}
	names := map[string][]byte{"valuesets/names.json": []byte(`{"vaccines-covid-19-names": ["EU/1/20/1528"]}`)}
	for _, c := range []struct {
		name, product string
		files         map[string][]byte
		want          string
	}{
		{"a listed product", "EU/1/20/1528", names, "green: dose-valid"},
		{"one that is not listed", "Thử-Vac", names, "amber: content-doubtful dose-valid"},
		{"without a list", "Thử-Vac", nil, "green: dose-valid"},
	} {
		if got := codes(rulesOf(t, c.files).Judge(fresh(), with(c.product))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
