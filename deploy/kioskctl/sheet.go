package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"chot/kiosk/credential/owncode"
)

type sheetCmd struct {
	Key        string   `required:"" help:"The province's sheet key (PEM), keys/sheet.pem in its folder." placeholder:"FILE" type:"existingfile"`
	Server     string   `required:"" help:"The province's address for kiosks, https://host[:port]." placeholder:"URL"`
	Pins       []string `help:"Further certificate authorities to trust: SHA-256 of each one's SubjectPublicKeyInfo, hexadecimal." placeholder:"HASH"`
	WiFi       string   `name:"wifi" help:"The Wi-Fi network to join." placeholder:"SSID"`
	Passphrase string   `help:"File with its passphrase." placeholder:"FILE" type:"existingfile"`
	Out        string   `short:"o" required:"" help:"The PDF to write." placeholder:"FILE"`
	Tokens     string   `arg:"" optional:"" default:"-" help:"What the province's token command printed, a JSON line a kiosk; - for standard input."`
}

// invitation is a line of the province's token command.
type invitation struct {
	Kiosk   string    `json:"kiosk"`
	Site    string    `json:"site"`
	Unit    string    `json:"unit"`
	Role    string    `json:"role"`
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
	Pin     string    `json:"pin"`
	Root    string    `json:"root"`
	Issuer  string    `json:"issuer"`
}

// ticket is what stands on the paper for one kiosk.
type ticket struct {
	sheet  owncode.Sheet
	number string
	until  time.Time
	signer string // id of the key, hexadecimal
	code   string
}

// sheetLine is what sheet prints for a kiosk: neither its token nor a passphrase.
type sheetLine struct {
	Kiosk   string    `json:"kiosk"`
	Site    string    `json:"site"`
	Sheet   string    `json:"sheet"` // number, shown on paper and in incidents
	Signer  string    `json:"signer"`
	Expires time.Time `json:"expires"`
	File    string    `json:"file"`
}

// Run writes one ticket for each token, four to a page. The file lets whoever
// holds it be one of those kiosks until it is used or expires: it is written for
// the owner alone.
func (c *sheetCmd) Run(ctx context.Context, con *console) error {
	key, err := loadSheetKey(c.Key)
	if err != nil {
		return err
	}
	wifi, err := c.wifi()
	if err != nil {
		return err
	}
	in := con.in
	if c.Tokens != "-" {
		file, err := os.Open(c.Tokens)
		if err != nil {
			return fmt.Errorf("opening the tokens: %w", err)
		}
		defer file.Close()
		in = file
	}
	var tickets []ticket
	for dec := json.NewDecoder(in); ; {
		var i invitation
		if err := dec.Decode(&i); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("reading the tokens: %w", err)
		}
		t, err := c.ticket(key, i, wifi, time.Now())
		if err != nil {
			return err
		}
		tickets = append(tickets, t)
	}
	if len(tickets) == 0 {
		return errors.New("there is no token: the province's token command makes them")
	}
	pdf, err := printTickets(tickets)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, pdf, 0o600); err != nil {
		return fmt.Errorf("writing the sheets: %w", err)
	}
	for _, t := range tickets {
		if err := con.print(sheetLine{t.sheet.Kiosk, t.sheet.Site, t.number, t.signer, t.until, c.Out}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// ticket signs one kiosk's code.
func (c *sheetCmd) ticket(key *ecdsa.PrivateKey, i invitation, wifi *owncode.WiFi, now time.Time) (ticket, error) {
	fail := func(err error) (ticket, error) {
		return ticket{}, fmt.Errorf("making the sheet of %q: %w", i.Kiosk, err)
	}
	root, err := hex.DecodeString(i.Root)
	if err != nil {
		return fail(fmt.Errorf("reading the root's hash: %w", err))
	}
	var pins [][]byte
	for _, text := range append([]string{i.Pin}, c.Pins...) {
		pin, err := hex.DecodeString(text)
		if err != nil {
			return fail(fmt.Errorf("reading an authority's fingerprint: %w", err))
		}
		pins = append(pins, pin)
	}
	id, err := owncode.KeyID(&key.PublicKey)
	if err != nil {
		return fail(err)
	}
	now = now.UTC().Truncate(time.Second)
	t := ticket{
		sheet: owncode.Sheet{
			Kiosk: i.Kiosk, Site: i.Site, Unit: i.Unit, Role: i.Role, Server: strings.TrimSuffix(c.Server, "/"),
			Pins: pins, Root: root, Token: i.Token, WiFi: wifi,
		},
		number: rand.Text()[:8], until: i.Expires.UTC().Truncate(time.Second), signer: hex.EncodeToString(id),
	}
	t.code, err = owncode.Sign(rand.Reader, key, owncode.Terms{
		Issuer: i.Issuer, Number: t.number, IssuedAt: now, NotBefore: now, NotAfter: t.until,
	}, t.sheet)
	if err != nil {
		return fail(err)
	}
	return t, nil
}

func (c *sheetCmd) wifi() (*owncode.WiFi, error) {
	if c.WiFi == "" {
		return nil, nil
	}
	w := &owncode.WiFi{SSID: c.WiFi}
	if c.Passphrase != "" {
		text, err := os.ReadFile(c.Passphrase)
		if err != nil {
			return nil, fmt.Errorf("reading the Wi-Fi's passphrase: %w", err)
		}
		w.Passphrase = string(bytes.TrimRight(text, "\r\n"))
	}
	return w, nil
}

func loadSheetKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the sheet key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("reading the sheet key %s: it is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the sheet key %s: %w", path, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("reading the sheet key %s: it is %T, not an ECDSA key", path, parsed)
	}
	return key, nil
}
