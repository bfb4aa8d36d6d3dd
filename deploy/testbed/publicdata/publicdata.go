// Package publicdata finds the public test suites that are not in this
// repository: certificates of many countries, business rules, photographs of
// codes, administrative units. Tests of every floor read them from here.
//
// They lie in the folder that CHOT_TESTDATA names, or else in shared/testdata
// beside the repository. Where they are absent the test is skipped; with CI set
// it fails instead, unless CHOT_NO_TESTDATA=1 says that the suites are left out
// on purpose. make test ends by naming what did not run.
package publicdata

import (
	"os"
	"path/filepath"
	"testing"

	"chot/deploy/testbed/harness"
)

// Folder is a folder of the public suites, by its path with slashes.
func Folder(t testing.TB, name string) string {
	t.Helper()
	folder := filepath.Join(root(t), filepath.FromSlash(name))
	if _, err := os.Stat(folder); err != nil {
		absent(t, folder)
	}
	return folder
}

// Glob lists the files of the public suites that match a pattern of
// [filepath.Match], with slashes. One at least is there.
func Glob(t testing.TB, pattern string) []string {
	t.Helper()
	pattern = filepath.Join(root(t), filepath.FromSlash(pattern))
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		absent(t, pattern)
	}
	return files
}

// root is the folder of all suites.
func root(t testing.TB) string {
	t.Helper()
	if root := os.Getenv("CHOT_TESTDATA"); root != "" {
		return root
	}
	return filepath.Join(harness.Top(t), "..", "shared", "testdata")
}

func absent(t testing.TB, path string) {
	t.Helper()
	if os.Getenv("CI") != "" && os.Getenv("CHOT_NO_TESTDATA") != "1" {
		t.Fatalf("no public test data at %s: set CHOT_TESTDATA, or CHOT_NO_TESTDATA=1 to leave these suites out", path)
	}
	t.Skip("no public test data")
}
