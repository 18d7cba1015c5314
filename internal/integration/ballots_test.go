package integration

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
)

// polling is an evaluation's open window, the process that takes ballots, and who casts them.
type polling struct {
	postgres *devstack.Stack
	settings settings.Settings
	dir      string
	booth    *worker
	address  atomic.Pointer[string]

	mu       sync.Mutex
	receipts map[string]string // of acknowledged ballots, by key
}

const (
	voters     = 16
	perVoter   = 60
	evaluation = "/e/pingliang/2025"
)

// The process is killed, the database is, and both are, while ballots come in: each that was acknowledged is in the box,
// none twice, however often its key was sent.
func TestBallotsSurviveFaults(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	p := openPolling(ctx, t)
	var crowd sync.WaitGroup
	failures := make(chan error, voters)
	for range voters {
		crowd.Go(func() { failures <- p.vote(ctx) })
	}
	for _, disturb := range []func() error{
		func() error { return errors.Join(p.booth.kill(), p.openBooth(ctx)) },
		func() error { return p.postgres.Postgres.Restart(ctx, devstack.Immediate) },
		func() error {
			return errors.Join(p.booth.kill(), p.postgres.Postgres.Restart(ctx, devstack.Immediate), p.openBooth(ctx))
		},
	} {
		must(t, p.awaitMore(ctx, voters*perVoter/5))
		must(t, disturb())
	}
	crowd.Wait()
	for range voters {
		must(t, <-failures)
	}
	must(t, p.booth.dismiss())
	if len(p.receipts) != voters*perVoter {
		t.Errorf("%d ballots were acknowledged, not %d", len(p.receipts), voters*perVoter)
	}
	inBox := p.inBox(ctx, t)
	if len(inBox) != len(p.receipts) {
		t.Errorf("%d ballots are in the box, %d were acknowledged", len(inBox), len(p.receipts))
	}
	for key, receipt := range p.receipts {
		if !inBox[receipt] {
			t.Errorf("the ballot %s of %s was acknowledged and is not in the box", receipt, key)
		}
	}
}

// openPolling starts PostgreSQL, opens the sample's evaluation, and the process that takes its ballots.
func openPolling(ctx context.Context, t *testing.T) *polling {
	t.Helper()
	servers, err := devstack.Start(ctx, devstack.Options{
		Settings: devstack.Settings{Dir: filepath.Join(t.TempDir(), "stack"), FsyncOff: true, Progress: func(text string) { t.Log(text) }},
		Postgres: &devstack.PostgresOptions{},
	})
	must(t, err)
	t.Cleanup(func() { must(t, servers.Close()) })
	must(t, store.Migrate(ctx, store.Config{URL: servers.DatabaseURL()}))
	p := &polling{postgres: servers, dir: t.TempDir(), receipts: map[string]string{}}
	p.settings, err = settings.Settings{
		DatabaseURL: servers.DatabaseURL(), PublicAddress: "127.0.0.1:0", OperationsAddress: "127.0.0.1:0", PublicRate: "off", PublicWork: "0",
	}.Complete(p.dir)
	must(t, err)
	kept, err := p.settings.OpenStore(ctx)
	must(t, err)
	_, err = (&office.Office{Store: kept, Rules: library(t)}).Import(ctx, sample(t))
	must(t, err)
	must(t, kept.Close())
	p.admin(t, func(db *sql.DB) {
		_, err := db.ExecContext(ctx, `UPDATE cycles SET state = 'running' WHERE kind = 'evaluation'`)
		must(t, err)
		_, err = db.ExecContext(ctx, `UPDATE evaluations SET window_state = 'open'`)
		must(t, err)
	})
	must(t, p.openBooth(ctx))
	return p
}

func (p *polling) admin(t *testing.T, do func(*sql.DB)) {
	t.Helper()
	connector, err := pq.NewConnector(p.postgres.DatabaseURL())
	must(t, err)
	db := sql.OpenDB(connector)
	do(db)
	must(t, db.Close())
}

// openBooth starts a process that takes ballots.
func (p *polling) openBooth(ctx context.Context) error {
	started, err := startWorker(service.Public, p.settings.Environment(nil), p.dir)
	if err != nil {
		return err
	}
	if err := started.awaitReady(ctx); err != nil {
		return err
	}
	p.booth = started
	p.address.Store(&started.address)
	return nil
}

// vote casts ballots one after the other, each until it is acknowledged.
func (p *polling) vote(ctx context.Context) error {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for range perVoter {
		key := uuid.NewString()
		body, err := json.Marshal(map[string]any{"key": key, "unit": "C01", "answers": map[string]string{"content": "satisfied"}})
		if err != nil {
			return err
		}
		for receipt := ""; receipt == ""; {
			if receipt, err = p.send(ctx, client, body); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends a ballot once; without a receipt it has to be sent again.
func (p *polling) send(ctx context.Context, client *http.Client, body []byte) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+*p.address.Load()+evaluation+"/ballots", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return "", pause(ctx)
	}
	defer func() { _ = response.Body.Close() }() // it was read, or the connection is gone
	var answer struct{ Receipt string }
	broken := json.NewDecoder(response.Body).Decode(&answer)
	switch {
	case response.StatusCode == http.StatusServiceUnavailable || broken != nil:
		return "", pause(ctx)
	case response.StatusCode != http.StatusCreated && response.StatusCode != http.StatusOK:
		return "", fmt.Errorf("the answer is %s", response.Status)
	}
	var sent struct{ Key string }
	if err := json.Unmarshal(body, &sent); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.receipts[sent.Key] = answer.Receipt
	return answer.Receipt, nil
}

// pause is how long somebody waits before he sends a ballot again.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}

// awaitMore waits until so many more ballots are acknowledged.
func (p *polling) awaitMore(ctx context.Context, more int) error {
	acknowledged := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.receipts)
	}
	for goal := acknowledged() + more; acknowledged() < goal; {
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// inBox are the receipts of the box, as voters have them.
func (p *polling) inBox(ctx context.Context, t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	p.admin(t, func(db *sql.DB) {
		var all pq.ByteaArray
		must(t, db.QueryRowContext(ctx, `SELECT array_agg(receipt) FROM ballots`).Scan(&all))
		for _, receipt := range all {
			found[ballots.Receipt(receipt).String()] = true
		}
	})
	return found
}
