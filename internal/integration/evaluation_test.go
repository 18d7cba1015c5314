package integration

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// The evaluation's days are longer than those of a year with faults: a reminder that comes a day late is not sent at all.
const evaluationPace = 3 * faultPace

// A whole social evaluation of which only surveys run elsewhere tell what people think (E9). The worker is killed while
// the window is open: nobody notices.
func TestSocialEvaluation(t *testing.T) {
	t.Parallel()
	set := sample(t)
	set.Evaluation.Channels = map[string]rules.Channel{"public": {Weight: "1", MinBallots: 30}}
	// A short window of long days: on every working day of it the representatives are reminded.
	set.Evaluation.Dates = rules.EvaluationDates{Publish: "2025-10-17", Open: "2025-10-20", Close: "2025-10-31", ResultsDue: "2025-11-07"}
	set.Evaluation.Reminder.FromWorkingDaysBefore = 9
	s := newStack(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	assessment, err := s.office.ImportRehearsal(ctx, set, evaluationPace)
	must(t, err)
	cycle, err := s.office.Find(ctx, store.CycleName(assessment)+"/evaluation", int(assessment.Rehearsal))
	must(t, err)
	desk, err := s.office.AdminDesk(ctx, cycle)
	must(t, err)
	must(t, desk.Start(ctx, time.Now()))
	evaluation := &production{stack: s, set: set, cycle: cycle}
	killed := make(chan error, 1)
	go func() { killed <- evaluation.killWorkerInTheWindow(ctx) }()
	people, err := rehearsal.NewEvaluators(ctx, s.office, cycle, s.logger)
	must(t, err)
	if err := people.Play(ctx); err != nil {
		t.Fatalf("the play was broken off: %v\n%s", err, evaluation.standing(t))
	}
	must(t, <-killed)
	evaluation.evaluated(ctx, t)
}

// killWorkerInTheWindow waits for the window, and replaces the worker by force.
func (p *production) killWorkerInTheWindow(ctx context.Context) error {
	for {
		row, err := p.office.Store.EvaluationGet(ctx, query.EvaluationGetParams{CycleID: p.cycle.CycleID})
		if err != nil {
			return err
		}
		if row.WindowState == "open" {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := p.worker.kill(); err != nil {
		return err
	}
	return p.replaceWorker(ctx)
}

// evaluated holds a played evaluation against E8 to E10.
func (p *production) evaluated(ctx context.Context, t *testing.T) {
	t.Helper()
	must(t, p.office.Store.CheckJournal(ctx, p.cycle.CycleID))
	var text bytes.Buffer
	must(t, p.office.Store.WriteJournal(ctx, p.cycle, &text))
	lines := readLines(t, text.Bytes())
	var story []string
	counts := map[string]int{}
	reminded := map[string]bool{}
	lapsed := 0 // reminders whose day was over before the server was asked
	for _, l := range lines {
		counts[l.Event]++
		if slices.Contains(procedure, l.Event) {
			story = append(story, l.Event)
		}
		if l.is("mail_queued", "invitation_reminder") {
			reminded[l.Data.To] = true
		}
		if l.Event == "mail_refused" && l.reminder() && !turnedAway(l) {
			lapsed++
		}
	}
	if got, want := strings.Join(story, " "), strings.Join([]string{
		"evaluation_started", "window_opened", "survey_imported", "window_closed", "ballots_sealed", "tally_made", "proposal_made", "proposal_returned",
		"tally_made", "proposal_made", "proposal_approved", "results_published", "cycle_closed",
	}, " "); got != want {
		t.Errorf("the story is\n%s\nwant\n%s", got, want)
	}
	units := len(p.set.Evaluation.Units)
	for event, want := range map[string]int{
		"invitation_sent": len(p.set.Evaluation.Representatives), "feedback_issued": units, "consequence_proposed": 2, "consequence_decided": 2, "mail_refused": lapsed,
	} {
		if counts[event] != want {
			t.Errorf("the journal has %d lines %s, not %d", counts[event], event, want)
		}
	}
	if counts["mail_queued"] != counts["mail_sent"]+lapsed || lines[len(lines)-1].Event != "cycle_closed" {
		t.Errorf("%d mails were queued and %d sent; the last line is %s", counts["mail_queued"], counts["mail_sent"], lines[len(lines)-1].Event)
	}
	if report, err := p.office.VerifyBallots(ctx, p.cycle); err != nil || report.Counted == 0 || int64(report.Counted) != report.Root.Size {
		t.Errorf("the sealed list is verified as %+v: %v", report, err)
	}
	if len(reminded) == 0 {
		t.Error("nobody who has not evaluated was reminded (E9)")
	}
	book, err := p.office.Export(ctx, p.cycle)
	must(t, err)
	must(t, rules.Recompute(strings.NewReader(book), p.office.Rules, true, io.Discard))
	read, err := rules.ReadBook(strings.NewReader(book), p.office.Rules)
	must(t, err)
	if len(read.Ballots) != 40*units {
		t.Errorf("the book has %d ballots of %d units", len(read.Ballots), units)
	}
	grades := map[string]int{}
	for _, result := range read.Compute().Evaluated {
		grades[result.Grade]++
	}
	if grades["dissatisfied"] != 1 || grades["satisfied"]+grades["basically_satisfied"] != units-1 {
		t.Errorf("grades are %v", grades)
	}
}

// procedure are the events of which E8 fixes the order.
var procedure = []string{
	"evaluation_started", "window_opened", "survey_imported", "window_closed", "ballots_sealed", "tally_made", "proposal_made", "proposal_returned",
	"proposal_approved", "results_published", "cycle_closed",
}
