package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
)

const (
	// ballotClients cast at once, in our side and in the reference.
	ballotClients = 32
	ballotTime    = 8 * time.Second
	ballotP99     = 50 * time.Millisecond
	// openConnections are held open at once, in the process that is to stay below openMemory.
	openConnections = 1000
	openMemory      = 150 << 20
	evaluationPath  = "/e/pingliang/2025"
)

// polls is PostgreSQL with an evaluation whose window is open, and a process of the public's role.
type polls struct {
	*devstack.Stack
	process *exec.Cmd
	address string
}

// ballots is the rate at which ballots are acknowledged over HTTP, each after its commit to disk, against the rate at which
// pgbench inserts single rows of the same table with prepared statements; how long an answer takes at half that load; and
// the memory of the process with many open connections.
func (b *bench) ballots(ctx context.Context) (figures []figure, err error) {
	p, err := b.openPolls(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.end()) }()
	var rates, references, ratios []float64
	for round := range pairs {
		ours, _, err := p.cast(ctx, 0)
		if err != nil {
			return nil, err
		}
		reference, err := b.pgbench(ctx, p.Postgres.AdminURL())
		if err != nil {
			return nil, err
		}
		b.tell("ballots, round %d of %d: %.0f/s against %.0f/s", round+1, pairs, ours, reference)
		rates, references, ratios = append(rates, ours), append(references, reference), append(ratios, ours/reference)
	}
	_, waits, err := p.cast(ctx, median(rates)/2)
	if err != nil {
		return nil, err
	}
	slices.Sort(waits)
	p99 := waits[len(waits)*99/100]
	memory, err := p.crowd(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{
		{
			name: fmt.Sprintf("ballots over HTTP, %d clients", ballotClients), ours: fmt.Sprintf("%.0f/s", median(rates)),
			reference: fmt.Sprintf("%.0f/s pgbench", median(references)), ratio: median(ratios), bound: 0.7, least: true,
		},
		{name: "p99 of a ballot at half that load", ours: millis(p99), reference: millis(ballotP99), ratio: p99.Seconds() / ballotP99.Seconds(), bound: 1},
		{
			name: fmt.Sprintf("public pages with %d open connections", openConnections), ours: fmt.Sprintf("%d MB", memory>>20),
			reference: fmt.Sprintf("%d MB", openMemory>>20), ratio: float64(memory) / openMemory, bound: 1,
		},
	}, nil
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func (b *bench) openPolls(ctx context.Context) (*polls, error) {
	dir, err := os.MkdirTemp(b.dir, "polls-")
	if err != nil {
		return nil, err
	}
	p := &polls{}
	if p.Stack, err = devstack.Start(ctx, devstack.Options{
		Settings: devstack.Settings{Dir: filepath.Join(dir, "servers"), Progress: b.progressLine}, Postgres: &devstack.PostgresOptions{},
	}); err != nil {
		return nil, err
	}
	if err := p.openWindow(ctx); err != nil {
		return nil, errors.Join(err, p.end())
	}
	if err := p.open(ctx, b.worker, dir); err != nil {
		return nil, errors.Join(err, p.end())
	}
	return p, nil
}

// openWindow makes the sample's evaluation one that takes ballots.
func (p *polls) openWindow(ctx context.Context) error {
	if err := store.Migrate(ctx, store.Config{URL: p.DatabaseURL()}); err != nil {
		return err
	}
	library, err := settings.Rules("")
	if err != nil {
		return err
	}
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	if err != nil {
		return err
	}
	set, err := documents.ReadDataSet(files, library)
	if err != nil {
		return err
	}
	kept, err := store.Open(ctx, store.Config{URL: p.DatabaseURL()})
	if err != nil {
		return err
	}
	_, err = (&office.Office{Store: kept, Rules: library}).Import(ctx, set)
	if err := errors.Join(err, kept.Close()); err != nil {
		return err
	}
	connector, err := pq.NewConnector(p.Postgres.AdminURL())
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	for _, statement := range []string{
		`UPDATE cycles SET state = 'running' WHERE kind = 'evaluation'`, `UPDATE evaluations SET window_state = 'open'`,
		`CREATE TABLE reference_ballots (LIKE ballots INCLUDING ALL)`,
	} {
		_, failed := db.ExecContext(ctx, statement)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, db.Close())
}

// open starts the process, as an operator does.
func (p *polls) open(ctx context.Context, program, dir string) error {
	var listening net.ListenConfig
	free, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p.address = free.Addr().String()
	if err := free.Close(); err != nil {
		return err
	}
	p.process = exec.CommandContext(ctx, program, "--roles", "public", "--public-database-url", p.DatabaseURL(),
		"--public-address", p.address, "--operations-address", "127.0.0.1:0", "--public-rate", "off", "--public-work", "0")
	p.process.Dir = dir
	p.process.Cancel = func() error { return p.process.Process.Signal(os.Interrupt) }
	if err := p.process.Start(); err != nil {
		return err
	}
	for {
		answer, err := p.get(ctx, &http.Client{}, evaluationPath)
		if err == nil && answer == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (p *polls) end() error {
	var err error
	if p.process != nil && p.process.Process != nil {
		err = errors.Join(p.process.Process.Signal(os.Interrupt), p.process.Wait())
	}
	return errors.Join(err, p.Close())
}

func (p *polls) get(ctx context.Context, client *http.Client, path string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

// cast lets the clients cast ballots as fast as they are acknowledged, or at a rate; it tells how many were in a second,
// and how long each waited.
func (p *polls) cast(ctx context.Context, rate float64) (perSecond float64, waits []time.Duration, err error) {
	var mu sync.Mutex
	var crowd sync.WaitGroup
	start := time.Now()
	for range ballotClients {
		crowd.Go(func() {
			own, failed := p.voter(ctx, start.Add(ballotTime), rate/ballotClients)
			mu.Lock()
			defer mu.Unlock()
			waits, err = append(waits, own...), errors.Join(err, failed)
		})
	}
	crowd.Wait()
	return float64(len(waits)) / time.Since(start).Seconds(), waits, err
}

// voter is one client with a connection of its own, as lean as pgbench's: both sides share the machine with it. At a
// rate, a ballot that waits for its turn waits already.
func (p *polls) voter(ctx context.Context, until time.Time, rate float64) (waits []time.Duration, err error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	answers := bufio.NewReader(connection)
	for due := time.Now(); due.Before(until) && ctx.Err() == nil; {
		if rate > 0 {
			<-time.After(time.Until(due))
		} else {
			due = time.Now()
		}
		body := fmt.Sprintf(`{"key":%q,"unit":"C01","answers":{"content":"satisfied","timeliness":"basically_satisfied","channels":"satisfied"}}`, uuid.NewString())
		if _, err := fmt.Fprintf(connection, "POST %s/ballots HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			evaluationPath, p.address, len(body), body); err != nil {
			return waits, err
		}
		if err := readAnswer(answers); err != nil {
			return waits, err
		}
		waits = append(waits, time.Since(due))
		if rate > 0 {
			due = due.Add(time.Duration(float64(time.Second) / rate))
		}
	}
	return waits, ctx.Err()
}

// readAnswer wants that a ballot was taken.
func readAnswer(answers *bufio.Reader) error {
	status, err := answers.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(status, "HTTP/1.1 201 ") {
		return fmt.Errorf("a ballot was answered %s", strings.TrimSpace(status))
	}
	length := 0
	for {
		line, err := answers.ReadString('\n')
		if err != nil {
			return err
		}
		if line == "\r\n" {
			_, err := answers.Discard(length)
			return err
		}
		if value, is := strings.CutPrefix(line, "Content-Length: "); is {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
}

// insertion is one row as a ballot is: every value new, as in an evaluation.
const insertion = `INSERT INTO reference_ballots (receipt, cycle_id, unit, channel, hall, answers, comment, device, network, at)
VALUES (substring(uuid_send(gen_random_uuid()) from 1 for 10), 1, 'C01', 'public', '', '1210000', '',
	sha256(uuid_send(gen_random_uuid())), '\x01', date_trunc('second', clock_timestamp()));
`

var transactionsPerSecond = regexp.MustCompile(`(?m)^tps = ([0-9.]+) `)

// pgbench is the reference: as many clients, each inserts a row and commits.
func (b *bench) pgbench(ctx context.Context, address string) (float64, error) {
	program, err := findPgbench()
	if err != nil {
		return 0, err
	}
	script := filepath.Join(b.dir, "insertion.sql")
	if err := os.WriteFile(script, []byte(strings.ReplaceAll(insertion, "\n", " ")+"\n"), 0o600); err != nil {
		return 0, err
	}
	clients := strconv.Itoa(ballotClients)
	out, err := exec.CommandContext(ctx, program, "--no-vacuum", "--protocol", "prepared", "--file", script, "--client", clients, "--jobs", "2",
		"--time", strconv.Itoa(int(ballotTime/time.Second)), address).CombinedOutput()
	found := transactionsPerSecond.FindSubmatch(out)
	if err != nil || found == nil {
		return 0, fmt.Errorf("couldn't run pgbench: %w\n%s", err, out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

func findPgbench() (string, error) {
	if program, err := exec.LookPath("pgbench"); err == nil {
		return program, nil
	}
	installed, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil || len(installed) == 0 {
		return "", errors.New("pgbench is not installed; it comes with PostgreSQL's server")
	}
	return installed[len(installed)-1], nil
}

// crowd opens many connections, looks at the page over each, and tells what memory the process has then.
func (p *polls) crowd(ctx context.Context) (int64, error) {
	clients := make([]*http.Client, openConnections)
	defer func() {
		for _, client := range clients {
			client.CloseIdleConnections()
		}
	}()
	for i := range clients {
		clients[i] = &http.Client{Transport: &http.Transport{}}
	}
	for i := range clients {
		if status, err := p.get(ctx, clients[i], evaluationPath); err != nil || status != http.StatusOK {
			return 0, fmt.Errorf("connection %d is answered %d: %w", i, status, err)
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`(?m)^VmRSS:\s+([0-9]+) kB$`).FindSubmatch(status)
	if found == nil {
		return 0, errors.New("the process has no memory")
	}
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	return kilobytes << 10, err
}
