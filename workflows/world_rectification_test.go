package workflows

import (
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/calendar"
)

type fakeRectification struct {
	unit     string
	number   int
	state    string
	due      calendar.Date
	sentBack int
}

type fakeConsequence struct {
	unit          string
	rectification *fakeRectification
	decided       bool
}

func (w *world) registerRectification(s *stage) {
	carry(s, DraftProblems, func(DraftProblemsInput) (DraftProblemsResult, error) {
		return DraftProblemsResult{Units: len(w.problems)}, w.writable()
	})
	carry(s, OrderRectifications, w.order)
	carry(s, FileMeasures, func(RectificationAct) (RectificationResult, error) { return RectificationResult{}, w.writable() })
	carry(s, ReportRectification, w.rectify("reported"))
	carry(s, AcceptRectification, w.rectify("accepted"))
	carry(s, SendBack, func(in RectificationAct) (RectificationResult, error) {
		row := w.row(in.Unit, in.Number)
		row.state, row.due = "ordered", in.Due
		row.sentBack++
		w.mails++
		if row.sentBack < 2 {
			return RectificationResult{}, w.writable()
		}
		return RectificationResult{Proposed: w.propose(row)}, w.writable()
	})
	carry(s, RectificationOverdue, func(in RectificationAct) (RectificationResult, error) {
		row := w.row(in.Unit, in.Number)
		if row.state == "reported" {
			return RectificationResult{}, w.writable()
		}
		return RectificationResult{Proposed: w.propose(row), Overdue: true}, w.writable()
	})
	carry(s, ReadRectification, w.readRectification)
	carry(s, RecordViolation, func(in ViolationInput) (ViolationResult, error) {
		w.consequences = append(w.consequences, &fakeConsequence{unit: in.Unit})
		return ViolationResult{Consequence: len(w.consequences), Open: w.undecided()}, w.writable()
	})
	carry(s, DecideConsequence, w.decide)
}

func (w *world) readRectification(in RectificationAct) (RectificationStanding, error) {
	row := w.row(in.Unit, in.Number)
	standing := RectificationStanding{Due: row.due, Reported: row.state == "reported", Done: row.state == "accepted" || row.state == "ended"}
	for _, consequence := range w.consequences {
		if consequence.rectification == row && !consequence.decided {
			standing.Consequences++
		}
	}
	return standing, w.writable()
}

func (w *world) row(unit string, number int) *fakeRectification {
	key := fmt.Sprintf("%s/%d", unit, number)
	if w.rectifications[key] == nil {
		w.rectifications[key] = &fakeRectification{unit: unit, number: number, state: "ordered"}
	}
	return w.rectifications[key]
}

func (w *world) rectify(state string) func(RectificationAct) (RectificationResult, error) {
	return func(in RectificationAct) (RectificationResult, error) {
		w.row(in.Unit, in.Number).state = state
		return RectificationResult{}, w.writable()
	}
}

// propose answers 0 while a consequence of the same rectification waits.
func (w *world) propose(row *fakeRectification) int {
	for _, open := range w.consequences {
		if open.rectification == row && !open.decided {
			return 0
		}
	}
	w.consequences = append(w.consequences, &fakeConsequence{unit: row.unit, rectification: row})
	return len(w.consequences)
}

func (w *world) order(in OrderInput) (OrderResult, error) {
	units := in.Units
	if len(units) == 0 {
		units = slices.Clone(w.problems)
	}
	var result OrderResult
	for _, unit := range units {
		at := slices.Index(w.problems, unit)
		if at < 0 {
			return result, dataFault("no order is drafted for " + unit)
		}
		w.problems = slices.Delete(w.problems, at, at+1)
		row := w.row(unit, 0)
		row.due = w.claim.Dates.RectificationDue
		result.Orders = append(result.Orders, Order{Unit: unit, Due: row.due})
	}
	result.Left = len(w.problems)
	w.mails += len(units)
	return result, w.writable()
}

func (w *world) decide(in DecideInput) (DecideResult, error) {
	row := w.consequences[in.Number-1]
	if row.decided {
		return DecideResult{}, dataFault("the consequence is decided already")
	}
	row.decided = true
	result := DecideResult{Unit: row.unit, Open: w.undecided()}
	switch {
	case row.rectification != nil && !in.Due.IsZero():
		row.rectification.due, result.GoesOn = in.Due, true
	case row.rectification != nil:
		result.GoesOn = in.Act.At.Before(row.rectification.due.End())
	case in.Impose && !in.Due.IsZero():
		result.Rectification = 1
		w.row(row.unit, 1).due = in.Due
	}
	return result, w.writable()
}

// undecided counts what follows from violations and waits for a decision.
func (w *world) undecided() int {
	open := 0
	for _, consequence := range w.consequences {
		if consequence.rectification == nil && !consequence.decided {
			open++
		}
	}
	return open
}
