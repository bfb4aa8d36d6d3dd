// Package enrol gives a kiosk its identity: a key of its own making and a
// certificate from the province's authority, by Enrolment over Secure Transport
// (RFC 7030).
//
// The server is trusted by a pin, the SHA-256 of the SubjectPublicKeyInfo of its
// certificate authority, which the provisioning sheet carries; from then on the
// authority's certificate is part of the identity. The key is made and kept
// before the token is spent, so that a power cut in between costs nothing: tried
// again with the same key, the same token gives the same certificate.
//
//	id, err := enrol.Enrol(ctx, dir, enrol.Invitation{Server: …, Pins: …, Kiosk: …, Token: …}, time.Now)
//	id, err = enrol.Load(dir)                    // at every later start
//	keeper := enrol.NewKeeper(id)                // renews in time
//	go keeper.Run(ctx, time.Now, log)
//	client := &http.Client{Transport: &http.Transport{TLSClientConfig: keeper.TLS(time.Now)}}
package enrol
