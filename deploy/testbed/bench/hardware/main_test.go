package hardware

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"chot/deploy/testbed/harness"
	"chot/drivers/printer"
)

func TestMain(m *testing.M) {
	if os.Getenv("CHOT_BENCH_DESK") == "" {
		fmt.Println("skipped: make test-bench runs these tests in a machine of their own")
		return
	}
	os.Exit(m.Run())
}

// deskLine is the line to the host.
var deskLine = sync.OnceValues(func() (*bufio.ReadWriter, error) {
	f, err := os.OpenFile(os.Getenv("CHOT_BENCH_DESK"), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return bufio.NewReadWriter(bufio.NewReader(f), bufio.NewWriter(f)), nil
})

// ask has the host do something, see the bench's desk, and returns its answer:
// "ok", or "error" and why.
func ask(t *testing.T, question string) string {
	t.Helper()
	line, err := deskLine()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(line, "\n%s\n", question)
	if err := line.Flush(); err != nil {
		t.Fatal(err)
	}
	answer, err := line.ReadString('\n')
	harness.Must(t, err)
	return strings.TrimSpace(answer)
}

// do asks until the host has done it: QEMU lets go of what was pulled out when
// the guest has.
func do(t *testing.T, question string) {
	t.Helper()
	harness.Until(t, "the host to do "+question, 5*time.Second, func() bool { return ask(t, question) == "ok" })
}

// back checks that what was unplugged is in use again soon enough.
func back(t *testing.T, what string, after time.Duration) {
	t.Helper()
	t.Logf("%s is in use again after %v", what, after.Round(time.Millisecond))
	if after > 3*time.Second {
		t.Errorf("%s took %v, want less than 3s", what, after)
	}
}

// says checks that an error tells which and what to do.
func says(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("there is no error; want one that says %q", texts)
		return
	}
	t.Logf("it says: %v", err)
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
}

// label is a tube's label.
func label(t *testing.T) *printer.Page {
	t.Helper()
	layout, err := printer.Builtin().Find("sample", "50x25")
	harness.Must(t, err)
	page, err := printer.Render(layout, map[string]string{"name": "NGUYỄN THỊ PHƯƠNG THẢO", "code": "K07-0004127"}, 203)
	harness.Must(t, err)
	return page
}
