package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	_ "modernc.org/sqlite" // the province's database
)

// province is the provincial server on the host, with the demo's world in it and
// a kiosk enrolled, whose identity goes into the machine.
type province struct {
	dir     string
	process *exec.Cmd
}

// openProvince builds what it takes, starts the server and prepares a kiosk, of
// which everything goes aboard.
func openProvince(ctx context.Context, dir, aboard string) (_ *province, err error) {
	bin := filepath.Join(dir, "bin")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "gles", "-o", bin+"/",
		"chot/kiosk", "chot/deploy/kioskctl", "chot/deploy/province", "chot/deploy/testbed/demo")
	cmd.SysProcAttr = withParent
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the appliance and the province: %w\n%s", err, said)
	}
	p := &province{dir: filepath.Join(dir, "world")}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p.process = exec.CommandContext(ctx, bin+"/province", "serve", "--dir", p.dir+"/province", "--listen", "127.0.0.1:"+port, "--page", "127.0.0.1:0")
	p.process.SysProcAttr = withParent
	p.process.Cancel = func() error { return p.process.Process.Signal(syscall.SIGTERM) }
	p.process.WaitDelay = 10 * time.Second
	out, err := p.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the province: %w", err)
	}
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("starting the province: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	var said struct{ Kiosks, Pin, Root string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &said)
	}
	if err != nil {
		return nil, fmt.Errorf("reading what the province said: %w", err)
	}
	cmd = exec.CommandContext(ctx, bin+"/demo", "prepare", "--dir", p.dir, "--bin", bin, "--kiosks", said.Kiosks, "--pin", said.Pin,
		"--root", said.Root, "--seen", "1", "--pause", "1", "--leave", "0")
	cmd.SysProcAttr = withParent
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("preparing the kiosk: %w\n%s", err, said)
	}
	return p, p.board(aboard, bin, said.Kiosks, said.Root)
}

// board puts the kiosk, its identity and what it must know aboard.
func (p *province) board(aboard, bin, server, root string) error {
	at, err := url.Parse(server)
	if err != nil {
		return fmt.Errorf("reading the province's address: %w", err)
	}
	sheet := map[string]any{"Port": at.Port(), "Root": root}
	codes, err := os.ReadFile(p.dir + "/deck.json")
	if err != nil {
		return fmt.Errorf("reading the deck: %w", err)
	}
	sheet["Codes"] = json.RawMessage(codes)
	data, err := json.Marshal(sheet)
	if err != nil {
		return fmt.Errorf("writing the sheet: %w", err)
	}
	if err := os.CopyFS(aboard+"/kiosk", os.DirFS(p.dir+"/kiosk")); err != nil {
		return fmt.Errorf("taking the kiosk's identity along: %w", err)
	}
	return errors.Join(os.WriteFile(aboard+"/sheet.json", data, 0o644), os.WriteFile(aboard+"/port", []byte(at.Port()), 0o644),
		os.Rename(bin+"/kiosk", aboard+"/kiosk.bin"))
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// kinds are the kinds of records that are asked for, as chot/kiosk/record has them.
var kinds = map[string]int{"visit": 1, "declaration": 2, "print": 7}

// received tells whether the province holds a record of the kiosk's of that kind.
func (p *province) received(ctx context.Context, what string) error {
	db, err := sql.Open("sqlite", "file:"+p.dir+"/province/province.db?mode=ro")
	if err != nil {
		return fmt.Errorf("opening the province's database: %w", err)
	}
	defer db.Close()
	var n int
	err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM entries JOIN journals ON journals.id = entries.journal
		WHERE journals.kiosk = 'tuky-1' AND entries.kind = ?`, kinds[what]).Scan(&n)
	if err == nil && n == 0 {
		err = fmt.Errorf("the province holds no %s yet", what)
	}
	return err
}

// close ends the server.
func (p *province) close() error {
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("ending the province: %w", err)
	}
	_ = p.process.Wait() // it was told to end
	return nil
}

// relay brings what the guest's kiosk sends to its province, at the address that
// the certificate names, to the host.
func relay(port string) error {
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return fmt.Errorf("listening for the kiosk: %w", err)
	}
	go func() { // as long as the machine
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go carry(near, net.JoinHostPort("10.0.2.2", port)) // QEMU's name for the host
		}
	}()
	return nil
}

func carry(near net.Conn, address string) {
	defer near.Close()
	far, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return // as a network that is down
	}
	defer far.Close()
	ended := make(chan struct{}, 2)
	pipe := func(to, from net.Conn) {
		_, _ = io.Copy(to, from) // either end may leave
		ended <- struct{}{}
	}
	go pipe(far, near)
	go pipe(near, far)
	<-ended
}
