package integration

import (
	"slices"
	"testing"

	"github.com/kaoping/kaoping/rules"
)

// situation is something that the demo promises to show.
type situation struct {
	name  string
	shown func(*journal) bool
}

// situations are those of every data set; fullSituations need the built-in one, or as many units.
var (
	situations = []situation{
		{"a reminder is sent", func(j *journal) bool {
			return j.count(func(l line) bool { return l.Event == "mail_sent" && l.reminder() }) > 0
		}},
		{"a rectification is ordered and accepted", orderedAndAccepted},
		{"each unit gets feedback", func(j *journal) bool {
			return j.count(func(l line) bool { return l.Event == "feedback_issued" }) >= len(j.plan.Units)
		}},
	}
	fullSituations = []situation{
		{"most units report on time", mostOnTime},
		{"some report after a reminder", afterReminder},
		{"one is late", func(j *journal) bool {
			return j.count(func(l line) bool { return l.Event == "report_submitted" && l.Data.Late }) > 0
		}},
		{"one never reports", func(j *journal) bool { return len(j.silent()) == 1 }},
		{"a missing report goes up to the unit's head", func(j *journal) bool {
			return j.count(func(l line) bool { return l.is("mail_sent", "self_report_overdue") }) > 0
		}},
		{"one is returned and resubmits", resubmitted},
		{"one deadline is extended", has("deadline_extended")},
		{"one address is refused and becomes a telephone task, which is done", func(j *journal) bool {
			return j.count(func(l line) bool { return l.is("task_opened", "telephone") }) == 1 &&
				j.count(func(l line) bool { return l.is("task_done", "telephone") }) == 1
		}},
		{"a bonus and a deduction are confirmed", func(j *journal) bool {
			confirmed := func(article string) int {
				return j.count(func(l line) bool { return l.Event == "adjustment_confirmed" && l.Article == article })
			}
			return confirmed("A10") > 0 && confirmed("A11") > 0
		}},
		{"an adjustment is rejected", has("adjustment_rejected")},
		{"the leader returns two units once, then approves", twoReturned},
		{"a rectification is sent back once", func(j *journal) bool {
			return j.count(func(l line) bool { return l.Event == "rectification_sent_back" }) == 1
		}},
		{"a rectification stays overdue, and an interview is proposed and decided", func(j *journal) bool {
			return j.count(func(l line) bool {
				return l.is("consequence_proposed", "interview") && l.Data.Basis == "rectification_overdue"
			}) > 0 &&
				j.count(func(l line) bool { return l.is("consequence_decided", "interview") && l.Data.Decision == "imposed" }) > 0
		}},
		{"the organization department gets the results", func(j *journal) bool {
			return j.count(func(l line) bool { return l.is("mail_sent", "results_to_organization") }) == 1
		}},
	}
)

func has(event string) func(*journal) bool {
	return func(j *journal) bool { return j.count(func(l line) bool { return l.Event == event }) > 0 }
}

func (j *journal) count(matches func(line) bool) int {
	count := 0
	for _, l := range j.lines {
		if matches(l) {
			count++
		}
	}
	return count
}

// shows reports what is missing.
func (j *journal) shows(t *testing.T, promised []situation) {
	t.Helper()
	for _, situation := range promised {
		if !situation.shown(j) {
			t.Errorf("the year does not show this: %s", situation.name)
		}
	}
}

func orderedAndAccepted(j *journal) bool {
	return slices.ContainsFunc(j.lines, func(l line) bool {
		return l.Event == "rectification_accepted" && slices.ContainsFunc(j.lines[:l.Seq], func(earlier line) bool {
			return earlier.Event == "rectification_ordered" && earlier.Unit == l.Unit
		})
	})
}

func mostOnTime(j *journal) bool {
	onTime := j.count(func(l line) bool { return l.Event == "report_submitted" && l.Data.Revision == 1 && !l.Data.Late })
	return onTime > len(j.plan.Units)/2
}

func afterReminder(j *journal) bool {
	reminded := map[string]bool{}
	return slices.ContainsFunc(j.lines, func(l line) bool {
		reminded[l.Unit] = reminded[l.Unit] || l.is("mail_sent", "self_report_reminder")
		return l.Event == "report_submitted" && reminded[l.Unit]
	})
}

// silent are the units without a report.
func (j *journal) silent() []string {
	var silent []string
	for _, unit := range j.plan.Units {
		if !slices.ContainsFunc(j.lines, func(l line) bool { return l.Event == "report_submitted" && l.Unit == unit.Code }) {
			silent = append(silent, unit.Code)
		}
	}
	return silent
}

func resubmitted(j *journal) bool {
	return slices.ContainsFunc(j.lines, func(l line) bool {
		return l.Event == "report_returned" && slices.ContainsFunc(j.lines[l.Seq:], func(later line) bool {
			return later.Event == "report_submitted" && later.Unit == l.Unit && later.Data.Revision == 2
		})
	})
}

func twoReturned(j *journal) bool {
	returns := j.count(func(l line) bool { return l.Event == "proposal_returned" })
	return returns == 1 && slices.ContainsFunc(j.lines, func(l line) bool {
		return l.Event == "proposal_returned" && len(l.units()) == 2
	}) && slices.ContainsFunc(j.lines, func(l line) bool {
		return l.Event == "proposal_approved" && l.Data.Number == 2 && l.Data.Office == string(rules.Leader)
	})
}

// A year of which only the start is known shows nothing; the hand-made one shows what it has.
func TestSituationsCanBeMissing(t *testing.T) {
	t.Parallel()
	small, empty := smallYear(t), smallYear(t)
	empty.lines = empty.lines[:1]
	small.shows(t, situations)
	for _, situation := range slices.Concat(situations, fullSituations) {
		if situation.name != "one never reports" && situation.shown(empty) {
			t.Errorf("a year that only starts shows this: %s", situation.name)
		}
	}
	absent := []string{
		"one never reports", "a missing report goes up to the unit's head", "a bonus and a deduction are confirmed", "the leader returns two units once, then approves",
		"the organization department gets the results",
	}
	for _, situation := range fullSituations {
		if situation.shown(small) == slices.Contains(absent, situation.name) {
			t.Errorf("the hand-made year should say the opposite of this: %s", situation.name)
		}
	}
}
