package device

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"chot/kiosk/checkpoint"
	"chot/kiosk/condition"
)

// Voice plays tones and spoken prompts through ALSA's aplay. A kiosk without a
// loudspeaker is a quiet kiosk, not a broken one.
type Voice struct {
	host    Host
	command []string // that plays a WAV file from its standard input; nil for none
	dir     string   // of prompts, <dir>/<language>/<prompt>.wav; "" for none
	queue   chan checkpoint.Say
}

// NewVoice makes the voice of a device as ALSA names it, such as "default", or a
// silent one for "". Recorded prompts are looked for in dir, as
// <language>/<prompt>.wav.
func NewVoice(host Host, device, dir string) *Voice {
	v := &Voice{host: host, dir: dir, queue: make(chan checkpoint.Say, 1)}
	if device != "" {
		v.command = []string{"aplay", "--quiet", "--device=" + device, "-"}
	}
	return v
}

// Say has a prompt played. Who is on the next screen already wants to hear that
// one: it takes the place of one that waits.
func (v *Voice) Say(s checkpoint.Say) {
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

// Hush drops what waits to be said: whom it was for has left.
func (v *Voice) Hush() {
	select {
	case <-v.queue:
	default:
	}
}

// Run plays until the context ends.
func (v *Voice) Run(ctx context.Context) error {
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

func (v *Voice) tell(ctx context.Context, err error) {
	if err != nil {
		v.host.Log.Warn("speaker", "error", err)
		v.host.tell(ctx, checkpoint.PartSpeaker, v.command[0], condition.SpeakerFailed)
		return
	}
	v.host.tell(ctx, checkpoint.PartSpeaker, v.command[0])
}

// sound is the recording of a prompt in its language, or else the tone of what it
// means; nil for silence.
func (v *Voice) sound(s checkpoint.Say) ([]byte, error) {
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

func (v *Voice) play(ctx context.Context, wav []byte) error {
	ctx, stop := context.WithTimeout(ctx, longestPrompt)
	defer stop()
	cmd := exec.CommandContext(ctx, v.command[0], v.command[1:]...)
	cmd.Stdin = bytes.NewReader(wav)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("playing a sound: %w: %s", err, strings.TrimSpace(string(said)))
	}
	return nil
}

// Test plays a scale.
func (v *Voice) Test(ctx context.Context) (string, error) { return "", v.play(ctx, toneOf("test")) }
