package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is one PostgreSQL server. It is for one goroutine, but for URL and
// Create, which any number may call while it runs.
type Server struct {
	dir  string // sockets and logs lie in it, whence its name must be short
	data string
	port int
	cmd  *exec.Cmd // nil while it does not run
	gone chan error
}

// New makes an empty server, which does not run yet, in a folder for temporary
// files.
func New() (*Server, error) {
	dir, err := os.MkdirTemp("", "chot-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, data: filepath.Join(dir, "a"), port: 5431}
	if err := s.init(); err != nil {
		return nil, errors.Join(fmt.Errorf("making a PostgreSQL server: %w", err), os.RemoveAll(dir))
	}
	return s, nil
}

func (s *Server) init() error {
	id, err := unprivileged()
	if err != nil {
		return err
	}
	if id != nil {
		if err := os.Chown(s.dir, int(id.Uid), int(id.Gid)); err != nil {
			return err
		}
	}
	return execute("initdb", "-D", s.data, "-U", "chot", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
}

// Replica makes a copy of a running server that follows it, and does not run
// yet. It lies in the same folder.
func (s *Server) Replica() (*Server, error) {
	r := &Server{dir: s.dir, data: s.data + "r", port: s.port + 1}
	err := execute("pg_basebackup", "-h", s.dir, "-p", fmt.Sprint(s.port), "-U", "chot", "-D", r.data, "-R", "-c", "fast", "-X", "stream", "--no-sync")
	if err != nil {
		return nil, fmt.Errorf("making a replica: %w", err)
	}
	return r, nil
}

// Start runs the server with settings, "name=value", and returns when it
// answers.
func (s *Server) Start(ctx context.Context, settings ...string) error {
	bin, err := programs()
	if err != nil {
		return err
	}
	id, err := unprivileged()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(s.data+".log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", s.data, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + s.dir, "-c", fmt.Sprintf("port=%d", s.port)}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = "/", log, log
	// SIGQUIT is PostgreSQL's immediate shutdown, of its children too.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: id, Pdeathsig: syscall.SIGQUIT}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("starting PostgreSQL: %w", err)
	}
	s.gone = make(chan error, 1)
	go func() { s.gone <- s.cmd.Wait() }()
	return s.answers(ctx)
}

// patience is how long a server may take to recover and start.
const patience = time.Minute

func (s *Server) answers(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case ended := <-s.gone:
			s.cmd = nil
			text, readErr := os.ReadFile(s.data + ".log")
			return fmt.Errorf("PostgreSQL ended at once: %w: %s", errors.Join(ended, readErr), tail(string(text)))
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w", errors.Join(err, s.Kill()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func tail(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "; ")
}

// URL names a database of the server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://chot@/%s?host=%s&port=%d", database, s.dir, s.port)
}

// URL names a database of whichever of two servers takes writes.
func URL(database string, a, b *Server) string {
	return fmt.Sprintf("postgres://chot@/%s?host=%s,%s&port=%d,%d&target_session_attrs=read-write&connect_timeout=2",
		database, a.dir, b.dir, a.port, b.port)
}

// Create makes a database, a copy of another where template is not "".
func (s *Server) Create(ctx context.Context, database, template string) error {
	line := "CREATE DATABASE " + pgx.Identifier{database}.Sanitize()
	if template != "" {
		line += " TEMPLATE " + pgx.Identifier{template}.Sanitize()
	}
	return s.say(ctx, line)
}

// Promote makes a replica take writes.
func (s *Server) Promote(ctx context.Context) error { return s.say(ctx, "SELECT pg_promote()") }

func (s *Server) say(ctx context.Context, line string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, line); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", line, err), conn.Close(ctx))
	}
	return conn.Close(ctx)
}

// Stop ends the server in good order.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) }

// Kill ends the server as a power cut does: what it has not written is lost.
func (s *Server) Kill() error { return s.end(syscall.SIGQUIT) }

func (s *Server) end(sig syscall.Signal) error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending PostgreSQL: %w", err)
	}
	err := <-s.gone
	s.cmd = nil
	var status *exec.ExitError
	if errors.As(err, &status) { // what it says of being killed
		return nil
	}
	return err
}

// Remove ends the server and deletes its folder, in which its replica is too.
func (s *Server) Remove() error { return errors.Join(s.Kill(), os.RemoveAll(s.dir)) }
