package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/kaoping/kaoping/store/query"
)

// publicPatience ends a statement of the public's: who waits longer is told that the server is busy.
const publicPatience = 5 * time.Second

// Public is the database as the public's role sees it: what anybody may know of an evaluation, and the box for ballots.
type Public struct {
	queries *query.Queries
	db      *sql.DB
	cast    *sql.Stmt
	// Secret makes receipts, challenges, devices and networks unguessable; all processes have the same.
	Secret []byte

	queue chan pending
	// stopped tells the writer to end with what waits, over that it has.
	stopped, over chan struct{}
}

// OpenPublic connects as the public's role. Close it when nobody casts ballots any more.
func OpenPublic(ctx context.Context, config Config) (*Public, error) {
	if config.StatementTimeout == 0 {
		config.StatementTimeout = publicPatience
	}
	db, err := reach(ctx, config.withDefaults(), public)
	if err != nil {
		return nil, err
	}
	p := &Public{queries: query.New(db), db: db, queue: make(chan pending, queueRoom), stopped: make(chan struct{}), over: make(chan struct{})}
	if p.Secret, err = p.queries.PublicSecret(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("couldn't read the public's secret: %w", translate(err)), db.Close())
	}
	if p.cast, err = db.PrepareContext(ctx, castStatement); err != nil {
		return nil, errors.Join(fmt.Errorf("couldn't prepare for ballots: %w", translate(err)), db.Close())
	}
	go p.write()
	return p, nil
}

// Close lets the ballots under way be committed, and ends every connection.
func (p *Public) Close() error {
	close(p.stopped)
	<-p.over
	return errors.Join(p.cast.Close(), p.db.Close())
}

// Ping asks whether the server answers.
func (p *Public) Ping(ctx context.Context) error { return translate(p.db.PingContext(ctx)) }

// Evaluation is a running or past one of a year; rehearsal 0 is the real one, else the newest rehearsal.
func (p *Public) Evaluation(ctx context.Context, authority string, year, rehearsal int) (query.PublicEvaluation, error) {
	found, err := p.queries.PublicEvaluationFind(ctx, query.PublicEvaluationFindParams{Authority: authority, Year: int32(year), Rehearsal: int32(rehearsal)})
	if errors.Is(err, sql.ErrNoRows) {
		return found, Missing(fmt.Sprintf("no evaluation %s/%d", authority, year))
	}
	return found, translate(err)
}

// Units are those that are evaluated, in the plan's order.
func (p *Public) Units(ctx context.Context, cycle int64) ([]query.PublicUnitListRow, error) {
	units, err := p.queries.PublicUnitList(ctx, query.PublicUnitListParams{CycleID: cycle})
	return units, translate(err)
}

// Questions are those of a ballot, in its order.
func (p *Public) Questions(ctx context.Context, cycle int64) ([]query.PublicQuestionListRow, error) {
	questions, err := p.queries.PublicQuestionList(ctx, query.PublicQuestionListParams{CycleID: cycle})
	return questions, translate(err)
}

// Hall is a service hall with a shared device.
func (p *Public) Hall(ctx context.Context, cycle int64, code string) (query.PublicHallGetRow, error) {
	hall, err := p.queries.PublicHallGet(ctx, query.PublicHallGetParams{CycleID: cycle, Code: code})
	if errors.Is(err, sql.ErrNoRows) {
		return hall, Missing("no service hall " + code)
	}
	return hall, translate(err)
}

// Invited is what the holder of an invitation's link is asked about, unit by unit; nothing for a link that is none.
func (p *Public) Invited(ctx context.Context, link []byte) ([]query.PublicInvitedRow, error) {
	rows, err := p.queries.PublicInvited(ctx, query.PublicInvitedParams{Link: link})
	return rows, translate(err)
}
