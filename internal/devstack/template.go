package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// RunTests runs a package's tests beside a private PostgreSQL without fsync, in which migrate has filled a database of the
// template's name for them to copy. It returns the process's exit code; what went wrong around the tests is written to stderr.
func RunTests(template string, migrate func(ctx context.Context, url string) error, run func(*Postgres) int) int {
	code, err := runBeside(template, migrate, run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func runBeside(template string, migrate func(ctx context.Context, url string) error, run func(*Postgres) int) (code int, err error) {
	dir, err := os.MkdirTemp("", "kaoping-tests-")
	if err != nil {
		return 1, err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return 1, err
	}
	ctx := context.Background()
	server, err := StartPostgres(ctx, Settings{Dir: filepath.Join(dir, "state"), FsyncOff: true}, PostgresOptions{})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, server.Close(), os.RemoveAll(dir)) }()
	url, err := server.CreateDatabase(ctx, template, "")
	if err != nil {
		return 1, err
	}
	if err := migrate(ctx, url); err != nil {
		return 1, err
	}
	return run(server), nil
}
