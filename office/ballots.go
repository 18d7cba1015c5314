package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// VerifyBallots checks an evaluation's sealed list, as it is or will be published, against the signed root, the journal and
// the book, as anybody can do with the published files.
func (o *Office) VerifyBallots(ctx context.Context, cycle query.Cycle) (ballots.Report, error) {
	seal, err := o.Store.SealGet(ctx, query.SealGetParams{CycleID: cycle.CycleID})
	if store.IsMissing(err) {
		return ballots.Report{}, store.Refuse("the ballots of " + store.CycleName(cycle) + " are not sealed yet (E8(3))")
	}
	if err != nil {
		return ballots.Report{}, err
	}
	book, err := o.Export(ctx, cycle)
	if err != nil {
		return ballots.Report{}, err
	}
	published := ballots.Published{Book: strings.NewReader(book), Checkpoint: seal.Checkpoint, Key: seal.PublicKey}
	if published.JournalRoot, err = o.journalRoot(ctx, cycle); err != nil {
		return ballots.Report{}, err
	}
	list, write := io.Pipe()
	published.List = list
	go func() { write.CloseWithError(o.writeLines(ctx, cycle, write)) }() // a closed pipe takes every error
	report, err := published.Verify(o.Rules)
	return report, errors.Join(err, list.Close())
}

// journalRoot is the root under which the journal says that the ballots were sealed.
func (o *Office) journalRoot(ctx context.Context, cycle query.Cycle) (string, error) {
	lines, err := o.Store.JournalOfEvents(ctx, query.JournalOfEventsParams{CycleID: cycle.CycleID, Events: []string{"ballots_sealed"}})
	if err != nil {
		return "", err
	}
	if len(lines) != 1 {
		return "", fmt.Errorf("the journal of %s tells %d times that ballots were sealed", store.CycleName(cycle), len(lines))
	}
	var told struct {
		Root string `json:"root"`
	}
	return told.Root, json.Unmarshal([]byte(lines[0].Data), &told)
}

func (o *Office) writeLines(ctx context.Context, cycle query.Cycle, out io.Writer) error {
	set, err := o.Store.DataSet(ctx, cycle)
	if err != nil {
		return err
	}
	ruleSet, err := o.ruleSetOf(cycle)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	return o.Store.EachLine(ctx, cycle, store.EvaluationForm(set, ruleSet), func(line ballots.Line) error { return encoder.Encode(line) })
}

func (o *Office) ruleSetOf(cycle query.Cycle) (*rules.RuleSet, error) {
	ruleSet, ok := o.Rules.RuleSet(cycle.RuleSet)
	if !ok {
		return nil, fmt.Errorf("the rule set %s is not there", cycle.RuleSet)
	}
	return ruleSet, nil
}
