// Package store keeps what is: PostgreSQL through lib/pq, generated queries, and transactions that write a change
// and its journal line together. It decides nothing about what happens next; workflows do.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/store/query"
)

// Config says where PostgreSQL is and how long an answer may take.
type Config struct {
	// URL is a postgres:// URL.
	URL string
	// Connections bounds the pool; 0 is 16.
	Connections int
	// StatementTimeout ends a statement at the server; 0 is 20 s. A server that does not answer at all is given up
	// half as much later.
	StatementTimeout time.Duration
	// Now is the real time, for the clock of each cycle; nil is time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Connections == 0 {
		c.Connections = 16
	}
	if c.StatementTimeout == 0 {
		c.StatementTimeout = 20 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Store is one PostgreSQL database.
type Store struct {
	*query.Queries
	db  *sql.DB
	now func() time.Time
	// sets keeps the data sets of started cycles, by id: they are frozen.
	sets *sync.Map
}

// Open prepares a pool and asks the server whether it is there.
func Open(ctx context.Context, config Config) (*Store, error) {
	config = config.withDefaults()
	db, err := reach(ctx, config, application)
	if err != nil {
		return nil, err
	}
	return &Store{Queries: query.New(db), db: db, now: config.Now, sets: new(sync.Map)}, nil
}

// reach opens a pool and asks the server whether it is there.
func reach(ctx context.Context, config Config, role string) (*sql.DB, error) {
	db, err := openPool(config, role)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("couldn't reach PostgreSQL: %w", translate(err)), db.Close())
	}
	return db, nil
}

// Close ends every connection.
func (s *Store) Close() error { return s.db.Close() }

// Ping asks whether the server answers.
func (s *Store) Ping(ctx context.Context) error { return translate(s.db.PingContext(ctx)) }

func openPool(config Config, role string) (*sql.DB, error) {
	parsed, err := pq.NewConfig(config.URL)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the PostgreSQL URL: %w", err)
	}
	parsed.Runtime = withRuntime(parsed.Runtime, map[string]string{
		"statement_timeout": fmt.Sprint(config.StatementTimeout.Milliseconds()),
		"TimeZone":          "UTC",
	})
	connector, err := pq.NewConnectorConfig(parsed)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the PostgreSQL URL: %w", err)
	}
	connector.Dialer(impatientDialer{patience: config.StatementTimeout * 3 / 2})
	db := sql.OpenDB(roleConnector{Connector: connector, role: role})
	db.SetMaxOpenConns(config.Connections)
	db.SetMaxIdleConns(config.Connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

func withRuntime(runtime, settings map[string]string) map[string]string {
	merged := map[string]string{}
	for key, value := range settings {
		merged[key] = value
	}
	for key, value := range runtime {
		merged[key] = value
	}
	return merged
}

// The roles that connections take on, where the migration could make them: the application's may not change or delete a
// line of the journal, the public's sees no table but its own secret. The owner of the tables takes none.
const (
	owner       = ""
	application = "kaoping_app"
	public      = "kaoping_public"
)

// roleConnector makes every connection take its role on.
type roleConnector struct {
	driver.Connector
	role string
}

const takeRole = `SELECT set_config('role', rolname, false) FROM pg_roles
	WHERE rolname = $1 AND pg_has_role(current_user, oid, 'MEMBER')`

func (c roleConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil || c.role == owner {
		return conn, err
	}
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, takeRole, []driver.NamedValue{{Ordinal: 1, Value: c.role}})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, rows.Close()
}

// impatientDialer gives up on a server that accepts but does not answer: lib/pq itself ignores a context's deadline
// while it waits for an answer.
type impatientDialer struct {
	patience time.Duration
}

func (d impatientDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d impatientDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

func (d impatientDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: d.patience, KeepAlive: 30 * time.Second}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatientConn{Conn: conn, patience: d.patience}, nil
}

type impatientConn struct {
	net.Conn
	patience time.Duration
}

func (c *impatientConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *impatientConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
