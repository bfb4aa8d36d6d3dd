package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"chot/kiosk/enrol"
)

// site is where the demo happens: a province, two kiosks in one commune hall,
// and the folders of all three.
type site struct {
	dir, bin string

	kiosks, page string // the province's addresses
	pin          []byte // of its authority
	root         string // hash of the bundle's first root metadata
}

// The demo's names and its place: the town of Tứ Kỳ, in the units of 2022.
const (
	kioskName     = "tuky-1"
	neighbourName = "tuky-2"
	demoArea      = "30/298/11074"
	demoUnit      = "11074"
	officer       = "canbo"
	officerWord   = "chot-demo-2026" // of an account that only the demo's folder has
)

func (s *site) provinceDir() string     { return filepath.Join(s.dir, "province") }
func (s *site) neighbourDir() string    { return filepath.Join(s.dir, "neighbour") }
func (s *site) kioskDir() string        { return filepath.Join(s.dir, "kiosk") }
func (s *site) program(n string) string { return filepath.Join(s.bin, n) }

// startProvince starts the provincial server and learns its addresses. Kiosks
// come in by the port, officers by the next one; 0 is any two.
func (s *site) startProvince(ctx context.Context, port int) (*process, error) {
	page := 0
	if port != 0 {
		page = port + 1
	}
	first := make(chan string, 1)
	p, err := start(ctx, "province", nil, func(line string) {
		select {
		case first <- line:
		default:
		}
	}, s.program("province"), "serve", "--dir", s.provinceDir(), "--province", "Hải Dương (demo)",
		"--listen", "127.0.0.1:"+strconv.Itoa(port), "--page", "127.0.0.1:"+strconv.Itoa(page))
	if err != nil {
		return nil, err
	}
	select {
	case line := <-first:
		var said struct{ Kiosks, Page, Pin, Root string }
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			return nil, errors.Join(fmt.Errorf("reading what the province said: %w", err), p.end())
		}
		s.kiosks, s.page, s.root = said.Kiosks, said.Page, said.Root
		if s.pin, err = hex.DecodeString(said.Pin); err != nil {
			return nil, errors.Join(fmt.Errorf("reading the province's pin: %w", err), p.end())
		}
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("the province did not start: %w", p.err)
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.end())
	}
}

// province runs one of the server's administrative commands and returns what it
// printed.
func (s *site) province(ctx context.Context, input string, args ...string) (map[string]any, error) {
	cmd := exec.CommandContext(ctx, s.program("province"), append(args, "--dir", s.provinceDir())...)
	cmd.Stdin = strings.NewReader(input)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running province %s: %w: %s", args[0], err, errs.String())
	}
	var said map[string]any
	if err := json.Unmarshal(out, &said); err != nil {
		return nil, fmt.Errorf("reading what province %s printed: %w", args[0], err)
	}
	return said, nil
}

// enrol gives a kiosk its identity as a technician would, with a token of its own.
func (s *site) enrol(ctx context.Context, name, dir string) (*enrol.Identity, error) {
	if id, err := enrol.Load(dir); err == nil && id.Server == s.kiosks {
		return id, nil
	}
	said, err := s.province(ctx, "", "token", "--kiosk", name, "--site", "nha-van-hoa", "--area", demoArea)
	if err != nil {
		return nil, err
	}
	token, _ := said["token"].(string)
	return enrol.Enrol(ctx, dir, enrol.Invitation{
		Server: s.kiosks, Pins: [][]byte{s.pin}, Kiosk: name, Token: token,
	}, time.Now)
}

// prepare does what an operator and a technician do before a kiosk can work:
// accounts, enrolment, trust data; and renders the deck.
func (s *site) prepare(ctx context.Context, p pace) error {
	if _, err := s.province(ctx, officerWord+"\n", "account", "--name", officer, "--title", "Cán bộ tỉnh", "--role", "province", "--area", "30"); err != nil {
		return err
	}
	if _, err := s.enrol(ctx, kioskName, filepath.Join(s.kioskDir(), "identity")); err != nil {
		return err
	}
	other, err := s.enrol(ctx, neighbourName, filepath.Join(s.neighbourDir(), "identity"))
	if err != nil {
		return err
	}
	now := time.Now()
	w, err := newWorld(now)
	if err != nil {
		return err
	}
	if err := s.publish(ctx, w, now); err != nil {
		return err
	}
	deck, err := w.showings(now, neighbour{neighbourName, other.Key})
	if err != nil {
		return err
	}
	if err := writeTexts(filepath.Join(s.dir, "deck.json"), deck); err != nil {
		return err
	}
	return writeDeck(filepath.Join(s.dir, "deck"), deck, p, demoSeed)
}

// writeTexts keeps the texts of the deck, for kioskctl check and for tests.
func writeTexts(path string, deck []showing) error {
	texts := map[string]string{}
	for _, s := range deck {
		texts[s.name] = s.text
	}
	data, err := json.MarshalIndent(texts, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the deck's texts: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the deck's texts: %w", err)
	}
	return nil
}

// configure writes the configuration of a kiosk whose state is in a folder, and
// returns its path: the folder's name with .toml.
func (s *site) configure(state, camera, shots string) (string, error) {
	if camera == "" {
		camera = "replay:" + filepath.Join(s.dir, "deck") + "?fps=15"
	}
	text := fmt.Sprintf(`state    = %q
language = "vi"
unit     = %q
root     = %q
camera   = %q

[printer]
port     = %q
language = "tspl"
dpi      = 203

[screen]
width  = 1024
height = 600
shots  = %q
`, state, demoUnit, s.root, camera, "file:"+state+".tspl", shots)
	path := state + ".toml"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("writing a kiosk's configuration: %w", err)
	}
	return path, nil
}

// startKiosk starts the appliance on a display.
func (s *site) startKiosk(ctx context.Context, config, display string) (*process, error) {
	return start(ctx, "kiosk", []string{"DISPLAY=" + display, "FYNE_DISABLE_DPI_DETECTION=1", "FYNE_SCALE=1", "LANG=vi_VN.UTF-8"},
		func(string) {}, s.program("kiosk"), "--config", config)
}
