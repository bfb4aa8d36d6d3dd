package hcert

import (
	"slices"

	"chot/kiosk/credential"
	"chot/kiosk/credential/cose"
)

// claimHCERT is the CWT claim that holds the certificate.
const claimHCERT = -260

// kind is what stands under a label of the claim.
type kind struct {
	label    int64
	family   credential.FamilyID
	describe func(c *credential.Credential, content map[string]any) usage
}

var kinds = []kind{
	{1, credential.EUDCC, describeDCC},
	{3, credential.WHODDCC, describeDDCC},
	{4, credential.WHODDCC, describeDDCC},
	{5, credential.WHODDCC, describeLinks},
	{-6, credential.WHODVC, describeDVC},
}

// describe reads a CWT and what it holds. It is not ok where that is no
// certificate, whatever the signature says.
func describe(payload []byte) (c credential.Credential, u usage, ok bool) {
	claims, err := cose.ParseClaims(payload, claimHCERT, "")
	if err != nil {
		return c, 0, false
	}
	if claims.Private == nil {
		return describeBare(payload)
	}
	c.Issuer.Country = claims.Issuer
	c.IssuedAt, c.NotAfter = claims.IssuedAt, claims.NotAfter
	c.NotBefore = claims.IssuedAt
	if claims.NotBefore.After(c.NotBefore) {
		c.NotBefore = claims.NotBefore
	}
	entries := cose.Open(claims.Private)
	for entries.Next() {
		i := slices.IndexFunc(kinds, func(k kind) bool { return entries.Name == "" && k.label == entries.Label })
		if i < 0 {
			continue
		}
		if c.Family != "" { // two certificates in one
			return c, 0, false
		}
		content, err := cose.Decode(entries.Raw)
		if err != nil {
			return c, 0, false
		}
		object, isMap := content.(map[string]any)
		if list, isList := content.([]any); isList && len(list) > 0 {
			object, isMap = list[0].(map[string]any) // links come as a list
		}
		if !isMap {
			return c, 0, false
		}
		c.Family, c.Payload = kinds[i].family, object
		u = kinds[i].describe(&c, object)
	}
	return c, u, entries.Err() == nil && c.Family != ""
}

// describeBare reads a certificate of DDCC 1.0, which stands in place of the CWT.
func describeBare(payload []byte) (c credential.Credential, u usage, ok bool) {
	content, err := cose.Decode(payload)
	if err != nil {
		return c, 0, false
	}
	object, ok := content.(map[string]any)
	if !ok || text(object, "name") == "" {
		return c, 0, false
	}
	c.Family, c.Payload = credential.WHODDCC, object
	return c, describeDDCC(&c, object), true
}

// The readers below take what is there: what only describes may be absent,
// null or of another type.

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func number(m map[string]any, key string) int {
	switch n := m[key].(type) {
	case int:
		return n
	case float64:
		return int(n)
	}
	return 0
}

// list is the objects of a list; null and an object alone are taken as well.
func list(m map[string]any, key string) []any {
	switch v := m[key].(type) {
	case []any:
		return v
	case map[string]any:
		return []any{v}
	}
	return nil
}
