package hcert

import (
	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/value"
)

// The CWT claim that holds the certificate.
const claimHCERT = "-260"

// kind is what stands under a label of the claim.
type kind struct {
	label    string
	family   credential.FamilyID
	describe func(c *credential.Credential, content *value.Value) usage
}

var kinds = [...]kind{
	{"1", credential.EUDCC, describeDCC},
	{"3", credential.WHODDCC, describeDDCC},
	{"4", credential.WHODDCC, describeDDCC},
	{"5", credential.WHODDCC, describeLink},
	{"-6", credential.WHODVC, describeDVC},
}

// describe reads a CWT and what it holds into c. It is not ok where that is no
// certificate, whatever the signature says.
func describe(payload []byte, c *credential.Credential) (u usage, ok bool) {
	claims, err := cose.ParseClaims(payload)
	if err != nil {
		return 0, false
	}
	hcert := claims.All.Get(claimHCERT)
	if hcert == nil {
		return describeBare(claims.All, c)
	}
	c.Issuer.Country = claims.Issuer
	c.IssuedAt, c.NotAfter = claims.IssuedAt, claims.NotAfter
	c.NotBefore = claims.IssuedAt
	if claims.NotBefore.After(c.NotBefore) {
		c.NotBefore = claims.NotBefore
	}
	for i := range kinds {
		found := hcert.Get(kinds[i].label)
		if found == nil {
			continue
		}
		for content := range found.Objects() { // links come as a list
			if c.Family != "" { // two certificates in one
				return 0, false
			}
			c.Family, c.Payload = kinds[i].family, content.Any()
			u = kinds[i].describe(c, content)
		}
	}
	return u, c.Family != ""
}

// describeBare reads a certificate of DDCC 1.0, which stands in place of the CWT.
func describeBare(content *value.Value, c *credential.Credential) (u usage, ok bool) {
	if content.Get("name").String() == "" {
		return 0, false
	}
	c.Family, c.Payload = credential.WHODDCC, content.Any()
	return describeDDCC(c, content), true
}

// complete marks a certificate that does not say whose it is or what happened.
func complete(c *credential.Credential) {
	if c.Holder.Name == "" || len(c.Events) == 0 {
		c.Problem = credential.Schema
	}
}
