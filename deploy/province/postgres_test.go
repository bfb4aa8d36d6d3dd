package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"chot/deploy/province/internal/cluster"
	"chot/deploy/province/internal/db"
)

// shared is one PostgreSQL for all tests, each with a database of its own: a copy
// of one whose schema is up to date.
var shared struct {
	once      sync.Once
	server    *cluster.Server
	err       error
	databases atomic.Int64
}

const template = "template"

func startShared() error {
	s, err := cluster.New()
	if err != nil {
		return err
	}
	shared.server = s
	ctx := context.Background()
	if err := s.Start(ctx, "max_connections=200", "fsync=off"); err != nil {
		return err
	}
	if err := s.Create(ctx, template, ""); err != nil {
		return err
	}
	d, err := db.Open(ctx, s.URL(template))
	if err != nil {
		return err
	}
	return d.Close()
}

// postgres returns the flags that name an empty database.
func postgres(t *testing.T) []string {
	t.Helper()
	shared.once.Do(func() { shared.err = startShared() })
	if errors.Is(shared.err, cluster.ErrNotInstalled) {
		t.Skipf("%v: skipped", shared.err)
	}
	if shared.err != nil {
		t.Fatalf("starting PostgreSQL: %v", shared.err)
	}
	name := fmt.Sprintf("province%d", shared.databases.Add(1))
	if err := shared.server.Create(t.Context(), name, template); err != nil {
		t.Fatal(err)
	}
	return []string{"--database", shared.server.URL(name)}
}

// asProgram makes the test binary behave as the program itself, for tests that
// kill it.
const asProgram = "CHOT_TEST_AS_PROVINCE"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	status := m.Run()
	if shared.server != nil {
		if err := shared.server.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, "ending PostgreSQL:", err)
			status = 1
		}
	}
	os.Exit(status)
}
