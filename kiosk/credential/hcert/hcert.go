package hcert

import (
	"encoding/hex"
	"strings"
	"sync"

	"chot/kiosk/credential"
	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/deflate"
)

const (
	prefix = "HC1:"

	// maxText is more than a QR code of version 40 holds (4,296 characters).
	maxText = 8 << 10
	// maxMessage bounds what a code may inflate to; real ones stay under 3 kB.
	// More than that would take longer than checking a signature does.
	maxMessage = 16 << 10
)

// Family reads all HC1 certificates; the credential says which one it is.
var Family = credential.Family{
	ID:        credential.EUDCC,
	Also:      []credential.FamilyID{credential.WHODDCC, credential.WHODVC},
	Recognise: func(text string) bool { return strings.HasPrefix(text, prefix) },
	Read:      read,
	Keys:      keyFiles,
	Revocable: "uvci",
}

// Families are those of this folder, for the table of all.
var Families = []credential.Family{Family}

func read(text string, keys credential.Keyring) (credential.Credential, error) {
	encoded, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return credential.Credential{}, credential.ErrNotRecognised
	}
	b := bufferPool.Get().(*buffers)
	defer bufferPool.Put(b)
	message, ok := b.open(encoded)
	if !ok {
		return unreadable(credential.Malformed), nil
	}
	var c credential.Credential
	judge(message, keys, &c)
	return c, nil
}

// buffers are the memory that opening a certificate takes.
type buffers struct {
	compressed []byte
	message    []byte
}

var bufferPool = sync.Pool{New: func() any {
	return &buffers{compressed: make([]byte, 0, base45.DecodedLen(maxText)), message: make([]byte, 0, 4<<10)}
}}

// zlibHeader is the length of what stands before the deflate stream, RFC 1950.
// Neither it nor the check sum behind is looked at: the signature is over what
// the stream stands for.
const zlibHeader = 2

// open undoes base45 and zlib. The message is good until the next call.
func (b *buffers) open(encoded string) (message []byte, ok bool) {
	if len(encoded) > maxText {
		return nil, false
	}
	compressed, err := base45.AppendDecode(b.compressed[:0], encoded)
	if err != nil || len(compressed) < zlibHeader {
		return nil, false
	}
	b.message, err = deflate.Append(b.message[:0], compressed[zlibHeader:], maxMessage)
	return b.message, err == nil
}

func unreadable(why credential.Problem) credential.Credential {
	return credential.Credential{Family: credential.EUDCC, Standing: credential.Unreadable, Problem: why}
}

// judge reads a message into c and checks who signed it.
func judge(message []byte, keys credential.Keyring, c *credential.Credential) {
	m, err := cose.Parse(message)
	if err != nil {
		*c = unreadable(credential.Malformed)
		return
	}
	usage, ok := describe(m.Payload, c)
	if !ok {
		*c = unreadable(credential.Malformed)
		return
	}
	c.Issuer.Key = keyName(m.Kid)
	c.Revocation = revocationIDs(c, m.Signature)
	standing, problem, key := verify(&m, keys, c, usage)
	if key != nil && key.Country != "" {
		c.Issuer.Country = key.Country
	}
	if standing == credential.Forged {
		*c = credential.Credential{Family: c.Family, Standing: standing, Problem: problem, Issuer: c.Issuer}
		return
	}
	c.Standing = standing
	if problem != "" {
		c.Problem = problem
	}
}

// keyName is the kid in hexadecimal.
func keyName(kid []byte) string {
	var room [64]byte
	return string(hex.AppendEncode(room[:0], kid[:min(len(kid), len(room)/2)]))
}

// verify tries all keys of the message's id.
func verify(m *cose.Message, keys credential.Keyring, c *credential.Credential, usage usage) (credential.Standing, credential.Problem, *credential.Key) {
	switch {
	case !m.Known():
		return credential.UnknownIssuer, credential.Algorithm, nil
	case len(m.Kid) == 0:
		return credential.UnknownIssuer, credential.NoKeyID, nil
	case keys == nil:
		return credential.UnknownIssuer, credential.UnknownKey, nil
	}
	may := func(k *credential.Key) bool { return usage.allowedBy(k.Usage) }
	return credential.Verify(m.Signed(), keys.Keys(c.Family, "", m.Kid), c.IssuedAt, may)
}
