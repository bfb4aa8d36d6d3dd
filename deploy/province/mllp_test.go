package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange/mllp"
	"chot/kiosk/record"
)

// clientCertificate is a laboratory's, signed by itself.
func clientCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "LIS"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A laboratory's system sends by MLLP and is answered, and only such a one.
func TestALaboratorySendsByMLLP(t *testing.T) {
	t.Parallel()
	known, stranger := clientCertificate(t), clientCertificate(t)
	peers := filepath.Join(t.TempDir(), "laboratories.toml")
	text := fmt.Sprintf("[[peer]]\nname = \"cdc\"\narea = \"30\"\ncertificate = \"%x\"\n", sha256.Sum256(known.Certificate[0]))
	if err := os.WriteFile(peers, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, t.TempDir(), "--mllp", "127.0.0.1:0", "--mllp-peers", peers)
	s.flags = s.flags[:2] // other commands have none of these
	k := s.kiosk("desk-1")
	k.sampled()
	k.sendAll()
	dial := func(certificates ...tls.Certificate) (net.Conn, error) {
		c, err := tls.Dial("tcp", s.MLLP, &tls.Config{InsecureSkipVerify: true, Certificates: certificates})
		if err == nil {
			err = c.SetDeadline(time.Now().Add(10 * time.Second))
		}
		return c, err
	}
	c, err := dial(known)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	const message = "MSH|^~\\&|LIS|CDC|CHOT|TINH|20261201||ORU^R01|%s|%s|2.5.1\rOBR|1||%s|94500-6\rOBX|1|ST|94500-6||%s||||||F\r"
	for _, m := range []struct{ control, mode, tube, value, want string }{
		{"M1", "P", "S-1", "Negative", "MSA|AA|M1\r"},
		{"M1", "P", "S-1", "Negative", "MSA|AA|M1\r"},
		{"M2", "P", "X-9", "Negative", "MSA|AA|M2\r"},
		{"M3", "P", "S-1", "Perhaps|", "MSA|AE|M3\rERR||OBX^1|103^Table value not found^HL70357|E||||"},
		{"M4", "T", "S-1", "Positive", "MSA|AR|M4\rERR||MSH^1|202^Unsupported processing id^HL70357|E||||"},
	} {
		if _, err := c.Write(mllp.Frame(fmt.Appendf(nil, message, m.control, m.mode, m.tube, m.value))); err != nil {
			t.Fatal(err)
		}
		answer, err := mllp.Read(r, 1<<16)
		if err != nil || !strings.Contains(string(answer), m.want) || !strings.HasPrefix(string(answer), "MSH|^~\\&|CHOT|TINH|LIS|CDC|") {
			t.Errorf("%s is answered %q, %v", m.control, answer, err)
		}
	}
	var held []db.Result
	if err := s.database().NewSelect().Model(&held).Scan(t.Context()); err != nil || len(held) != 1 || held[0].Outcome != int16(record.Negative) || held[0].Source != "cdc" {
		t.Errorf("holds %+v, %v", held, err)
	}
	for name, certificates := range map[string][]tls.Certificate{"another certificate": {stranger}, "none": nil} {
		c, err := dial(certificates...)
		if err != nil {
			continue // refused at the handshake will do too
		}
		c.Write(mllp.Frame(fmt.Appendf(nil, message, "M9", "P", "S-1", "Positive")))
		if answer, err := mllp.Read(bufio.NewReader(c), 1<<16); err == nil {
			t.Errorf("%s is answered %q", name, answer)
		}
		c.Close()
	}
}

func TestTheListOfLaboratoriesIsChecked(t *testing.T) {
	t.Parallel()
	print := strings.Repeat("ab:", 31) + "AB"
	for name, c := range map[string]struct {
		text string
		want string // in the error; "" for none
	}{
		"a certificate":   {"[[peer]]\nname='a'\narea='30'\ncertificate='" + print + "'", ""},
		"an address":      {"[[peer]]\nname='a'\narea='30'\naddress='10.1.2.3'", ""},
		"a network":       {"[[peer]]\nname='a'\narea='30/298'\naddress='10.1.2.0/24'", ""},
		"nobody":          {"", "no [[peer]]"},
		"no name":         {"[[peer]]\narea='30'\naddress='10.1.2.3'", "name"},
		"no area":         {"[[peer]]\nname='a'\naddress='10.1.2.3'", "area"},
		"neither":         {"[[peer]]\nname='a'\narea='30'", "a certificate or an address"},
		"both":            {"[[peer]]\nname='a'\narea='30'\naddress='10.1.2.3'\ncertificate='" + print + "'", "a certificate or an address"},
		"half a print":    {"[[peer]]\nname='a'\narea='30'\ncertificate='abcd'", "certificate"},
		"no address":      {"[[peer]]\nname='a'\narea='30'\naddress='here'", "address"},
		"an unknown key":  {"[[peer]]\nname='a'\narea='30'\naddres='10.1.2.3'", "unknown key"},
		"not TOML at all": {"peer", "reading"},
	} {
		file := filepath.Join(t.TempDir(), "peers.toml")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readMLLPPeers(file)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
