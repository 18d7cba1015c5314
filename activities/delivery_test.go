package activities

import (
	"fmt"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/devstack"
	sending "github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// withInbox lets the activities deliver to an inbox of their own.
func (b *bundle) withInbox(t *testing.T, behaviour devstack.Behaviour) *devstack.Inbox {
	t.Helper()
	inbox, err := devstack.StartInbox(devstack.Settings{Dir: t.TempDir()}, devstack.InboxOptions{Behaviour: behaviour})
	must(t, err)
	t.Cleanup(func() { must(t, inbox.Close()) })
	b.sendTo(t, inbox.URL())
	return inbox
}

func (b *bundle) sendTo(t *testing.T, url string) {
	t.Helper()
	sender, err := sending.NewSender(sending.SenderConfig{URL: url, Connections: 2})
	must(t, err)
	t.Cleanup(sender.Close)
	b.Sender = sender
}

func (b *bundle) deliver(t *testing.T) (workflows.DeliverMailResult, error) {
	t.Helper()
	return carryOut(t, b, workflows.DeliverMail, workflows.DeliverMailInput{Cycle: b.cycle})
}

func TestMailsAreDelivered(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	inbox := b.withInbox(t, nil)
	result, err := b.deliver(t)
	must(t, err)
	is(t, "the result", result, workflows.DeliverMailResult{Sent: 3})
	is(t, "states", b.column(t, `SELECT DISTINCT state FROM mails`), "sent")
	is(t, "lines", len(b.lines(t, "mail_sent")), 3)
	known := b.column(t, `SELECT message_id FROM mails`)
	for _, message := range inbox.Messages() {
		is(t, message.To+": the envelope's sender", message.From, "zwgk@pingliang.example")
		is(t, message.To+": the ledger's Message-ID", strings.Contains(known, message.MessageID), true)
		is(t, message.To+": the subject", message.Subject, "关于开展2025年度政务公开工作考核的通知")
		file, err := os.Open(message.Path)
		must(t, err)
		read, err := mail.ReadMessage(file)
		must(t, err)
		must(t, file.Close())
		is(t, message.To+": the date", read.Header.Get("Date"), "Mon, 24 Nov 2025 09:00:00 +0800")
	}
	result, err = b.deliver(t)
	must(t, err)
	is(t, "the result when nothing is left", result, workflows.DeliverMailResult{})
	is(t, "messages", len(inbox.Messages()), 3)
}

func TestARefusedAddressIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.withInbox(t, devstack.Refuse("zwgk@kongtong.pingliang.example"))
	result, err := b.deliver(t)
	must(t, err)
	is(t, "the result", result, workflows.DeliverMailResult{Sent: 2, Refused: 1})
	b.at(day(time.December, 9), 9)
	b.sweep(t, day(time.December, 9), workflows.PhaseSelfReport)
	result, err = b.deliver(t)
	must(t, err)
	is(t, "the result of the reminders", result, workflows.DeliverMailResult{Sent: 2})
	is(t, "refused mails", b.column(t, `SELECT kind FROM mails WHERE state = 'refused'`), "notice self_report_reminder")
	is(t, "telephone tasks", b.column(t, `SELECT key FROM tasks WHERE kind = 'telephone'`), "telephone/zwgk@kongtong.pingliang.example")
	is(t, "the server's answer", strings.Contains(b.column(t, `SELECT detail FROM tasks WHERE kind = 'telephone'`), "550"), true)
}

// A server that is busy is asked again later: the step fails, and Temporal tries it again.
func TestAServerThatIsBusy(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.withInbox(t, devstack.First(1, devstack.AtRecipient, devstack.Answer{Code: 451, Text: "try again later"}))
	_, err := b.deliver(t)
	if err == nil || !strings.Contains(err.Error(), "1 mails wait for another attempt") {
		t.Fatalf("the error is %v", err)
	}
	is(t, "states", b.column(t, `SELECT state || '×' || count(*) FROM mails GROUP BY state`), "queued×1 sent×2")
	later := b.clock.Load().Add(2 * time.Second)
	b.clock.Store(&later)
	result, err := b.deliver(t)
	must(t, err)
	is(t, "the second attempt", result, workflows.DeliverMailResult{Sent: 1})
	is(t, "mails queued, sent", fmt.Sprint(len(b.lines(t, "mail_queued")), len(b.lines(t, "mail_sent"))), "3 3")
}

func TestPausesDouble(t *testing.T) {
	t.Parallel()
	real, rehearsal := &delivery{}, &delivery{}
	rehearsal.cycle.Rehearsal = 1
	for attempt, pause := range map[int32]time.Duration{1: 2 * time.Second, 2: 4 * time.Second, 9: 512 * time.Second, 10: 15 * time.Minute, 60: 15 * time.Minute} {
		is(t, fmt.Sprint("attempt ", attempt), real.pause(attempt), pause)
		is(t, fmt.Sprint("attempt of a rehearsal ", attempt), rehearsal.pause(attempt), time.Second)
	}
	is(t, "the lease", real.lease(), 10*time.Minute)
	is(t, "the lease of a rehearsal", rehearsal.lease(), 5*time.Second)
}

// A rehearsal never reaches a real mail server.
func TestARehearsalStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, err := b.Store.ImportDataSet(t.Context(), store.Import{DataSet: sample(t, b.Rules), Rehearsal: 1, Pace: time.Second, Virtual: day(time.November, 21).At(8, 0)})
	must(t, err)
	b.cycle.ID, b.cycle.Rehearsal = id, 1
	b.claim(t)
	b.notice(t)
	b.sendTo(t, "smtp://user:secret@mail.pingliang.example:587?tls=starttls")
	// Another attempt would not mend it: the administrator is told by a task, as of every step that is stuck.
	refused(t, b, workflows.DeliverMail, workflows.DeliverMailInput{Cycle: b.cycle},
		"SMTP_URL: a rehearsal delivers only to a mail server on this machine, not to mail.pingliang.example:587")
	is(t, "states", b.column(t, `SELECT DISTINCT state FROM mails`), "queued")
	elsewhere := b.Sender
	b.withInbox(t, nil)
	b.Rehearsing, b.Sender = b.Sender, elsewhere
	result, err := b.deliver(t)
	must(t, err)
	is(t, "to an inbox of its own", result, workflows.DeliverMailResult{Sent: 3})
}

// A mail that cannot be written says nothing of its address: the administrator is told, and later mails go there.
func TestAMailThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.withInbox(t, nil)
	b.execute(t, `UPDATE mails SET kind = 'greeting' WHERE unit = 'C01'`)
	result, err := b.deliver(t)
	must(t, err)
	is(t, "the result", result, workflows.DeliverMailResult{Sent: 2, Refused: 1})
	is(t, "tasks", b.column(t, `SELECT key FROM tasks WHERE role = 'admin'`), "unwritten_mail/notice/C01/zwgk@kongtong.pingliang.example")
	is(t, "refused addresses", b.count(t, `SELECT count(*) FROM refused_addresses`), 0)
	b.execute(t, `DELETE FROM mails WHERE kind = 'greeting'`)
	b.sweep(t, day(time.December, 9), workflows.PhaseSelfReport)
	result, err = b.deliver(t)
	must(t, err)
	is(t, "the reminders", result, workflows.DeliverMailResult{Sent: 3})
}

// The server is away: everything waits, nothing is lost.
func TestNoMailServer(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	inbox := b.withInbox(t, nil)
	must(t, inbox.Stop())
	_, err := b.deliver(t)
	if err == nil || !strings.Contains(err.Error(), "3 mails wait for another attempt") {
		t.Fatalf("the error is %v", err)
	}
	is(t, "states", b.column(t, `SELECT DISTINCT state || attempts FROM mails`), "queued1")
	_, err = carryOut(t, b, workflows.DeliverMail, workflows.DeliverMailInput{Cycle: workflows.CycleRef{ID: 99}})
	if err == nil {
		t.Error("mails of no cycle were delivered")
	}
}

// What waited so long for its turn that another sender may have it is not sent.
func TestAClaimThatHasRunOut(t *testing.T) {
	t.Parallel()
	composed, outcomes := make(chan parcel, 1), make(chan store.Outcome, 1)
	composed <- parcel{expiry: time.Now().Add(-time.Second)}
	close(composed)
	(&delivery{}).sendEach(t.Context(), composed, outcomes)
	is(t, "outcomes", len(outcomes), 0)
}
