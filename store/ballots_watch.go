package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// ExcludeBallots leaves sealed ballots out of the tally, as a person has decided and for his reason (E10): after the sealing,
// and before somebody is asked to approve the results or has done so. It answers how many there were.
func (c *Change) ExcludeBallots(positions []int64, reason, by string) (int, error) {
	reason = strings.TrimSpace(reason)
	positions = slices.Compact(slices.Sorted(slices.Values(positions)))
	reasons, err := c.mayExclude()
	if err != nil {
		return 0, err
	}
	if reason == "" {
		reasons = append(reasons, "a reason is missing (E10)")
	}
	if len(positions) == 0 {
		reasons = append(reasons, "no ballot is named")
	}
	if len(reasons) > 0 {
		return 0, Refuse(reasons...)
	}
	done, err := c.ExclusionInsertAll(c.Context, query.ExclusionInsertAllParams{
		CycleID: c.Cycle.CycleID, Positions: positions, Reason: reason, DecidedBy: by,
	})
	if err != nil {
		return 0, err
	}
	if int(done) != len(positions) {
		return 0, Refuse(fmt.Sprintf("of these %d ballots %d are not in the list, or left out already", len(positions), len(positions)-int(done)))
	}
	c.Record(Line{Event: "ballots_excluded", Person: by, Article: "E10", Data: map[string]any{
		"ballots": len(positions), "positions": positions, "reason": reason,
	}})
	return len(positions), nil
}

// mayExclude gives the reasons why ballots can't be left out now.
func (c *Change) mayExclude() ([]string, error) {
	if _, err := c.SealGet(c.Context, query.SealGetParams{CycleID: c.Cycle.CycleID}); IsMissing(err) {
		return []string{"the ballots are not sealed yet (E8(3))"}, nil
	} else if err != nil {
		return nil, err
	}
	proposal, err := c.ProposalLatest(c.Context, query.ProposalLatestParams{CycleID: c.Cycle.CycleID})
	switch {
	case IsMissing(err):
		return nil, nil
	case err != nil:
		return nil, err
	case proposal.State == "open":
		return []string{"a proposal is open: its results are returned before ballots are left out (E8(4))"}, nil
	case proposal.State == "approved":
		return []string{"the results are approved (E8(4))"}, nil
	}
	return nil, nil
}

// What makes ballots worth a look. Each may be innocent: a person decides.
const (
	// burstGap and burstLeast: so many ballots about a unit from one network, none later than that after the one before.
	burstGap   = 2 * time.Minute
	burstLeast = 10
	// twinLeast is how many have the same comment, if it is long enough not to be everybody's.
	twinLeast  = 3
	twinLength = 5
	// readingSpeed in characters a second is faster than anybody reads.
	readingSpeed = 10
)

// Kinds of findings.
const (
	FindingBurst   = "burst"
	FindingComment = "comment"
	FindingHaste   = "haste"
)

// Finding is a group of ballots that may come from cheating (E10): what they have in common, and their places in the list.
type Finding struct {
	Kind      string
	Unit      string
	Positions []int64
	// Excluded is how many of them are left out already.
	Excluded int
	// Since and Until are a burst's.
	Since, Until time.Time
	// Comment is the one that they share.
	Comment string
	// Seconds is how long the page must be open to be read.
	Seconds int
}

// BallotFindings looks for cheating among the sealed ballots: bursts from one network, the same comment again and again,
// answers faster than anybody reads. Once the results are released only the comments can still be looked at.
func (s *Store) BallotFindings(ctx context.Context, cycle int64, questions []rules.Question) ([]Finding, error) {
	bursts, err := s.FindingBursts(ctx, query.FindingBurstsParams{CycleID: cycle, Gap: burstGap.Seconds(), Least: burstLeast})
	if err != nil {
		return nil, translate(err)
	}
	comments, err := s.FindingComments(ctx, query.FindingCommentsParams{CycleID: cycle, Length: twinLength, Least: twinLeast})
	if err != nil {
		return nil, translate(err)
	}
	reading := ReadingSeconds(questions)
	hasty, err := s.FindingHaste(ctx, query.FindingHasteParams{CycleID: cycle, Seconds: int32(reading)})
	if err != nil {
		return nil, translate(err)
	}
	var findings []Finding
	for _, row := range bursts {
		findings = append(findings, Finding{
			Kind: FindingBurst, Unit: row.Unit, Positions: row.Positions, Excluded: int(row.Excluded), Since: row.Since, Until: row.Until,
		})
	}
	for _, row := range comments {
		findings = append(findings, Finding{
			Kind: FindingComment, Unit: row.Unit, Positions: row.Positions, Excluded: int(row.Excluded), Comment: row.Comment,
		})
	}
	for _, row := range hasty {
		findings = append(findings, Finding{
			Kind: FindingHaste, Unit: row.Unit, Positions: row.Positions, Excluded: int(row.Excluded), Seconds: reading,
		})
	}
	return findings, nil
}

// ReadingSeconds is how long it takes at least to read the questions.
func ReadingSeconds(questions []rules.Question) int {
	characters := 0
	for _, question := range questions {
		characters += utf8.RuneCountInString(question.Wording)
	}
	return characters / readingSpeed
}

// ForgetTraces drops what was kept of ballots only to find cheating: networks, times, how long the page was open.
func (c *Change) ForgetTraces() error {
	seal, err := c.SealGet(c.Context, query.SealGetParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return err
	}
	for first := int64(0); first < seal.Size; first += ballotPage {
		if err := c.SealedBallotForget(c.Context, query.SealedBallotForgetParams{CycleID: c.Cycle.CycleID, First: first, Beyond: first + ballotPage}); err != nil {
			return err
		}
	}
	return nil
}
