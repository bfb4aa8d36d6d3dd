package deploy_test

import (
	"strings"
	"testing"

	"chot/deploy/testbed/harness"

	"chot/ui/catalog"
)

// A screen is one file of the checkpoint, one of the UI, and its words: with a toy
// laid over the tree for the build, and nothing else changed, staff find it in
// their menu, its buttons work, and it is drawn in words.
func TestAScreenIsAtMostFiveFiles(t *testing.T) {
	t.Parallel()
	o := harness.NewOverlay(t)
	o.Lay("kiosk/checkpoint/screen_toy.go", "deploy/testdata/screen/screen_toy.go.txt")
	o.Lay("ui/toy.go", "deploy/testdata/screen/toy.go.txt")
	for _, l := range catalog.Languages() {
		texts := map[string]string{"task.toy": "task.toy in " + l.Code, "help.toy": "help.toy in " + l.Code, "toy.count": "toy.count in " + l.Code + ": {count}"}
		for _, key := range l.Keys() {
			texts[key] = l.Text(key)
		}
		o.JSON("ui/catalog/"+l.Code+".json", texts)
	}
	touched := o.Touched()
	t.Logf("a screen touches %d files: %s", len(touched), strings.Join(touched, ", "))
	if len(touched) > 5 {
		t.Errorf("%d files are too many", len(touched))
	}
	o.Lay("kiosk/checkpoint/toy_test.go", "deploy/testdata/screen/checkpoint_test.go.txt")
	o.Lay("ui/toy_test.go", "deploy/testdata/screen/ui_test.go.txt")
	out := o.Test("-run", "^(TestToyScreen|TestEveryViewIsDrawn)$", "chot/kiosk/checkpoint", "chot/ui")
	if n := strings.Count(out, "--- PASS"); n != 3 {
		t.Errorf("%d tests ran, want 3:\n%s", n, out)
	}
}
