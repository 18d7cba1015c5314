package activities

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// openWindow lets ballots in (E8(3)).
func (a *Activities) openWindow(ctx context.Context, in workflows.EvaluationStep) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		evaluation, err := y.evaluation()
		if err != nil {
			return workflows.Empty{}, err
		}
		if err := y.EvaluationWindow(ctx, query.EvaluationWindowParams{CycleID: y.id(), WindowState: "open"}); err != nil {
			return workflows.Empty{}, err
		}
		y.Record(store.Line{Event: "window_opened", Article: "E8(3)", Data: map[string]any{"close": evaluation.CloseOn.String()}})
		return workflows.Empty{}, y.CyclePhase(ctx, query.CyclePhaseParams{CycleID: y.id(), Phase: "window"})
	})
}

// inviteRepresentatives sends each representative a link of his own (E9). The public pages know only its hash.
func (a *Activities) inviteRepresentatives(ctx context.Context, in workflows.EvaluationStep) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		evaluation, err := y.evaluation()
		if err != nil {
			return workflows.Empty{}, err
		}
		representatives, err := y.RepresentativeList(ctx, query.RepresentativeListParams{CycleID: y.id()})
		if err != nil {
			return workflows.Empty{}, err
		}
		units, err := y.asked()
		if err != nil {
			return workflows.Empty{}, err
		}
		for _, row := range representatives {
			row.Token = newToken()
			if err := y.RepresentativeInvite(ctx, query.RepresentativeInviteParams{CycleID: y.id(), Number: row.Number, Token: row.Token}); err != nil {
				return workflows.Empty{}, err
			}
			y.Record(store.Line{Event: "invitation_sent", Article: "E9", Data: map[string]any{"invitee": row.Number, "kind": row.Kind}})
			if err := y.invite(row, letter{kind: mail.KindInvitation, key: invitationObligation(row.Number), data: mail.Data{
				Due: evaluation.CloseOn, Units: names(units[row.Number]),
			}}); err != nil {
				return workflows.Empty{}, err
			}
		}
		return workflows.Empty{}, nil
	})
}

// newToken is the secret of a representative's link.
func newToken() string {
	token := make([]byte, 32)
	_, _ = rand.Read(token) // never fails
	return base64.RawURLEncoding.EncodeToString(token)
}

// invite addresses a letter to a representative, with his link.
func (y *year) invite(row query.RepresentativeListRow, out letter) error {
	out.article = "E9"
	out.data.PersonName, out.data.Link = row.Name, y.public.page("/r/"+row.Token)
	return y.send(out, "", "", row.Email)
}

// asked are the units that each representative is asked about, by his number.
func (y *year) asked() (map[int32][]query.RepresentativeUnitListRow, error) {
	rows, err := y.RepresentativeUnitList(y.Context, query.RepresentativeUnitListParams{CycleID: y.id()})
	asked := map[int32][]query.RepresentativeUnitListRow{}
	for _, row := range rows {
		asked[row.Number] = append(asked[row.Number], row)
	}
	return asked, err
}

// names are those of the units that are not evaluated yet.
func names(rows []query.RepresentativeUnitListRow) []string {
	var open []string
	for _, row := range rows {
		if !row.Used {
			open = append(open, row.Name)
		}
	}
	return open
}

func invitationObligation(number int32) string { return fmt.Sprintf("invitation/%d", number) }

// invitations tells the journal whose links were used, and reminds those who have not evaluated all that they are asked
// about: by invitation, never by ballot (E9). When they answered is not kept, so the line is the sweep's.
func (s *sweep) invitations(policy calendar.Policy) error {
	evaluation, err := s.evaluation()
	if err != nil || evaluation.WindowState != "open" {
		return err
	}
	if err := s.tellUses(); err != nil {
		return err
	}
	remind, _, err := s.state(policy, evaluation.CloseOn)
	if err != nil || !remind {
		return err
	}
	left, err := s.left(evaluation.CloseOn)
	if err != nil {
		return err
	}
	s.queued, err = s.remindRepresentatives(evaluation, func(row query.RepresentativeListRow) letter {
		return letter{
			kind: mail.KindInvitationReminder, obligation: invitationObligation(row.Number), scheduled: &s.moment,
			key: s.on.String() + "/" + invitationObligation(row.Number), data: mail.Data{DaysLeft: left},
		}
	}, s.queued)
	return err
}

// tellUses writes whose invitation was used since it was last asked.
func (y *year) tellUses() error {
	used, err := y.RepresentativeTell(y.Context, query.RepresentativeTellParams{CycleID: y.id()})
	slices.SortFunc(used, func(a, b query.RepresentativeTellRow) int { return int(a.Number - b.Number) })
	for _, row := range used {
		y.Record(store.Line{Event: "invitation_used", Article: "E9", Data: map[string]any{"invitee": row.Number, "kind": row.Kind}})
	}
	return err
}

// remindRepresentatives writes to those who have units left, and counts on.
func (y *year) remindRepresentatives(evaluation query.Evaluation, write func(query.RepresentativeListRow) letter, queued int) (int, error) {
	rows, err := y.RepresentativeList(y.Context, query.RepresentativeListParams{CycleID: y.id()})
	if err != nil {
		return queued, err
	}
	asked, err := y.asked()
	if err != nil {
		return queued, err
	}
	for _, row := range rows {
		open := names(asked[row.Number])
		if len(open) == 0 || row.Token == "" {
			continue
		}
		out := write(row)
		out.data.Units, out.data.Due = open, evaluation.CloseOn
		if err := y.invite(row, out); err != nil {
			return queued, err
		}
		queued++
	}
	return queued, nil
}

// remindRepresentatives reminds by hand all who have not evaluated everything.
func (a *Activities) remindRepresentatives(ctx context.Context, in workflows.EvaluationStep) (workflows.RemindResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RemindResult, error) {
		evaluation, err := y.evaluation()
		if err != nil {
			return workflows.RemindResult{}, err
		}
		days, err := y.Days(y.set)
		if err != nil {
			return workflows.RemindResult{}, err
		}
		left, err := days.Count(y.today(), evaluation.CloseOn)
		if err != nil {
			return workflows.RemindResult{}, err
		}
		queued, err := y.remindRepresentatives(evaluation, func(row query.RepresentativeListRow) letter {
			return letter{
				kind: mail.KindInvitationReminder, key: in.Act.ID + "/" + invitationObligation(row.Number), data: mail.Data{DaysLeft: left},
			}
		}, 0)
		return workflows.RemindResult{Queued: queued}, err
	})
}

// closeWindow ends the evaluation: no ballot comes in any more, the links are forgotten (E8(3), E9).
func (a *Activities) closeWindow(ctx context.Context, in workflows.EvaluationStep) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		if err := y.shutWindow(); err != nil {
			return workflows.Empty{}, err
		}
		if err := y.tellUses(); err != nil {
			return workflows.Empty{}, err
		}
		y.Record(store.Line{Event: "window_closed", Article: "E8(3)"})
		return workflows.Empty{}, y.FinishTask("E8(2)", announceTask, "", "")
	})
}

// sealBallots makes the list of all ballots, under a root that the journal keeps (E9).
func (a *Activities) sealBallots(ctx context.Context, in workflows.EvaluationStep) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		_, err := y.SealBallots(store.Sealing{
			Form: store.EvaluationForm(y.set, y.rules), Signer: a.Signer, SurveysIn: y.set.Evaluation.SurveysIn,
		})
		return workflows.Empty{}, err
	})
}

// shutWindow takes no more ballots; it waits for those that are being taken. Which links were used is written anew, since the
// ballots of a cancelled evaluation are never sealed. An assessment has no window.
func (y *year) shutWindow() error {
	if y.set.Evaluation == nil {
		return nil
	}
	if err := y.EvaluationWindow(y.Context, query.EvaluationWindowParams{CycleID: y.id(), WindowState: "closed"}); err != nil {
		return err
	}
	if err := y.RepresentativeForget(y.Context, query.RepresentativeForgetParams{CycleID: y.id()}); err != nil {
		return err
	}
	return y.RepresentativeUnitShuffle(y.Context, query.RepresentativeUnitShuffleParams{CycleID: y.id()})
}

// moveEvaluationDate moves a date while it lies ahead (E8(1)).
func (a *Activities) moveEvaluationDate(ctx context.Context, in workflows.MoveDateInput) (workflows.EvaluationDates, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.EvaluationDates, error) {
		none := workflows.EvaluationDates{}
		reason, err := y.reason(in.Act)
		if err != nil {
			return none, err
		}
		evaluation, err := y.evaluation()
		if err != nil {
			return none, err
		}
		if err := y.moveEvaluation(&evaluation, in); err != nil {
			return none, err
		}
		y.Record(store.Line{
			Event: "deadline_extended", Person: in.Act.By, Article: "E8(1)",
			Data: map[string]any{"phase": in.Phase, "to": in.To.String(), "reason": reason},
		})
		return datesOf(evaluation), y.tellMovedWindow(in, reason)
	})
}

func (y *year) moveEvaluation(evaluation *query.Evaluation, in workflows.MoveDateInput) error {
	field, ok := map[string]*calendar.Date{
		workflows.PhasePublish: &evaluation.PublishOn, workflows.PhaseOpen: &evaluation.OpenOn,
		workflows.PhaseClose: &evaluation.CloseOn, workflows.PhaseResults: &evaluation.ResultsDue,
	}[in.Phase]
	switch {
	case !ok:
		return store.Refuse("a date is moved for publish, open, close or results")
	case !in.To.After(*field):
		return store.Refuse(fmt.Sprintf("%s is on %s already; an extension moves it later", in.Phase, *field))
	case !in.To.After(y.today()):
		return store.Refuse(fmt.Sprintf("%s is not after today", in.To))
	case in.Phase != workflows.PhaseResults && y.passed(in.Phase):
		return store.Refuse(in.Phase + " is over")
	}
	*field = in.To
	if !evaluation.PublishOn.Before(evaluation.OpenOn) || evaluation.CloseOn.Before(evaluation.OpenOn) || !evaluation.CloseOn.Before(evaluation.ResultsDue) {
		return store.Refuse(fmt.Sprintf("the dates would not be in order: publish %s, open %s, close %s, results %s",
			evaluation.PublishOn, evaluation.OpenOn, evaluation.CloseOn, evaluation.ResultsDue))
	}
	if in.Phase == workflows.PhaseClose {
		if err := y.published(workflows.PhaseInvitation, in.To); err != nil {
			return err
		}
	}
	if in.Phase == workflows.PhaseResults {
		if err := y.moveProposal(in.To, in.Act.By); err != nil {
			return err
		}
	}
	return y.EvaluationDates(y.Context, query.EvaluationDatesParams{
		CycleID: y.id(), PublishOn: evaluation.PublishOn, OpenOn: evaluation.OpenOn, CloseOn: evaluation.CloseOn, ResultsDue: evaluation.ResultsDue,
	})
}

// passed tells whether what a date was for has happened.
func (y *year) passed(phase string) bool {
	order := []string{"notice", "published", "window"}
	at := map[string]int{workflows.PhasePublish: 0, workflows.PhaseOpen: 1, workflows.PhaseClose: 2}[phase]
	now := slices.Index(order, y.Cycle.Phase)
	return now < 0 || now > at
}

// tellMovedWindow tells units of a moved window once they have heard of the old one.
func (y *year) tellMovedWindow(in workflows.MoveDateInput, reason string) error {
	name, told := map[string]string{workflows.PhaseOpen: "评议开始", workflows.PhaseClose: "评议"}[in.Phase]
	if !told || y.beforeNotice() {
		return nil
	}
	book, err := y.directory()
	if err != nil {
		return err
	}
	for _, unit := range book.units {
		if err := y.tellContacts(book, unit.Code, func(query.Unit) letter {
			return letter{kind: mail.KindDeadlineExtended, article: "E8(1)", key: in.Act.ID + "/" + unit.Code, data: mail.Data{
				Reason: reason, Due: in.To, Phase: name, Link: y.public.page(""),
			}}
		}); err != nil {
			return err
		}
	}
	return nil
}
