package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

// Mail is one message to one addressee, as a step of the process decides it.
type Mail struct {
	// Key is made of the step and the addressee: a step that is tried again finds its mail.
	Key     string
	Kind    string
	Article string
	Unit    string
	Person  string
	To      string
	// Data is what the template of this kind needs beside the shared part.
	Data any
	// Shared names a part stored once for many mails (Share).
	Shared string
	// Obligation is what a reminder, or an escalation, reminds of; who fulfils it withdraws them. What a mail reminds of
	// is looked up once more before it leaves (MailNeedless knows the forms: report/UNIT, review/LOGIN, approval/NUMBER,
	// rectification/UNIT, invitation/NUMBER, each with /DAY behind it for what is due by then).
	Obligation string
	// Scheduled is the moment that the reminder policy names; the mail is dropped when that day is over.
	Scheduled *time.Time
	// MessageID is the header's; a mail that was queued before under the same key keeps its own.
	MessageID string
}

// Share stores what the mails of one step have in common.
func (c *Change) Share(key string, data any, attachmentName string, attachment []byte) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("couldn't store the mail's common part %s: %w", key, err)
	}
	return c.MailShare(c.Context, query.MailShareParams{
		CycleID: c.Cycle.CycleID, Key: key, Data: text, AttachmentName: attachmentName, Attachment: attachment,
	})
}

// Queue writes a mail to the ledger. The journal tells of a reminder only when it goes out: it can lapse before.
func (c *Change) Queue(mail Mail) error {
	data, err := json.Marshal(mail.Data)
	if err != nil {
		return fmt.Errorf("couldn't queue a %s for %s: %w", mail.Kind, mail.Unit, err)
	}
	_, err = c.MailInsert(c.Context, query.MailInsertParams{
		CycleID: c.Cycle.CycleID, Key: mail.Key, Kind: mail.Kind, Article: mail.Article, Unit: mail.Unit, Person: mail.Person,
		Recipient: mail.To, Data: data, Shared: mail.Shared, Obligation: mail.Obligation, Scheduled: mail.Scheduled, MessageID: mail.MessageID,
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil // queued before, under the same key
	}
	if err != nil {
		return fmt.Errorf("couldn't queue a %s for %s: %w", mail.Kind, mail.Unit, err)
	}
	if mail.Obligation == "" {
		c.recordMail("mail_queued", mailFacts{mail.Kind, mail.Article, mail.Unit, mail.Person, mail.To, mail.MessageID, mail.Scheduled, nil}, "")
	}
	return nil
}

// Redirect puts what was refused at the old address of a person, or of a unit, on its way to the new one, and answers how
// much that is. A reminder whose day is over, or that reminds of what is done, is dropped before it leaves, as ever.
func (c *Change) Redirect(unit, person, old, email string) (int, error) {
	mails, err := c.MailRedirect(c.Context, query.MailRedirectParams{CycleID: c.Cycle.CycleID, Unit: unit, Person: person, Old: old, Email: email})
	if err != nil {
		return 0, fmt.Errorf("couldn't redirect the mails to %s: %w", old, err)
	}
	for _, mail := range mails {
		c.recordMail("mail_queued", factsOf(mail), "")
	}
	return len(mails), nil
}

type mailFacts struct {
	kind, article, unit, person, to, messageID string
	scheduled                                  *time.Time
	// begun is when a reminder's delivery began: the server's answer is written down later, perhaps on another day.
	begun *time.Time
}

func factsOf(mail query.Mail) mailFacts {
	return mailFacts{mail.Kind, mail.Article, mail.Unit, mail.Person, mail.Recipient, mail.MessageID, mail.Scheduled, nil}
}

func (c *Change) recordMail(event string, mail mailFacts, answer string) {
	data := map[string]any{"kind": mail.kind, "to": mail.to, "message_id": mail.messageID}
	if mail.scheduled != nil {
		data["scheduled"] = mail.scheduled.In(calendar.Location).Format(time.RFC3339)
	}
	if mail.begun != nil {
		data["begun"] = mail.begun.In(calendar.Location).Format(time.RFC3339)
	}
	if answer != "" {
		data["answer"] = answer
	}
	c.Record(Line{Event: event, Unit: mail.unit, Person: mail.person, Article: mail.article, Data: data})
}

// Withdraw drops the reminders of an obligation that is now fulfilled. If one of them is on its way at this very
// moment, the change is tried again until its fate is known, so that the journal does not tell of a reminder after
// the act that made it needless; a mail server that takes seconds holds the act up no longer. If that server then puts
// the reminder off, or its sender has died, whoever claims it next drops it.
func (c *Change) Withdraw(obligation string) error {
	withdrawn, err := c.MailWithdrawObligation(c.Context, query.MailWithdrawObligationParams{CycleID: c.Cycle.CycleID, Obligation: obligation})
	if err != nil {
		return err
	}
	for _, mail := range withdrawn {
		c.recordLapse(mail, fulfilled)
	}
	sending, err := c.MailSendingObligation(c.Context, query.MailSendingObligationParams{CycleID: c.Cycle.CycleID, Obligation: obligation, Now: c.Real})
	if err == nil && sending && c.patient {
		return errBusy
	}
	return err
}

// fulfilled is the answer of a reminder that was under way and is not sent, because nothing is open any more.
const fulfilled = "withdrawn: what it reminded of is done"

// recordLapse tells the end of a reminder that was already under way once (a temporary answer) and will not be sent.
func (c *Change) recordLapse(mail query.Mail, why string) {
	if mail.State == "sending" && mail.Attempts > 1 || mail.State == "withdrawn" && mail.Attempts > 0 {
		c.recordMail("mail_refused", factsOf(mail), why)
	}
}

// ClaimMails takes up to size mails of a cycle that may go out now. A claim that is not settled within the lease is
// free again: the mail keeps its Message-ID. Reminders whose day is over, and mails to an address that was refused
// for good, are sorted out here.
func (s *Store) ClaimMails(ctx context.Context, cycle int64, size int, lease time.Duration) ([]query.Mail, error) {
	claim := uuid.New()
	var batch []query.Mail
	err := s.locked(ctx, cycle, time.Time{}, func(change *Change) error {
		claimed, err := change.MailClaim(ctx, query.MailClaimParams{
			CycleID: cycle, Claim: claim, Now: change.Real, Until: change.Real.Add(lease), Size: int32(size),
		})
		if err != nil {
			return err
		}
		batch, err = change.sortOut(claimed)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("couldn't claim mails: %w", err)
	}
	return batch, nil
}

func (c *Change) sortOut(claimed []query.Mail) ([]query.Mail, error) {
	refused, err := c.refusedAddresses()
	if err != nil {
		return nil, err
	}
	needless, err := c.needless(claimed)
	if err != nil {
		return nil, err
	}
	var out []query.Mail
	for _, mail := range claimed {
		answer, known := refused[mail.Recipient]
		lapse := c.lapse(mail, needless)
		switch {
		case lapse != "":
			c.recordLapse(mail, lapse)
			_, err = c.withdraw(mail)
		case known:
			c.recordReminder(mail)
			err = c.refuseMail(mail, "refused before: "+answer)
		default:
			c.recordReminder(mail)
			out = append(out, mail)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lapse is why a reminder is not sent any more; empty for all that is.
func (c *Change) lapse(mail query.Mail, needless []int64) string {
	switch {
	case DayOver(mail, c.At):
		return "withdrawn: its day is over"
	case !slices.Contains(needless, mail.MailID):
		return ""
	case c.Cycle.State == "cancelled":
		return "withdrawn: its year is cancelled"
	}
	return fulfilled
}

// DayOver tells of a reminder whether the day on which it goes out is another than that of a moment (of the cycle's clock).
func DayOver(mail query.Mail, at time.Time) bool {
	return mail.Scheduled != nil && calendar.DateOf(*mail.Scheduled) != calendar.DateOf(at)
}

// needless are those mails that remind of what is open no more.
func (c *Change) needless(mails []query.Mail) ([]int64, error) {
	var reminders []int64
	for _, mail := range mails {
		if mail.Obligation != "" {
			reminders = append(reminders, mail.MailID)
		}
	}
	if len(reminders) == 0 {
		return nil, nil
	}
	return c.MailNeedless(c.Context, query.MailNeedlessParams{CycleID: c.Cycle.CycleID, MailIds: reminders})
}

func (c *Change) withdraw(mail query.Mail) (bool, error) {
	withdrawn, err := c.MailWithdraw(c.Context, query.MailWithdrawParams{CycleID: c.Cycle.CycleID, MailID: mail.MailID, Claim: mail.Claim.UUID})
	return withdrawn > 0, err
}

// recordReminder tells of a reminder when it is under way for the first time: until then it can lapse unheard of.
func (c *Change) recordReminder(mail query.Mail) {
	if mail.Obligation != "" && mail.Attempts == 1 {
		c.recordMail("mail_queued", factsOf(mail), "")
	}
}

func (c *Change) refusedAddresses() (map[string]string, error) {
	rows, err := c.RefusedAddressList(c.Context, query.RefusedAddressListParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	addresses := map[string]string{}
	for _, row := range rows {
		addresses[row.Address] = row.Answer
	}
	return addresses, nil
}

// Outcome is what became of one claimed mail.
type Outcome struct {
	Mail query.Mail
	// Begun is when the server was asked to take it, on the cycle's clock.
	Begun time.Time
	// Refused is for good, Temporary means try again; nothing at all means that the server took it.
	Refused   bool
	Temporary bool
	// Unwritten is a mail that could not be composed: it is refused by ourselves, and says nothing of the address.
	Unwritten bool
	// Needless is a reminder of what was done, or whose day ended, after it was claimed: it was not sent.
	Needless bool
	Answer   string
	// Pause before the next attempt, of a temporary answer.
	Pause time.Duration
}

// Sent tells that the server took the mail.
func (o Outcome) Sent() bool { return !o.Refused && !o.Temporary && !o.Unwritten && !o.Needless }

// facts of a reminder tell when it was handed over, which its day is judged by.
func (o Outcome) facts() mailFacts {
	facts := factsOf(o.Mail)
	if facts.scheduled != nil {
		facts.begun = &o.Begun
	}
	return facts
}

// SettleMails writes what became of claimed mails, each under the claim that it came with. It can be repeated: what is
// settled stays as it is.
func (s *Store) SettleMails(ctx context.Context, cycle int64, outcomes []Outcome) error {
	err := s.locked(ctx, cycle, time.Time{}, func(change *Change) error {
		for _, outcome := range outcomes {
			if err := change.settleFailure(outcome); err != nil {
				return err
			}
		}
		return change.settleSent(outcomes)
	})
	if err != nil {
		return fmt.Errorf("couldn't settle %d mails: %w", len(outcomes), err)
	}
	return nil
}

func (c *Change) settleSent(outcomes []Outcome) error {
	byID := map[int64]mailFacts{}
	taken := query.MailSentParams{CycleID: c.Cycle.CycleID}
	for _, outcome := range outcomes {
		if outcome.Sent() {
			taken.MailIds = append(taken.MailIds, outcome.Mail.MailID)
			taken.Claims = append(taken.Claims, outcome.Mail.Claim.UUID)
			byID[outcome.Mail.MailID] = outcome.facts()
		}
	}
	if len(taken.MailIds) == 0 {
		return nil
	}
	settled, err := c.MailSent(c.Context, taken)
	if err != nil {
		return err
	}
	for _, id := range settled {
		c.recordMail("mail_sent", byID[id], "")
	}
	return nil
}

func (c *Change) settleFailure(outcome Outcome) error {
	switch {
	case outcome.Unwritten:
		return c.dropUnwritten(outcome.Mail, outcome.Answer)
	case outcome.Refused:
		return c.refuseMail(outcome.Mail, outcome.Answer)
	case outcome.Needless:
		return c.dropNeedless(outcome.Mail)
	case outcome.Temporary:
		return c.MailRetry(c.Context, query.MailRetryParams{
			CycleID: c.Cycle.CycleID, MailID: outcome.Mail.MailID, Claim: outcome.Mail.Claim.UUID, Answer: outcome.Answer, NotBefore: c.Real.Add(outcome.Pause),
		})
	}
	return nil
}

// dropNeedless settles a reminder that was told of and is not sent.
func (c *Change) dropNeedless(mail query.Mail) error {
	settled, err := c.withdraw(mail)
	if err == nil && settled {
		c.recordMail("mail_refused", factsOf(mail), c.lapse(mail, []int64{mail.MailID}))
	}
	return err
}

// refuseMail settles a mail that the server refused for good, and opens one telephone task an address (A8(4)).
func (c *Change) refuseMail(mail query.Mail, answer string) error {
	settled, err := c.markRefused(mail, answer)
	if err != nil || !settled {
		return err
	}
	fresh, err := c.RefusedAddressInsert(c.Context, query.RefusedAddressInsertParams{CycleID: c.Cycle.CycleID, Address: mail.Recipient, Answer: answer})
	if err != nil || fresh == 0 {
		return err
	}
	return c.OpenTask(mail.Article, Task{
		Key: "telephone/" + mail.Recipient, Kind: "telephone", Role: "admin", Unit: mail.Unit, Detail: mail.Recipient + ": " + answer,
	})
}

// dropUnwritten settles a mail that could not be composed, and tells the administrator.
func (c *Change) dropUnwritten(mail query.Mail, answer string) error {
	settled, err := c.markRefused(mail, answer)
	if err != nil || !settled {
		return err
	}
	return c.OpenTask(mail.Article, Task{Key: "unwritten_mail/" + mail.Key, Kind: "unwritten_mail", Role: "admin", Unit: mail.Unit, Detail: answer})
}

func (c *Change) markRefused(mail query.Mail, answer string) (bool, error) {
	settled, err := c.MailRefused(c.Context, query.MailRefusedParams{CycleID: c.Cycle.CycleID, MailID: mail.MailID, Claim: mail.Claim.UUID, Answer: answer})
	if err != nil || settled == 0 {
		return false, err
	}
	c.recordMail("mail_refused", factsOf(mail), answer)
	return true, nil
}
