package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

// notice is a mail that a step decided, to a unit.
func notice(key, to string) Mail {
	return Mail{Key: key, Kind: "notice", Article: "A8(4)", Unit: "C01", To: to, Data: map[string]string{}, MessageID: "<" + key + "@kaoping.example>"}
}

// reminder is one of the unit's report, for 09:00 of the first day.
func reminder(key, to string) Mail {
	mail := notice(key, to)
	moment := beginning
	mail.Kind, mail.Article, mail.Obligation, mail.Scheduled = "self_report_reminder", "A8(5)", "report/C01", &moment
	return mail
}

// owe lets every unit owe its report, as from the notice on.
func (b *bundle) owe(t *testing.T, cycle int64) {
	t.Helper()
	must(t, b.AssessmentInsertAll(t.Context(), query.AssessmentInsertAllParams{CycleID: cycle, ReportDue: smallDue, ReviewDue: smallDue.AddDays(28)}))
	must(t, b.AssessmentStateAll(t.Context(), query.AssessmentStateAllParams{CycleID: cycle, State: "reporting"}))
}

func (b *bundle) queue(t *testing.T, cycle int64, mails ...Mail) {
	t.Helper()
	must(t, b.do(t, cycle, fmt.Sprint("queue/", mails[0].Key, len(b.lines(t, cycle))), func(change *Change) error {
		for _, mail := range mails {
			if err := change.Queue(mail); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (b *bundle) claim(t *testing.T, cycle int64) []query.Mail {
	t.Helper()
	batch, err := b.ClaimMails(t.Context(), cycle, 100, time.Minute)
	must(t, err)
	return batch
}

func (b *bundle) settle(t *testing.T, cycle int64, batch []query.Mail, become func(query.Mail) Outcome) {
	t.Helper()
	var outcomes []Outcome
	for _, mail := range batch {
		outcomes = append(outcomes, become(mail))
	}
	must(t, b.SettleMails(t.Context(), cycle, outcomes))
}

func sent(mail query.Mail) Outcome { return Outcome{Mail: mail} }

func refused(mail query.Mail) Outcome {
	return Outcome{Mail: mail, Refused: true, Answer: "550 no such user"}
}

func busyServer(mail query.Mail) Outcome {
	return Outcome{Mail: mail, Temporary: true, Answer: "451 try later", Pause: 30 * time.Second}
}

// mails is the ledger: key, state, attempts, answer.
func (b *bundle) mails(t *testing.T) string {
	t.Helper()
	return strings.Join(b.names(t, `SELECT rtrim(key || ' ' || state || ' ' || attempts || ' ' || answer) FROM mails`), "\n")
}

// mailLines are the journal's lines about mails: event, kind, address, answer.
func (b *bundle) mailLines(t *testing.T, cycle int64) string {
	t.Helper()
	var lines []string
	for _, line := range b.lines(t, cycle) {
		text := line.Event
		for _, key := range []string{"kind", "to", "scheduled", "answer"} {
			if value, ok := line.Data[key]; ok && strings.HasPrefix(line.Event, "mail_") {
				text += " " + fmt.Sprint(value)
			}
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

func TestAMailIsQueuedAndSent(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.queue(t, id, notice("notice/C01", "c01@example.com"))
	again := notice("notice/C01", "c01@example.com")
	again.MessageID = "<another@kaoping.example>"
	b.queue(t, id, again)
	is(t, "the ledger", b.mails(t), "notice/C01 queued 0")
	batch := b.claim(t, id)
	is(t, "claimed", len(batch), 1)
	is(t, "the Message-ID", batch[0].MessageID, "<notice/C01@kaoping.example>")
	is(t, "the ledger", b.mails(t), "notice/C01 sending 1")
	b.settle(t, id, batch, sent)
	b.settle(t, id, batch, sent)
	is(t, "the ledger", b.mails(t), "notice/C01 sent 1")
	is(t, "the journal", b.mailLines(t, id), "mail_queued notice c01@example.com\nmail_sent notice c01@example.com")
	line := b.lines(t, id)[1]
	is(t, "the line", fmt.Sprint(line.Unit, " ", line.Article, " ", line.Data["message_id"]), "C01 A8(4) <notice/C01@kaoping.example>")
	is(t, "nothing is left", len(b.claim(t, id)), 0)
}

// The journal tells of a reminder when it goes out, with the moment that the policy names.
func TestAReminderIsTold(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, reminder("reminder/C01", "c01@example.com"))
	is(t, "lines before", len(b.lines(t, id)), 0)
	b.settle(t, id, b.claim(t, id), sent)
	is(t, "the journal", b.mailLines(t, id), `mail_queued self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00
mail_sent self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00`)
}

func TestTwoClaimersNeverHaveTheSameMail(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	var mails []Mail
	for i := range 100 {
		mails = append(mails, notice(fmt.Sprintf("notice/%03d", i), fmt.Sprintf("u%d@example.com", i)))
	}
	b.queue(t, id, mails...)
	var mu sync.Mutex
	var keys []string
	var claimers sync.WaitGroup
	for range 4 {
		claimers.Go(func() {
			for {
				batch, err := b.ClaimMails(t.Context(), id, 7, time.Minute)
				if err != nil || len(batch) == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if len(batch) > 7 {
					t.Errorf("%d claimed at once", len(batch))
				}
				mu.Lock()
				for _, mail := range batch {
					keys = append(keys, mail.Key)
				}
				mu.Unlock()
				b.settle(t, id, batch, sent)
			}
		})
	}
	claimers.Wait()
	slices.Sort(keys)
	is(t, "claims", len(keys), 100)
	is(t, "different mails", len(slices.Compact(keys)), 100)
	is(t, "lines of sent mails", count(t, b.db, `SELECT count(*) FROM journal WHERE event = 'mail_sent'`), 100)
}

// A sender that died: when its lease is over the mail goes to another, under the same Message-ID.
func TestAnExpiredLeaseIsClaimedAgain(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, notice("notice/C01", "c01@example.com"), reminder("reminder/C01", "c01@example.com"))
	dead := b.claim(t, id)
	b.clock.set(beginning.Add(time.Minute))
	is(t, "claimed within the lease", len(b.claim(t, id)), 0)
	b.clock.set(beginning.Add(time.Minute + time.Second))
	second := b.claim(t, id)
	is(t, "claimed after the lease", len(second), 2)
	is(t, "another claim", second[0].Claim == dead[0].Claim, false)
	ids := func(batch []query.Mail) string {
		var ids []string
		for _, mail := range batch {
			ids = append(ids, mail.MessageID)
		}
		slices.Sort(ids)
		return fmt.Sprint(ids)
	}
	is(t, "the Message-IDs", ids(second), ids(dead))
	for _, become := range []func(query.Mail) Outcome{sent, refused, busyServer} {
		b.settle(t, id, dead, become)
		is(t, "the ledger after the dead one's word", b.mails(t), "notice/C01 sending 2\nreminder/C01 sending 2")
	}
	b.settle(t, id, second, sent)
	is(t, "the ledger", b.mails(t), "notice/C01 sent 2\nreminder/C01 sent 2")
	is(t, "the journal", b.story(t, id), "2×mail_queued, 2×mail_sent")
	is(t, "tasks", count(t, b.db, `SELECT count(*) FROM tasks`), 0)
}

func TestARefusedAddress(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, notice("notice/C01", "gone@example.com"), notice("bulletin/C01", "gone@example.com"), notice("notice/D01", "d01@example.com"))
	b.settle(t, id, b.claim(t, id), func(mail query.Mail) Outcome {
		if mail.Recipient == "gone@example.com" {
			return refused(mail)
		}
		return sent(mail)
	})
	b.queue(t, id, notice("feedback/C01", "gone@example.com"), reminder("reminder/C01", "gone@example.com"), notice("feedback/D01", "d01@example.com"))
	later := b.claim(t, id)
	is(t, "claimed later", len(later), 1)
	is(t, "to", later[0].Recipient, "d01@example.com")
	is(t, "the ledger", b.mails(t), `bulletin/C01 refused 1 550 no such user
feedback/C01 refused 1 refused before: 550 no such user
feedback/D01 sending 1
notice/C01 refused 1 550 no such user
notice/D01 sent 1
reminder/C01 refused 1 refused before: 550 no such user`)
	is(t, "tasks", fmt.Sprint(b.names(t, `SELECT key || ' ' || kind || ' ' || role || ' ' || unit || ' ' || detail FROM tasks`)),
		"[telephone/gone@example.com telephone admin C01 gone@example.com: 550 no such user]")
	is(t, "tasks opened", count(t, b.db, `SELECT count(*) FROM journal WHERE event = 'task_opened'`), 1)
	is(t, "lines of refusals", count(t, b.db, `SELECT count(*) FROM journal WHERE event = 'mail_refused'`), 4)
	// A reminder that is refused at once was queued before.
	is(t, "lines of queued mails", count(t, b.db, `SELECT count(*) FROM journal WHERE event = 'mail_queued'`), 6)
	// The address was mended by telephone.
	must(t, b.RefusedAddressClear(t.Context(), query.RefusedAddressClearParams{CycleID: id, Address: "gone@example.com"}))
	b.queue(t, id, notice("notice/again", "gone@example.com"))
	is(t, "claimed after the address was mended", len(b.claim(t, id)), 1)
}

func TestATemporaryAnswerBacksOff(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	b.queue(t, id, notice("notice/C01", "c01@example.com"), reminder("reminder/C01", "c01@example.com"))
	b.settle(t, id, b.claim(t, id), busyServer)
	is(t, "the ledger", b.mails(t), "notice/C01 queued 1 451 try later\nreminder/C01 queued 1 451 try later")
	b.clock.set(beginning.Add(29 * time.Second))
	is(t, "claimed too soon", len(b.claim(t, id)), 0)
	open, err := b.MailOpenCount(t.Context(), query.MailOpenCountParams{CycleID: id})
	must(t, err)
	is(t, "open", open, int64(2))
	b.clock.set(beginning.Add(30 * time.Second))
	b.settle(t, id, b.claim(t, id), sent)
	is(t, "the ledger", b.mails(t), "notice/C01 sent 2\nreminder/C01 sent 2")
	is(t, "the journal", b.story(t, id), "2×mail_queued, 2×mail_sent")
}

func TestAReminderLapsesWhenItsDayIsOver(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.owe(t, id)
	day := calendar.DateOf(beginning)
	b.queue(t, id, reminder("tried/C01", "c01@example.com"))
	b.settle(t, id, b.claim(t, id), busyServer)
	b.queue(t, id, reminder("untried/C01", "c01@example.com"), notice("notice/C01", "c01@example.com"))
	b.clock.set(day.End())
	batch := b.claim(t, id)
	is(t, "claimed", len(batch), 1)
	is(t, "its kind", batch[0].Kind, "notice")
	is(t, "the ledger", b.mails(t), "notice/C01 sending 1\ntried/C01 withdrawn 2 451 try later\nuntried/C01 withdrawn 1")
	// Only what the journal told of is taken back.
	is(t, "the journal", b.mailLines(t, id), `mail_queued self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00
mail_queued notice c01@example.com
mail_refused self_report_reminder c01@example.com 2025-11-24T09:00:00+08:00 withdrawn: its day is over`)
}

func TestWhatManyMailsShare(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	must(t, b.do(t, id, "share", func(change *Change) error {
		must(t, change.Share("bulletin/1", map[string]string{"title": "通报"}, "结果.xlsx", []byte("workbook")))
		return change.Share("bulletin/1", map[string]string{"title": "another"}, "", nil)
	}))
	shared, err := b.MailShared(t.Context(), query.MailSharedParams{CycleID: id, Key: "bulletin/1"})
	must(t, err)
	is(t, "what is shared", fmt.Sprint(string(shared.Data), shared.AttachmentName, string(shared.Attachment)), `{"title": "通报"}结果.xlsxworkbook`)
	for name, write := range map[string]func(*Change) error{
		"share": func(change *Change) error { return change.Share("x", make(chan int), "", nil) },
		"queue": func(change *Change) error { return change.Queue(Mail{Key: "x", Data: make(chan int)}) },
	} {
		if err := b.do(t, id, name+" what cannot be written", write); err == nil {
			t.Errorf("%s took what cannot be written", name)
		}
	}
}

// The answers to the claim's and the settlement's COMMIT are lost: no mail is lost with them, none told twice.
func TestTheLedgerWhenCommitAnswersAreLost(t *testing.T) {
	t.Parallel()
	behind, b, id, p := through(t, Config{})
	b.owe(t, id)
	b.queue(t, id, notice("notice/C01", "c01@example.com"), reminder("reminder/C01", "c01@example.com"), notice("notice/D01", "gone@example.com"))
	p.cutAfter("COMMIT")
	batch, err := behind.ClaimMails(t.Context(), id, 100, time.Minute)
	must(t, err)
	is(t, "claimed", len(batch), 3)
	p.cutAfter("COMMIT")
	var outcomes []Outcome
	for _, mail := range batch {
		outcomes = append(outcomes, Outcome{Mail: mail, Refused: mail.Recipient == "gone@example.com", Answer: "550"})
	}
	must(t, behind.SettleMails(t.Context(), id, outcomes))
	p.wasCut(t, 2)
	is(t, "the journal", b.story(t, id), "3×mail_queued, mail_refused, task_opened, 2×mail_sent")
	must(t, b.CheckJournal(t.Context(), id))
	_, err = behind.ClaimMails(t.Context(), 99, 1, time.Minute)
	is(t, "a claim of no cycle", KindOf(err), NotFound)
	is(t, "a settlement of no cycle", KindOf(errors.Unwrap(behind.SettleMails(t.Context(), 99, nil))), NotFound)
}
