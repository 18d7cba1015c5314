package devstack

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func startPostgres(t *testing.T, s Settings, options PostgresOptions) *Postgres {
	t.Helper()
	p, err := StartPostgres(t.Context(), s, options)
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	return p
}

func TestPostgresComesBackOnItsPort(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, settings(t), PostgresOptions{})
	url := p.DatabaseURL()
	execute(t, url, "CREATE TABLE steps (name text)")
	for name, restart := range map[string]func() error{
		"fast":      func() error { return p.Restart(t.Context(), Fast) },
		"immediate": func() error { return p.Restart(t.Context(), Immediate) },
		"kill": func() error {
			if err := p.Kill(); err != nil {
				return err
			}
			return p.Start(t.Context())
		},
	} {
		execute(t, url, "INSERT INTO steps VALUES ('"+name+"')")
		before := p.Pid()
		must(t, restart())
		is(t, "old process gone after "+name, gone(before), true)
	}
	is(t, "the address", p.DatabaseURL(), url)
	is(t, "steps", query(t, url, "SELECT string_agg(name, ' ' ORDER BY name) FROM steps"), "fast immediate kill")

	must(t, p.Start(t.Context())) // already running

	pidFile := filepath.Join(p.DataDir(), "postmaster.pid")
	mustFail(t, dropForeignPid(pidFile, p.DataDir()), "another PostgreSQL", strconv.Itoa(p.Pid()))
	is(t, "the living server's file", isThere(t, pidFile), true)
	must(t, p.Stop(Fast))
	must(t, p.Stop(Fast))
	is(t, "process while stopped", p.Pid(), 0)
	must(t, dropForeignPid(pidFile, p.DataDir()))

	// A start must not fall for a process number that another program of the same user has by now.
	other := command(t, "sleep", "60")
	p.account.assign(other)
	must(t, other.Start())
	defer func() { must(t, other.Process.Kill()) }()
	must(t, os.WriteFile(pidFile, []byte(strconv.Itoa(other.Process.Pid)+"\n"+p.DataDir()+"\n"), 0o600))
	must(t, p.account.own(pidFile))
	must(t, p.Start(t.Context()))
	is(t, "the answer", query(t, url, "SELECT 'yes'"), "yes")
}

func TestPostgresRoleIsBoundByRights(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.FsyncOff = false
	p := startPostgres(t, s, PostgresOptions{})
	const super = "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user"
	is(t, "the application is superuser", query(t, p.DatabaseURL(), super), "false")
	is(t, "the administrator is superuser", query(t, p.AdminURL(), super), "true")
	is(t, "the administrator's database", query(t, p.AdminURL(), "SELECT current_database()"), "kaoping")
	execute(t, p.DatabaseURL(), "CREATE ROLE reader")
	is(t, "fsync", query(t, p.DatabaseURL(), "SHOW fsync"), "on")
	is(t, "encoding", query(t, p.DatabaseURL(), "SHOW server_encoding"), "UTF8")
	is(t, "time zone", query(t, p.DatabaseURL(), "SHOW timezone"), "UTC")
	is(t, "connections", query(t, p.DatabaseURL(), "SHOW max_connections"), "200")
	wrong := strings.Replace(p.DatabaseURL(), p.password, "guess", 1)
	_, err := os.Stat(p.DataDir())
	must(t, err)
	mustFail(t, ping(t.Context(), wrong), "password authentication failed")
}

func TestPostgresMakesDatabases(t *testing.T) {
	t.Parallel()
	p := startPostgres(t, settings(t), PostgresOptions{MaxConnections: 50})
	is(t, "connections", query(t, p.DatabaseURL(), "SHOW max_connections"), "50")
	template, err := p.CreateDatabase(t.Context(), "migrated", "")
	must(t, err)
	execute(t, template, "CREATE TABLE units AS SELECT 'C01' AS code")
	one, err := p.CreateDatabase(t.Context(), "Test/One", "migrated")
	must(t, err)
	two, err := p.CreateDatabase(t.Context(), "test-two", "migrated")
	must(t, err)
	execute(t, one, "DELETE FROM units")
	is(t, "units in two", query(t, two, "SELECT code FROM units"), "C01")
	is(t, "name", query(t, one, "SELECT current_database()"), "Test/One")

	_, err = p.CreateDatabase(t.Context(), "test-two", "")
	mustFail(t, err, "test-two", "already exists")
	_, err = p.CreateDatabase(t.Context(), strings.Repeat("x", 64), "")
	mustFail(t, err, "more than 63 bytes")
	must(t, p.DropDatabase(t.Context(), "test-two"))
	must(t, p.DropDatabase(t.Context(), "test-two"))
	mustFail(t, ping(t.Context(), two), "does not exist")
}

func TestPostgresBeginsAnewAfterAnInterruptedStart(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Keep = true
	p := startPostgres(t, s, PostgresOptions{})
	home := filepath.Dir(p.DataDir())
	t.Cleanup(func() { must(t, os.RemoveAll(home)) })
	must(t, p.Close())
	must(t, os.Rename(p.DataDir(), p.DataDir()+".unfinished")) // as if the cluster had not been completed
	again := startPostgres(t, s, PostgresOptions{})
	is(t, "the answer", query(t, again.DatabaseURL(), "SELECT 'yes'"), "yes")
	is(t, "unfinished left", isThere(t, p.DataDir()+".unfinished"), false)
}

func TestPostgresSaysThatItsDataIsGone(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Keep = true
	must(t, os.MkdirAll(filepath.Join(s.Dir, "postgres"), 0o711))
	must(t, os.WriteFile(filepath.Join(s.Dir, "postgres", keptMark), nil, 0o600))
	must(t, os.Symlink(filepath.Join(s.Dir, "nowhere"), filepath.Join(s.Dir, "postgres", "cluster")))
	_, err := StartPostgres(t.Context(), s, PostgresOptions{})
	mustFail(t, err, "is gone", "remove the link")
}

func TestPostgresTellsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	programs := reachable(t)
	script(t, filepath.Join(programs, "initdb"), `for a; do case $a in --pgdata=*) mkdir -p "${a#--pgdata=}";; esac; done`)
	script(t, filepath.Join(programs, "postgres"),
		`[ "$1" = --version ] && echo "postgres (PostgreSQL) 16.2" && exit; echo "no space for shared memory" >&2; exit 3`)
	s := settings(t)
	_, err := StartPostgres(t.Context(), s, PostgresOptions{Programs: programs})
	mustFail(t, err, "couldn't start PostgreSQL", "exit status 3", "no space for shared memory")
	is(t, "folder left", isThere(t, filepath.Join(s.Dir, "postgres")), false)
}

// script writes a program for the tests.
func script(t *testing.T, path, lines string) {
	t.Helper()
	// A program that is forked meanwhile would hold the file open for writing, and ours couldn't be run.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o755))
}
