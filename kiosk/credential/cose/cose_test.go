package cose_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/value"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decode makes of a value what encoding/json would, with whole numbers as int.
func decode(data []byte) (any, error) {
	v, err := cose.Decode(data)
	return plain(v), err
}

func plain(v *value.Value) any {
	switch x := v.Any().(type) {
	case *string:
		return *x
	case *int64:
		return int(*x)
	case *value.List:
		list := []any{}
		for item := range v.Items() {
			list = append(list, plain(item))
		}
		return list
	case *value.Object:
		object := map[string]any{}
		for name, member := range v.Members() {
			object[name] = plain(member)
		}
		return object
	default:
		return x
	}
}

// The examples of RFC 8949, appendix A, as far as they have a like in JSON.
func TestExamplesOfTheRFC(t *testing.T) {
	t.Parallel()
	type list = []any
	type object = map[string]any
	for code, want := range map[string]any{
		"00": 0, "01": 1, "0a": 10, "17": 23, "1818": 24, "1903e8": 1000, "1a000f4240": 1000000,
		"1b000000e8d4a51000": 1000000000000, "1bffffffffffffffff": float64(math.MaxUint64),
		"20": -1, "29": -10, "3863": -100, "3903e7": -1000, "3bffffffffffffffff": -18446744073709551616.0,
		"f90000": 0.0, "f93c00": 1.0, "fb3ff199999999999a": 1.1, "f93e00": 1.5, "f97bff": 65504.0,
		"fa47c35000": 100000.0, "fb7e37e43c8800759c": 1.0e+300, "f90001": 5.960464477539063e-8,
		"f90400": 0.00006103515625, "f9c400": -4.0, "f97c00": math.Inf(1), "f9fc00": math.Inf(-1), "faff800000": math.Inf(-1),
		"f4": false, "f5": true, "f6": nil, "f7": nil,
		"c074323031332d30332d32315432303a30343a30305a": "2013-03-21T20:04:00Z", "c11a514b67b0": 1363896240,
		"40": "", "4401020304": "\x01\x02\x03\x04", "60": "", "6161": "a", "62c3bc": "ü", "63e6b0b4": "水",
		"80": list{}, "83010203": list{1, 2, 3}, "8301820203820405": list{1, list{2, 3}, list{4, 5}},
		"a0": object{}, "a201020304": object{"1": 2, "3": 4}, "a26161016162820203": object{"a": 1, "b": list{2, 3}},
		"5f42010243030405ff": "\x01\x02\x03\x04\x05", "7f657374726561646d696e67ff": "streaming", "9fff": list{},
		"9f018202039f0405ffff":                 list{1, list{2, 3}, list{4, 5}},
		"bf61610161629f0203ffff":               object{"a": 1, "b": list{2, 3}},
		"bf6346756ef563416d7421ff":             object{"Fun": true, "Amt": -2},
		"826161bf61626163ff":                   list{"a", object{"b": "c"}},
		"a56161614161626142616361436164614461": nil,
	} {
		got, err := decode(unhex(t, code))
		if code == "a56161614161626142616361436164614461" {
			if err == nil {
				t.Errorf("%s, cut short, is %v", code, got)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v, %v, want %#v", code, got, err, want)
		}
	}
	if nan, err := decode(unhex(t, "f97e00")); err != nil || !math.IsNaN(nan.(float64)) {
		t.Errorf("%v, %v", nan, err)
	}
}

func TestWhatIsNotDecoded(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{
		"nothing":                  "",
		"bytes behind":             "0000",
		"a text cut short":         "6261",
		"a text longer than all":   "7bffffffffffffffff61",
		"an array longer than all": "9bffffffffffffffff00",
		"a map longer than all":    "bbffffffffffffffff00",
		"an array without its end": "9f01",
		"a break alone":            "ff",
		"a break for a value":      "a161ff",
		"a reserved length":        "1c",
		"an endless number":        "1f",
		"chunks of another kind":   "7f4161ff",
		"chunks within chunks":     "7f7f6161ffff",
		"the same key twice":       "a2616101616102",
		"an array for a key":       "a18001",
		"one nested too deep":      strings.Repeat("81", 18) + "00",
		"tags nested too deep":     strings.Repeat("c1", 40) + "00",
		"too many items":           "990400" + strings.Repeat("00", 1024),
	} {
		if v, err := cose.Decode(unhex(t, code)); err == nil {
			t.Errorf("%s is decoded: %v", name, v)
		}
	}
	if v, err := decode(unhex(t, "63e6b061")); err != nil || v != "\uFFFDa" {
		t.Errorf("a text that is not UTF-8: %q, %v", v, err)
	}
}

// values that JSON has too.
var values = rapid.Custom(func(t *rapid.T) any { return drawValue(t, 3) })

func drawValue(t *rapid.T, depth int) any {
	kinds := 5
	if depth > 0 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.Int().Draw(t, "int")
	case 1:
		return rapid.String().Draw(t, "text")
	case 2:
		return rapid.Bool().Draw(t, "bool")
	case 3:
		return nil
	case 4:
		return rapid.Float64().Draw(t, "float")
	case 5:
		list := []any{}
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			list = append(list, drawValue(t, depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "n") {
		object[rapid.String().Draw(t, "key")] = drawValue(t, depth-1)
	}
	return object
}

func TestDecodeWhatOthersEncode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := values.Draw(t, "value")
		data, err := cbor.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%x is %#v, %v, want %#v", data, got, err, want)
		}
	})
}

func newEC(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSignedMessages(t *testing.T) {
	t.Parallel()
	ec, other := newEC(t, elliptic.P256()), newEC(t, elliptic.P256())
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []crypto.Signer{ec, long} {
		raw, err := cose.Sign(rand.Reader, key, []byte("kid"), []byte("payload"))
		if err != nil {
			t.Fatal(err)
		}
		for name, raw := range map[string][]byte{
			"tagged": raw, "untagged": raw[1:], "tagged as a CWT too": append([]byte{0xd8, 61}, raw...),
		} {
			m, err := cose.Parse(raw)
			if err != nil || string(m.Kid) != "kid" || string(m.Payload) != "payload" {
				t.Fatalf("%s: %+v, %v", name, m, err)
			}
			for _, k := range []crypto.PublicKey{ec.Public(), other.Public(), long.Public(), newEC(t, elliptic.P384()).Public(), nil, "x"} {
				if got, want := m.Verify(k, m.Digest()), k == key.Public(); got != want {
					t.Errorf("%s, %T: %v", name, k, got)
				}
			}
		}
		for bit := range len(raw) * 8 {
			changed := bytes.Clone(raw)
			changed[bit/8] ^= 1 << (bit % 8)
			m, err := cose.Parse(changed)
			// What is not signed is the tag, the algorithm's place and the form of lengths.
			if err == nil && m.Verify(key.Public(), m.Digest()) && string(m.Payload)+string(m.Kid) != "payloadkid" {
				t.Fatalf("bit %d changed what was signed to %q", bit, m.Payload)
			}
		}
	}
	for name, key := range map[string]crypto.Signer{"P-384": newEC(t, elliptic.P384())} {
		if _, err := cose.Sign(rand.Reader, key, nil, nil); err == nil {
			t.Errorf("signed with %s", name)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	type m = map[int]any
	message := func(protected any, unprotected any) []byte {
		p, err := cbor.Marshal(protected)
		if err != nil {
			t.Fatal(err)
		}
		if protected == nil {
			p = []byte{}
		}
		raw, err := cbor.Marshal([]any{p, unprotected, []byte("p"), []byte("s")})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, c := range map[string]struct {
		raw []byte
		kid string
		alg int64
	}{
		"kid protected":                {message(m{1: -7, 4: []byte("a")}, m{}), "a", -7},
		"kid unprotected":              {message(m{1: -37}, m{4: []byte("b")}), "b", -37},
		"kid in both":                  {message(m{1: -7, 4: []byte("a")}, m{4: []byte("b")}), "a", -7},
		"all unprotected":              {message(nil, m{1: -7, 4: []byte("b")}), "b", 0},
		"no kid":                       {message(m{1: -7}, m{}), "", -7},
		"an algorithm that is a text":  {message(m{1: "ES256"}, m{}), "", math.MinInt64},
		"other labels":                 {message(map[any]any{1: -7, "x": 1, 3: 2}, m{33: []byte("x5c")}), "", -7},
		"both headers of other labels": {message(map[any]any{"x": 1}, m{}), "", 0},
	} {
		got, err := cose.Parse(c.raw)
		if err != nil || string(got.Kid) != c.kid || got.Alg != c.alg {
			t.Errorf("%s: %q %d, %v", name, got.Kid, got.Alg, err)
		}
	}
	for name, raw := range map[string][]byte{
		"a kid that is a number":  message(m{4: 7}, m{}),
		"a header that is no map": message([]int{1}, m{}),
		"three parts":             unhex(t, "8340a04170"),
		"five parts":              unhex(t, "8540a041704173f6"),
		"no payload":              unhex(t, "8440a0f64173"),
		"bytes behind":            append(message(m{1: -7}, m{}), 0),
	} {
		if got, err := cose.Parse(raw); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	encode := func(v any) []byte {
		data, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	at := time.Unix(1600000000, 0).UTC()
	c, err := cose.ParseClaims(encode(map[any]any{
		1: "VN", 4: 1600000000.75, 5: cbor.Tag{Number: 1, Content: 1600000000}, 6: 1600000000, 7: []byte("id"), -260: "x", "vc": "y", 99: nil,
	}))
	if err != nil || c.Issuer != "VN" || !c.NotAfter.Equal(at) || !c.NotBefore.Equal(at) || !c.IssuedAt.Equal(at) || c.ID != "id" || c.All.Get("-260").String() != "x" {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := cose.ParseClaims(encode(map[any]any{"vc": "y"})); err != nil || c.All.Get("vc").String() != "y" {
		t.Errorf("%+v, %v", c, err)
	}
	for name, v := range map[string]any{
		"no map": 1, "a time that is a text": map[int]any{4: "x"}, "a time before 1970": map[int]any{6: -1},
		"a time beyond calendars": map[int]any{4: int64(1) << 50}, "not a number": map[int]any{4: math.NaN()},
		"an issuer that is a number": map[int]any{1: 1},
	} {
		if c, err := cose.ParseClaims(encode(v)); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// FuzzDecode holds that whatever is decoded encodes and decodes to the same, once
// byte strings, which may hold anything, have become texts.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a26161016162820203", "bf61610161629f0203ffff", "f97e00", "c11a514b67b0", "7f657374726561646d696e67ff"} {
		f.Add(unhex(f, s))
	}
	again := func(t *testing.T, v any) ([]byte, any) {
		data, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decode(data)
		if err != nil {
			t.Skip() // two names that are no UTF-8 may be mended to the same
		}
		return data, back
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decode(data)
		if err != nil {
			return
		}
		_, texts := again(t, v)
		first, back := again(t, texts)
		second, _ := again(t, back)
		if len(first) != len(second) {
			t.Fatalf("%x is encoded as %x and then as %x", data, first, second)
		}
	})
}

// FuzzParse holds that no message is verified with a key that did not sign it.
func FuzzParse(f *testing.F) {
	key := newEC(f, elliptic.P256())
	raw, err := cose.Sign(rand.Reader, key, []byte("kid"), unhex(f, "a2041a5f5e1000390103a101a0"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(unhex(f, "8440a0a04173"))
	other := newEC(f, elliptic.P256()).Public()
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := cose.Parse(raw)
		if err != nil {
			return
		}
		if m.Verify(other, m.Digest()) {
			t.Fatalf("%x is verified", raw)
		}
		_, _ = cose.ParseClaims(m.Payload)
	})
}
