package hcert

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/png"
	"path"
	"reflect"
	"strings"
	"sync"
	"testing"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/base45"
	"chot/kiosk/credential/cose"
	"chot/kiosk/credential/deflate"
	"chot/kiosk/credential/keyfile"
	"chot/kiosk/credential/value"
	"chot/kiosk/internal/suite"

	"github.com/fxamacker/cbor/v2"
)

// dgcCase is one file of the suite. What is absent was left out on purpose.
type dgcCase struct {
	JSON       any     `json:"JSON"`
	CBOR       string  `json:"CBOR"`
	COSE       string  `json:"COSE"`
	Compressed *string `json:"COMPRESSED"`
	Base45     string  `json:"BASE45"`
	Prefix     string  `json:"PREFIX"`
	Code       string  `json:"2DCODE"`
	Context    struct {
		Schema      string         `json:"SCHEMA"`
		Certificate keyfile.Base64 `json:"CERTIFICATE"`
		Clock       string         `json:"VALIDATIONCLOCK"`
	} `json:"TESTCTX"`
	Expected map[string]any `json:"EXPECTEDRESULTS"` // true or false; anything else is not tested
}

// probe says what we find for one key, and the evidence.
type probe func(t *testing.T, c *dgcCase) (result bool, detail string)

var dgcChecks = map[string]probe{
	"EXPECTEDVALIDOBJECT":      validObject,
	"EXPECTEDENCODE":           encodes,
	"EXPECTEDDECODE":           decodes,
	"EXPECTEDVERIFY":           verifies,
	"EXPECTEDCOMPRESSION":      inflates,
	"EXPECTEDB45DECODE":        base45Decodes,
	"EXPECTEDUNPREFIX":         unprefixes,
	"EXPECTEDVALIDJSON":        validJSON,
	"EXPECTEDSCHEMAVALIDATION": schemaValid,
	"EXPECTEDKEYUSAGE":         keyUsage,
	"EXPECTEDEXPIRATIONCHECK":  inTime,
	"EXPECTEDPICTUREDECODE":    pictureDecodes,
}

// knownIssues are the faults that the suite lists itself: by key, country and
// name of the file without ".json", which is empty for all of the country.
type knownIssues map[[3]string]string

// issueTests has the suite's names of tests for its keys.
var issueTests = map[string]string{
	"test_cose_schema":        "EXPECTEDSCHEMAVALIDATION",
	"test_cose_json":          "EXPECTEDVALIDJSON",
	"test_cbor_json":          "EXPECTEDVALIDOBJECT",
	"test_verification_check": "EXPECTEDVERIFY",
	"test_expiration_check":   "EXPECTEDEXPIRATIONCHECK",
	"test_expected_key_usage": "EXPECTEDKEYUSAGE",
}

func readIssues(t *testing.T, folder string) knownIssues {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(suite.Read(t, folder, "tests/known_issues.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	issues := knownIssues{}
	for _, row := range rows {
		issues[[3]string{issueTests[row[0]], row[1], row[2]}] = "known issue: " + row[3]
	}
	return issues
}

// fault is why the suite is at fault for a key of a file, where it is.
func (k knownIssues) fault(key, name string, c *dgcCase) string {
	country, set := strings.Split(name, "/")[0], strings.TrimSuffix(path.Base(name), ".json")
	if why, listed := k[[3]string{key, country, set}]; listed {
		return why
	}
	if why, listed := k[[3]string{key, country, ""}]; listed {
		return why
	}
	switch key {
	case "EXPECTEDPICTUREDECODE":
		if c.Code == "" {
			return "there is no picture in the file"
		}
	case "EXPECTEDVALIDJSON":
		got, ok := c.content()
		if same, _ := sameContent(c.CBOR, object(got.Payload)); ok && same && c.read().Standing == credential.Signed {
			return "the signed certificate and the file's own CBOR agree, its JSON is another's"
		}
	}
	return ""
}

// TestDGC holds every assertion of the suite against what we find.
func TestDGC(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "hcert/dgc-testdata")
	issues := readIssues(t, folder)
	var table suite.Table
	for _, name := range suite.Files(t, folder, "*.json") {
		var c dgcCase
		data := bytes.TrimPrefix(suite.Read(t, folder, name), []byte("\xEF\xBB\xBF"))
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if err := d.Decode(&c); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for key, value := range c.Expected {
			check, known := dgcChecks[key]
			want, stated := value.(bool)
			if !known || !stated {
				continue // a misspelt key
			}
			got, detail := check(t, &c)
			why := ""
			if got != want {
				why = issues.fault(key, name, &c)
			}
			table.Score(key, name, got == want, fmt.Sprintf("want %v, %s", want, detail), why)
		}
	}
	table.Report(t)
}

// key is that of the signer.
func (c *dgcCase) key() credential.Key {
	key := credential.Key{Family: credential.EUDCC}
	if cert, err := x509.ParseCertificate(c.Context.Certificate); err == nil {
		key.ID, key.Public, key.Usage = KeyID(cert.Raw), cert.PublicKey, usages(cert)
	}
	return key
}

func (c *dgcCase) read() credential.Credential {
	got, err := Family.Read(c.Prefix, suite.Ring{c.key()})
	if err != nil {
		got.Problem = credential.Problem(err.Error())
	}
	return got
}

// content is what the certificate says, whoever signed it.
func (c *dgcCase) content() (credential.Credential, bool) {
	encoded, ok := strings.CutPrefix(c.Prefix, prefix)
	if !ok {
		return credential.Credential{}, false
	}
	message, ok := new(buffers).open(encoded)
	if !ok {
		return credential.Credential{}, false
	}
	m, err := cose.Parse(message)
	if err != nil {
		return credential.Credential{}, false
	}
	var got credential.Credential
	_, ok = describe(m.Payload, &got)
	return got, ok
}

func usages(cert *x509.Certificate) (oids []string) {
	for _, oid := range cert.UnknownExtKeyUsage {
		oids = append(oids, oid.String())
	}
	return oids
}

func standing(c credential.Credential) string { return fmt.Sprintf("%v %q", c.Standing, c.Problem) }

// validObject: what the raw CBOR says is what the raw JSON says.
func validObject(_ *testing.T, c *dgcCase) (bool, string) {
	want, _ := plain(c.JSON).(map[string]any)
	return sameContent(c.CBOR, want)
}

// encodes: so is what we make of the raw JSON.
func encodes(t *testing.T, c *dgcCase) (bool, string) {
	mine, err := cbor.Marshal(plain(c.JSON))
	if err != nil {
		return false, err.Error()
	}
	back, err := cose.Decode(mine)
	if err != nil {
		return false, err.Error()
	}
	return sameContent(c.CBOR, object(back.Any()))
}

// sameContent compares with raw CBOR, which some have with the CWT around it.
func sameContent(raw string, want any) (bool, string) {
	data, err := hex.DecodeString(raw)
	if err != nil {
		return false, err.Error()
	}
	value, err := cose.Decode(data)
	if wrapped := value.Get("-260").Get("1"); wrapped != nil {
		value = wrapped
	}
	got := object(value.Any())
	return err == nil && reflect.DeepEqual(got, want), fmt.Sprintf("%v, %v, should be %v", got, err, want)
}

// schemaValid: the schema holds and the products are in the value sets, which
// the suite also expects.
func schemaValid(t *testing.T, c *dgcCase) (bool, string) {
	got, ok := c.content()
	if !ok {
		return false, "no content"
	}
	sets := valueSets(t)
	unlisted := Unlisted(&got, func(set, code string) bool { return sets[set] == nil || sets[set][code] })
	dcc, _ := got.Payload.(*value.Object)
	return violation((*value.Value)(dcc)) == "" && got.Problem == "" && unlisted == "", fmt.Sprintf("violation %q, unlisted %q, %v", violation((*value.Value)(dcc)), unlisted, object(dcc))
}

// valueSets are the published ones, where they are there.
func valueSets(t *testing.T) map[string]map[string]bool {
	valueSetsOnce.Do(func() {
		loadedSets = map[string]map[string]bool{}
		folder := publicdata.Folder(t, "certlogic/valuesets")
		for _, name := range suite.Files(t, folder, "*.json") {
			var file struct {
				ID     string         `json:"valueSetId"`
				Values map[string]any `json:"valueSetValues"`
			}
			if err := json.Unmarshal(suite.Read(t, folder, name), &file); err != nil || file.ID == "" {
				continue
			}
			loadedSets[file.ID] = map[string]bool{}
			for code := range file.Values {
				loadedSets[file.ID][code] = true
			}
		}
	})
	return loadedSets
}

var (
	valueSetsOnce sync.Once
	loadedSets    map[string]map[string]bool
)

func decodes(_ *testing.T, c *dgcCase) (bool, string) {
	got := c.read()
	return got.Payload != nil || got.Problem != credential.Malformed, standing(got)
}

func verifies(_ *testing.T, c *dgcCase) (bool, string) {
	got := c.read()
	return got.Standing == credential.Signed || got.Problem == credential.KeyUsage, standing(got)
}

func keyUsage(_ *testing.T, c *dgcCase) (bool, string) {
	got := c.read()
	return got.Problem != credential.KeyUsage, standing(got)
}

func inTime(_ *testing.T, c *dgcCase) (bool, string) {
	got, _ := c.content()
	at := credential.ParseTime(c.Context.Clock)
	if at.IsZero() {
		return false, fmt.Sprintf("the clock %q", c.Context.Clock)
	}
	ok := !at.Before(got.NotBefore) && (got.NotAfter.IsZero() || !at.After(got.NotAfter))
	return ok, fmt.Sprintf("%v to %v at %v", got.NotBefore, got.NotAfter, at)
}

func inflates(_ *testing.T, c *dgcCase) (bool, string) {
	if c.Compressed == nil {
		return false, "nothing to inflate"
	}
	compressed, err := hex.DecodeString(*c.Compressed)
	if err != nil || len(compressed) < zlibHeader {
		return false, fmt.Sprint(err)
	}
	message, err := deflate.Append(nil, compressed[zlibHeader:], maxMessage)
	want, _ := hex.DecodeString(c.COSE)
	return err == nil && bytes.Equal(message, want), fmt.Sprintf("%x, %v", message, err)
}

func base45Decodes(_ *testing.T, c *dgcCase) (bool, string) {
	got, err := base45.AppendDecode(nil, c.Base45)
	if c.Compressed == nil {
		return err == nil, fmt.Sprint(err)
	}
	want, _ := hex.DecodeString(*c.Compressed)
	return err == nil && bytes.Equal(got, want), fmt.Sprintf("%x, %v", got, err)
}

func unprefixes(_ *testing.T, c *dgcCase) (bool, string) {
	return Family.Recognise(c.Prefix) && (c.Base45 == "" || c.Prefix == prefix+c.Base45), c.Prefix[:min(len(c.Prefix), 20)]
}

func validJSON(_ *testing.T, c *dgcCase) (bool, string) {
	got, _ := c.content()
	want := plain(c.JSON)
	return reflect.DeepEqual(object(got.Payload), want), fmt.Sprintf("%v, should be %v", object(got.Payload), want)
}

func pictureDecodes(_ *testing.T, c *dgcCase) (bool, string) {
	data, err := base64.StdEncoding.DecodeString(c.Code)
	if err != nil {
		return false, err.Error()
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return false, err.Error()
	}
	text := scan(picture)
	return strings.TrimSpace(text) == strings.TrimSpace(c.Prefix), fmt.Sprintf("%q", text)
}

// object is a payload as JSON has it.
func object(payload any) any {
	data, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return err
	}
	return plain(v)
}

// plain has whole numbers as int, which are the same in JSON and CBOR.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}
