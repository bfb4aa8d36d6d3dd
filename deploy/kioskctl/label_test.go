package main

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chot/drivers/scanner"
)

// label runs the command with the fields of a file in testdata.
func label(t *testing.T, fields string, args ...string) (int, []byte, string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"label"}, append(args, filepath.Join("testdata", fields))...)
	status := run(t.Context(), args, nil, &out, &errs)
	return status, out.Bytes(), errs.String()
}

func TestLabelSpeaksEachLanguage(t *testing.T) {
	t.Parallel()
	for language, start := range map[string]string{"tspl": "SIZE 50 mm,25 mm", "zpl": "^XA", "escpos": "\x1b@"} {
		status, data, errs := label(t, "sample.json", "--language", language, "--size", "50x25", "--dpi", "203")
		if status != 0 || !bytes.HasPrefix(data, []byte(start)) {
			t.Errorf("%s: status %d, %.20q, %s", language, status, data, errs)
		}
	}
}

// A label that goes to a file leaves standard output to the result.
func TestLabelSaysWhatItWrote(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "label.tspl")
	status, out, errs := label(t, "sample.json", "--json", "--out", file)
	data, err := os.ReadFile(file)
	if err != nil || status != 0 {
		t.Fatalf("status %d, %v, %s", status, err, errs)
	}
	if want := fmt.Sprintf(`{"file":%q,"bytes":%d}`+"\n", file, len(data)); string(out) != want {
		t.Errorf("printed %s, want %s", out, want)
	}
}

// The picture of every form at both resolutions has the code that was asked for.
func TestLabelShowsItsPicture(t *testing.T) {
	t.Parallel()
	for fields, sizes := range map[string][]string{
		"sample.json": {"50x25", "40x20"}, "slip.json": {"50x25", "60x40", "58", "80"}, "result.json": {"58", "80"},
	} {
		for _, size := range sizes {
			for _, dpi := range []string{"203", "300"} {
				path := filepath.Join(t.TempDir(), "label.png")
				status, _, errs := label(t, fields, "--form", strings.TrimSuffix(fields, ".json"), "--size", size, "--dpi", dpi, "--png", "--out", path)
				if status != 0 {
					t.Fatalf("%s %s: status %d, %s", fields, size, status, errs)
				}
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				picture, err := png.Decode(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				if codes := scanner.New(scanner.Options{Now: time.Now}).Still(scanner.Grey(picture)); len(codes) == 0 {
					t.Errorf("%s %s at %s dpi: no code can be read", fields, size, dpi)
				}
			}
		}
	}
}

func TestLabelRefusesWhatItWouldLeaveOut(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"label", "-"}, strings.NewReader(`{"nmae": "A"}`), &out, &errs)
	if status != exitFailure || !strings.Contains(errs.String(), `no field "nmae"`) || !strings.Contains(errs.String(), "technique") {
		t.Errorf("status %d, %s", status, &errs)
	}
	if status, _, errs := label(t, "sample.json", "--size", "10x10"); status != exitFailure || !strings.Contains(errs, "50x25") {
		t.Errorf("an unknown size: status %d, %s", status, errs)
	}
}

func TestSelftestTriesWhatIsFitted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "kiosk.toml")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`state = "` + dir + `"
unit = "11071"
[printer]
port = "file:` + dir + `/labels"
`)
	status, out, errs := command(t, "", "selftest", "--config", config)
	if status != 0 || len(out) != 2 || out[0]["part"] != "printer" || out[1]["part"] != "disk" || out[1]["passed"] != true {
		t.Errorf("status %d, %v, %s", status, out, errs)
	}
	printed, err := os.ReadFile(filepath.Join(dir, "labels"))
	if err != nil || !bytes.HasPrefix(printed, []byte("SIZE 60 mm")) {
		t.Errorf("printed %.20q, %v", printed, err)
	}

	write(`state = "` + dir + `"
camera = "/dev/video-of-nobody"
thermometer = "i2c:/dev/i2c-of-nobody"
`)
	status, out, errs = command(t, "", "selftest", "--config", config, "--only", "thermometer,camera", "--limit", "1s")
	if status != 1 || len(out) != 2 || !strings.Contains(errs, "2 parts do not work") {
		t.Fatalf("status %d, %v, %s", status, out, errs)
	}
	for _, line := range out {
		if line["passed"] != false || !strings.Contains(line["text"].(string), "of-nobody") {
			t.Errorf("%v does not say what is missing", line)
		}
	}
	if status, _, errs = command(t, "", "selftest", "--config", config, "--only", "panel"); status != exitFailure || !strings.Contains(errs, "no panel") {
		t.Errorf("a part that is not fitted: status %d, %s", status, errs)
	}
}
