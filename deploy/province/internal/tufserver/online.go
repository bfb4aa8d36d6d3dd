package tufserver

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"chot/deploy/province/internal/db"
	"chot/store/wire"
)

// The server's own targets, as JSON. Keys are in DER, in base64.

// kiosksFile is kiosks.json: the kiosks that were revoked are not in it.
type kiosksFile struct {
	Kiosks  []kioskEntry `json:"kiosks"`
	Signing []signingKey `json:"signing"` // the province's own codes
}

type kioskEntry struct {
	Name string     `json:"name"`
	Site string     `json:"site"`
	Area string     `json:"area"`
	Keys []keyEntry `json:"keys"`
}

type keyEntry struct {
	Public    []byte    `json:"spki"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

type signingKey struct {
	Use    string `json:"use"` // "result", "badge", "sheet"
	Issuer string `json:"iss"`
	Public []byte `json:"spki"`
}

// keysFile is receipt-keys.json: whom to believe a receipt, and what to seal to.
type keysFile struct {
	Receipt []receiptKey `json:"receipt"`
	Seal    []sealKey    `json:"seal"` // the first is the one to seal to
}

type receiptKey struct {
	ID     string `json:"kid"` // hexadecimal, see wire.KeyID
	Public []byte `json:"spki"`
}

type sealKey struct {
	ID     string `json:"kid"` // hexadecimal: the first 8 bytes of the key's SHA-256
	KEM    string `json:"kem"` // "MLKEM768X25519"
	Public []byte `json:"public"`
}

// Own makes the server's own targets from what the database and the keys say.
func (r *Repo) Own(ctx context.Context) (map[string][]byte, error) {
	kiosks, err := r.kiosks(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the kiosks: %w", err)
	}
	receipt, err := x509.MarshalPKIXPublicKey(&r.Keys.Receipt.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("listing the receipt keys: %w", err)
	}
	seal := r.Keys.Seal.PublicKey().Bytes()
	sealID := sha256.Sum256(seal)
	files := map[string][]byte{}
	for name, v := range map[string]any{
		"kiosks.json": kiosks,
		"receipt-keys.json": keysFile{
			Receipt: []receiptKey{{hex.EncodeToString(wire.KeyID(&r.Keys.Receipt.PublicKey)), receipt}},
			Seal:    []sealKey{{hex.EncodeToString(sealID[:8]), "MLKEM768X25519", seal}},
		},
	} {
		if files[name], err = json.Marshal(v); err != nil {
			return nil, fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return files, nil
}

func (r *Repo) kiosks(ctx context.Context) (*kiosksFile, error) {
	out := &kiosksFile{Kiosks: []kioskEntry{}, Signing: []signingKey{}}
	for _, use := range []string{"badge", "result", "sheet"} {
		der, err := x509.MarshalPKIXPublicKey(&r.Keys.Signing[use].PublicKey)
		if err != nil {
			return nil, err
		}
		out.Signing = append(out.Signing, signingKey{use, r.Keys.CA.Certificate.Subject.CommonName, der})
	}
	var rows []struct {
		ID, Site, Area string
		Public         []byte
		NotBefore      db.Time
		NotAfter       db.Time
	}
	err := r.DB.NewSelect().TableExpr("kiosks AS k").Join("JOIN certificates AS c ON c.kiosk = k.id").
		ColumnExpr("k.id, k.site, k.area, c.public, MIN(c.not_before) AS not_before, MAX(c.not_after) AS not_after").
		Where("k.revoked = 0 AND c.revoked = 0").GroupExpr("k.id, k.site, k.area, c.public").
		OrderExpr("k.id, not_before").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if n := len(out.Kiosks); n == 0 || out.Kiosks[n-1].Name != row.ID {
			out.Kiosks = append(out.Kiosks, kioskEntry{Name: row.ID, Site: row.Site, Area: row.Area})
		}
		k := &out.Kiosks[len(out.Kiosks)-1]
		k.Keys = append(k.Keys, keyEntry{row.Public, row.NotBefore.Time, row.NotAfter.Time})
	}
	return out, nil
}
