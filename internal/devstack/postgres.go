package devstack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/lib/pq"
)

const (
	superuser = "postgres"
	owner     = "kaoping" // the application's role and its database

	fastGrace = 20 * time.Second
)

// Shutdown is a way of PostgreSQL to stop.
type Shutdown int

const (
	// Fast ends all connections, writes everything out and stops.
	Fast Shutdown = iota
	// Immediate stops at once; the next start recovers from the log, as after a crash.
	Immediate
)

// PostgresOptions are what PostgreSQL is started with.
type PostgresOptions struct {
	// MaxConnections is 200 unless set.
	MaxConnections int
	// Programs is the folder of initdb and postgres; empty means the newest that is found, or fetched.
	Programs string
}

// Postgres is a private PostgreSQL server on a free port of 127.0.0.1, behind a random password.
type Postgres struct {
	server
	settings Settings
	options  PostgresOptions
	account  *account
	home     string // holds the data and the password; belongs to the account
	programs string
	password string
	port     int
}

// StartPostgres starts PostgreSQL in the folder postgres of the state folder. The context bounds the start alone.
func StartPostgres(ctx context.Context, settings Settings, options PostgresOptions) (*Postgres, error) {
	settings, err := settings.complete()
	if err != nil {
		return nil, err
	}
	if options.MaxConnections == 0 {
		options.MaxConnections = 200
	}
	folder, err := openFolder(settings, "postgres", 0o711)
	if err != nil {
		return nil, fmt.Errorf("couldn't start PostgreSQL: %w", err)
	}
	p := &Postgres{server: server{folder: folder}, settings: settings, options: options}
	for _, step := range []func(context.Context) error{p.settle, p.findPrograms, p.initialise, p.start, p.createOwner} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("couldn't start PostgreSQL: %w", err), p.Close())
		}
	}
	return p, nil
}

// DatabaseURL names the application's database, as a role that owns it and may make databases and roles, but is
// bound by rights as in production.
func (p *Postgres) DatabaseURL() string { return p.url(owner, owner) }

// AdminURL names the same database as superuser.
func (p *Postgres) AdminURL() string { return p.url(superuser, owner) }

// DataDir is where the data lies: under the state folder, unless PostgreSQL's account can't reach it.
func (p *Postgres) DataDir() string { return filepath.Join(p.home, "data") }

func (p *Postgres) url(user, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(user, p.password), Host: loopback(p.port),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Start starts the server again on its port, over its data. It does nothing while the server runs.
func (p *Postgres) Start(ctx context.Context) error {
	if err := p.start(ctx); err != nil {
		return fmt.Errorf("couldn't start PostgreSQL: %w", err)
	}
	return nil
}

func (p *Postgres) start(ctx context.Context) error {
	fixed := p.port != 0
	return p.startProcess(ctx, func() (*process, error) { return p.launch(fixed) }, p.answers)
}

// launch starts the server, on a free port unless it has one.
func (p *Postgres) launch(fixed bool) (*process, error) {
	if err := dropForeignPid(filepath.Join(p.DataDir(), "postmaster.pid"), p.DataDir()); err != nil {
		return nil, err
	}
	if !fixed {
		var err error
		if p.port, err = freePort(); err != nil {
			return nil, err
		}
	}
	args := []string{"-D", p.DataDir(), "-p", strconv.Itoa(p.port)}
	for _, setting := range p.serverSettings() {
		args = append(args, "-c", setting)
	}
	return launch(p.command(context.Background(), "postgres", args...), p.folder, p.settings.Log)
}

func (p *Postgres) serverSettings() []string {
	settings := []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "timezone=UTC", "log_timezone=UTC",
		"max_connections=" + strconv.Itoa(p.options.MaxConnections),
	}
	if p.settings.FsyncOff {
		// Commits still wait for their write: one that was answered must survive an immediate stop.
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	return settings
}

// command is one of PostgreSQL's programs under its account. It gets none of our environment: PGDATA and the like
// must not reach it.
func (p *Postgres) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(p.programs, name), args...)
	cmd.Dir = p.home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=" + utf8Locale, "TZ=UTC"}
	p.account.assign(cmd)
	return cmd
}

func (p *Postgres) answers(ctx context.Context) error {
	return p.admin(func(db *sql.DB) error { return db.PingContext(ctx) })
}

// admin lets the superuser work on the database that is there from the beginning.
func (p *Postgres) admin(work func(*sql.DB) error) error {
	connector, err := pq.NewConnector(p.url(superuser, superuser) + "&connect_timeout=5")
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	return errors.Join(work(db), db.Close())
}

// Stop stops the server and keeps its data. It does nothing while the server is stopped.
func (p *Postgres) Stop(how Shutdown) error {
	if how == Immediate {
		return p.end(abandonGrace, syscall.SIGQUIT)
	}
	return p.end(fastGrace, syscall.SIGINT, syscall.SIGQUIT)
}

// Kill ends the server's first process with SIGKILL, as a crash would.
func (p *Postgres) Kill() error { return p.end(abandonGrace) }

// Restart stops the server and starts it again on the same port.
func (p *Postgres) Restart(ctx context.Context, how Shutdown) error {
	if err := p.Stop(how); err != nil {
		return err
	}
	return p.Start(ctx)
}

// Close stops the server and, unless the state is kept, removes its files. Closing again does nothing.
func (p *Postgres) Close() error {
	how := Fast
	if !p.settings.Keep {
		how = Immediate
	}
	if err := p.Stop(how); err != nil {
		return err
	}
	return p.close()
}

// CreateDatabase makes a database, as a copy of the template if one is named, and returns its URL as the
// application's role. Nobody may be connected to the template meanwhile.
func (p *Postgres) CreateDatabase(ctx context.Context, name, template string) (string, error) {
	if len(name) > 63 {
		return "", fmt.Errorf("couldn't create database %s: its name has more than 63 bytes", name)
	}
	statement := "CREATE DATABASE " + pq.QuoteIdentifier(name) + " OWNER " + owner
	if template != "" {
		statement += " TEMPLATE " + pq.QuoteIdentifier(template)
	}
	if err := p.execute(ctx, statement); err != nil {
		return "", fmt.Errorf("couldn't create database %s: %w", name, err)
	}
	return p.url(owner, name), nil
}

// DropDatabase removes a database and ends who is connected to it.
func (p *Postgres) DropDatabase(ctx context.Context, name string) error {
	if err := p.execute(ctx, "DROP DATABASE IF EXISTS "+pq.QuoteIdentifier(name)+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("couldn't drop database %s: %w", name, err)
	}
	return nil
}

func (p *Postgres) execute(ctx context.Context, statement string) error {
	return p.admin(func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	})
}
