package office

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/kaoping/kaoping/store/query"
)

// Events of the access log that the office writes itself.
const (
	accessLogin    = "login"
	accessFailed   = "login_failed"
	accessLogout   = "logout"
	accessPassword = "password_changed"
	accessInvited  = "invited"
	accessReset    = "reset"
)

// What a page logs when somebody reads what is another's.
const (
	ReportRead   = "report_read"
	EvidenceRead = "evidence_read"
	SheetRead    = "sheet_read"
	ResultsRead  = "results_read"
	JournalRead  = "journal_read"
	BookRead     = "book_read"
	AdminRead    = "admin_read"
)

// logAccess writes one line. The log is kept apart from the journal, which tells what was done and may be published;
// the application can neither change nor delete what stands in it.
func logAccess(ctx context.Context, queries *query.Queries, line query.AccessInsertParams) error {
	if err := queries.AccessInsert(ctx, line); err != nil {
		return fmt.Errorf("couldn't log %s of %s: %w", line.Event, line.Login, err)
	}
	return nil
}

func (a Account) line(event, detail, address string) query.AccessInsertParams {
	return query.AccessInsertParams{
		AccountID: sql.NullInt64{Int64: a.ID, Valid: a.ID > 0}, Login: a.Login, Authority: a.Authority, Event: event, Detail: detail, Address: address,
	}
}

// LogRead notes that the person at the desk read something: one of the events above, detail says of whom or of what,
// address is the client's. The page is shown only when this is written.
func (d *Desk) LogRead(ctx context.Context, event, detail, address string) error {
	reader := Account{Authority: d.Cycle.Authority, Login: d.Person.Login}
	if d.account != nil {
		reader = *d.account
	}
	line := reader.line(event, detail, address)
	line.CycleID = sql.NullInt64{Int64: d.Cycle.CycleID, Valid: true}
	return d.Store.Transact(ctx, func(queries *query.Queries) error { return logAccess(ctx, queries, line) })
}
