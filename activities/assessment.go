package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// claimCycle makes the year the asking workflow's own, freezes the scheme and assigns every indicator of every unit
// to its assessors. It refuses with every reason at once.
func (a *Activities) claimCycle(ctx context.Context, in workflows.ClaimInput) (workflows.ClaimResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.ClaimResult, error) {
		if y.Cycle.State != "draft" {
			return workflows.ClaimResult{}, store.Refuse(store.CycleName(y.Cycle) + " has been started already")
		}
		days, err := y.Days(y.set)
		if err != nil {
			return workflows.ClaimResult{}, err
		}
		dates, err := y.dates()
		if err != nil {
			return workflows.ClaimResult{}, err
		}
		adjustments, err := y.AdjustmentList(ctx, query.AdjustmentListParams{CycleID: y.id()})
		if err != nil {
			return workflows.ClaimResult{}, err
		}
		faults := store.StartFaults(y.set, a.Rules, dates.Notice, days, y.Cycle.Rehearsal > 0, in.Real)
		if err := append(faults, store.ClauseFaults(adjustments, y.rules)...).Err(); err != nil {
			return workflows.ClaimResult{}, store.Refuse(err.Error())
		}
		clock, err := startClock(y.Cycle, days, dates.Notice, in)
		if err != nil {
			return workflows.ClaimResult{}, err
		}
		y.At = clock.At(in.Real)
		if err := y.begin(clock, dates); err != nil {
			return workflows.ClaimResult{}, err
		}
		if err := y.FinishTask("A8(3)", prepareTask, in.Act.By, ""); err != nil {
			return workflows.ClaimResult{}, err
		}
		y.Record(store.Line{Event: "cycle_started", Person: in.Act.By, Article: "A8", Data: y.startData()})
		result, err := claimResult(y.set, clock, dates, days)
		if err != nil {
			return result, err
		}
		// Violations are recorded before the start, too: the year does not close before they are decided (A14).
		open, err := y.ConsequenceOpenCount(ctx, query.ConsequenceOpenCountParams{CycleID: y.id()})
		result.Consequences = int(open)
		return result, err
	})
}

func (y *year) startData() map[string]any {
	data := map[string]any{"rule_set": y.rules.ID, "units": len(y.set.Plan.Units)}
	if extension := y.set.Plan.Scheme.Extension; extension != nil {
		data["extension"] = extension.Document
	}
	return data
}

func startClock(cycle query.Cycle, days calendar.Days, notice calendar.Date, in workflows.ClaimInput) (calendar.Clock, error) {
	if cycle.Rehearsal == 0 {
		return calendar.Clock{}, nil
	}
	virtual, err := calendar.RehearsalStart(days, notice)
	return calendar.Clock{Real: in.Real, Virtual: virtual, Pace: in.Pace}, err
}

func (y *year) begin(clock calendar.Clock, dates query.SchemeVersion) error {
	if err := y.startCycle(clock); err != nil {
		return err
	}
	if err := y.AssessmentInsertAll(y.Context, query.AssessmentInsertAllParams{
		CycleID: y.id(), ReportDue: dates.SelfReportDue, ReviewDue: dates.ReviewDue,
	}); err != nil {
		return err
	}
	if err := y.Share(sharedCycle, y.commonLetter(), "", nil); err != nil {
		return err
	}
	for part := range slices.Chunk(y.set.Plan.Assignments(), rowsAtOnce) {
		if err := y.assign(part); err != nil {
			return err
		}
	}
	return nil
}

// rowsAtOnce keeps each statement about all units far below the time that the server gives it: 1000 units have 189 000 scores.
const rowsAtOnce = 5000

func (y *year) startCycle(clock calendar.Clock) error {
	start := query.CycleStartParams{CycleID: y.id(), ClockPace: int64(clock.Pace)}
	if y.Cycle.Rehearsal > 0 {
		start.ClockReal, start.ClockVirtual = &clock.Real, &clock.Virtual
	}
	return y.CycleStart(y.Context, start)
}

func (y *year) assign(assignments []rules.Assignment) error {
	sheets := query.SheetInsertAllParams{CycleID: y.id()}
	scores := query.ScoreInsertAllParams{CycleID: y.id()}
	for _, assignment := range assignments {
		scores.Units = append(scores.Units, assignment.Unit)
		scores.Assessors = append(scores.Assessors, assignment.Assessor)
		scores.Indicators = append(scores.Indicators, assignment.Indicator)
	}
	sheets.Units, sheets.Assessors = scores.Units, scores.Assessors
	if err := y.SheetInsertAll(y.Context, sheets); err != nil {
		return err
	}
	return y.ScoreInsertAll(y.Context, scores)
}

func claimResult(set store.DataSet, clock calendar.Clock, dates query.SchemeVersion, days calendar.Days) (workflows.ClaimResult, error) {
	policies, err := Policies(set.Phases())
	if err != nil {
		return workflows.ClaimResult{}, err
	}
	result := workflows.ClaimResult{Clock: clock, Policies: policies, Days: days, Dates: workflows.Dates{
		Notice: dates.Notice, SelfReportDue: dates.SelfReportDue, ReviewDue: dates.ReviewDue,
		ApprovalDue: dates.ApprovalDue, RectificationDue: dates.RectificationDue,
	}}
	for _, unit := range set.Plan.Units {
		result.Units = append(result.Units, unit.Code)
	}
	return result, nil
}

// Policies are the reminder policies of a cycle, by phase, as the calendar understands them.
func Policies(phases []rules.Phase) (map[string]calendar.Policy, error) {
	policies := map[string]calendar.Policy{}
	var faults []error
	for _, phase := range phases {
		cron, err := calendar.ParseCron(phase.Policy.Cron)
		faults = append(faults, err)
		policies[phase.Key] = calendar.Policy{
			Cron: cron, FromWorkingDaysBefore: phase.Policy.FromWorkingDaysBefore, EscalateWorkingDaysAfter: phase.Policy.EscalateWorkingDaysAfter,
		}
	}
	return policies, errors.Join(faults...)
}

// issueNotices puts the notice to every unit on the ledger, once, to the unit's own address, and on its task list
// (A8(4)); it lists the assessed units by name (A2).
func (a *Activities) issueNotices(ctx context.Context, in workflows.IssueNoticesInput) (workflows.IssueNoticesResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.IssueNoticesResult, error) {
		dates, err := y.dates()
		if err != nil {
			return workflows.IssueNoticesResult{}, err
		}
		if err := y.Share("notice", y.noticeLetter(dates), "", nil); err != nil {
			return workflows.IssueNoticesResult{}, err
		}
		// From the list as it stands: an address may have been corrected since the start.
		units, err := y.UnitList(ctx, query.UnitListParams{CycleID: y.id()})
		if err != nil {
			return workflows.IssueNoticesResult{}, err
		}
		for _, unit := range units {
			if err := y.issueNotice(unit, dates.SelfReportDue); err != nil {
				return workflows.IssueNoticesResult{}, err
			}
		}
		if err := y.CyclePhase(ctx, query.CyclePhaseParams{CycleID: y.id(), Phase: "assessment"}); err != nil {
			return workflows.IssueNoticesResult{}, err
		}
		err = y.AssessmentStateAll(ctx, query.AssessmentStateAllParams{CycleID: y.id(), State: "reporting"})
		return workflows.IssueNoticesResult{Notices: len(units)}, err
	})
}

func (y *year) noticeLetter(dates query.SchemeVersion) mail.Data {
	notice := y.commonLetter()
	notice.Issued, notice.Due = calendar.DateOf(y.At), dates.SelfReportDue
	for _, unit := range y.set.Plan.Units {
		notice.Units = append(notice.Units, unit.Name)
	}
	notice.PreviousYear = y.previousYear()
	return notice
}

// previousYear names the indicators that judge the year before (A4).
func (y *year) previousYear() []string {
	var names []string
	for _, indicator := range y.set.Plan.Indicators {
		if indicator.Judges == rules.PreviousYear {
			names = append(names, indicator.Content)
		}
	}
	return names
}

func (y *year) issueNotice(unit query.Unit, due calendar.Date) error {
	err := y.send(letter{kind: "notice", article: "A8(4)", key: unit.Code, shared: "notice", data: mail.Data{
		UnitName: unit.Name, Link: y.links.to("units/%s/report", unit.Code),
	}}, unit.Code, "", unit.Email)
	if err != nil {
		return err
	}
	return y.OpenTask("A8(4)", store.Task{Key: reportTask(unit.Code), Kind: "self_report", Unit: unit.Code, Due: &due})
}

func reportTask(unit string) string { return "self_report/" + unit }

// readDays answers the working days once the year after a moment is published; until then the step is tried again.
func (a *Activities) readDays(ctx context.Context, in workflows.ReadDaysInput) (workflows.ReadDaysResult, error) {
	cycle, err := a.Store.CycleGet(ctx, query.CycleGetParams{CycleID: in.Cycle.ID})
	if err != nil {
		return workflows.ReadDaysResult{}, err
	}
	set, err := a.Store.DataSet(ctx, cycle)
	if err != nil {
		return workflows.ReadDaysResult{}, err
	}
	days, err := a.Store.Days(ctx, set)
	if err != nil {
		return workflows.ReadDaysResult{}, err
	}
	if _, err = days.Add(calendar.DateOf(in.After), 1); err != nil {
		// Not refused but tried again, until somebody has added the year.
		return workflows.ReadDaysResult{}, fmt.Errorf("couldn't go on reminding: %s", err.Error())
	}
	return workflows.ReadDaysResult{Days: days}, nil
}

// cancelCycle ends a wrongly started year: it tells the units and frees the year.
func (a *Activities) cancelCycle(ctx context.Context, in workflows.CancelInput) (workflows.CancelResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.CancelResult, error) {
		reason, err := y.reason(in.Act)
		if err != nil {
			return workflows.CancelResult{}, err
		}
		book, err := y.directory()
		if err != nil {
			return workflows.CancelResult{}, err
		}
		for _, unit := range book.units {
			if y.beforeNotice() {
				break
			}
			if err := y.tellContacts(book, unit.Code, func(query.Unit) letter {
				return letter{kind: "cycle_cancelled", article: y.procedureArticle(), key: unit.Code, data: mail.Data{Reason: reason, Link: y.links.to("")}}
			}); err != nil {
				return workflows.CancelResult{}, err
			}
		}
		if err := y.shutWindow(); err != nil {
			return workflows.CancelResult{}, err
		}
		y.Record(store.Line{Event: "cycle_cancelled", Person: in.Act.By, Article: y.procedureArticle(), Data: map[string]any{"reason": reason}})
		return workflows.CancelResult{}, y.CycleEnd(ctx, query.CycleEndParams{CycleID: y.id(), State: "cancelled"})
	})
}

// procedureArticle is where the rules describe a cycle's procedure.
func (y *year) procedureArticle() string {
	if y.set.Evaluation != nil {
		return "E8"
	}
	return "A8"
}

// closeCycle ends the year once every mail is sent or refused and nothing waits for a person any more.
func (a *Activities) closeCycle(ctx context.Context, in workflows.CloseInput) (workflows.CloseResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.CloseResult, error) {
		if err := y.nothingOpen(); err != nil {
			return workflows.CloseResult{}, err
		}
		mails, err := y.MailOpenCount(ctx, query.MailOpenCountParams{CycleID: y.id()})
		if err != nil || mails > 0 {
			return workflows.CloseResult{}, err
		}
		article := "A13"
		if y.Cycle.Kind == store.Evaluation {
			article = "E8"
		}
		y.Record(store.Line{Event: "cycle_closed", Article: article})
		return workflows.CloseResult{Closed: true}, y.CycleEnd(ctx, query.CycleEndParams{CycleID: y.id(), State: "closed"})
	})
}

// nothingOpen holds the close against the database itself: every order accepted or ended, every consequence decided.
func (y *year) nothingOpen() error {
	orders, err := y.RectificationOpenCount(y.Context, query.RectificationOpenCountParams{CycleID: y.id()})
	if err != nil {
		return err
	}
	consequences, err := y.ConsequenceOpenCount(y.Context, query.ConsequenceOpenCountParams{CycleID: y.id()})
	if err != nil {
		return err
	}
	if orders+consequences > 0 {
		return store.Refuse(fmt.Sprintf("%d rectifications and %d consequences are still open (A13, A14)", orders, consequences))
	}
	if y.set.Evaluation == nil {
		return nil
	}
	evaluation, err := y.evaluation()
	if err == nil && evaluation.Publishing == "" {
		err = store.Refuse("nobody has decided yet whether the results are published (E8(5))")
	}
	return err
}

// reason reads why a person acts; without one the act is incomplete.
func (y *year) reason(act workflows.Act) (string, error) {
	var content store.Reason
	if err := y.Content(act.ID, &content); err != nil {
		return "", err
	}
	reason := strings.TrimSpace(content.Reason)
	if reason == "" {
		return "", store.Refuse("a reason is missing")
	}
	return reason, nil
}
