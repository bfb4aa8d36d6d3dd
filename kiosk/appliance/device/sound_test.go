package device

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/drivers/camera"
	"chot/kiosk/appliance/internal/heard"
	"chot/kiosk/checkpoint"
)

// stripes is a picture of upright bars whose edges are so many pixels wide.
func stripes(blur int, dark, light uint8) camera.Frame {
	const width, height, bar = 320, 240, 24
	f := camera.Frame{Seq: 4, Width: width, Height: height, Stride: width, Pix: make([]byte, width*height)}
	for y := range height {
		for x := range width {
			sum := 0
			for i := range blur {
				v := dark
				if (x+i)/bar%2 == 0 {
					v = light
				}
				sum += int(v)
			}
			f.Pix[y*width+x] = uint8(sum / blur)
		}
	}
	return f
}

func TestFocusFallsAsThePictureBlurs(t *testing.T) {
	t.Parallel()
	last := 101
	for _, blur := range []int{1, 2, 3, 6, 12} {
		m := measureFocus(stripes(blur, 40, 200))
		if m.Focus >= last {
			t.Errorf("blurred over %d pixels the focus is %d, after %d", blur, m.Focus, last)
		}
		last = m.Focus
	}
	if sharp, soft := measureFocus(stripes(1, 40, 200)).Focus, measureFocus(stripes(8, 40, 200)).Focus; sharp < 90 || soft > 30 {
		t.Errorf("sharp %d, soft %d", sharp, soft)
	}
	if m := measureFocus(stripes(1, 100, 100)); m.Focus != 0 || m.Exposure != 100 || m.Advice != "" {
		t.Errorf("a wall: %+v", m)
	}
}

func TestExposureAdvises(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dark, light uint8
		want        checkpoint.Hint
	}{{0, 60, checkpoint.Dark}, {40, 200, ""}, {190, 255, checkpoint.Bright}} {
		if m := measureFocus(stripes(1, c.dark, c.light)); m.Advice != c.want {
			t.Errorf("%d to %d: %+v, want %q", c.dark, c.light, m, c.want)
		}
	}
	if m := measureFocus(camera.Frame{}); m.Focus != 0 || m.Exposure != 0 {
		t.Errorf("no picture: %+v", m)
	}
}

// Each verdict has a tone of its own, as a WAV file that any player takes.
func TestTones(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, prompt := range []string{"shown.green", "shown.amber", "shown.red", "away", "test"} {
		wav := toneOf(prompt)
		if len(wav) < 1000 || string(wav[:4]) != "RIFF" || string(wav[8:16]) != "WAVEfmt " {
			t.Fatalf("%s is no WAV file of %d bytes", prompt, len(wav))
		}
		if riff, data := binary.LittleEndian.Uint32(wav[4:]), binary.LittleEndian.Uint32(wav[40:]); int(riff) != len(wav)-8 || int(data) != len(wav)-44 {
			t.Errorf("%s: lengths %d and %d of %d bytes", prompt, riff, data, len(wav))
		}
		if rate := binary.LittleEndian.Uint32(wav[24:]); rate != sampleRate {
			t.Errorf("%s: %d samples a second", prompt, rate)
		}
		if other, twice := seen[string(wav)]; twice {
			t.Errorf("%s sounds like %s", prompt, other)
		}
		seen[string(wav)] = prompt
	}
	if !bytes.Equal(toneOf("slip.green"), toneOf("shown.green")) {
		t.Error("a green slip does not sound green")
	}
	if toneOf("question.phone") != nil {
		t.Error("a question has a tone")
	}
}

// player makes a program that keeps what it is to play.
func player(t *testing.T, status string) (command []string, played string) {
	t.Helper()
	dir := t.TempDir()
	script, played := filepath.Join(dir, "play"), filepath.Join(dir, "played")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ncat >> "+played+"\nexit "+status+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{script}, played
}

func TestVoiceSpeaksRecordedPrompts(t *testing.T) {
	t.Parallel()
	prompts := t.TempDir()
	if err := os.MkdirAll(filepath.Join(prompts, "vi"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(prompts, "vi", "shown.green.wav"), []byte("Mời vào"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := NewVoice(hostOf(new(heard.Events)), "default", prompts)
	for say, want := range map[checkpoint.Say]string{
		{Prompt: "shown.green", Language: "vi"}:     "Mời vào",
		{Prompt: "shown.green", Language: "en"}:     string(toneOf("shown.green")),
		{Prompt: "question.phone", Language: "vi"}:  "",
		{Prompt: "../vi/shown.green", Language: ""}: "",
	} {
		if got, err := v.sound(say); err != nil || string(got) != want {
			t.Errorf("%+v: %d bytes, %v", say, len(got), err)
		}
	}
}

func TestAVoiceThatFailsIsACondition(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ status, want string }{{"0", ""}, {"1", "speaker-failed"}} {
		h := new(heard.Events)
		v := NewVoice(hostOf(h), "default", "")
		var played string
		v.command, played = player(t, c.status)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error)
		go func() { ran <- v.Run(ctx) }()
		v.Say(checkpoint.Say{Prompt: "shown.green"})
		for deadline := time.Now().Add(20 * time.Second); len(h.States()) == 0 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
		stop()
		if err := <-ran; err != nil {
			t.Fatal(err)
		}
		if f := strings.Join(h.Wrong(checkpoint.PartSpeaker), ","); f != c.want {
			t.Errorf("status %s: told %q", c.status, f)
		}
		if got, err := os.ReadFile(played); err != nil || !bytes.Equal(got, toneOf("shown.green")) {
			t.Errorf("played %d bytes, %v", len(got), err)
		}
	}
}

func TestAKioskWithoutALoudspeakerIsQuiet(t *testing.T) {
	t.Parallel()
	h := new(heard.Events)
	v := NewVoice(hostOf(h), "", "")
	for range 5 {
		v.Say(checkpoint.Say{Prompt: "shown.red"})
	}
	if len(v.queue) != 0 {
		t.Error("something waits to be played")
	}
}
