package hcert_test

import (
	"bytes"
	"compress/zlib"
	"testing"

	"chot/kiosk/credential"
	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/hcert"
)

// FuzzRead holds that no text is taken for signed with a key that did not sign it,
// and that forged content is not handed on.
func FuzzRead(f *testing.F) {
	for _, content := range []m{vaccinated(), tested(), recovered()} {
		f.Add(sign(f, ecKey(), content))
	}
	f.Add("HC1:")
	keys := trusting(newEC(ecKey().Curve))
	f.Fuzz(func(t *testing.T, text string) { neverSigned(t, text, keys) })
}

// FuzzMessage is the same beneath base45 and zlib, which random changes rarely
// get through.
func FuzzMessage(f *testing.F) {
	for _, content := range []m{vaccinated(), tested(), recovered()} {
		compressed, err := base45.AppendDecode(nil, sign(f, ecKey(), content)[4:])
		if err != nil {
			f.Fatal(err)
		}
		r, err := zlib.NewReader(bytes.NewReader(compressed))
		if err != nil {
			f.Fatal(err)
		}
		var message bytes.Buffer
		if _, err := message.ReadFrom(r); err != nil {
			f.Fatal(err)
		}
		f.Add(message.Bytes())
	}
	keys := trusting(newEC(ecKey().Curve))
	f.Fuzz(func(t *testing.T, message []byte) {
		var compressed bytes.Buffer
		w := zlib.NewWriter(&compressed)
		_, _ = w.Write(message)
		_ = w.Close()
		neverSigned(t, string(base45.AppendEncode([]byte("HC1:"), compressed.Bytes())), keys)
	})
}

func neverSigned(t *testing.T, text string, keys credential.Keyring) {
	c, err := hcert.Family.Read(text, keys)
	if err != nil {
		return
	}
	if c.Standing == credential.Signed {
		t.Fatalf("%q is taken for signed", text)
	}
	if c.Standing == credential.Forged && (c.Payload != nil || c.Events != nil || c.Holder != (credential.Holder{})) {
		t.Fatalf("%q is forged, but says %+v", text, c)
	}
}
