package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/store/query"
)

// CastOutcome is what became of a ballot that was cast.
type CastOutcome string

// The outcomes, as the database's functions name them.
const (
	CastDone CastOutcome = "cast"
	// CastAgain is the same ballot once more: it counts once, and was acknowledged before or its answer was lost.
	CastAgain CastOutcome = "again"
	// CastClosed is outside the window.
	CastClosed CastOutcome = "closed"
	// CastNoUnit names no evaluated unit, or one that the invited is not asked about.
	CastNoUnit CastOutcome = "unit"
	// CastAnswers has not one digit a question.
	CastAnswers CastOutcome = "answers"
	// CastDevice comes from a device that has evaluated this unit, or from an unlocking that was used.
	CastDevice CastOutcome = "device"
	// CastWork was paid with what paid for another ballot.
	CastWork CastOutcome = "work"
	// CastNoLink and CastUsed are for invitations: there is none such, or it was used for this unit.
	CastNoLink CastOutcome = "link"
	CastUsed   CastOutcome = "used"
)

// Vote is a ballot of the public as it goes into the box.
type Vote struct {
	Receipt ballots.Receipt
	Cycle   int64
	Unit    string
	Hall    string
	Answers string // digits (ballots.Form)
	Comment string
	// Device, Work and Network are keyed hashes; nil for none.
	Device, Work, Network []byte
	// Seconds is how long the page was open, -1 if nobody knows.
	Seconds int
}

// Many ballots go into one commit: while one batch is written the next gathers. One writer alone: two would write batches of
// half the size, and be slower.
const (
	batchMost = 500
	queueRoom = 4096
)

// pending is a ballot that waits for its commit.
type pending struct {
	vote   Vote
	answer chan answered
}

type answered struct {
	outcome CastOutcome
	err     error
}

// errFull is Unavailable: the ballot is not in the box, and the same can be cast again.
var errFull = &Error{Kind: Unavailable, Err: errors.New("too many ballots wait")}

// Cast puts a ballot into the box and returns after its commit. An error leaves open whether it is there; cast again with
// the same receipt it is there once.
func (p *Public) Cast(ctx context.Context, vote Vote) (CastOutcome, error) {
	waiting := pending{vote: vote, answer: make(chan answered, 1)}
	select {
	case p.queue <- waiting:
	default:
		return "", errFull
	}
	select {
	case done := <-waiting.answer:
		return done.outcome, done.err
	case <-ctx.Done():
		return "", &Error{Kind: Unavailable, Err: ctx.Err()}
	case <-p.over:
	}
	select {
	case done := <-waiting.answer:
		return done.outcome, done.err
	default:
		return "", errFull // it came after the last batch
	}
}

// CastInvited puts the ballot of an invitation's holder into the box.
func (p *Public) CastInvited(ctx context.Context, link []byte, vote Vote) (CastOutcome, error) {
	outcome, err := p.queries.PublicCastInvited(ctx, query.PublicCastInvitedParams{
		Link: link, CycleID: vote.Cycle, Receipt: vote.Receipt[:], Unit: vote.Unit, Answers: vote.Answers, Comment: vote.Comment,
	})
	return CastOutcome(outcome), translate(err)
}

// write commits batches until the box is closed.
func (p *Public) write() {
	defer close(p.over)
	for {
		select {
		case first := <-p.queue:
			p.commit(p.gather(first))
		case <-p.stopped:
			for len(p.queue) > 0 {
				p.commit(p.gather())
			}
			return
		}
	}
}

// gather takes what waits, but waits for nothing.
func (p *Public) gather(batch ...pending) []pending {
	for len(batch) < batchMost {
		select {
		case next := <-p.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// commit answers each ballot of a batch. One that the database does not take at all must not keep the others out.
func (p *Public) commit(batch []pending) {
	outcomes, err := p.castAll(batch)
	if err != nil && KindOf(err) != Unavailable && len(batch) > 1 {
		for _, one := range batch {
			p.commit([]pending{one})
		}
		return
	}
	for i, waiting := range batch {
		if err != nil {
			waiting.answer <- answered{err: err}
		} else {
			waiting.answer <- answered{outcome: outcomes[i]}
		}
	}
}

const castStatement = `SELECT ballots_cast($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[],
	$7::bytea[], $8::bytea[], $9::bytea[], $10::integer[])`

// castAll is one statement and one commit. Who asked may be gone meanwhile; his ballot counts all the same.
func (p *Public) castAll(batch []pending) ([]CastOutcome, error) {
	var cycles, seconds []int64
	var receipts, devices, works, networks [][]byte
	var units, halls, answers, comments []string
	for _, waiting := range batch {
		vote := waiting.vote
		cycles, seconds = append(cycles, vote.Cycle), append(seconds, int64(vote.Seconds))
		receipts, devices = append(receipts, slices.Clone(vote.Receipt[:])), append(devices, present(vote.Device))
		works, networks = append(works, present(vote.Work)), append(networks, present(vote.Network))
		units, halls = append(units, vote.Unit), append(halls, vote.Hall)
		answers, comments = append(answers, vote.Answers), append(comments, vote.Comment)
	}
	var outcomes pq.StringArray
	err := p.cast.QueryRowContext(context.Background(), pq.Array(cycles), pq.Array(receipts), pq.Array(units), pq.Array(halls), pq.Array(answers),
		pq.Array(comments), pq.Array(devices), pq.Array(works), pq.Array(networks), pq.Array(seconds)).Scan(&outcomes)
	if err != nil {
		return nil, fmt.Errorf("couldn't put %d ballots into the box: %w", len(batch), translate(err))
	}
	told := make([]CastOutcome, len(outcomes))
	for i, outcome := range outcomes {
		told[i] = CastOutcome(outcome)
	}
	if len(told) != len(batch) {
		return nil, fmt.Errorf("the box answered %d ballots of %d", len(told), len(batch))
	}
	return told, nil
}
