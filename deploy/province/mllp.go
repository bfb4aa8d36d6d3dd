package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"

	"github.com/BurntSushi/toml"
	"golang.org/x/sync/errgroup"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/exchange/mllp"
	"chot/deploy/province/internal/lab"
)

// mllpPeer is a laboratory's system that may send HL7 v2 over MLLP. It is known by
// its client certificate, or by the address that it comes from.
type mllpPeer struct {
	Name        string `toml:"name"`        // whose reports its reports are
	Area        string `toml:"area"`        // for which specimens it may report
	Certificate string `toml:"certificate"` // SHA-256 of the certificate in DER, hexadecimal
	Address     string `toml:"address"`     // "10.1.2.3" or "10.1.2.0/24"
	prefix      netip.Prefix
}

// readMLLPPeers reads the list of peers: a TOML file with a [[peer]] for each.
func readMLLPPeers(name string) ([]mllpPeer, error) {
	var file struct {
		Peer []mllpPeer `toml:"peer"`
	}
	meta, err := toml.DecodeFile(name, &file)
	if err != nil {
		return nil, fmt.Errorf("reading the list of laboratories %s: %w", name, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("reading the list of laboratories %s: unknown key %q", name, extra[0])
	}
	if len(file.Peer) == 0 {
		return nil, fmt.Errorf("reading the list of laboratories %s: it has no [[peer]]", name)
	}
	for i := range file.Peer {
		if err := file.Peer[i].check(); err != nil {
			return nil, fmt.Errorf("reading the list of laboratories %s: peer %d: %w", name, i+1, err)
		}
	}
	return file.Peer, nil
}

func (p *mllpPeer) check() error {
	if p.Name == "" || len(p.Name) > 64 {
		return errors.New("name: it is missing or longer than 64 bytes")
	}
	if _, err := db.ParseArea(p.Area); err != nil {
		return fmt.Errorf("area: %w", err)
	}
	if (p.Certificate == "") == (p.Address == "") {
		return errors.New("it needs a certificate or an address, and not both")
	}
	if p.Certificate != "" {
		p.Certificate = strings.ToLower(strings.ReplaceAll(p.Certificate, ":", ""))
		if raw, err := hex.DecodeString(p.Certificate); err != nil || len(raw) != sha256.Size {
			return errors.New("certificate: it is not a SHA-256 in hexadecimal")
		}
		return nil
	}
	var err error
	if strings.Contains(p.Address, "/") {
		p.prefix, err = netip.ParsePrefix(p.Address)
	} else {
		var addr netip.Addr
		if addr, err = netip.ParseAddr(p.Address); err == nil {
			p.prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
	}
	if err != nil {
		return fmt.Errorf("address: %w", err)
	}
	return nil
}

// serveMLLP listens for laboratories' systems until the context ends.
func (c *serveCmd) serveMLLP(ctx context.Context, running *errgroup.Group, p *province, certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error), log *slog.Logger) (net.Listener, error) {
	peers, err := readMLLPPeers(c.MLLPPeers)
	if err != nil {
		return nil, err
	}
	l, err := listen(ctx, c.MLLP, mllpConnections, c.PerSource)
	if err != nil {
		return nil, fmt.Errorf("listening for HL7 messages: %w", err)
	}
	serving := l
	if !c.MLLPPlain {
		// Certificates are pinned: who signed them plays no part.
		serving = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate, ClientAuth: tls.RequestClientCert})
	}
	running.Go(func() error { return newMLLP(p.tests, peers, log).Serve(ctx, serving) })
	return l, nil
}

// mllpConnections bounds how many laboratories' systems are connected at once.
const mllpConnections = 100

// newMLLP makes the server that takes HL7 v2 messages from laboratories.
func newMLLP(desk *lab.Desk, peers []mllpPeer, log *slog.Logger) *mllp.Server {
	sources := map[string]lab.Source{}
	for i, p := range peers {
		sources[fmt.Sprint(i)] = lab.Source{Name: p.Name, Scope: db.Area(p.Area), Authority: lab.Laboratory}
	}
	return &mllp.Server{
		Admit: func(_ context.Context, c net.Conn) (string, error) { return admitMLLP(peers, c) },
		Handle: func(ctx context.Context, peer, remote string, message []byte) []byte {
			return desk.Message(ctx, sources[peer], remote, message, log)
		},
		Log: log, MaxMessage: mllp.DefaultMaxMessage, Idle: mllp.DefaultIdle, Receive: mllp.DefaultReceive, Send: mllp.DefaultSend,
	}
}

var errStranger = errors.New("neither its certificate nor its address is on the list of laboratories")

// admitMLLP finds the peer of a connection: by its certificate, else by its address.
// A peer that is listed by a certificate is not admitted without it.
func admitMLLP(peers []mllpPeer, c net.Conn) (string, error) {
	if secure, ok := c.(*tls.Conn); ok {
		if shown := secure.ConnectionState().PeerCertificates; len(shown) > 0 {
			sum := sha256.Sum256(shown[0].Raw)
			for i, p := range peers {
				if p.Certificate == hex.EncodeToString(sum[:]) {
					return fmt.Sprint(i), nil
				}
			}
		}
	}
	from, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return "", errStranger
	}
	for i, p := range peers {
		if p.prefix.IsValid() && p.prefix.Contains(from.Addr().Unmap()) {
			return fmt.Sprint(i), nil
		}
	}
	return "", errStranger
}
