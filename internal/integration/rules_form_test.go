package integration

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// formRules are about the journal itself.
var formRules = []rule{
	{"the lines are numbered 1, 2, 3", "contracts", numbered},
	{"time never goes back", "contracts", forward},
	{"all lines are of one cycle, in the time of Asia/Shanghai", "contracts", ofOneCycle},
	{"the cycle starts once, before all but adjustments", "A8", startsOnce},
	{"the cycle closes once, and nothing is written after it", "contracts", closesLast},
	{"every event is known", "contracts", each(knownEvent)},
	{"every line names the article that it follows from", "A4 to A16", each(fittingArticle)},
	{"a task ends once, and only if it was opened", "contracts", tasksEndOnce},
}

func numbered(j *journal) []string {
	for i, l := range j.lines {
		if l.Seq != i+1 {
			return lost("%s stands in place %d", l, i+1)
		}
	}
	return nil
}

func forward(j *journal) []string {
	for i := 1; i < len(j.lines); i++ {
		if j.lines[i].At.Before(j.lines[i-1].At) {
			return lost("%s is before %s", j.lines[i], j.lines[i-1])
		}
	}
	return nil
}

func ofOneCycle(j *journal) []string {
	name := fmt.Sprintf("%s/%d", j.plan.Scheme.Authority.Code, j.plan.Scheme.Year)
	return each(func(_ *journal, l line) string {
		if _, offset := l.At.Zone(); offset != 8*3600 {
			return "its time is not that of Asia/Shanghai"
		}
		if l.Cycle != name {
			return "it is of " + l.Cycle + ", not of " + name
		}
		return ""
	})(j)
}

func startsOnce(j *journal) []string {
	starts := slices.IndexFunc(j.lines, func(l line) bool { return l.Event == "cycle_started" })
	if starts < 0 {
		return lost("it does not start")
	}
	for _, l := range j.lines[:starts] {
		if !strings.HasPrefix(l.Event, "adjustment_") {
			return lost("%s is before the start", l)
		}
	}
	for _, l := range j.lines[starts+1:] {
		if l.Event == "cycle_started" {
			return lost("%s is a second start", l)
		}
	}
	return nil
}

func closesLast(j *journal) []string {
	closes := slices.IndexFunc(j.lines, func(l line) bool { return l.Event == "cycle_closed" })
	switch {
	case closes < 0:
		return lost("it does not close")
	case closes != len(j.lines)-1:
		return lost("%s is after the close", j.lines[closes+1])
	}
	return nil
}

// eventArticles are the events of a cycle with the article of each; mails and tasks have those of what they are about.
var eventArticles = map[string]string{
	"cycle_started": "A8", "cycle_cancelled": "A8", "cycle_closed": "A13",
	"mail_queued": "", "mail_sent": "", "mail_refused": "", "task_opened": "", "task_done": "", "deadline_extended": "",
	"report_submitted": "A8(5)", "report_returned": "A8(5)", "sheet_submitted": "A8(6)",
	"adjustment_proposed": "", "adjustment_confirmed": "", "adjustment_rejected": "",
	"proposal_made": "A8(6)", "proposal_voided": "A8(6)", "proposal_returned": "A8(6)", "proposal_approved": "A8(6)",
	"bulletin_issued": "A8(7)", "feedback_issued": "A8(7)", "results_corrected": "A8(7)", "results_reported": "A12",
	"rectification_ordered": "A13", "measures_filed": "A13", "rectification_reported": "A13",
	"rectification_sent_back": "A13", "rectification_accepted": "A13",
	"violation_recorded": "", "consequence_proposed": "", "consequence_decided": "",
}

var mailArticles = map[string]string{
	"notice": "A8(4)", "self_report_reminder": "A8(5)", "self_report_overdue": "A8(5)", "report_returned": "A8(5)",
	"reminder_by_hand": "A8(5)", "review_reminder": "A8(6)", "review_overdue": "A8(6)", "review_reopened": "A8(6)",
	"approval_request": "A8(6)", "approval_reminder": "A8(6)", "approval_overdue": "A8(6)",
	"bulletin": "A8(7)", "bulletin_corrected": "A8(7)", "feedback": "A8(7)", "results_to_organization": "A12",
	"rectification_order": "A13", "rectification_reminder": "A13", "rectification_overdue": "A13",
	"rectification_sent_back": "A13", "interview_notice": "A14", "criticism_notice": "A14", "cycle_cancelled": "A8",
	"deadline_extended": "",
}

var phaseArticles = map[string]string{"self_report": "A8(5)", "review": "A8(6)", "approval": "A8(6)", "rectification": "A13"}

var anyArticle = regexp.MustCompile(`^A([1-9]|1[0-6])(\([1-9]\))?$`)

func knownEvent(_ *journal, l line) string {
	if _, known := eventArticles[l.Event]; !known {
		return "contracts name no such event"
	}
	if _, known := mailArticles[l.Data.Kind]; !known && strings.HasPrefix(l.Event, "mail_") {
		return "contracts name no such kind of mail"
	}
	return ""
}

func fittingArticle(_ *journal, l line) string {
	want := eventArticles[l.Event]
	event, _, _ := strings.Cut(l.Event, "_")
	switch event {
	case "mail":
		want = mailArticles[l.Data.Kind]
	case "deadline":
		want = phaseArticles[l.Data.Phase]
	case "consequence":
		want = "A14"
		if l.Data.Kind == "disciplinary_proposal" {
			want = "A15"
		}
	case "adjustment":
		want = clauseArticle(l)
	}
	if !anyArticle.MatchString(l.Article) || want != "" && l.Article != want {
		return fmt.Sprintf("its article is %q, not %q", l.Article, want)
	}
	return ""
}

// clauseArticle is A10(4) for a proposed 10.4-national; decisions name A10 or A11 alone.
func clauseArticle(l line) string {
	number, item, _ := strings.Cut(l.Data.Clause, ".")
	if l.Event != "adjustment_proposed" || item == "" {
		return "A" + number
	}
	return "A" + number + "(" + item[:1] + ")"
}

func tasksEndOnce(j *journal) []string {
	open := map[string]bool{}
	var found []string
	for _, l := range j.lines {
		switch {
		case l.Event == "task_opened" && open[l.Data.Key]:
			found = append(found, l.String()+": it was open already")
		case l.Event == "task_done" && !open[l.Data.Key]:
			found = append(found, l.String()+": it was not open")
		}
		if strings.HasPrefix(l.Event, "task_") {
			open[l.Data.Key] = l.Event == "task_opened"
		}
	}
	return found
}
