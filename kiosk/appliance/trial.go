package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"chot/drivers/thermometer"
	"chot/kiosk/checkpoint"
	"chot/store"
)

// trial tries one part and says what it saw, as data: a reading, an address. An
// error of type notFitted says that there is no such part.
type trial func(ctx context.Context) (detail string, err error)

// errNotFitted is the error of a part that the configuration does not name.
var errNotFitted = errors.New("not fitted")

// How long a trial may take, and how long one waits for a hand: to hold up a
// code, to press a button.
const (
	trialLimit = 20 * time.Second
	handLimit  = 15 * time.Second
)

// trials are the tests of the technician's page.
func (h *hands) trials() map[checkpoint.Part]trial {
	c := h.appliance.config
	fitted := func(setting string, t trial) trial {
		return func(ctx context.Context) (string, error) {
			if setting == "" {
				return "", errNotFitted
			}
			return t(ctx)
		}
	}
	return map[checkpoint.Part]trial{
		checkpoint.PartCamera:      fitted(c.Camera, h.await(checkpoint.PartCamera)),
		checkpoint.PartScanner:     fitted(c.Scanner, h.await(checkpoint.PartScanner)),
		checkpoint.PartButton:      fitted(c.Panel, h.await(checkpoint.PartButton)),
		checkpoint.PartPrinter:     fitted(c.Printer.Port, h.printTest),
		checkpoint.PartLamp:        fitted(c.Panel, h.gate.tryLamp),
		checkpoint.PartBuzzer:      fitted(c.Panel, h.gate.tryBuzzer),
		checkpoint.PartBarrier:     fitted(c.Panel, h.gate.tryBarrier),
		checkpoint.PartSpeaker:     fitted(c.Speaker, h.voice.try),
		checkpoint.PartThermometer: fitted(c.Thermometer, tryThermometer(c.Thermometer)),
		checkpoint.PartNetwork:     tryNetwork,
		checkpoint.PartServer:      h.appliance.tryServer,
		checkpoint.PartJournal:     h.appliance.tryJournal,
	}
}

// test tries one part in the background.
func (h *hands) test(ctx context.Context, part checkpoint.Part) {
	h.office.ask(func() checkpoint.Event {
		ctx, stop := context.WithTimeout(ctx, trialLimit)
		defer stop()
		try := h.trials()[part]
		if try == nil {
			return checkpoint.PartTested{Part: part}
		}
		detail, err := try(ctx)
		switch {
		case errors.Is(err, errNotFitted):
			return checkpoint.PartTested{Part: part, Detail: "not-fitted"}
		case err != nil:
			h.log.Warn("a part does not work", "part", string(part), "error", err)
		}
		return checkpoint.PartTested{Part: part, Passed: err == nil, Detail: detail}
	})
}

// await waits until a part says something by itself.
func (h *hands) await(part checkpoint.Part) trial {
	return func(ctx context.Context) (string, error) {
		ctx, stop := context.WithTimeout(ctx, handLimit)
		defer stop()
		if !h.bell.wait(ctx, part) {
			return "", errors.New("nothing came")
		}
		return "", nil
	}
}

func (h *hands) printTest(ctx context.Context) (string, error) {
	err := h.press.one(ctx, checkpoint.Job{Layout: "test", Code: h.signer.kiosk, Copies: 1})
	if err != nil {
		return fault(err), err
	}
	return "", nil
}

func tryThermometer(spec string) trial {
	return func(ctx context.Context) (string, error) {
		sensor, err := thermometer.Open(spec)
		if err != nil {
			return "", err
		}
		defer sensor.Halt()
		r, err := sensor.Read(ctx)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%.1f °C, %.1f °C", celsius(r.Object), celsius(r.Ambient)), nil
	}
}

// tryNetwork names the addresses that this kiosk has.
func tryNetwork(context.Context) (string, error) {
	found, err := addresses()
	if err == nil && len(found) == 0 {
		err = errors.New("there is no address")
	}
	return strings.Join(found, " "), err
}

// addresses are this computer's, each after its interface, with the strength of
// the signal where it is a radio's.
func addresses() (found []string, err error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("listing the network's interfaces: %w", err)
	}
	radio, _ := os.ReadFile("/proc/net/wireless") // absent where there is none
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		own, err := i.Addrs()
		if err != nil {
			return nil, fmt.Errorf("looking at %s: %w", i.Name, err)
		}
		for _, a := range own {
			if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLinkLocalUnicast() {
				found = append(found, i.Name+" "+ip.IP.String()+radioLevel(string(radio), i.Name))
			}
		}
	}
	return found, nil
}

// radioLevel is a radio's level in dBm, from the kernel's table (third number of an
// interface's line).
func radioLevel(table, name string) string {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) > 3 && fields[0] == name+":" {
			return " " + strings.TrimSuffix(fields[3], ".") + " dBm"
		}
	}
	return ""
}

// tryServer asks the province for the smallest thing that it signs.
func (a *appliance) tryServer(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.id.Server+"/tuf/timestamp.json", nil)
	if err != nil {
		return "", fmt.Errorf("asking the province: %w", err)
	}
	begun := time.Now()
	answer, err := a.client.Do(request)
	if err != nil {
		return "", fmt.Errorf("asking the province: %w", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)); err != nil {
		return "", fmt.Errorf("asking the province: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return answer.Status, fmt.Errorf("the province answered %s", answer.Status)
	}
	return fmt.Sprintf("%d ms", time.Since(begun).Milliseconds()), nil
}

// tryJournal reads the journal through, with its chain.
func (a *appliance) tryJournal(ctx context.Context) (string, error) {
	look, err := store.Inspect(a.config.journal())
	if err != nil {
		return "", err
	}
	n := 0
	for _, chain := range look.Chains {
		for _, err := range look.Entries(chain.Journal) {
			if err != nil {
				return "", err
			}
			if n++; ctx.Err() != nil {
				return fmt.Sprint(n), ctx.Err()
			}
		}
	}
	return fmt.Sprint(n), nil
}
