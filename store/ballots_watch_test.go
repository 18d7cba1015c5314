package store

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

func (b *box) exclude(t *testing.T, key, reason string, positions ...int64) (int, error) {
	t.Helper()
	var excluded int
	err := b.Do(t.Context(), Step{Cycle: b.cycle, Key: key}, &excluded, func(change *Change) (err error) {
		excluded, err = change.ExcludeBallots(positions, reason, "admin")
		return err
	})
	return excluded, err
}

// positions are those of ballots that a condition names.
func (b *box) positions(t *testing.T, condition string) []int64 {
	t.Helper()
	var positions []int64
	for _, row := range b.rows(t) {
		if count(t, b.db, fmt.Sprintf(`SELECT count(*) FROM sealed_ballots WHERE position = %d AND %s`, row.Position, condition)) == 1 {
			positions = append(positions, row.Position)
		}
	}
	return positions
}

// What a person leaves out counts no more, is told with its place and reason, and can be looked at both ways (E10).
func TestBallotsAreExcluded(t *testing.T) {
	t.Parallel()
	b, _, _ := sealed(t)
	whose := b.positions(t, `unit = 'C01' AND answers = '1000000'`)
	number, err := b.exclude(t, "exclude", " 同一网络短时间集中投票 ", whose[1], whose[0], whose[1])
	must(t, err)
	is(t, "excluded", number, 2)
	lines := b.lines(t, b.cycle)
	line := lines[len(lines)-1]
	is(t, "the line", fmt.Sprint(line.Event, line.Article, line.Person, line.Data["ballots"], line.Data["reason"]), "ballots_excludedE10admin2同一网络短时间集中投票")
	is(t, "the places", fmt.Sprint(line.Data["positions"]), fmt.Sprintf("[%d %d]", whose[0], whose[1]))

	cycle := b.bundle.cycle(t, b.cycle)
	without, err := b.EvaluationTally(t.Context(), cycle, b.set, b.rules, WithoutExcluded)
	must(t, err)
	with, err := b.EvaluationTally(t.Context(), cycle, b.set, b.rules, WithExcluded)
	must(t, err)
	is(t, "ballots without them", fmt.Sprint(without.Tally.Ballots(), len(without.Excluded)), "9 2")
	is(t, "ballots with them", fmt.Sprint(with.Tally.Ballots(), len(with.Excluded)), "11 0")
	// Without two of seven: (3 × 100 + 60/3) / 5 and 60 by halves.
	is(t, "C01 without them", without.Compute().Evaluated[0].Index.String(), "62.00")
	is(t, "C01 with them", with.Compute().Evaluated[0].Index.String(), "67.14")

	book, err := b.EvaluationBook(t.Context(), cycle, b.set, b.rules)
	must(t, err)
	is(t, "ballots of the book", len(book.Ballots), 9)
	is(t, "those left out", fmt.Sprintf("%s", book.Excluded),
		fmt.Sprintf(`[{"index":%d,"reason":"同一网络短时间集中投票"} {"index":%d,"reason":"同一网络短时间集中投票"}]`, whose[0], whose[1]))
	is(t, "the digest", book.Digest(), without.Digest())
	_, err = b.exclude(t, "again", "重复", whose[0], whose[2], 11)
	fails(t, err, Refused, "of these 3 ballots 2 are not in the list, or left out already")
	is(t, "left out", count(t, b.db, `SELECT count(*) FROM excluded_ballots WHERE decided_by = 'admin'`), 2)
}

// Ballots are left out between the sealing and the question to the leader, and again when he returned it.
func TestWhenBallotsAreExcluded(t *testing.T) {
	t.Parallel()
	open := openBox(t)
	_, err := open.exclude(t, "early", "")
	fails(t, err, Refused, "the ballots are not sealed yet (E8(3))", "a reason is missing (E10)", "no ballot is named")
	b, _, _ := sealed(t)
	owner := connect(t, b.url)
	execute(t, owner, fmt.Sprintf(`INSERT INTO proposals (cycle_id, number, digest, book, due) VALUES (%d, 1, 'abc', '', '2025-12-05')`, b.cycle))
	_, err = b.exclude(t, "open", "重复", 0)
	fails(t, err, Refused, "a proposal is open: its results are returned before ballots are left out (E8(4))")
	execute(t, owner, `UPDATE proposals SET state = 'returned', decided_by = 'leader', office = 'leader', comment = '请核查'`)
	_, err = b.exclude(t, "returned", "重复", 0)
	must(t, err)
	execute(t, owner, `UPDATE proposals SET state = 'approved', comment = ''`)
	_, err = b.exclude(t, "approved", "重复", 1)
	fails(t, err, Refused, "the results are approved (E8(4))")
}

// watched are ballots of which some are worth a look: a burst of ten from one network with a pause of two minutes before the
// last, nine from another, the same in a hall, three with one comment, and two that were answered in three seconds.
func watched(t *testing.T) *box {
	t.Helper()
	b := openBox(t)
	from := func(network string) func(*Vote) { return func(v *Vote) { v.Network = []byte(network) } }
	b.cast(t, "C01", "1000000", 10, from("one"))
	b.cast(t, "C01", "1000000", 9, from("two"))
	b.cast(t, "C01", "1000000", 12, from("hall"), func(v *Vote) { v.Hall = "H1" })
	b.cast(t, "E01", "1000000", 3, func(v *Vote) { v.Comment, v.Seconds = " 办事效率很高 ", 60 })
	b.cast(t, "C01", "1000000", 2, func(v *Vote) { v.Comment, v.Seconds = "办事效率很高", 60 })
	b.cast(t, "E01", "1000000", 4, func(v *Vote) { v.Comment, v.Seconds = "都很好", 60 })
	b.cast(t, "E01", "3000000", 2, func(v *Vote) { v.Seconds = 3 })
	execute(t, connect(t, b.url), `UPDATE ballots SET at = '2025-10-21 08:00Z'::timestamptz + n * interval '90 seconds' + CASE WHEN n = 10 THEN interval '30 seconds' ELSE '0' END
		FROM (SELECT receipt, row_number() OVER (PARTITION BY network ORDER BY receipt) AS n FROM ballots) numbered WHERE numbered.receipt = ballots.receipt`)
	b.close(t)
	_, err := b.seal(t, "seal")
	must(t, err)
	return b
}

func (b *box) findings(t *testing.T) []Finding {
	t.Helper()
	findings, err := b.BallotFindings(t.Context(), b.cycle, b.set.Evaluation.Asked(b.rules))
	must(t, err)
	return findings
}

func TestBallotsAreWatched(t *testing.T) {
	t.Parallel()
	b := watched(t)
	findings := b.findings(t)
	is(t, "findings", len(findings), 3)
	for i, want := range []struct{ kind, unit, condition string }{
		{FindingBurst, "C01", `network = 'one'`},
		{FindingComment, "E01", `comment LIKE '%效率%' AND unit = 'E01'`},
		{FindingHaste, "E01", `seconds = 3`},
	} {
		got := findings[i]
		is(t, "the finding", got.Kind+" "+got.Unit, want.kind+" "+want.unit)
		is(t, got.Kind, fmt.Sprint(got.Positions), fmt.Sprint(b.positions(t, want.condition)))
		is(t, "left out", got.Excluded, 0)
	}
	is(t, "the burst", findings[0].Until.Sub(findings[0].Since).String(), "14m0s")
	is(t, "the comment", findings[1].Comment, "办事效率很高")
	_, err := b.exclude(t, "exclude", "重复投票", findings[0].Positions[:4]...)
	must(t, err)
	is(t, "left out now", b.findings(t)[0].Excluded, 4)
}

// A pause ends a burst.
func TestAPauseEndsABurst(t *testing.T) {
	t.Parallel()
	b := watched(t)
	execute(t, connect(t, b.url), `UPDATE sealed_ballots SET at = at + interval '1 second' WHERE at = (SELECT max(at) FROM sealed_ballots WHERE network = 'one') AND network = 'one'`)
	is(t, "the first finding", b.findings(t)[0].Kind, FindingComment)
}

func TestReadingSeconds(t *testing.T) {
	t.Parallel()
	is(t, "seconds", ReadingSeconds([]rules.Question{{Wording: strings.Repeat("长", 25)}, {Wording: strings.Repeat("短", 14)}}), 3)
}

// Networks, times and seconds are forgotten; what was answered stays.
func TestTracesAreForgotten(t *testing.T) {
	t.Parallel()
	b := watched(t)
	is(t, "traces", count(t, b.db, `SELECT count(*) FROM sealed_ballots WHERE network IS NOT NULL AND at IS NOT NULL`), 42)
	before := b.rows(t)
	must(t, b.do(t, b.cycle, "forget", func(change *Change) error { return change.ForgetTraces() }))
	is(t, "traces left", count(t, b.db, `SELECT count(*) FROM sealed_ballots WHERE network IS NOT NULL OR at IS NOT NULL OR seconds IS NOT NULL`), 0)
	after := b.rows(t)
	is(t, "the list", slices.EqualFunc(before, after, func(x, y query.SealedBallot) bool { return bytes.Equal(x.Hash, y.Hash) && x.Answers == y.Answers }), true)
	is(t, "findings", len(b.findings(t)), 1)
}
