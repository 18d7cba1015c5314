package workflows

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
)

// world is what the steps find and change: as much of the database as makes their answers fit together. The stage's
// lock guards it.
type world struct {
	claim ClaimResult
	// state is draft, running, cancelled or closed.
	state string
	units map[string]*fakeUnit
	// kept are the answers of acts that were done before a worker was killed, which the workflow does not know of.
	kept map[string]SheetsResult
	// spreads is what closing a unit's review meets, each once: "again" or "third".
	spreads   map[string][]string
	proposals []*fakeProposal
	// scores counts changes of any score: it is what a digest stands for.
	scores   int
	released int
	// problems are the units for which an order will be drafted.
	problems       []string
	rectifications map[string]*fakeRectification
	consequences   []*fakeConsequence
	// mails are those not delivered yet, due those that a sweep queues.
	mails, due int
	// later are the days that are published while the year goes on.
	later calendar.Days
	// tasks are those about stuck steps: what they say, by key.
	tasks map[string]string
	// evaluation are the dates of a social evaluation; dissatisfied counts the units that it finds so.
	evaluation    EvaluationDates
	afterProvince bool
	dissatisfied  int
}

type fakeUnit struct {
	state      string
	reported   bool
	due        calendar.Date
	generation int
	open       []string // assessors whose sheets are not in
}

type fakeProposal struct {
	state, digest string
}

var assessors = []string{"li", "wang"}

func newWorld(t *testing.T) *world {
	t.Helper()
	days, err := calendar.Published(2025, 2026)
	if err != nil {
		t.Fatal(err)
	}
	return &world{
		state: "draft", units: map[string]*fakeUnit{}, spreads: map[string][]string{},
		rectifications: map[string]*fakeRectification{}, tasks: map[string]string{},
		claim: ClaimResult{Days: days, Dates: Dates{
			Notice: date(t, "2025-11-24"), SelfReportDue: date(t, "2025-12-12"), ReviewDue: date(t, "2026-01-09"),
			ApprovalDue: date(t, "2026-01-16"), RectificationDue: date(t, "2026-03-13"),
		}, Policies: policies(t, "0 9 * * *")},
	}
}

// policies are the four of a scheme, all at the same hour.
func policies(t *testing.T, cron string) map[string]calendar.Policy {
	t.Helper()
	parsed, err := calendar.ParseCron(cron)
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]calendar.Policy{}
	for _, phase := range []string{PhaseSelfReport, PhaseReview, PhaseApproval, PhaseRectification} {
		list[phase] = calendar.Policy{Cron: parsed, FromWorkingDaysBefore: 5, EscalateWorkingDaysAfter: 2}
	}
	return list
}

// add puts units on the list, each with two assessors.
func (w *world) add(units ...string) {
	for _, unit := range units {
		w.claim.Units = append(w.claim.Units, unit)
		w.units[unit] = &fakeUnit{state: "waiting", due: w.claim.Dates.SelfReportDue, generation: 1, open: slices.Clone(assessors)}
	}
}

func (w *world) register(s *stage) {
	w.registerCycle(s)
	w.registerUnit(s)
	w.registerApproval(s)
	w.registerRectification(s)
	w.registerEvaluation(s)
	carry(s, SendReminders, func(SendRemindersInput) (SendRemindersResult, error) {
		return SendRemindersResult{Queued: w.due}, w.writable()
	})
	carry(s, RemindByHand, func(RemindInput) (RemindResult, error) { return RemindResult{Queued: 1}, w.writable() })
	carry(s, DeliverMail, func(DeliverMailInput) (DeliverMailResult, error) {
		sent := w.mails
		w.mails = 0
		return DeliverMailResult{Sent: sent}, nil
	})
	carry(s, OpenStuck, func(in StuckInput) (Empty, error) {
		maps.DeleteFunc(w.tasks, func(key, _ string) bool { return in.BrokenOff != "" && strings.HasSuffix(key, "/"+in.BrokenOff) })
		w.tasks[StuckTask(in.Workflow, in.Step)] = in.Reason
		return Empty{}, w.writable()
	})
	carry(s, EndStuck, func(in StuckInput) (Empty, error) {
		delete(w.tasks, StuckTask(in.Workflow, in.Step))
		return Empty{}, w.writable()
	})
}

// writable refuses what comes after the end of the year, as the database does.
func (w *world) writable() error {
	if w.state == "cancelled" || w.state == "closed" {
		return dataFault("pingliang/2025 is " + w.state + ": nothing more is written")
	}
	return nil
}

func (w *world) registerCycle(s *stage) {
	carry(s, ClaimCycle, func(ClaimInput) (ClaimResult, error) {
		if w.state != "draft" {
			return ClaimResult{}, dataFault("pingliang/2025 has been started already")
		}
		w.state = "running"
		return w.claim, nil
	})
	carry(s, IssueNotices, func(IssueNoticesInput) (IssueNoticesResult, error) {
		w.mails += len(w.units)
		for _, unit := range w.units {
			unit.state = "reporting"
		}
		return IssueNoticesResult{Notices: len(w.units)}, w.writable()
	})
	carry(s, MoveDate, w.moveDate)
	carry(s, CancelCycle, func(CancelInput) (CancelResult, error) {
		if err := w.writable(); err != nil {
			return CancelResult{}, err
		}
		w.state = "cancelled"
		w.mails += len(w.units)
		return CancelResult{}, nil
	})
	carry(s, CloseCycle, func(CloseInput) (CloseResult, error) {
		if err := w.writable(); err != nil || w.mails > 0 {
			return CloseResult{}, err
		}
		w.state = "closed"
		return CloseResult{Closed: true}, nil
	})
	carry(s, DraftNextYear, func(in YearDraftInput) (YearDraftResult, error) { return YearDraftResult{Year: in.At.Year()}, nil })
	carry(s, ReadDays, func(in ReadDaysInput) (ReadDaysResult, error) {
		_, err := w.later.Add(calendar.DateOf(in.After), 1)
		return ReadDaysResult{Days: w.later}, err
	})
}

func (w *world) moveDate(in MoveDateInput) (MoveDateResult, error) {
	var moved MoveDateResult
	for _, unit := range w.claim.Units {
		row := w.units[unit]
		if in.Phase == PhaseSelfReport && (row.state == "waiting" || row.state == "reporting") && in.To.After(row.due) {
			row.due = in.To
			moved.Units = append(moved.Units, unit)
		}
		order, ordered := w.rectifications[unit+"/0"]
		if in.Phase == PhaseRectification && ordered && order.state != "accepted" && order.state != "ended" {
			order.due = in.To
			moved.Units = append(moved.Units, unit)
		}
	}
	return moved, w.writable()
}

func (w *world) registerUnit(s *stage) {
	carry(s, SubmitReport, w.submitReport)
	carry(s, ReturnReport, func(in ReturnReportInput) (ReturnReportResult, error) {
		unit := w.units[in.Unit]
		unit.state, unit.reported, unit.due = "reporting", false, in.Due
		w.mails++
		return ReturnReportResult{}, w.writable()
	})
	carry(s, ExtendUnit, w.extend)
	carry(s, ReadUnit, func(in ReviewInput) (UnitStanding, error) {
		unit := w.units[in.Unit]
		return UnitStanding{
			Due: unit.due, Reported: unit.reported, Reviewing: unit.state == "review", Closed: unit.state == "closed", Open: len(unit.open),
		}, w.writable()
	})
	carry(s, OpenReview, func(in ReviewInput) (SheetsResult, error) {
		w.units[in.Unit].state = "review"
		return SheetsResult{Open: len(w.units[in.Unit].open)}, w.writable()
	})
	carry(s, SubmitSheet, func(in SubmitSheetInput) (SheetsResult, error) {
		if kept, done := w.kept[in.Act.ID]; done {
			return kept, nil
		}
		unit := w.units[in.Unit]
		at := slices.Index(unit.open, in.Act.By)
		if at < 0 || unit.state != "review" {
			return SheetsResult{}, dataFault("this sheet is not open")
		}
		if in.NotLast && len(unit.open) == 1 {
			return SheetsResult{}, temporal.NewNonRetryableApplicationError("the last one", ErrorLastSheet, nil)
		}
		unit.open = slices.Delete(unit.open, at, at+1)
		w.scores++
		return SheetsResult{Open: len(unit.open)}, w.writable()
	})
	carry(s, AssignAssessor, func(in AssignAssessorInput) (SheetsResult, error) {
		unit := w.units[in.Unit]
		unit.open = []string{in.Assessor}
		return SheetsResult{Open: 1}, w.writable()
	})
	carry(s, CloseReview, w.closeReview)
}

func (w *world) extend(in ExtendUnitInput) (ExtendUnitResult, error) {
	switch in.Phase {
	case PhaseSelfReport:
		w.units[in.Unit].due = in.To
	case PhaseRectification:
		w.row(in.Unit, in.Rectification).due = in.To
	}
	w.mails++
	return ExtendUnitResult{}, w.writable()
}

// submitReport takes a report; while the review is open it opens the sheets again.
func (w *world) submitReport(in SubmitReportInput) (SheetsResult, error) {
	unit := w.units[in.Unit]
	if unit.state == "closed" {
		return SheetsResult{}, dataFault("the unit's review is closed")
	}
	unit.reported = true
	if unit.state == "review" {
		unit.open = slices.Clone(assessors)
	}
	return SheetsResult{Open: len(unit.open), Late: calendar.Late(in.Act.At, unit.due)}, w.writable()
}

func (w *world) closeReview(in ReviewInput) (CloseReviewResult, error) {
	unit := w.units[in.Unit]
	if err := w.writable(); err != nil || len(unit.open) > 0 {
		return CloseReviewResult{Open: len(unit.open)}, err
	}
	if spreads := w.spreads[in.Unit]; len(spreads) > 0 {
		w.spreads[in.Unit] = spreads[1:]
		if spreads[0] == "third" {
			return CloseReviewResult{Open: 1}, nil
		}
		unit.open = slices.Clone(assessors)
		return CloseReviewResult{Open: len(unit.open)}, nil
	}
	unit.state = "closed"
	return CloseReviewResult{Closed: true}, nil
}

func (w *world) registerApproval(s *stage) {
	carry(s, MakeProposal, func(in MakeProposalInput) (MakeProposalResult, error) {
		if in.Number <= len(w.proposals) {
			return w.takeUp(w.proposals[in.Number-1]), w.writable()
		}
		if open := w.openProposal(); open != nil || in.Number != len(w.proposals)+1 {
			return MakeProposalResult{}, dataFault("a proposal is already open")
		}
		w.mails++
		w.proposals = append(w.proposals, &fakeProposal{state: "open", digest: w.digest()})
		return MakeProposalResult{Digest: w.digest(), Due: w.claim.Dates.ApprovalDue}, w.writable()
	})
	carry(s, ApproveProposal, func(in ApproveInput) (ApproveResult, error) {
		open := w.openProposal()
		if in.Digest != open.digest {
			return ApproveResult{}, dataFault("the results have changed since you saw them")
		}
		open.state = DecisionApproved
		return ApproveResult{}, w.writable()
	})
	carry(s, ReturnProposal, func(in ReturnProposalInput) (UnitsResult, error) {
		w.openProposal().state = DecisionReturned
		return w.reopen(in.Units), w.writable()
	})
	carry(s, ConfirmAdjusted, func(ConfirmAdjustmentInput) (UnitsResult, error) {
		w.scores++
		w.openProposal().state = DecisionVoided
		return UnitsResult{}, w.writable()
	})
	carry(s, ReopenUnits, func(in ReopenInput) (UnitsResult, error) {
		w.openProposal().state = DecisionVoided
		return w.reopen(in.Units), w.writable()
	})
	carry(s, ReleaseResults, func(in ReleaseInput) (ReleaseResult, error) {
		approved := w.proposals[in.Number-1]
		if approved.digest != w.digest() {
			approved.state = DecisionVoided
			return ReleaseResult{}, nil
		}
		w.released = in.Number
		w.mails += len(w.units)
		return ReleaseResult{Released: true}, w.writable()
	})
	carry(s, CorrectResults, func(in CorrectInput) (UnitsResult, error) {
		if in.Adjustment != "" {
			w.scores++
		}
		return w.reopen(in.Units), w.writable()
	})
}

// takeUp answers what became of a proposal whose approval was broken off.
func (w *world) takeUp(proposal *fakeProposal) MakeProposalResult {
	result := MakeProposalResult{Digest: proposal.digest, Due: w.claim.Dates.ApprovalDue}
	if proposal.state == "open" {
		return result
	}
	result.Decision = proposal.state
	for _, unit := range w.claim.Units {
		if row := w.units[unit]; row.state == "review" {
			result.Units = append(result.Units, UnitGeneration{Unit: unit, Generation: row.generation})
		}
	}
	return result
}

func (w *world) digest() string { return fmt.Sprintf("digest-%d", w.scores) }

func (w *world) openProposal() *fakeProposal {
	for _, proposal := range w.proposals {
		if proposal.state == "open" {
			return proposal
		}
	}
	return nil
}

func (w *world) reopen(units []string) UnitsResult {
	var result UnitsResult
	for _, unit := range units {
		row := w.units[unit]
		row.generation++
		row.state, row.open = "review", slices.Clone(assessors)
		result.Units = append(result.Units, UnitGeneration{Unit: unit, Generation: row.generation})
	}
	return result
}

// allTasks are the open tasks about stuck steps, with what they say.
func (w *world) allTasks() string {
	var list []string
	for key, reason := range w.tasks {
		list = append(list, key+": "+reason)
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}
