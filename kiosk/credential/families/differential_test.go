package families_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/credential/value"

	"github.com/fxamacker/cbor/v2"
)

// answer is what another implementation says of a text.
type answer struct {
	Verified bool   `json:"verified"`
	Why      string `json:"why"`
	Content  any    `json:"content"`
}

// judged is a text with what both say of it.
type judged struct {
	how    string // it was made
	signed []byte // the content that was signed
	text   string
	ours   credential.Credential
	theirs answer
}

// subject is a family that another implementation reads.
type subject struct {
	code func(all map[string]signedCode) signedCode
	keys func(code signedCode) any // as the other implementation takes them
	same func(j judged) string     // "" where both read the same, else what differs
	// explained says why the two may disagree, "" where they must not.
	explained func(j judged) string
}

// TestDifferential reads mutated texts with ours and with implementations of others
// on npm, installed in CHOT_PEERS, CHOT_TEXTS a family from CHOT_SEED. Each
// disagreement has an explanation here, or fails the test.
func TestDifferential(t *testing.T) {
	folder := os.Getenv("CHOT_PEERS")
	if folder == "" {
		t.Skip("CHOT_PEERS is not set: see make differential-credentials")
	}
	number := func(name string, otherwise uint64) uint64 {
		n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
		if err != nil {
			return otherwise
		}
		return n
	}
	texts, seed := int(number("CHOT_TEXTS", 10_000)), number("CHOT_SEED", uint64(time.Now().UnixNano()))
	t.Logf("seed %d", seed)
	all := signedCodes(t)
	for _, family := range slices.Sorted(maps.Keys(subjects)) {
		t.Run(family, func(t *testing.T) {
			s := subjects[family]
			code := s.code(all)
			r := mrand.New(mrand.NewPCG(seed, 1))
			ask := peers(t, folder)
			agree, explained := map[string]int{}, map[string]int{}
			for range texts {
				j := judged{}
				j.how, j.text, j.signed = mutate(r, code)
				j.ours = families.Read(j.text, code.keys)
				j.theirs = ask(family, j.text, s.keys(code))
				difference := ""
				switch ours := j.ours.Standing == credential.Signed; {
				case ours != j.theirs.Verified:
					difference = fmt.Sprintf("verified: ours %v, theirs %v", ours, j.theirs.Verified)
				case ours:
					difference = s.same(j)
				}
				if difference == "" {
					agree[fmt.Sprintf("%s: %v", j.how, j.ours.Standing)]++
					continue
				}
				if why := s.explained(j); why != "" {
					explained[why]++
					continue
				}
				t.Errorf("%s (%s): ours %v %q, theirs %q %v\n%s\n%q", difference, j.how, j.ours.Standing, j.ours.Problem, j.theirs.Why, j.theirs.Content, j.text, j.signed)
			}
			for _, what := range slices.Sorted(maps.Keys(agree)) {
				t.Logf("agree %6d  %s", agree[what], what)
			}
			for _, why := range slices.Sorted(maps.Keys(explained)) {
				t.Logf("explained %2d  %s", explained[why], why)
			}
		})
	}
}

// peers starts the other implementations and gives what asks them.
func peers(t *testing.T, folder string) func(family, text string, keys any) answer {
	t.Helper()
	node := exec.CommandContext(t.Context(), "node", "compare/peers.mjs", folder)
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	fail(t, err)
	out, err := node.StdoutPipe()
	fail(t, err)
	fail(t, node.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = node.Wait()
	})
	lines := bufio.NewReaderSize(out, 1<<20)
	return func(family, text string, keys any) (a answer) {
		line, err := json.Marshal(map[string]any{"family": family, "text": text, "keys": keys})
		fail(t, err)
		_, err = in.Write(append(line, '\n'))
		fail(t, err)
		line, err = lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		return a
	}
}

// mutate makes a text of a code: as it is, with characters or bytes changed that
// are signed or not, or changed and signed again.
func mutate(r *mrand.Rand, code signedCode) (how, text string, content []byte) {
	covered, uncovered := clone(code.covered), clone(code.uncovered)
	change := func(layer []byte) {
		if len(layer) > 0 {
			layer[r.IntN(len(layer))] ^= 1 << r.IntN(8)
		}
	}
	times := 1 + r.IntN(3)
	switch r.IntN(8) {
	case 0:
		how = "as signed"
	case 1:
		how = "signed bytes changed"
		for range times {
			change(covered[r.IntN(len(covered))])
		}
	case 2:
		how = "signature changed"
		change(covered[2])
	case 3:
		if how = "unsigned bytes changed"; len(uncovered) > 0 {
			change(uncovered[0])
			if cbor.Wellformed(uncovered[0]) != nil { // which would move what is signed
				uncovered[0] = bytes.Clone(code.uncovered[0])
			}
		}
	case 4:
		how = "content changed and signed"
		for range times {
			change(covered[1])
		}
		code.sign(covered)
	case 5: // letters and digits alone, so that it stays well formed
		how = "letters changed and signed"
		for range times * 2 {
			i := r.IntN(len(covered[1]))
			if c := covered[1][i]; c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
				covered[1][i] = "0123456789abcdefghijklmnopqrstuvwxyz"[r.IntN(36)]
			}
		}
		code.sign(covered)
	default:
		how = "characters changed"
		b := []byte(code.text(covered, uncovered))
		for range times {
			i := r.IntN(len(b))
			switch r.IntN(4) {
			case 0:
				b = slices.Delete(b, i, i+1)
			case 1:
				b = slices.Insert(b, i, byte(' '+r.IntN(95)))
			case 2:
				b = b[:max(i, 1)]
			default:
				b[i] = byte(' ' + r.IntN(95))
			}
		}
		return how, string(b), covered[1]
	}
	return how, code.text(covered, uncovered), covered[1]
}

func clone(layers [][]byte) (out [][]byte) {
	for _, layer := range layers {
		out = append(out, bytes.Clone(layer))
	}
	return out
}

// jwk is a public key of P-256.
func jwk(public any, id string) map[string]string {
	point, _ := public.(*ecdsa.PublicKey).Bytes()
	b64 := base64.RawURLEncoding.EncodeToString
	return map[string]string{"kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "alg": "ES256", "x": b64(point[1:33]), "y": b64(point[33:])}
}

// asJSON is a value as JSON has it.
func asJSON(v any) (out any) {
	data, _ := json.Marshal(v)
	_ = json.Unmarshal(data, &out)
	return out
}

func member(v any, path ...string) any {
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// repaired says whether ours read a text that is not UTF-8 and was repaired.
func repaired(c credential.Credential) bool {
	data, _ := json.Marshal([]any{c.Payload, c.Issuer, c.Holder, c.ID})
	return strings.Contains(string(data), "\ufffd") || strings.Contains(string(data), `\ufffd`)
}

// notAMap is why both differ over a message whose unprotected header is no map.
const notAMap = "the unprotected header is not a map, which RFC 9052, section 3, has: theirs does not look"

// twice says whether CBOR has a name twice in an object.
func twice(data []byte) bool {
	mode, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, UTF8: cbor.UTF8DecodeInvalid}.DecMode()
	if err != nil {
		return false
	}
	var v any
	var duplicate *cbor.DupMapKeyError
	return errors.As(mode.Unmarshal(data, &v), &duplicate)
}

// strange says whether there is a value of CBOR in it that neither we nor JSON know.
func strange(content any) bool {
	text := fmt.Sprint(content)
	return strings.Contains(text, "simple(") || strings.Contains(text, "map[value:")
}

// asText is content with the bytes that theirs shows as characters read as UTF-8.
func asText(v any) any {
	switch v := v.(type) {
	case string:
		var b []byte
		for _, r := range v {
			if r > 0xFF {
				return v // it was a text
			}
			b = append(b, byte(r))
		}
		if utf8.Valid(b) {
			return string(b)
		}
	case []any:
		for i := range v {
			v[i] = asText(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = asText(v[name])
		}
	}
	return v
}

// numbers says whether all of the claims that are there are numbers a time can be.
func numbers(content any, labels ...string) bool {
	for _, label := range labels {
		v := member(content, label)
		n, ok := v.(float64)
		if v != nil && (!ok || n < 0 || n > 253402300799) {
			return false
		}
	}
	return true
}

var subjects = map[string]subject{
	"eu-dcc": {
		code: func(all map[string]signedCode) signedCode { return all["DCC, ES256"] },
		keys: func(code signedCode) any {
			der, _ := x509.MarshalPKIXPublicKey(code.keys[0].Public)
			return map[string]string{base64.StdEncoding.EncodeToString(code.keys[0].ID): base64.StdEncoding.EncodeToString(der)}
		},
		same: func(j judged) string {
			dcc, _ := j.ours.Payload.(*value.Object)
			if ours, theirs := asJSON(dcc), member(j.theirs.Content, "-260", "1"); !reflect.DeepEqual(ours, theirs) {
				return fmt.Sprintf("content: ours %v, theirs %v", ours, theirs)
			}
			return ""
		},
		explained: func(j judged) string {
			certificate, _ := member(j.theirs.Content, "-260", "1").(map[string]any)
			issuer := member(j.theirs.Content, "1")
			_, text := issuer.(string)
			switch {
			case !strings.HasPrefix(j.text, "HC1:") && j.theirs.Verified:
				return "the prefix is not HC1: theirs reads texts of before it was standardised"
			case j.ours.Standing == credential.Signed && (j.theirs.Why == "invalid_compression" || j.how == "characters changed"):
				return "the zlib header or check sum is wrong: ours takes what the signature covers"
			case repaired(j.ours):
				return "a text that is not UTF-8: ours repairs it, theirs refuses the certificate or shows its bytes"
			case j.how == "unsigned bytes changed" && j.ours.Problem == credential.Malformed:
				return notAMap
			case j.theirs.Verified && len(certificate) == 0:
				return "there is no certificate under claim -260, 1: theirs reads any CBOR"
			case j.theirs.Verified && (!numbers(j.theirs.Content, "4", "5", "6") || issuer != nil && !text):
				return "a time or the issuer is of another type: it proves nothing, theirs does not look"
			case j.theirs.Verified && twice(j.signed):
				return "a name stands twice in an object: theirs takes the last"
			case j.theirs.Verified && strange(j.theirs.Content):
				return "a simple value that CBOR does not assign: theirs makes something of it"
			case j.theirs.Why == "threw: Invalid time value":
				return "a tag for times before something else: ours looks through tags"
			case j.theirs.Verified && reflect.DeepEqual(asJSON(j.ours.Payload), asText(member(j.theirs.Content, "-260", "1"))):
				return "a byte string in the place of a text: ours reads it as one"
			}
			return ""
		},
	},
	"shc": {
		code: func(all map[string]signedCode) signedCode { return all["SHC"] },
		keys: func(code signedCode) any {
			return map[string]any{code.keys[0].Issuer: map[string]any{"keys": []any{jwk(code.keys[0].Public, string(code.keys[0].ID))}}}
		},
		same: func(j judged) string {
			nbf, _ := member(j.theirs.Content, "nbf").(float64)
			if iss := member(j.theirs.Content, "iss"); iss != j.ours.Issuer.Name || float64(j.ours.IssuedAt.Unix()) != nbf {
				return fmt.Sprintf("ours by %s at %v, theirs by %v at %v", j.ours.Issuer.Name, j.ours.IssuedAt, iss, nbf)
			}
			return ""
		},
		explained: func(j judged) string {
			digits := strings.TrimPrefix(j.text, "shc:/")
			if j.theirs.Verified && j.ours.Standing == credential.Unreadable && strings.Trim(digits, "0123456789") != "" {
				return "a character that is not a digit: theirs reads a number up to it"
			}
			_, issuer := member(j.theirs.Content, "iss").(string)
			_, issued := member(j.theirs.Content, "nbf").(float64)
			if j.theirs.Verified && j.ours.Standing == credential.Unreadable && (!issuer || !issued) {
				return "it does not say by whom or when it was issued, which SMART Health Cards must: theirs does not look"
			}
			return ""
		},
	},
	"nzcp": {
		code: func(all map[string]signedCode) signedCode { return all["NZCP"] },
		keys: func(code signedCode) any {
			k := code.keys[0]
			id := k.Issuer + "#" + string(k.ID)
			return map[string]any{
				"@context": "https://w3.org/ns/did/v1", "id": k.Issuer, "assertionMethod": []any{id},
				"verificationMethod": []any{map[string]any{"id": id, "controller": k.Issuer, "type": "JsonWebKey2020", "publicKeyJwk": jwk(k.Public, id)}},
			}
		},
		same: func(j judged) string {
			given, _ := member(j.theirs.Content, "givenName").(string)
			family, _ := member(j.theirs.Content, "familyName").(string)
			if name := strings.TrimSpace(given + " " + family); name != j.ours.Holder.Name {
				return fmt.Sprintf("name: ours %q, theirs %q", j.ours.Holder.Name, name)
			}
			return ""
		},
		explained: func(j judged) string {
			switch {
			case j.ours.Standing == credential.Signed && strings.HasPrefix(j.theirs.Why, "Verifiable Credential"):
				return "context, version or type of the signed pass is another's: theirs insists on them, ours on PublicCovidPass and the issuer's key"
			case j.ours.Standing == credential.Signed && strings.Contains(j.theirs.Why, "current datetime"):
				return "it is out of its time: theirs says so of the signature, ours leaves it to policy"
			case j.ours.Standing == credential.Signed && strings.HasSuffix(j.theirs.Why, "claim MUST be present"):
				return "a byte string in the place of a text: ours reads it as one"
			case j.ours.Standing == credential.Signed && strings.HasPrefix(j.theirs.Why, "Missing REQUIRED"):
				return "a name or the birth date is not there: ours shows what is, theirs refuses the pass"
			case j.ours.Standing == credential.Signed && strings.Contains(j.theirs.Why, "utf-8"), repaired(j.ours):
				return "a text that is not UTF-8: ours repairs it, theirs refuses the pass"
			case j.how == "unsigned bytes changed" && j.ours.Problem == credential.Malformed:
				return notAMap
			case j.theirs.Verified && twice(j.signed):
				return "a name stands twice in an object: theirs takes the last"
			}
			return ""
		},
	},
}
