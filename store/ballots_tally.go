package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Counting says whether ballots that a person left out count all the same, to be looked at beside those without (E10).
type Counting bool

// The two ways to tally.
const (
	WithoutExcluded Counting = false
	WithExcluded    Counting = true
)

// EvaluationTally is an evaluation's book with the tally of its sealed ballots in their place (E10): enough to compute
// results and digest, and as small for a million ballots as for ten.
func (c *Change) EvaluationTally(set DataSet, ruleSet *rules.RuleSet) (*rules.Book, error) {
	return evaluationTally(c.Context, c.Queries, c.Cycle, set, ruleSet, WithoutExcluded)
}

// EvaluationTally is the same for somebody who only looks, both ways.
func (s *Store) EvaluationTally(ctx context.Context, cycle query.Cycle, set DataSet, ruleSet *rules.RuleSet, counting Counting) (*rules.Book, error) {
	book, err := evaluationTally(ctx, s.Queries, cycle, set, ruleSet, counting)
	return book, translate(err)
}

func evaluationTally(ctx context.Context, queries *query.Queries, cycle query.Cycle, set DataSet, ruleSet *rules.RuleSet, counting Counting) (*rules.Book, error) {
	book, err := evaluationHead(ctx, queries, cycle, set, ruleSet)
	if err != nil {
		return nil, err
	}
	if counting == WithExcluded {
		book.Excluded = nil
	}
	return book, tallyBallots(ctx, queries, cycle, EvaluationForm(set, ruleSet), counting, book)
}

// ballotPage is how many ballots are in memory at once. So few are grouped without a plan for many: in a fifth of the time.
const ballotPage = 5000

// tallyBallots counts the sealed ballots into the book's tally.
func tallyBallots(ctx context.Context, queries *query.Queries, cycle query.Cycle, form ballots.Form, counting Counting, book *rules.Book) error {
	seal, err := queries.SealGet(ctx, query.SealGetParams{CycleID: cycle.CycleID})
	if err != nil {
		return err
	}
	counts := map[[2]string]*digitCount{}
	for first := int64(0); first < seal.Size; first += ballotPage {
		rows, err := queries.SealedBallotTally(ctx, query.SealedBallotTallyParams{
			CycleID: cycle.CycleID, First: first, Beyond: first + ballotPage, Excluded: bool(counting),
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			of := [2]string{row.Unit, row.Channel}
			if counts[of] == nil {
				counts[of] = newDigitCount(len(form.Questions))
			}
			if err := counts[of].add(row.Answers); err != nil {
				return err
			}
		}
	}
	book.Tally = book.NewTally()
	for of, count := range counts {
		channel := book.Tally[of[0]][of[1]]
		if channel == nil {
			return fmt.Errorf("ballots of unit %s in channel %s are sealed, which the plan does not have", of[0], of[1])
		}
		if err := count.tally(form, channel); err != nil {
			return err
		}
	}
	return nil
}

// digitCount counts ballots as they are kept: by how many questions one answers, by question and digit.
type digitCount struct {
	questions, ballots int
	times              [][][10]int64
}

func newDigitCount(questions int) *digitCount {
	count := &digitCount{questions: questions, times: make([][][10]int64, questions+1)}
	for i := range count.times {
		count.times[i] = make([][10]int64, questions)
	}
	return count
}

// add counts ballots that stand one after the other.
func (c *digitCount) add(answers string) error {
	if len(answers)%c.questions != 0 {
		return fmt.Errorf("%d digits are no answers to %d questions each", len(answers), c.questions)
	}
	for ; answers != ""; answers = answers[c.questions:] {
		ballot := answers[:c.questions]
		c.ballots++
		times := c.times[c.questions-strings.Count(ballot, "0")]
		for question := range times {
			times[question][(ballot[question]-'0')%10]++ // the database takes only digits
		}
	}
	return nil
}

func (c *digitCount) tally(form ballots.Form, into *rules.ChannelTally) error {
	into.Ballots = c.ballots
	for answered, questions := range c.times {
		for question, digits := range questions {
			for digit, times := range digits {
				if digit == 0 || times == 0 {
					continue
				}
				answer, err := form.Answer(strconv.Itoa(digit))
				if err != nil {
					return err
				}
				into.Add(answered, form.Questions[question], answer, times)
			}
		}
	}
	return nil
}

// EvaluationBook is everything that the indexes of an evaluation follow from, each ballot by itself (E10), with its place in
// the sealed list for each that was left out.
func (s *Store) EvaluationBook(ctx context.Context, cycle query.Cycle, set DataSet, ruleSet *rules.RuleSet) (*rules.Book, error) {
	book, err := evaluationHead(ctx, s.Queries, cycle, set, ruleSet)
	if err != nil {
		return nil, translate(err)
	}
	return book, s.EachBallot(ctx, cycle, EvaluationForm(set, ruleSet), func(ballot rules.Ballot) error {
		book.Ballots = append(book.Ballots, ballot)
		return nil
	})
}

// evaluationHead is the book without its ballots. It wants them sealed: until then nothing is counted.
func evaluationHead(ctx context.Context, queries *query.Queries, cycle query.Cycle, set DataSet, ruleSet *rules.RuleSet) (*rules.Book, error) {
	if _, err := queries.SealGet(ctx, query.SealGetParams{CycleID: cycle.CycleID}); IsMissing(err) {
		return nil, Refuse("the ballots of " + CycleName(cycle) + " are not sealed yet (E8(3))")
	} else if err != nil {
		return nil, err
	}
	plan := set.Evaluation
	book := &rules.Book{
		Kind: rules.EvaluationBook, Rules: ruleSet, Year: set.Plan.Scheme.Year, Cycle: CycleName(cycle), Extension: plan.Extension,
		Questions: EvaluationForm(set, ruleSet).Questions, AnswerPoints: plan.AnswerPoints, Channels: plan.Channels, Thresholds: plan.Thresholds,
	}
	for _, unit := range plan.Units {
		book.Units = append(book.Units, rules.BookUnit{Code: unit.Code, Name: unit.Name, Category: unit.Category})
	}
	excluded, err := queries.ExclusionList(ctx, query.ExclusionListParams{CycleID: cycle.CycleID})
	if err != nil {
		return nil, err
	}
	for _, one := range excluded {
		entry, err := json.Marshal(exclusion{Index: one.Position, Reason: one.Reason})
		if err != nil {
			return nil, err
		}
		book.Excluded = append(book.Excluded, entry)
	}
	return book, nil
}

// exclusion is a ballot that a person left out, as a book tells it: its place in the sealed list, and why.
type exclusion struct {
	Index  int64  `json:"index"`
	Reason string `json:"reason"`
}

// EachBallot calls each with every ballot that counts, in the sealed list's order. Ballots with the same answers share them.
func (s *Store) EachBallot(ctx context.Context, cycle query.Cycle, form ballots.Form, each func(rules.Ballot) error) error {
	shared := map[string]map[string]string{}
	after := query.SealedBallotPageParams{CycleID: cycle.CycleID, Most: ballotPage}
	for {
		rows, err := s.SealedBallotPage(ctx, after)
		if err != nil {
			return translate(err)
		}
		for _, row := range rows {
			answers := shared[row.Answers]
			if answers == nil {
				if answers, err = form.Decode(row.Answers); err != nil {
					return err
				}
				shared[row.Answers] = answers
			}
			if err := each(rules.Ballot{Unit: row.Unit, Channel: row.Channel, Answers: answers}); err != nil {
				return err
			}
			after.First = row.Position + 1
		}
		if len(rows) < ballotPage {
			return nil
		}
	}
}
