package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// How many of the public evaluate, each every unit; how many do so at once; and which representatives never do, so that
// somebody is reminded (E9).
const (
	publicVoters = 60
	atOnce       = 4
	silentEach   = 10
	// interest is how many of a hundred units a representative knows enough of.
	interest = 40
)

// opinionated is one ballot's answers as somebody thinks.
type opinionated struct {
	unit    string
	answers map[string]string
	comment string
}

// vote lets the public and the representatives evaluate on the public's pages, as programs and browsers do.
func (e *Evaluators) vote(ctx context.Context) error {
	crowd, ctx := errgroup.WithContext(ctx)
	crowd.SetLimit(atOnce)
	for person := range publicVoters {
		crowd.Go(func() error { return e.voteAsPublic(ctx, fmt.Sprintf("public/%d", person)) })
	}
	invited, err := e.office.Store.RepresentativeList(ctx, query.RepresentativeListParams{CycleID: e.cycle.CycleID})
	if err != nil {
		return err
	}
	asked, err := e.office.Store.RepresentativeUnitList(ctx, query.RepresentativeUnitListParams{CycleID: e.cycle.CycleID})
	if err != nil {
		return err
	}
	units := map[int32]map[string]bool{}
	for _, row := range asked {
		if units[row.Number] == nil {
			units[row.Number] = map[string]bool{}
		}
		units[row.Number][row.Unit] = true
	}
	for i, representative := range invited {
		if (i+1)%silentEach != 0 && representative.Token != "" {
			crowd.Go(func() error { return e.voteAsInvited(ctx, representative, units[representative.Number]) })
		}
	}
	return crowd.Wait()
}

// ballotsOf are what one person thinks of the units.
func (e *Evaluators) ballotsOf(person string, units []rules.Unit) []opinionated {
	questions := e.evaluation.Asked(e.rules)
	var ballots []opinionated
	for i, unit := range units {
		ballot := opinionated{unit: unit.Code, answers: map[string]string{}}
		for at, question := range questions {
			if answer := e.opinion(unit.Code, person, question.ID, at, i == len(units)-2); answer >= 0 {
				ballot.answers[question.ID] = e.rules.Evaluation.Grades[answer].ID
			}
		}
		if chance(unit.Code, person, "comment") < interest/4 {
			ballot.comment = "希望进一步提高公开的及时性。"
		}
		ballots = append(ballots, ballot)
	}
	return ballots
}

// voteAsPublic evaluates every unit from one device.
func (e *Evaluators) voteAsPublic(ctx context.Context, person string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	for _, ballot := range e.ballotsOf(person, e.evaluation.Units) {
		body, err := json.Marshal(map[string]any{"key": uuid.NewString(), "unit": ballot.unit, "answers": ballot.answers, "comment": ballot.comment})
		if err != nil {
			return err
		}
		if err := e.sendBallot(ctx, client, "/ballots", "application/json", body); err != nil {
			return err
		}
	}
	return nil
}

// voteAsInvited evaluates by the form behind a representative's link.
func (e *Evaluators) voteAsInvited(ctx context.Context, who query.RepresentativeListRow, asked map[string]bool) error {
	for _, ballot := range e.ballotsOf(fmt.Sprintf("representative/%d", who.Number), e.evaluation.Units) {
		if !asked[ballot.unit] || chance(ballot.unit, who.Name) > interest {
			continue
		}
		form := url.Values{"key": {uuid.NewString()}, "unit": {ballot.unit}, "comment": {ballot.comment}}
		for question, answer := range ballot.answers {
			form.Set("answers."+question, answer)
		}
		if err := e.sendBallot(ctx, &http.Client{}, "/r/"+who.Token, "application/x-www-form-urlencoded", []byte(form.Encode())); err != nil {
			return err
		}
	}
	return nil
}

// sendBallot sends a ballot until it is answered; the same key is the same ballot. A window that has closed meanwhile
// ends it.
func (e *Evaluators) sendBallot(ctx context.Context, client *http.Client, path, kind string, body []byte) error {
	address := fmt.Sprintf("%s/rehearsal/%d/e/%s/%d%s", strings.TrimSuffix(e.Public, "/"), e.cycle.Rehearsal, e.cycle.Authority, e.cycle.Year, path)
	for {
		status, err := post(ctx, client, address, kind, body)
		switch {
		case err == nil && (status == http.StatusCreated || status == http.StatusOK || status == http.StatusConflict):
			return nil
		case err == nil && status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests:
			return fmt.Errorf("a ballot was answered %d", status)
		}
		e.log.Debug("a ballot is sent again", "status", status, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(look):
		}
	}
}

func post(ctx context.Context, client *http.Client, address, kind string, body []byte) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", kind)
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}
