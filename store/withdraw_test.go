package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store/query"
)

// report is the act that makes reminders of the report needless.
func (b *bundle) report(t *testing.T, cycle int64, runs *int) error {
	t.Helper()
	return b.do(t, cycle, "report", func(change *Change) error {
		*runs++
		return change.report(cycle)
	})
}

// report takes C01's report; a line after the withdrawal shows that the change goes on.
func (c *Change) report(cycle int64) error {
	c.Record(Line{Event: "report_submitted", Unit: "C01"})
	for _, err := range []error{
		c.ReportOpen(c.Context, query.ReportOpenParams{CycleID: cycle, Unit: "C01", Revision: 1}),
		c.ReportSubmit(c.Context, query.ReportSubmitParams{CycleID: cycle, Unit: "C01", Revision: 1, Person: "c01", At: c.At}),
		c.Withdraw("report/C01"),
	} {
		if err != nil {
			return err
		}
	}
	return c.OpenTask("A8(5)", Task{Key: "after", Kind: "what comes after the withdrawal"})
}

func TestWhatIsDoneIsRemindedOfNoMore(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	other := reminder("reminder/D01", "d01@example.com")
	other.Obligation = "report/D01"
	b.queue(t, id, reminder("reminder/C01", "c01@example.com"), other, notice("notice/C01", "c01@example.com"))
	runs := 0
	must(t, b.report(t, id, &runs))
	is(t, "the ledger", b.mails(t), "notice/C01 queued 0\nreminder/C01 withdrawn 0\nreminder/D01 queued 0")
	is(t, "the journal", b.story(t, id), "mail_queued, report_submitted, task_opened")
	is(t, "claimed", len(b.claim(t, id)), 2)
}

// A reminder that a server put off was told of; its end is told, too.
func TestAReminderThatWasPutOffIsWithdrawn(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, reminder("reminder/C01", "c01@example.com"))
	b.settle(t, id, b.claim(t, id), busyServer)
	runs := 0
	must(t, b.report(t, id, &runs))
	is(t, "the ledger", b.mails(t), "reminder/C01 withdrawn 1 451 try later")
	is(t, "the journal", b.mailLines(t, id), `mail_queued self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00
report_submitted
mail_refused self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00 withdrawn: what it reminded of is done
task_opened`)
}

// A reminder is on its way at the moment of the act: the act waits until its fate is known, and the journal tells both
// in their order.
func TestAnActWaitsForTheReminderOnItsWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		become  func(query.Mail) Outcome
		journal string
		ledger  string
	}{
		"sent":    {sent, "mail_queued, mail_sent, report_submitted, task_opened", "reminder/C01 sent 1"},
		"refused": {refused, "mail_queued, mail_refused, task_opened, report_submitted, task_opened", "reminder/C01 refused 1 550 no such user"},
		"put off": {busyServer, "mail_queued, report_submitted, mail_refused, task_opened", "reminder/C01 withdrawn 1 451 try later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, id := imported(t)
			b.owe(t, id)
			b.queue(t, id, reminder("reminder/C01", "c01@example.com"))
			batch := b.claim(t, id)
			runs := 0
			tried, done := make(chan struct{}), make(chan error, 1)
			go func() {
				done <- b.do(t, id, "report", func(change *Change) error {
					if runs++; runs == 3 {
						close(tried)
					}
					return change.report(id)
				})
			}()
			select {
			case <-tried:
			case err := <-done:
				t.Fatalf("it didn't wait: %v", err)
			}
			is(t, "lines while it waits", len(b.lines(t, id)), 1)
			b.settle(t, id, batch, c.become)
			must(t, <-done)
			is(t, "the journal", b.story(t, id), c.journal)
			is(t, "the ledger", b.mails(t), c.ledger)
		})
	}
}

// A mail server that says nothing for minutes holds nobody up: after a few seconds the act is done, whole.
func TestAnActDoesNotWaitForever(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, reminder("reminder/C01", "c01@example.com"))
	batch := b.claim(t, id)
	runs := 0
	must(t, b.report(t, id, &runs))
	is(t, "how often it tried", runs, busyAttempts+1)
	is(t, "the journal", b.story(t, id), "mail_queued, report_submitted, task_opened")
	must(t, b.report(t, id, &runs))
	is(t, "how often it ran when asked again", runs, busyAttempts+1)
	b.settle(t, id, batch, sent)
	is(t, "the ledger", b.mails(t), "reminder/C01 sent 1")
}

// The lease of the mail on its way is over: nobody sends it any more, so nobody waits, and the next one drops it.
func TestAnActDoesNotWaitForADeadSender(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, reminder("reminder/C01", "c01@example.com"))
	b.claim(t, id)
	b.clock.set(beginning.Add(time.Minute))
	runs := 0
	must(t, b.report(t, id, &runs))
	is(t, "how often it ran", runs, 1)
	b.clock.set(beginning.Add(2 * time.Minute))
	is(t, "claimed after the report", len(b.claim(t, id)), 0)
	is(t, "the ledger", b.mails(t), "reminder/C01 withdrawn 2")
}

// A sender that looked once more before it sent tells that it did not.
func TestANeedlessReminderIsSettled(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, reminder("reminder/C01", "c01@example.com"), notice("notice/C01", "c01@example.com"))
	batch := b.claim(t, id)
	needless := func() string {
		ids, err := b.MailNeedless(t.Context(), query.MailNeedlessParams{CycleID: id, MailIds: []int64{batch[0].MailID, batch[1].MailID}})
		must(t, err)
		return fmt.Sprint(ids)
	}
	is(t, "needless before", needless(), "[]")
	execute(t, b.db, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_at) SELECT cycle_id, 'C01', 1, 'submitted', now() FROM cycles`)
	is(t, "needless after", needless(), fmt.Sprint([]int64{batch[0].MailID}))
	drop := func(mail query.Mail) Outcome { return Outcome{Mail: mail, Needless: mail.Obligation != ""} }
	b.settle(t, id, batch, drop)
	b.settle(t, id, batch, drop)
	is(t, "the ledger", b.mails(t), "notice/C01 sent 1\nreminder/C01 withdrawn 1")
	is(t, "the journal", b.mailLines(t, id), `mail_queued notice c01@example.com
mail_queued self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00
mail_refused self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00 withdrawn: what it reminded of is done
mail_sent notice c01@example.com`)
}

// The act did not wait for the server's answer, and the server puts the reminder off: the next sender drops it.
func TestAReminderIsLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, reminder("reminder/C01", "c01@example.com"))
	batch := b.claim(t, id)
	runs := 0
	must(t, b.report(t, id, &runs))
	b.settle(t, id, batch, busyServer)
	b.clock.set(beginning.Add(time.Minute))
	is(t, "claimed after the report", len(b.claim(t, id)), 0)
	is(t, "the ledger", b.mails(t), "reminder/C01 withdrawn 2 451 try later")
	is(t, "the journal", b.mailLines(t, id), `mail_queued self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00
report_submitted
task_opened
mail_refused self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00 withdrawn: what it reminded of is done`)
}

func TestTasks(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	step := func(key string, do func(*Change) error) {
		t.Helper()
		must(t, b.do(t, id, key, do))
	}
	due := smallDue
	open := func(change *Change) error {
		return change.OpenTask("A8(5)", Task{Key: "self_report/C01", Kind: "self_report", Role: "contact", Unit: "C01", Due: &due, Detail: "补正"})
	}
	finish := func(change *Change) error {
		return change.FinishTask("A8(5)", "self_report/C01", "c01", "已报送")
	}
	tasks := func() string {
		return strings.Join(b.names(t, `SELECT key || ' ' || kind || ' ' || state || ' ' || due || ' ' || detail || ' ' || note || ' ' || (done_at IS NOT NULL) FROM tasks`), "\n")
	}
	step("finish nothing", finish)
	step("open", open)
	step("open again", open)
	is(t, "the task", tasks(), "self_report/C01 self_report open 2025-12-12 补正  false")
	step("finish", finish)
	step("finish again", finish)
	is(t, "the task", tasks(), "self_report/C01 self_report done 2025-12-12 补正 已报送 true")
	due = due.AddDays(3)
	step("reopen", open)
	is(t, "the task", tasks(), "self_report/C01 self_report open 2025-12-15 补正 已报送 false")
	is(t, "the journal", b.story(t, id), "task_opened, task_done, task_opened")
	lines := b.lines(t, id)
	is(t, "the line of its opening", lines[0].data, `{"due":"2025-12-12","key":"self_report/C01","kind":"self_report","role":"contact"}`)
	is(t, "the line of its end", lines[1].Person+lines[1].data, `c01{"key":"self_report/C01","kind":"self_report"}`)
}
