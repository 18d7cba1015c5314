package activities

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lib/pq"
	"go.temporal.io/sdk/activity"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// asSuperuser runs statements as the one whom a closed database still lets in.
func (b *bundle) asSuperuser(t *testing.T, statements ...string) {
	t.Helper()
	connector, err := pq.NewConnector(server.AdminURL())
	must(t, err)
	db := sql.OpenDB(connector)
	for _, statement := range statements {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), fmt.Sprintf(statement, pq.QuoteIdentifier(b.database), pq.QuoteLiteral(b.database))); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// close takes the database away: every connection ends, and no other is let in.
func (b *bundle) close(t *testing.T) {
	t.Helper()
	b.asSuperuser(t, `ALTER DATABASE %[1]s CONNECTION LIMIT 0`, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %[2]s`)
}

func (b *bundle) reopen(t *testing.T) {
	t.Helper()
	b.asSuperuser(t, `ALTER DATABASE %[1]s CONNECTION LIMIT -1`)
}

// listener is a log that tells of each warning.
type listener struct {
	slog.Handler
	warned func()
}

func (l listener) Handle(_ context.Context, record slog.Record) error {
	if record.Level == slog.LevelWarn {
		l.warned()
	}
	return nil
}

func (listener) Enabled(context.Context, slog.Level) bool { return true }

// onWarnings does one thing after the other, each at a note that failed.
func (b *bundle) onWarnings(do ...func()) {
	var warnings atomic.Int64
	b.Log = slog.New(listener{slog.DiscardHandler, func() {
		if n := warnings.Add(1); int(n) <= len(do) {
			do[n-1]()
		}
	}})
}

// queueMany queues as many notices to other addresses.
func (b *bundle) queueMany(t *testing.T, n int) {
	t.Helper()
	b.change(t, func(change *store.Change) error {
		for i := range n {
			key := fmt.Sprintf("%03d@example.com", i)
			if err := change.Queue(store.Mail{
				Key: "notice/" + key, Kind: "notice", Article: "A8(4)", Unit: "C01", To: key, Shared: "notice", MessageID: "<" + key + ">",
				Data: map[string]string{"UnitName": "某单位", "Link": "https://kaoping.example/"},
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// The database goes away while a batch is on its way: all of the batch is noted when it is back, and nothing is sent
// twice.
func TestSentMailsAreNotedHoweverLongTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.queueMany(t, 2*claimSize)
	var stored atomic.Int64
	inbox := b.withInbox(t, func(moment devstack.Moment) devstack.Answer {
		if moment.Stage == devstack.AtStored && stored.Add(1) == 1 {
			b.close(t)
		}
		return devstack.Answer{}
	})
	b.onWarnings(func() {}, func() { b.reopen(t) })
	// Whether the attempt ends with the outage or goes on after it depends on what it asks the database when that is away.
	_, err := b.deliver(t)
	if err != nil && (store.KindOf(err) == store.Refused || strings.Contains(err.Error(), "wait for another attempt")) {
		t.Fatalf("the error is %v, want the outage or none", err)
	}
	is(t, "what is left unsettled", b.count(t, `SELECT count(*) FROM mails WHERE state = 'sending'`), 0)
	is(t, "sent", b.count(t, `SELECT count(*) FROM mails WHERE state = 'sent'`), len(inbox.Messages()))
	later := b.clock.Load().Add(longestPause)
	b.clock.Store(&later)
	_, err = b.deliver(t)
	must(t, err)
	is(t, "messages", len(inbox.Messages()), 2*claimSize+3)
	is(t, "lines of sent mails", len(b.lines(t, "mail_sent")), 2*claimSize+3)
}

// A worker that is stopped while the database is away still notes what it has sent, once it comes back, and gives the
// rest back.
func TestAStoppedDeliveryNotesAndGivesBack(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.Connections = 1
	var stop context.CancelFunc
	var stored atomic.Bool
	stopped := make(chan struct{})
	inbox := b.withInbox(t, func(moment devstack.Moment) devstack.Answer {
		switch {
		case moment.Stage == devstack.AtStored:
			b.close(t)
			stored.Store(true)
		case moment.Stage == devstack.AtSender && stored.Load(): // the second mail begins while the first waits for its note
			<-stopped
		}
		return devstack.Answer{}
	})
	b.onWarnings(func() {
		stop()
		close(stopped)
	}, func() { b.reopen(t) })
	b.env.RegisterActivityWithOptions(func(ctx context.Context) (workflows.DeliverMailResult, error) {
		ctx, stop = context.WithCancel(ctx)
		return b.deliverMail(ctx, workflows.DeliverMailInput{Cycle: b.cycle})
	}, activity.RegisterOptions{Name: "stopped"})
	if _, err := b.env.ExecuteActivity("stopped"); err == nil {
		t.Error("a delivery that was stopped says that it is done")
	}
	is(t, "messages", len(inbox.Messages()), 1)
	is(t, "states", b.column(t, `SELECT state || count(*) FROM mails GROUP BY state`), "queued2 sent1")
}
