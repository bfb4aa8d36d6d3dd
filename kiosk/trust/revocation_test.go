package trust_test

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"chot/kiosk/credential"
	"chot/kiosk/trust"
)

func revoke(t testing.TB, files ...any) *trust.Store {
	t.Helper()
	dir := t.TempDir()
	var data [][]byte
	for _, f := range files {
		data = append(data, toJSON(t, f))
	}
	if _, err := trust.ImportRevocations(dir, "lists", data, noon); err != nil {
		t.Fatal(err)
	}
	return load(t, dir)
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	kid := []byte("signer 1")
	batch := func(hashType string, kid []byte, expires time.Time, hashes ...[]byte) object {
		entries := []object{}
		for _, h := range hashes {
			entries = append(entries, object{"hash": b64(h)})
		}
		return object{"country": "VN", "expires": expires, "kid": b64(kid), "hashType": hashType, "entries": entries}
	}
	later := noon.AddDate(0, 1, 0)
	s := revoke(t,
		batch("UCI", kid, later, uvci("URN:UVCI:01:VN:1")),
		batch("SIGNATURE", kid, later, uvci("signature")),
		[]object{batch("COUNTRYCODEUCI", kid, later, uvci("VN1"), uvci("VN2")), batch("UCI", kid, noon.Add(-1), uvci("expired"))},
		object{"kid": "card key", "method": "rid", "ctr": 3, "rids": []string{"MKyCxh7p6uQ", "timed.1640000000"}},
		object{"denylist": []trust.Denied{{Family: credential.EUDCC, ID: "URN:UVCI:01:FR:T0K1#B"}, {Family: credential.Slip, ID: "03-17"}}},
	)
	id := func(kind, key string, hash []byte) []credential.RevocationID {
		return []credential.RevocationID{{Kind: "none", Hash: uvci("x")}, {Kind: kind, Key: key, Hash: hash}}
	}
	hexKid := hex.EncodeToString(kid)
	for name, c := range map[string]struct {
		ids    []credential.RevocationID
		issued time.Time
		want   bool
	}{
		"a UVCI":                        {id("uvci", hexKid, uvci("URN:UVCI:01:VN:1")), noon, true},
		"the same of another key":       {id("uvci", "00", uvci("URN:UVCI:01:VN:1")), noon, false},
		"the same as a signature":       {id("signature", hexKid, uvci("URN:UVCI:01:VN:1")), noon, false},
		"a signature":                   {id("signature", hexKid, uvci("signature")), noon, true},
		"country and UVCI":              {id("country-uvci", hexKid, uvci("VN2")), noon, true},
		"an expired batch":              {id("uvci", hexKid, uvci("expired")), noon, false},
		"a card":                        {id("rid", "card key", []byte("MKyCxh7p6uQ")), noon, true},
		"a card of another key":         {id("rid", "other", []byte("MKyCxh7p6uQ")), noon, false},
		"a card from before the time":   {id("rid", "card key", []byte("timed")), time.Unix(1639999999, 0), true},
		"a card from after the time":    {id("rid", "card key", []byte("timed")), time.Unix(1640000000, 0), false},
		"a denied UVCI of whatever key": {id("uvci", hexKid, uvci("URN:UVCI:01:FR:T0K1#B")), noon, true},
		"a denied slip":                 {id("jti", "tu-ky-03", []byte("03-17")), noon, true},
		"another slip":                  {id("jti", "tu-ky-03", []byte("03-18")), noon, false},
		"nothing":                       {nil, noon, false},
	} {
		if got := s.Revoked(&credential.Credential{Revocation: c.ids, IssuedAt: c.issued}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestBrokenLists(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `7`, `{}`, `{"hashType":"MD5","entries":[]}`, `{"hashType":"UCI","entries":[{"hash":"AAAA"}]}`,
		`{"rids":["a.b"]}`, `{"rids":["a"],"method":"sum"}`, `{"denylist":[{"family":"vn-id","id":"1"}]}`,
		`{"denylist":[{"family":"slip"}]}`, `{"hashType":"UCI","kid":"*","entries":["AAAAAAAAAAAAAAAAAAAAAA=="]}`,
	} {
		if _, err := trust.ImportRevocations(t.TempDir(), "x", [][]byte{[]byte(text)}, noon); err == nil {
			t.Errorf("%s is imported", text)
		}
	}
}

// million writes a list of a million hashes and gives every thousandth of them.
func million(t testing.TB, dir string) (some [][]byte) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	hashes := make([][]byte, 1_000_000)
	for i := range hashes {
		h := binary.BigEndian.AppendUint64(make([]byte, 0, 16), r.Uint64())
		hashes[i] = binary.BigEndian.AppendUint64(h, r.Uint64())
		if i%1000 == 0 {
			some = append(some, hashes[i])
		}
	}
	index, err := trust.Index("signature", hex.EncodeToString([]byte("signer 1")), hashes)
	if err == nil {
		err = os.MkdirAll(dir+"/revocation", 0o700)
	}
	if err == nil {
		err = os.WriteFile(dir+"/revocation/million.idx", index, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return some
}

// TestAMillionRevocations: all are found, none that differs in one bit is, and
// they take less than 16 MB.
func TestAMillionRevocations(t *testing.T) {
	dir := t.TempDir()
	some := million(t, dir)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	s := load(t, dir)
	if grown := heap() - before; grown >= 16_000_000 {
		t.Errorf("the heap grew by %d bytes", grown)
	} else {
		t.Logf("the heap grew by %d bytes", grown)
	}
	c := credential.Credential{Revocation: []credential.RevocationID{{Kind: "signature", Key: hex.EncodeToString([]byte("signer 1"))}}}
	for _, h := range some {
		c.Revocation[0].Hash = h
		if !s.Revoked(&c) {
			t.Fatalf("%x is not found", h)
		}
		for bit := range 128 {
			near := append([]byte(nil), h...)
			near[bit/8] ^= 1 << (bit % 8)
			c.Revocation[0].Hash = near
			if s.Revoked(&c) {
				t.Fatalf("%x is found", near)
			}
		}
	}
	runtime.KeepAlive(s)
}

func BenchmarkRevoked(b *testing.B) {
	dir := b.TempDir()
	some := million(b, dir)
	s := load(b, dir)
	c := credential.Credential{Revocation: []credential.RevocationID{{Kind: "signature", Key: hex.EncodeToString([]byte("signer 1"))}}}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		c.Revocation[0].Hash = some[i%len(some)]
		if !s.Revoked(&c) {
			b.Fatal("not found")
		}
		i++
	}
}

// FuzzIndex holds that no file makes loading or looking up fail badly.
func FuzzIndex(f *testing.F) {
	dir := f.TempDir()
	list := object{"hashType": "UCI", "entries": []string{b64(uvci("a")), b64(uvci("b"))}}
	rids := object{"kid": "k", "rids": []string{"a", "b.7"}}
	if _, err := trust.ImportRevocations(dir, "seed", [][]byte{toJSON(f, list), toJSON(f, rids)}, noon); err != nil {
		f.Fatal(err)
	}
	seed, err := os.ReadFile(dir + "/revocation/seed.idx")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		_ = os.Mkdir(dir+"/revocation", 0o700)
		_ = os.WriteFile(dir+"/revocation/a.idx", data, 0o600)
		s, err := trust.Load(os.DirFS(dir))
		if err != nil {
			return
		}
		for _, kind := range []string{"uvci", "rid"} {
			s.Revoked(&credential.Credential{Revocation: []credential.RevocationID{{Kind: kind, Key: "k", Hash: uvci("a")}}})
		}
	})
}
