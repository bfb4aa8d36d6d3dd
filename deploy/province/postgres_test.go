package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// cluster is a PostgreSQL of the tests' own, on a Unix socket alone, run by an
// unprivileged user.
type cluster struct {
	dir  string
	once sync.Once
	err  error

	mu        sync.Mutex
	databases int
}

var shared cluster

// postgresBin is the folder of PostgreSQL's programs, as Debian installs them.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", fs.ErrNotExist
	}
	sort.Slice(found, func(i, j int) bool { return version(found[i]) < version(found[j]) })
	return filepath.Dir(found[len(found)-1]), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // a folder with another name counts as 0
	return n
}

// unprivileged makes a command run as the user postgres where the tests run as
// root, whom PostgreSQL refuses.
func unprivileged(cmd *exec.Cmd) error {
	cmd.Dir = "/"
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid) // numbers, on Linux
	gid, _ := strconv.Atoi(u.Gid)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return nil
}

func pg(program string, args ...string) error {
	bin, err := postgresBin()
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(bin, program), args...)
	if err := unprivileged(cmd); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %q: %w: %s", program, args, err, out)
	}
	return nil
}

func (c *cluster) start() error {
	dir, err := os.MkdirTemp("", "chot-pg-")
	if err != nil {
		return err
	}
	c.dir = dir
	if os.Getuid() == 0 {
		probe := exec.Command("true")
		if err := unprivileged(probe); err != nil {
			return err
		}
		if err := os.Chown(dir, int(probe.SysProcAttr.Credential.Uid), int(probe.SysProcAttr.Credential.Gid)); err != nil {
			return err
		}
	}
	data := filepath.Join(dir, "data")
	if err := pg("initdb", "-D", data, "-U", "chot", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"); err != nil {
		return err
	}
	return pg("pg_ctl", "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o",
		fmt.Sprintf("-c listen_addresses='' -c unix_socket_directories='%s' -c max_connections=200 -c fsync=off", dir), "start")
}

func (c *cluster) stop() error {
	if c.dir == "" {
		return nil
	}
	return errors.Join(pg("pg_ctl", "-D", filepath.Join(c.dir, "data"), "-m", "immediate", "-w", "stop"), os.RemoveAll(c.dir))
}

// postgres returns the flags that name an empty database of the shared cluster.
func postgres(t *testing.T) []string {
	t.Helper()
	if _, err := postgresBin(); err != nil {
		t.Skip("PostgreSQL is not installed (Debian's package postgresql): skipped")
	}
	shared.once.Do(func() { shared.err = shared.start() })
	if shared.err != nil {
		t.Fatalf("starting PostgreSQL: %v", shared.err)
	}
	shared.mu.Lock()
	shared.databases++
	name := fmt.Sprintf("province%d", shared.databases)
	shared.mu.Unlock()
	if err := pg("createdb", "-h", shared.dir, "-U", "chot", name); err != nil {
		t.Fatal(err)
	}
	return []string{"--database", fmt.Sprintf("postgres://chot@/%s?host=%s", name, shared.dir)}
}

// asProgram makes the test binary behave as the program itself, for tests that
// kill it.
const asProgram = "CHOT_TEST_AS_PROVINCE"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	status := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "ending PostgreSQL:", err)
		status = 1
	}
	os.Exit(status)
}
