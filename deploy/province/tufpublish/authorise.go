package tufpublish

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An upload is authorised before its body is read: its header Authorization is
//
//	Chot-Upload <unix time> <SHA-256 of the body, hex> <Ed25519 signature, base64>
//
// where the signature, of a key of the role that may upload to the path, is over
// the lines "chot upload 1", the method and the path, the time, and the hash.
const scheme = "Chot-Upload"

// uploadWindow is how far the time of an upload may be from the server's: a copy of
// the header is worth nothing later.
const uploadWindow = 24 * time.Hour

func uploadText(method, path string, at int64, hash string) []byte {
	return fmt.Appendf(nil, "chot upload 1\n%s %s\n%d\n%s", method, path, at, hash)
}

// authorise adds the header to a request with a body.
func authorise(r *http.Request, key ed25519.PrivateKey, body []byte, now time.Time) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	signature := ed25519.Sign(key, uploadText(r.Method, r.URL.Path, now.Unix(), hash))
	r.Header.Set("Authorization", fmt.Sprintf("%s %d %s %s", scheme, now.Unix(), hash, base64.StdEncoding.EncodeToString(signature)))
}

// Authorised checks the header of an upload and returns the hash that its body
// must have. The error says what is wrong with the header.
func Authorised(r *http.Request, keys []ed25519.PublicKey, now time.Time) (hash string, err error) {
	parts := strings.Fields(r.Header.Get("Authorization"))
	if len(parts) != 4 || parts[0] != scheme {
		return "", fmt.Errorf("the upload has no header Authorization of the scheme %s", scheme)
	}
	at, timeErr := strconv.ParseInt(parts[1], 10, 64)
	signature, signatureErr := base64.StdEncoding.DecodeString(parts[3])
	switch {
	case timeErr != nil || signatureErr != nil || len(parts[2]) != 2*sha256.Size:
		return "", fmt.Errorf("the upload's header Authorization is malformed")
	case now.Sub(time.Unix(at, 0)).Abs() > uploadWindow:
		return "", fmt.Errorf("the upload was signed at %s, and it is %s here: set the clock",
			time.Unix(at, 0).UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	for _, key := range keys {
		if ed25519.Verify(key, uploadText(r.Method, r.URL.Path, at, parts[2]), signature) {
			return parts[2], nil
		}
	}
	return "", fmt.Errorf("the upload is not signed by a key that may publish")
}
