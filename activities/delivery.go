package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"runtime"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

const (
	claimSize    = 100
	lease        = 10 * time.Minute
	longestPause = 15 * time.Minute
	// A rehearsal's day is a second: a mail that a dead worker took along is taken up again sooner.
	rehearsalLease = 5 * time.Second
	rehearsalPause = time.Second
	// linger is how long an outcome waits for others, to be noted with them.
	linger = 50 * time.Millisecond
)

// deliverMail sends what is on the cycle's ledger until nothing is left, or only mails that must wait: then it fails,
// and Temporal tries it again.
func (a *Activities) deliverMail(ctx context.Context, in workflows.DeliverMailInput) (workflows.DeliverMailResult, error) {
	cycle, err := a.Store.CycleGet(ctx, query.CycleGetParams{CycleID: in.Cycle.ID})
	if err != nil {
		return workflows.DeliverMailResult{}, fmt.Errorf("couldn't read the cycle: %w", err)
	}
	sender, err := a.senderOf(cycle)
	if err != nil {
		return workflows.DeliverMailResult{}, err
	}
	delivery := &delivery{Activities: a, sender: sender, cycle: cycle, letters: map[string]shared{}}
	if err := delivery.run(ctx); err != nil {
		return delivery.result, err
	}
	left, err := a.Store.MailOpenCount(ctx, query.MailOpenCountParams{CycleID: cycle.CycleID})
	if err == nil && left > 0 {
		err = fmt.Errorf("%d mails wait for another attempt", left)
	}
	return delivery.result, err
}

// senderOf never lets a rehearsal reach a server elsewhere. Another attempt would not help: the step fails with words.
func (a *Activities) senderOf(cycle query.Cycle) (*mail.Sender, error) {
	if cycle.Rehearsal == 0 {
		return a.Sender, nil
	}
	sender := cmp.Or(a.Rehearsing, a.Sender)
	if err := sender.Server().CheckRehearsal(); err != nil {
		return nil, store.Refuse(err.Error())
	}
	return sender, nil
}

// delivery is one run over a cycle's ledger: one goroutine claims, some compose, several send, one settles.
type delivery struct {
	*Activities
	sender *mail.Sender
	cycle  query.Cycle
	// letters are the common parts of mails, by key; mu guards the map.
	mu      sync.Mutex
	letters map[string]shared
	result  workflows.DeliverMailResult
}

// shared is what many mails have in common; several composers read one at once.
type shared struct {
	data       mail.Data
	attachment []mail.Attachment
}

// parcel is one claimed mail on its way.
type parcel struct {
	mail   query.Mail
	expiry time.Time
	raw    []byte
	// fault is why it can't be composed.
	fault error
}

// run lets each stage work ahead of the next, so that connections wait neither for the database nor for a template: a
// claim ahead of those who compose, who leave half the machine to those who send. If one fails, no more is claimed;
// what was claimed goes through all stages to its note.
func (d *delivery) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	claimed, composed := make(chan parcel, claimSize), make(chan parcel, d.Connections)
	outcomes := make(chan store.Outcome, claimSize)
	var group errgroup.Group
	group.Go(func() error {
		defer close(claimed)
		return d.claim(ctx, claimed)
	})
	go crew(max(1, runtime.GOMAXPROCS(0)/2), composed, func() { d.composeEach(ctx, claimed, composed) })
	go crew(max(1, d.Connections), outcomes, func() { d.sendEach(ctx, composed, outcomes) })
	group.Go(func() error { return d.settle(ctx, stop, outcomes) })
	return group.Wait()
}

// crew has several do the same, and closes what they fill when all are done.
func crew[T any](size int, fills chan<- T, do func()) {
	var hands sync.WaitGroup
	for range size {
		hands.Go(do)
	}
	hands.Wait()
	close(fills)
}

func (d *delivery) lease() time.Duration {
	if d.cycle.Rehearsal > 0 {
		return rehearsalLease
	}
	return lease
}

// claim takes mails until none is left. A worker that stops takes no more: what is left is given back.
func (d *delivery) claim(ctx context.Context, claimed chan<- parcel) error {
	stopping := activity.GetWorkerStopChannel(ctx)
	for {
		select {
		case <-stopping:
			return nil
		default:
		}
		expiry := time.Now().Add(d.lease())
		batch, err := d.Store.ClaimMails(ctx, d.cycle.CycleID, claimSize, d.lease())
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, mail := range batch {
			claimed <- parcel{mail: mail, expiry: expiry}
		}
	}
}

func (d *delivery) composeEach(ctx context.Context, claimed <-chan parcel, composed chan<- parcel) {
	for parcel := range claimed {
		parcel.raw, parcel.fault = d.compose(ctx, parcel.mail)
		composed <- parcel
	}
}

// compose writes a mail's own data over a copy of the common part. No list is in both: the copies share those.
func (d *delivery) compose(ctx context.Context, row query.Mail) ([]byte, error) {
	common, err := d.common(ctx, row.Shared)
	if err != nil {
		return nil, err
	}
	letter := common.data
	if err := json.Unmarshal(row.Data, &letter); err != nil {
		return nil, fmt.Errorf("couldn't read mail %s: %w", row.Key, err)
	}
	rendered, err := mail.Render(row.Kind, letter)
	if err != nil {
		return nil, err
	}
	name := letter.PersonName
	if name == "" {
		name = letter.UnitName
	}
	return mail.Compose(mail.Message{
		From: netmail.Address{Name: letter.Authority, Address: d.From}, To: netmail.Address{Name: name, Address: row.Recipient},
		Subject: rendered.Subject, Text: rendered.Text, HTML: rendered.HTML, MessageID: row.MessageID,
		Date: d.Store.Now(d.cycle), Attachments: common.attachment,
	})
}

func (d *delivery) common(ctx context.Context, key string) (shared, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if kept, ok := d.letters[key]; ok {
		return kept, nil
	}
	row, err := d.Store.MailShared(ctx, query.MailSharedParams{CycleID: d.cycle.CycleID, Key: key})
	if err != nil {
		return shared{}, &store.Error{Kind: store.Unavailable, Err: fmt.Errorf("couldn't read the mails' common part %s: %w", key, err)}
	}
	var common shared
	if err := json.Unmarshal(row.Data, &common.data); err != nil {
		return shared{}, fmt.Errorf("couldn't read the mails' common part %s: %w", key, err)
	}
	if row.AttachmentName != "" {
		common.attachment = []mail.Attachment{{Name: row.AttachmentName, ContentType: workbookType, Content: row.Attachment}}
		common.data.Attachments = []string{row.AttachmentName}
	}
	d.letters[key] = common
	return common, nil
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// sendEach leaves mails alone whose claim has run out while they waited: another sender may have them.
func (d *delivery) sendEach(ctx context.Context, composed <-chan parcel, outcomes chan<- store.Outcome) {
	for parcel := range composed {
		if time.Now().Before(parcel.expiry) {
			outcomes <- d.send(ctx, parcel)
		}
	}
}

// send delivers one mail. One that can't be composed is given up: no other attempt would mend it. When the delivery is
// stopped the rest is given back. A reminder waits for nothing between the look at the clock and the server: those before
// it may have taken until midnight, and the next day can be a day off (A8(5)).
func (d *delivery) send(ctx context.Context, parcel parcel) store.Outcome {
	outcome := store.Outcome{Mail: parcel.mail}
	needless, err := false, parcel.fault
	if err == nil {
		needless, err = d.needless(ctx, parcel.mail)
	}
	outcome.Begun = d.Store.Now(d.cycle)
	needless = needless || store.DayOver(parcel.mail, outcome.Begun)
	if err == nil && !needless {
		err = d.sender.Send(ctx, d.From, parcel.mail.Recipient, parcel.raw)
	}
	var refused *mail.RefusedError
	var putOff *mail.TemporaryError
	switch {
	case err == nil:
		outcome.Needless = needless
	case errors.As(err, &refused):
		outcome.Refused, outcome.Answer = true, refused.Error()
	case errors.As(err, &putOff), store.KindOf(err) == store.Unavailable:
		outcome.Temporary, outcome.Answer, outcome.Pause = true, err.Error(), d.pause(parcel.mail.Attempts)
	default:
		outcome.Unwritten, outcome.Answer = true, err.Error()
	}
	return outcome
}

// needless looks once more whether a reminder is still due: those before it in its batch may have taken their time.
func (d *delivery) needless(ctx context.Context, mail query.Mail) (bool, error) {
	if mail.Obligation == "" {
		return false, nil
	}
	found, err := d.Store.MailNeedless(ctx, query.MailNeedlessParams{CycleID: d.cycle.CycleID, MailIds: []int64{mail.MailID}})
	if err != nil {
		return false, &store.Error{Kind: store.Unavailable, Err: fmt.Errorf("couldn't look whether it is still due: %w", err)}
	}
	return len(found) > 0, nil
}

// pause doubles with each attempt.
func (d *delivery) pause(attempts int32) time.Duration {
	longest := longestPause
	if d.cycle.Rehearsal > 0 {
		longest = rehearsalPause
	}
	return min(time.Second<<min(attempts, 10), longest)
}

// settle writes outcomes as they come, many in one transaction. What can't be written for another reason than that the
// database is away stops the delivery.
func (d *delivery) settle(ctx context.Context, stop func(), outcomes <-chan store.Outcome) error {
	var failed error
	for first := range outcomes {
		if err := d.note(ctx, gather(first, outcomes)); err != nil {
			failed = err
			stop()
		}
	}
	return failed
}

// gather waits a moment for more, up to a claim's size: each note takes the cycle's lock, which others want too.
func gather(first store.Outcome, outcomes <-chan store.Outcome) []store.Outcome {
	list := []store.Outcome{first}
	enough := time.After(linger)
	for range claimSize - 1 {
		select {
		case next, ok := <-outcomes:
			if !ok {
				return list
			}
			list = append(list, next)
		case <-enough:
			return list
		}
	}
	return list
}

// note writes down what the server took however long the database is away, also when the delivery is stopped meanwhile,
// so that nothing is sent twice for want of a note. A worker that ends closes the store under it.
func (d *delivery) note(ctx context.Context, outcomes []store.Outcome) error {
	for {
		err := d.Store.SettleMails(context.WithoutCancel(ctx), d.cycle.CycleID, outcomes)
		if err == nil {
			d.count(outcomes)
			return nil
		}
		if store.KindOf(err) != store.Unavailable {
			return err
		}
		d.Log.Warn("mails were sent but could not be noted yet", "mails", len(outcomes), "error", err)
	}
}

func (d *delivery) count(outcomes []store.Outcome) {
	for _, outcome := range outcomes {
		switch {
		case outcome.Refused, outcome.Unwritten:
			d.result.Refused++
		case outcome.Sent():
			d.result.Sent++
		}
	}
}

// today is the cycle's day.
func (y *year) today() calendar.Date { return calendar.DateOf(y.At) }
