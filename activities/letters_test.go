package activities

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/jordan-wright/email"

	"github.com/kaoping/kaoping/store/query"
)

// everyMailCanBeWritten composes all mails that a test queued.
func (b *bundle) everyMailCanBeWritten(t *testing.T) {
	t.Helper()
	rows, err := b.db.Query(`SELECT mail_id, cycle_id, key, kind, recipient, data, shared, message_id FROM mails`) //nolint:noctx // the test's context has ended
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var mail query.Mail
		must(t, rows.Scan(&mail.MailID, &mail.CycleID, &mail.Key, &mail.Kind, &mail.Recipient, &mail.Data, &mail.Shared, &mail.MessageID))
		if _, err := b.write(mail); err != nil {
			t.Errorf("%s: %v", mail.Key, err)
		}
	}
	must(t, rows.Err())
}

func (b *bundle) write(row query.Mail) (*email.Email, error) {
	delivery := &delivery{Activities: b.Activities, cycle: query.Cycle{CycleID: row.CycleID}, letters: map[string]shared{}}
	raw, err := delivery.compose(context.Background(), row)
	if err != nil {
		return nil, err
	}
	return email.NewEmailFromReader(bytes.NewReader(raw))
}

// letters are the queued mails of a kind as their readers see them, by addressee.
func (b *bundle) letters(t *testing.T, kind string) map[string]*email.Email {
	t.Helper()
	written := map[string]*email.Email{}
	rows, err := b.db.QueryContext(t.Context(), `SELECT cycle_id, key, kind, recipient, data, shared, message_id FROM mails WHERE cycle_id = $1 AND kind = $2 ORDER BY mail_id`, b.cycle.ID, kind)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var row query.Mail
		must(t, rows.Scan(&row.CycleID, &row.Key, &row.Kind, &row.Recipient, &row.Data, &row.Shared, &row.MessageID))
		letter, err := b.write(row)
		must(t, err)
		written[row.Recipient] = letter
	}
	must(t, rows.Err())
	return written
}

// says wants a letter to contain each of these texts.
func says(t *testing.T, letter *email.Email, texts ...string) {
	t.Helper()
	if letter == nil {
		t.Fatalf("no letter says %q", texts)
	}
	for _, text := range texts {
		if !strings.Contains(letter.Subject+"\n"+string(letter.Text), text) {
			t.Errorf("the letter doesn't say %q:\n%s\n%s", text, letter.Subject, letter.Text)
		}
	}
}

func contains(letter *email.Email, text string) bool {
	return strings.Contains(letter.Subject+"\n"+string(letter.Text), text)
}
