package vdsnc

import (
	"crypto/x509"

	"chot/kiosk/credential"
	"chot/kiosk/credential/hcert"
	"chot/kiosk/credential/keyfile"
)

// keys reads certificates for ICAO's seals. A CSCA is found by its subject key
// id, a signer by its kid.
func keys(data []byte) (set credential.KeySet, err error) {
	certs := keyfile.Certificates(data)
	if certs == nil {
		return set, keyfile.ErrFormat
	}
	for _, der := range certs {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			set.Skipped++
			continue
		}
		key := keyfile.CertificateKey(cert)
		key.Family, key.ID = credential.VDSNC, hcert.KeyID(der)
		if cert.IsCA || cert.Subject.String() == cert.Issuer.String() {
			key.ID = cert.SubjectKeyId
		}
		set.Keys = append(set.Keys, key)
	}
	return set, nil
}
