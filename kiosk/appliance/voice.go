package appliance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"chot/kiosk/checkpoint"
)

// voice plays tones and spoken prompts through ALSA's aplay. A kiosk without a
// loudspeaker is a quiet kiosk, not a broken one.
type voice struct {
	command []string // that plays a WAV file from its standard input; nil for none
	dir     string   // of prompts, <dir>/<language>/<prompt>.wav; "" for none
	queue   chan checkpoint.Say
	send    func(context.Context, checkpoint.Event)
	now     func() time.Time
	log     *slog.Logger
}

// openVoice is the voice of a device as ALSA names it, such as "default".
func openVoice(device, dir string, send func(context.Context, checkpoint.Event), now func() time.Time, log *slog.Logger) *voice {
	v := &voice{dir: dir, queue: make(chan checkpoint.Say, 1), send: send, now: now, log: log}
	if device != "" {
		v.command = []string{"aplay", "--quiet", "--device=" + device, "-"}
	}
	return v
}

// say has a prompt played. Who is on the next screen already wants to hear that
// one: it takes the place of one that waits.
func (v *voice) say(s checkpoint.Say) {
	if v.command == nil {
		return
	}
	for {
		select {
		case v.queue <- s:
			return
		default:
		}
		select {
		case <-v.queue:
		default:
		}
	}
}

// hush drops what waits to be said: whom it was for has left.
func (v *voice) hush() {
	select {
	case <-v.queue:
	default:
	}
}

// run plays until the context ends.
func (v *voice) run(ctx context.Context) error {
	works, known := true, false
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-v.queue:
			sound, err := v.sound(s)
			if err == nil && sound != nil {
				err = v.play(ctx, sound)
			}
			if ctx.Err() != nil {
				return nil
			}
			if good := err == nil; good != works || !known {
				works, known = good, true
				v.tell(ctx, err)
			}
		}
	}
}

func (v *voice) tell(ctx context.Context, err error) {
	changed := checkpoint.DeviceChanged{Part: checkpoint.PartSpeaker, Value: strings.Join(v.command[:1], "")}
	if err != nil {
		v.log.Warn("speaker", "error", err)
		changed.Conditions = []checkpoint.Condition{{Code: "speaker-failed", Severity: checkpoint.Notice, Since: v.now()}}
	}
	v.send(ctx, changed)
}

// sound is the recording of a prompt in its language, or else the tone of what it
// means; nil for silence.
func (v *voice) sound(s checkpoint.Say) ([]byte, error) {
	if v.dir != "" && filepath.IsLocal(s.Prompt) && filepath.IsLocal(s.Language) {
		recording, err := os.ReadFile(filepath.Join(v.dir, s.Language, s.Prompt+".wav"))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return recording, err
		}
	}
	return toneOf(s.Prompt), nil
}

// longestPrompt bounds a recording; a device that hangs must not hold up the next.
const longestPrompt = 15 * time.Second

func (v *voice) play(ctx context.Context, wav []byte) error {
	ctx, stop := context.WithTimeout(ctx, longestPrompt)
	defer stop()
	cmd := exec.CommandContext(ctx, v.command[0], v.command[1:]...)
	cmd.Stdin = bytes.NewReader(wav)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("playing a sound: %w: %s", err, strings.TrimSpace(string(said)))
	}
	return nil
}

// try plays a scale.
func (v *voice) try(ctx context.Context) (string, error) { return "", v.play(ctx, toneOf("test")) }
