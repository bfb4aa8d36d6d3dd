package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// What the guest asks of the host, by lines that begin with these words. Each is
// answered with a line, "ok" or "error" and why; all other lines are the tests'.
const (
	askQMP  = "@qmp"    // a command for QEMU, in JSON: plug something in or out
	askShot = "@shot"   // the name for a picture of the screen
	askSeen = "@record" // what the province must hold: a visit, a declaration, a print
	askDone = "@done"   // how the tests ended: 0, or why not
)

// desk serves a guest on the host.
type desk struct {
	line     io.ReadWriter // to the guest
	qmp      *qmp
	out      string
	received func(what string) error // whether the province holds a record of it
	log      io.Writer               // everything that the guest said
	report   io.Writer               // each test with its time, and what it logged
	ended    string                  // how the tests ended; empty where they did not
}

// serve answers until the line breaks, which is when the machine is off.
func (d *desk) serve() error {
	lines := bufio.NewScanner(d.line)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		if _, err := fmt.Fprintln(d.log, line); err != nil {
			return fmt.Errorf("writing the guest's log: %w", err)
		}
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case askQMP:
			err = d.qmp.command(json.RawMessage(rest))
		case askShot:
			err = d.shoot(rest)
		case askSeen:
			err = d.received(rest)
		case askDone:
			d.ended = rest
		default:
			d.tell(line)
			continue
		}
		answer := "ok"
		if err != nil {
			answer = "error " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		if _, err := fmt.Fprintln(d.line, answer); err != nil {
			return nil // the machine is off
		}
	}
	return nil
}

// tell reports how a test went and what it logged, without what go test says
// besides.
func (d *desk) tell(line string) {
	trimmed := strings.TrimSpace(line)
	result := strings.HasPrefix(trimmed, "--- ") || strings.HasPrefix(trimmed, "panic:")
	logged := strings.HasPrefix(line, "    ") && strings.Contains(line, "_test.go:")
	if result || logged {
		fmt.Fprintln(d.report, line)
	}
}

// shoot keeps a picture of the guest's screen, which must show something.
func (d *desk) shoot(name string) error {
	path, err := filepath.Abs(filepath.Join(d.out, filepath.Base(name)+".png"))
	if err != nil {
		return err
	}
	arguments, err := json.Marshal(map[string]string{"filename": path, "format": "png"})
	if err != nil {
		return err
	}
	if err := d.qmp.command(json.RawMessage(`{"execute":"screendump","arguments":` + string(arguments) + `}`)); err != nil {
		return err
	}
	return lit(path)
}

// lit fails where a picture is of one colour.
func lit(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("looking at the screen: %w", err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		return fmt.Errorf("looking at the screen: %w", err)
	}
	box := picture.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if picture.At(x, y) != picture.At(box.Min.X, box.Min.Y) {
				return nil
			}
		}
	}
	return errors.New("the screen is empty")
}

// qmp speaks to QEMU (docs/interop/qmp-spec.rst of QEMU).
type qmp struct {
	conn  net.Conn
	lines *json.Decoder
}

func newQMP(conn net.Conn) (*qmp, error) {
	q := &qmp{conn, json.NewDecoder(conn)}
	var greeting struct{ QMP json.RawMessage }
	if err := q.lines.Decode(&greeting); err != nil {
		return nil, fmt.Errorf("greeting QEMU: %w", err)
	}
	return q, q.command(json.RawMessage(`{"execute":"qmp_capabilities"}`))
}

// command waits for the answer to a command, past the events before it.
func (q *qmp) command(c json.RawMessage) error {
	if _, err := q.conn.Write(append(c, '\n')); err != nil {
		return fmt.Errorf("asking QEMU: %w", err)
	}
	for {
		var answer struct {
			Return json.RawMessage
			Error  *struct{ Desc string }
			Event  string
		}
		if err := q.lines.Decode(&answer); err != nil {
			return fmt.Errorf("asking QEMU: %w", err)
		}
		switch {
		case answer.Error != nil:
			return fmt.Errorf("asking QEMU: %s", answer.Error.Desc)
		case answer.Event == "":
			return nil
		}
	}
}

// serial is what hangs on the guest's USB serial port: it answers ~HS as a Zebra
// printer that is ready, and SCAN by a line as a scanner module sends it.
func serial(conn net.Conn, out string) error {
	log, err := os.Create(filepath.Join(out, "serial.bin"))
	if err != nil {
		return fmt.Errorf("keeping what the serial port is sent: %w", err)
	}
	defer log.Close()
	var seen string
	chunk := make([]byte, 4096)
	for {
		n, err := conn.Read(chunk)
		if err != nil {
			return nil // the machine is off, or the port was pulled out
		}
		if _, err := log.Write(chunk[:n]); err != nil {
			return fmt.Errorf("keeping what the serial port is sent: %w", err)
		}
		seen += string(chunk[:n])
		for ask, answer := range map[string]string{
			"~HS":    "\x02030,0,0,0255,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n",
			"SCAN\n": "K07-0004127\r",
		} {
			if before, after, asked := strings.Cut(seen, ask); asked {
				seen = before + after
				if _, err := io.WriteString(conn, answer); err != nil {
					return nil
				}
			}
		}
		seen = seen[max(0, len(seen)-16):]
	}
}
