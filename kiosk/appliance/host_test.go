package appliance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A second kiosk on the same state is told so at once, and by whom; the state is
// free again when the first one ends, however it ends.
func TestASecondKioskIsToldAtOnce(t *testing.T) {
	t.Parallel()
	if state := os.Getenv("CHOT_CLAIM"); state != "" {
		if _, err := claim(state); err != nil {
			t.Fatal(err)
		}
		fmt.Println("claimed")
		time.Sleep(time.Minute)
		return
	}
	state := t.TempDir()
	first := exec.Command(os.Args[0], "-test.run=^TestASecondKioskIsToldAtOnce$")
	first.Env = append(os.Environ(), "CHOT_CLAIM="+state)
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if line := make([]byte, 8); true {
		if _, err := out.Read(line); err != nil || string(line) != "claimed\n" {
			t.Fatalf("%q, %v", line, err)
		}
	}
	begun := time.Now()
	_, err = claim(state)
	if !errors.Is(err, errSecond) || !strings.HasSuffix(err.Error(), fmt.Sprintf("process %d", first.Process.Pid)) {
		t.Errorf("the second is told: %v", err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("the second is told after %s", took)
	}
	if err := first.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // it was killed
	lock, err := claim(state)
	if err != nil {
		t.Fatalf("after the first was killed: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Error(err)
	}
}

func TestFewFilesAreSaid(t *testing.T) {
	t.Parallel()
	for limit, want := range map[uint64]string{
		18:       "the kiosk may have 18 files open and needs 128: raise LimitNOFILE= of its unit",
		minFiles: "", 1 << 20: "",
	} {
		if got := fmt.Sprint(checkFiles(limit)); got != want && (want != "" || got != "<nil>") {
			t.Errorf("%d files: %s", limit, got)
		}
	}
	if err := enoughFiles(); err != nil {
		t.Errorf("here: %v", err)
	}
}
