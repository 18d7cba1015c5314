package integration

import "time"

var doctoredForm = map[string][]doctoring{
	"the lines are numbered 1, 2, 3": {
		changed(func(l *line) { l.Seq = 99 }, 0, "cycle_closed"), without(0, "adjustment_confirmed"),
		added("bulletin_issued", same, 0, "cycle_closed"),
	},
	"time never goes back": {changed(shifted(-24*time.Hour), 0, "report_submitted")},
	"all lines are of one cycle, in the time of Asia/Shanghai": {
		changed(func(l *line) { l.Cycle = "trial/2024" }, 0, "bulletin_issued"),
		changed(func(l *line) { l.At = l.At.UTC() }, 0, "bulletin_issued"),
	},
	"the cycle starts once, before all but adjustments": {
		without(0, "cycle_started"), added("cycle_started", same, 0, "report_submitted"), moved("cycle_started", 0, "task_opened"),
	},
	"the cycle closes once, and nothing is written after it": {
		without(0, "cycle_closed"), added("cycle_closed", same, 0, "cycle_closed"), moved("cycle_closed", 0, "rectification_accepted"),
	},
	"every event is known": {
		changed(func(l *line) { l.Event = "report_lost" }, 0, "report_submitted"),
		changed(func(l *line) { l.Data.Kind = "greeting" }, 0, "mail_sent", "bulletin"),
	},
	"every line names the article that it follows from": {
		changed(article("A8(6)"), 0, "report_submitted"), changed(article("A8(5)"), 0, "mail_queued", "notice"),
		changed(article("A10(4)"), 0, "adjustment_proposed"), changed(article("A10"), 1, "adjustment_proposed"),
		changed(article("A13"), 0, "deadline_extended"), changed(article("A15"), 0, "consequence_proposed"),
		changed(article(""), 0, "task_opened"), changed(article("A17"), 0, "task_done"),
	},
	"a task ends once, and only if it was opened": {
		added("task_done", same, 0, "cycle_closed"), added("task_opened", same, 0, "report_submitted"), without(0, "task_opened"),
	},
}

var doctoredMail = map[string][]doctoring{
	"one notice a unit, to its own address, from 09:00 of its day": {
		without(0, "mail_queued", "notice"), added("mail_queued", same, 0, "task_opened"),
		changed(to("head.u001@units.example"), 0, "mail_queued", "notice"),
		changed(shifted(-time.Minute), 0, "mail_queued", "notice"),
	},
	"nothing else is written to units before the notice": {moved("mail_queued", 0, "report_submitted")},
	"a queued mail is sent or refused, once": {
		without(0, "mail_sent", "bulletin"), without(0, "mail_queued", "bulletin"), added("mail_sent", same, 0, "cycle_closed"),
		changed(under("<1@office.example>"), 0, "mail_queued", "bulletin"), changed(under(""), 0, "mail_queued", "bulletin"),
		changed(to("head.u001@units.example"), 0, "mail_sent", "bulletin"),
	},
	"a refused address gets one telephone task, and no more mail": {
		without(0, "task_opened", "telephone"),
		changed(func(l *line) { l.Data.Key = "telephone/leader@office.example" }, 0, "task_opened", "telephone"),
		added("mail_sent", to("orgdept@office.example"), 0, "cycle_closed"),
	},
	"a mail goes to whom it concerns": {
		changed(to("head.u001@units.example"), 0, "mail_queued", "feedback"),
		changed(to("u001@units.example"), 0, "mail_queued", "rectification_overdue"),
		changed(to("leader@office.example"), 0, "mail_queued", "approval_overdue"),
		changed(as("gov"), 0, "mail_queued", "review_reminder"),
		changed(func(l *line) { l.Unit = "" }, 0, "mail_queued", "bulletin"),
	},
	"equal addresses get a mail once": {
		added("mail_queued", func(l *line) { l.Data.Kind = "feedback" }, 0, "mail_queued", "feedback"),
	},
	"only reminders name a moment of the policy": {
		changed(func(l *line) { l.Data.Scheduled = nil }, 0, "mail_queued", "review_reminder"),
		changed(onDay("2025-12-11"), 0, "mail_sent", "bulletin"),
	},
}

var doctoredReminders = map[string][]doctoring{
	// 2025-11-29 is a Saturday.
	"reminders go out on working days": {
		changed(onDay("2025-11-29"), 2, "mail_queued", "self_report_reminder"),
		changed(begun("2025-11-29"), 2, "mail_sent", "self_report_reminder"),
	},
	"a reminder names the cron's moment of the day on which it goes out": {
		changed(func(l *line) { *l.Data.Scheduled = l.Data.Scheduled.Add(-time.Hour) }, 0, "mail_queued", "review_reminder"),
		changed(shifted(-time.Minute), 0, "mail_queued", "review_reminder"),
		changed(shifted(24*time.Hour), 0, "mail_queued", "review_reminder"),
		changed(begun("2025-11-27"), 0, "mail_sent", "self_report_reminder"),
		changed(func(l *line) { l.Data.Begun = nil }, 0, "mail_sent", "self_report_reminder"),
		changed(shifted(-time.Second), 0, "mail_sent", "self_report_reminder"),
	},
	"a reminder lies in the policy's window before the due day": {
		changed(onDay("2025-11-25"), 0, "mail_queued", "self_report_reminder"),
		// The due day moves to 12-02 and 12-03; without the second move 12-01 is still inside, without both it is not.
		changed(onDay("2025-12-04"), 2, "mail_queued", "self_report_reminder"),
		changed(onDay("2025-12-02"), 0, "mail_queued", "review_reminder"),
		changed(onDay("2025-12-22"), 0, "mail_queued", "rectification_reminder"),
		changed(due("2025-12-12"), 2, "proposal_made"),
	},
	"one reminder a person, unit and day": {
		changed(onDay("2025-11-26"), 1, "mail_queued", "self_report_reminder"),
	},
	"nobody is reminded of what is not open": {
		moved("report_submitted", 1, "mail_queued", "self_report_reminder"), moved("report_submitted", 1, "mail_sent", "self_report_reminder"),
		changed(as("gov"), 0, "mail_queued", "review_reminder"),
		moved("rectification_reported", 0, "mail_queued", "rectification_overdue"),
		moved("proposal_approved", 0, "mail_queued", "approval_reminder"),
		without(0, "rectification_ordered"), without(0, "report_returned"),
	},
	"what is overdue goes up when the policy says": {
		changed(func(l *line) { l.At = date("2025-12-05").At(9, 0) }, 0, "mail_queued", "review_overdue"),
		changed(due("2025-12-11"), 2, "proposal_made"), changed(due("2025-12-22"), 0, "rectification_ordered"),
	},
	"whoever owes something is reminded of it, and it goes up when it is overdue": {
		without(2, "mail_queued", "self_report_reminder"), without(0, "mail_queued", "rectification_reminder"),
		both(without(0, "proposal_approved"), without(0, "mail_queued", "approval_overdue")),
	},
	"what is overdue goes up once a due day": {
		added("mail_queued", func(l *line) {
			l.Data.Kind, l.Unit, l.Person, l.Data.To = "review_overdue", "", "web", "web@office.example"
		}, 2, "sheet_submitted"),
	},
}

var doctoredReview = map[string][]doctoring{
	"a unit reports after its notice, and again only after a return": {
		without(0, "report_returned"), moved("report_submitted", 0, "mail_queued", "notice"),
		changed(func(l *line) { l.Data.Revision = 1 }, 1, "report_submitted"),
	},
	"late is who reports after his own due day": {
		changed(func(l *line) { l.Data.Late = true }, 0, "report_submitted"),
		changed(func(l *line) { l.Data.Late = false }, 1, "report_submitted"),
		changed(func(l *line) { l.Data.To = "2025-12-04" }, 0, "deadline_extended"),
	},
	"only a submitted report is returned, with a reason and a later day": {
		without(0, "report_submitted"), changed(noReason, 0, "report_returned"), changed(due("2025-11-28"), 0, "report_returned"),
	},
	"a deadline is extended to a later day, with a reason": {
		changed(noReason, 0, "deadline_extended"), changed(to("2025-12-01"), 0, "deadline_extended"),
	},
	"a sheet comes in after the unit's report, or its due day": {
		moved("sheet_submitted", 0, "report_submitted"), moved("sheet_submitted", 0, "task_opened", "self_report"),
		moved("sheet_submitted", 0, "deadline_extended"),
	},
	"a sheet comes in from an assessor of the unit": {
		changed(as("admin"), 0, "sheet_submitted"), added("sheet_submitted", same, 0, "report_returned"),
	},
	"an adjustment is proposed once, and decided at most once": {
		without(0, "adjustment_proposed"), added("adjustment_proposed", same, 0, "cycle_closed"),
		added("adjustment_confirmed", same, 0, "cycle_closed"), changed(noReason, 0, "adjustment_rejected"),
	},
	"a second person confirms an adjustment": {
		changed(as("admin"), 0, "adjustment_confirmed"), changed(as(""), 1, "adjustment_confirmed"),
	},
	"an adjustment lies in the assessment year": {
		changed(func(l *line) { l.Data.Date = "2024-12-31" }, 0, "adjustment_proposed"),
	},
}

var doctoredResults = map[string][]doctoring{
	"a proposal comes when every sheet is in, and no other is open": {
		without(2, "sheet_submitted"), without(3, "sheet_submitted"), without(0, "proposal_voided"),
		changed(number(3), 0, "proposal_made"), changed(digest(""), 0, "proposal_made"),
	},
	"only an open proposal is decided": {
		changed(number(2), 0, "proposal_approved"), added("proposal_returned", same, 0, "cycle_closed"),
		added("proposal_approved", same, 0, "bulletin_issued"),
	},
	"the digest that was proposed is approved": {
		changed(digest("d2"), 0, "proposal_approved"), changed(digest("d4"), 2, "proposal_made"),
	},
	"the leader decides, after the date the deputy too": {
		changed(as("leader"), 0, "proposal_approved"), changed(as("admin"), 0, "proposal_returned"),
		changed(func(l *line) { l.At = date("2025-12-10").At(23, 0) }, 0, "proposal_approved"),
	},
	"a return names units and a later review day": {
		changed(units(), 0, "proposal_returned"), changed(units("U009"), 0, "proposal_returned"),
		changed(func(l *line) { l.Data.ReviewDue = date("2025-12-08") }, 0, "proposal_returned"),
	},
	"a confirmed adjustment voids what is proposed": {without(0, "proposal_voided"), moved("proposal_voided", 2, "proposal_made")},
	"a bulletin follows an approval, once": {
		without(0, "proposal_approved"), moved("bulletin_issued", 0, "proposal_approved"), added("bulletin_issued", same, 0, "cycle_closed"),
	},
	"each unit gets feedback once a release": {
		without(0, "feedback_issued"), added("feedback_issued", same, 0, "cycle_closed"), changed(number(2), 0, "feedback_issued"),
		without(0, "bulletin_issued"),
	},
	"each release is reported to the organization department": {
		without(0, "results_reported"), added("results_reported", same, 0, "cycle_closed"), changed(digest("d2"), 0, "results_reported"),
	},
}

var doctoredRectification = map[string][]doctoring{
	"rectification is ordered after the release, once an order": {
		moved("rectification_ordered", 0, "bulletin_issued"), added("rectification_ordered", same, 0, "measures_filed"),
		changed(due("2025-12-11"), 0, "rectification_ordered"),
	},
	"measures come before the report, and the report before the answer": {
		without(0, "measures_filed"), without(0, "rectification_reported"), without(1, "rectification_reported"),
		without(0, "rectification_ordered"), moved("rectification_accepted", 0, "rectification_reported"),
	},
	"a report is sent back with a reason and a later day": {
		changed(noReason, 0, "rectification_sent_back"), changed(due("2025-12-23"), 0, "rectification_sent_back"),
	},
	"a consequence is proposed for an overdue or twice returned rectification, or a violation": {
		changed(shifted(-time.Hour), 0, "consequence_proposed"),
		changed(func(l *line) { l.Data.Basis = "sent_back_twice" }, 0, "consequence_proposed"),
		changed(func(l *line) { l.Data.Basis = "violation" }, 0, "consequence_proposed"),
		added("consequence_proposed", same, 0, "consequence_decided"),
	},
	"a person decides a proposed consequence, once, with a reason": {
		without(0, "consequence_proposed"), added("consequence_decided", same, 0, "cycle_closed"),
		changed(as(""), 0, "consequence_decided"), changed(noReason, 0, "consequence_decided"),
	},
	"at the close every rectification is accepted or its consequence decided": {
		without(0, "rectification_accepted"), without(0, "consequence_decided"),
		added("consequence_proposed", number(2), 0, "cycle_closed"),
	},
}
