// Package image is the kiosk's packages and its card; see image.sh. Here is how
// the card's two roots are chosen between.
package image

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commands are GRUB's, for a shell: what GRUB would start is printed, what it
// would keep is written to the file that the next start reads.
const commands = `
load_env() { . ./grubenv; }
save_env() { shift 2; for name in ORDER "$@"; do eval "echo $name=\"'\$$name'\""; done >grubenv; }
regexp() { disk=hd0; }
linux() { echo "$*" | grep -o 'rauc.slot=.'; }
initrd() { :; }
boot() { :; }
reboot() { echo reboot; exit; }
root=hd0,msdos1
`

// start runs GRUB's choice in a folder and says what it starts. GRUB's script is
// the shell's but for the assignments and the names of disks.
func start(t *testing.T, dir string) string {
	t.Helper()
	script, err := os.ReadFile("grub.cfg")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`\bset ([A-Za-z_]+=)`).ReplaceAllString(strings.ReplaceAll(string(script), "($root)", "$root"), "$1")
	cmd := exec.Command("sh", "-ec", commands+text)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("GRUB's script: %v: %s", err, out)
	}
	return strings.TrimSpace(strings.TrimPrefix(string(out), "rauc.slot="))
}

// What RAUC keeps for GRUB is said by its reference, under "GRUB": ORDER, and for
// each root whether it is good and how often it was tried.
func TestARootIsTriedThreeTimesAndThenLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env    string
		starts string // one after another, unconfirmed
	}{
		"a new card":                {"ORDER='A B' A_OK=1 A_TRY=0 B_OK=0 B_TRY=0", "A A A reboot A"},
		"a release was installed":   {"ORDER='B A' A_OK=1 A_TRY=0 B_OK=1 B_TRY=0", "B B B A A A reboot B"},
		"it was marked bad":         {"ORDER='B A' A_OK=1 A_TRY=0 B_OK=0 B_TRY=1", "A"},
		"it was confirmed":          {"ORDER='B A' A_OK=1 A_TRY=3 B_OK=1 B_TRY=0", "B"},
		"power cuts at every start": {"ORDER='B A' A_OK=1 A_TRY=0 B_OK=1 B_TRY=2", "B A"},
		"neither is good":           {"ORDER='A B' A_OK=0 A_TRY=0 B_OK=0 B_TRY=0", "reboot A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "grubenv"), []byte(c.env+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			for i, want := range strings.Fields(c.starts) {
				if got := start(t, dir); got != want {
					t.Fatalf("start %d: %s, want %s of %s", i+1, got, want, c.starts)
				}
			}
		})
	}
}
