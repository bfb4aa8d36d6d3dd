package families_test

import (
	"fmt"
	"strings"
	"testing"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/credential"
	"chot/kiosk/credential/families"
	"chot/kiosk/internal/suite"
)

func TestEachTextFindsItsFamily(t *testing.T) {
	t.Parallel()
	folder := publicdata.Folder(t, "")
	for _, c := range []struct {
		folder, pattern string
		family          credential.FamilyID
	}{
		{"gdhcn", "EU[IQ]*.txt", credential.EUDCC},
		{"gdhcn", "WHO*.txt", credential.WHODDCC},
		{"gdhcn", "DVC*.txt", credential.WHODVC},
		{"gdhcn", "SHC*.txt", credential.SHC},
		{"gdhcn", "ICAO*.txt", credential.VDSNC},
		{"nzcp", "*.txt", credential.NZCP},
	} {
		for _, name := range suite.Files(t, folder+"/"+c.folder, c.pattern) {
			text := string(suite.Read(t, folder, c.folder, name))
			if got := families.Read(text+"\r\n", nil); got.Family != c.family || got.Standing == 0 {
				t.Errorf("%s is taken for %s, %v", name, got.Family, got.Standing)
			}
		}
	}
}

func TestTextsOfNoFamily(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "HC1", "HC2:6BF", "https://example.org/", "WIFI:T:WPA;S:x;P:y;;", "BEGIN:VCARD\nEND:VCARD", "{}", "{\"a\":1}",
		"shc", "NZCP", "0000000000000", strings.Repeat("x", 5000), "\x00\xff\xfe",
	} {
		if c := families.Read(text, nil); c.Family != credential.NoFamily || c.Standing != 0 {
			t.Errorf("%.40q is taken for %s, %v", text, c.Family, c.Standing)
		}
	}
}

// TestRecogniseDoesNotAllocate holds every family to what [credential.Family] asks.
func TestRecogniseDoesNotAllocate(t *testing.T) {
	texts := []string{"HC1:6BF", "shc:/56", "NZCP:/1/AA", `{"data":{"hdr":{"t":"icao.vacc"}}}`, "001085012345||A|05091985|Nam|B|01012022", strings.Repeat("|", 400)}
	for _, f := range families.All() {
		for _, text := range texts {
			if n := testing.AllocsPerRun(20, func() { f.Recognise(text) }); n > 0 {
				t.Errorf("%s allocates %v times for %.20q", f.ID, n, text)
			}
		}
	}
}

// FuzzRead holds that no text makes any family fail, and that without keys
// nothing is signed.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"HC1:6BF", "shc:/5676", "shc:/1/2/56", "NZCP:/1/2KCE", `{"data":{"hdr":{"t":"icao.vacc"}},"sig":{}}`, "CHOT1S:00", "1|2|3|4|5|6|7", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := families.Read(text, nil)
		if c.Standing == credential.Signed {
			t.Fatalf("%q is taken for signed", text)
		}
		if (c.Family == credential.NoFamily) != (c.Standing == 0) {
			t.Fatalf("%q: %s and %v", text, c.Family, c.Standing)
		}
	})
}

func ExampleRead() {
	c := families.Read("HC1:NOT A CERTIFICATE", nil)
	fmt.Println(c.Family, c.Standing, c.Problem)
	fmt.Println(families.Read("hello", nil).Family)
	// Output:
	// eu-dcc unreadable malformed
	// unknown
}
