package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jordan-wright/email"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

const (
	manyMails  = 2000
	mailSender = "zwgk@localhost"
	sharedPart = "measured"
)

// mail is the rate at which the mails on a cycle's ledger are delivered by the step that delivers them in a year, from
// their claims to their last note, against a loop that composes and sends the same texts with the same libraries over as
// many connections, and keeps no ledger.
func (b *bench) mail(ctx context.Context) ([]figure, error) {
	var taken []pair
	err := b.onStage(ctx, func(s *stage) error {
		set, err := b.dataSet(40, s.rules)
		if err != nil {
			return err
		}
		for round := range pairs {
			cycle, err := s.office.ImportRehearsal(ctx, set, time.Second)
			if err != nil {
				return err
			}
			var next pair
			if next.ours, err = s.throughLedger(ctx, cycle); err != nil {
				return err
			}
			if next.reference, err = s.bareLoop(ctx); err != nil {
				return err
			}
			b.tell("mail, round %d of %d: %s against %s", round+1, pairs, seconds(next.ours), seconds(next.reference))
			taken = append(taken, next)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ours, reference, ratio := medians(taken)
	return []figure{{
		name: fmt.Sprintf("%d mails through the ledger", manyMails), ours: perSecond(ours), reference: perSecond(reference) + " bare loop",
		ratio: 1 / ratio, bound: 0.8, least: true,
	}}, nil
}

func perSecond(took time.Duration) string { return fmt.Sprintf("%.0f/s", manyMails/took.Seconds()) }

// commonPart is a notice (A8(4)), which names every unit; ownPart is what differs from unit to unit.
func commonPart() mail.Data {
	letter := mail.Data{
		Authority: "平凉市政府政务公开办公室", RuleTitle: "平凉市政务公开工作考核办法", RuleDocument: "平政办发〔2022〕99号", Year: 2025,
		DocumentNumber: "平政公开办发〔2025〕12号", Due: calendar.Date{Year: 2025, Month: time.December, Day: 12}, Rehearsal: true,
	}
	for at := range 40 {
		letter.Units = append(letter.Units, ownPart(at).UnitName)
	}
	return letter
}

func ownPart(at int) mail.Data {
	return mail.Data{
		UnitName: fmt.Sprintf("第%d号单位人民政府办公室", at+1), Issued: calendar.Date{Year: 2025, Month: time.November, Day: 24},
		Link: fmt.Sprintf("http://127.0.0.1:8080/pingliang/2025/units/U%04d/report", at+1),
	}
}

func recipient(at int) string { return fmt.Sprintf("u%04d@units.example", at+1) }

// throughLedger queues the mails, which is not measured, and has them delivered.
func (s *stage) throughLedger(ctx context.Context, cycle query.Cycle) (time.Duration, error) {
	if err := s.queueMails(ctx, cycle); err != nil {
		return 0, err
	}
	return s.deliverQueued(ctx, cycle)
}

func (s *stage) deliverQueued(ctx context.Context, cycle query.Cycle) (time.Duration, error) {
	began := time.Now()
	run, err := s.office.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: referenceQueue}, deliver, office.Reference(cycle))
	if err != nil {
		return 0, err
	}
	var result workflows.DeliverMailResult
	err = run.Get(ctx, &result)
	if err == nil && result.Sent != manyMails {
		err = fmt.Errorf("%d of %d mails were sent", result.Sent, manyMails)
	}
	return time.Since(began), err
}

func (s *stage) queueMails(ctx context.Context, cycle query.Cycle) error {
	return s.office.Store.Do(ctx, store.Step{Cycle: cycle.CycleID, Key: "measured mails"}, &workflows.Empty{}, func(change *store.Change) error {
		if err := change.Share(sharedPart, commonPart(), "", nil); err != nil {
			return err
		}
		for at := range manyMails {
			if err := change.Queue(store.Mail{
				Key: recipient(at), Kind: mail.KindNotice, Article: "A8(4)", To: recipient(at), Data: ownPart(at), Shared: sharedPart,
				MessageID: mail.MessageID(uuid.NewString(), "localhost"),
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// bareLoop composes and sends as many mails, of texts that are written already.
func (s *stage) bareLoop(ctx context.Context) (time.Duration, error) {
	letter := commonPart()
	own := ownPart(0)
	letter.UnitName, letter.Issued, letter.Link = own.UnitName, own.Issued, own.Link
	text, err := mail.Render(mail.KindNotice, letter)
	if err != nil {
		return 0, err
	}
	server, err := url.Parse(s.SMTPURL())
	if err != nil {
		return 0, err
	}
	recipients := make(chan string)
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range service.Connections {
		group.Go(func() error { return sendAll(server.Host, text, recipients) })
	}
	group.Go(func() error {
		defer close(recipients)
		for at := range manyMails {
			select {
			case recipients <- recipient(at):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	err = group.Wait()
	return time.Since(began), err
}

// sendAll sends over one connection.
func sendAll(address string, text mail.Rendered, recipients <-chan string) error {
	connection, err := smtp.Dial(address)
	if err != nil {
		return err
	}
	for to := range recipients {
		if err := sendOne(connection, text, to); err != nil {
			return errors.Join(err, connection.Close())
		}
	}
	return connection.Quit()
}

func sendOne(connection *smtp.Client, text mail.Rendered, to string) error {
	message := email.NewEmail()
	message.From, message.To, message.Subject = mailSender, []string{to}, text.Subject
	message.Text, message.HTML = []byte(text.Text), []byte(text.HTML)
	raw, err := message.Bytes()
	if err != nil {
		return err
	}
	if err := connection.Mail(mailSender, nil); err != nil {
		return err
	}
	if err := connection.Rcpt(to, nil); err != nil {
		return err
	}
	body, err := connection.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(raw); err != nil {
		return err
	}
	return body.Close()
}
