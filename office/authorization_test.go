package office

import (
	"context"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
)

// someone has each role, in the sample.
var someone = map[rules.Role]string{
	rules.Admin: "admin", rules.Leader: "leader", rules.Deputy: "deputy", rules.OrganizationDepartment: "orgdept",
	rules.Auditor: "auditor", rules.Assessor: "web1", rules.Contact: "c01.contact", rules.Head: "c01.head",
}

var everybody = slices.Collect(maps.Keys(someone))

var due = calendar.Date{Year: 2026, Month: time.March, Day: 20}

// readers read every unit's matters; ownReaders include a unit's people, who read their own.
var (
	readers    = []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor}
	ownReaders = append([]rules.Role{rules.Contact, rules.Head}, readers...)
)

// rights are all that can be asked at a desk, who may ask it, and how.
var rights = []struct {
	method string
	who    []rules.Role
	ask    func(context.Context, *Desk) error
}{
	{"Start", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.Start(ctx, time.Now()) }},
	{"Cancel", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.Cancel(ctx, "a", "理由") }},
	{"MoveDate", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.MoveDate(ctx, "a", "review", due, "理由") }},
	{"Remind", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Remind(ctx, "a", "C01")) }},
	{"Extend", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return d.Extend(ctx, "a", "C01", "self_report", due, "理由")
	}},
	{"RecordViolation", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return second(d.RecordViolation(ctx, "a", "C01", store.ViolationFacts{}))
	}},
	{"RecordProvince", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.RecordProvince(ctx, "a", "依据") }},
	{"ProposeResults", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.ProposeResults(ctx, "a") }},
	{"PublishResults", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.PublishResults(ctx, "a", true, "") }},
	{"ExcludeBallots", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.ExcludeBallots(ctx, "a", nil, "")) }},
	{"BallotFindings", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.BallotFindings(ctx)) }},
	{"Tallies", []rules.Role{rules.Admin, rules.Leader, rules.Deputy}, func(ctx context.Context, d *Desk) error { return second(d.Tallies(ctx)) }},
	{"ImportSurvey", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return second(d.ImportSurvey(ctx, "a", "survey.csv", nil, SurveyFacts{}))
	}},
	{"FinishTask", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.FinishTask(ctx, "a", "telephone/x", "") }},
	{"Year", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor}, func(ctx context.Context, d *Desk) error { return second(d.Year(ctx)) }},
	{"DateVersions", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor}, func(ctx context.Context, d *Desk) error { return second(d.DateVersions(ctx)) }},
	{"Names", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor}, func(ctx context.Context, d *Desk) error { return second(d.Names(ctx)) }},
	{"DateEffect", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.DateEffect(ctx, "review", due)) }},
	{"ExtendUnits", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return second(d.ExtendUnits(ctx, "a", []string{"C01"}, "self_report", due, "理由"))
	}},
	{"ReturnReports", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return second(d.ReturnReports(ctx, "a", []string{"C01"}, due, "理由"))
	}},
	{"RemindUnits", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.RemindUnits(ctx, "a", []string{"C01"})) }},
	{"Ledger", []rules.Role{rules.Admin, rules.Auditor}, func(ctx context.Context, d *Desk) error {
		return second(d.Ledger(ctx, LedgerFilter{Skip: func(int) int { return 0 }}))
	}},
	{"Calls", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Calls(ctx)) }},
	{"Journal", []rules.Role{rules.Admin, rules.Auditor}, func(ctx context.Context, d *Desk) error { return second(d.Journal(ctx, JournalFilter{})) }},
	{"People", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.People(ctx)) }},
	{"LastLogins", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.LastLogins(ctx, nil) }},
	{"Member", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Member(ctx, "web1")) }},
	{"Holding", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Holding(ctx, "web1")) }},
	{"ReplacePerson", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return second(d.ReplacePerson(ctx, "a", "nobody", Successor{Login: "new", Name: "新", Email: "new@example.com"}))
	}},
	{"EndSessions", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.EndSessions(ctx, "web1", "") }},
	{"AccessLog", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.AccessLog(ctx, AccessFilter{})) }},
	{"Powers", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Powers(ctx)) }},
	{"ReopenEffect", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.ReopenEffect(ctx, []string{"C01"})) }},
	{"Once", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Once(ctx, "once")) }},
	{"ReturnReport", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.ReturnReport(ctx, "a", "C01", due, "理由") }},
	{"ChangeAddress", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.ChangeAddress(ctx, "a", "C01", "new@example.com") }},
	{"RetryStep", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return d.RetryStep(ctx, "a", "stuck/Notices.Issue/assessment/pingliang/2025")
	}},
	{"InvitePerson", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.InvitePerson(ctx, "web1")) }},
	{"ResetPerson", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.ResetPerson(ctx, "web1")) }},
	{"Setup", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Setup(ctx)) }},
	{"StartNow", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.StartNow(ctx) }},
	{"Rehearse", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Rehearse(ctx)) }},
	{"Plan", everybody, func(ctx context.Context, d *Desk) error { return second(d.Plan(ctx)) }},
	{"RuleSet", everybody, func(_ context.Context, d *Desk) error { return second(d.RuleSet()) }},
	{"Tasks", everybody, func(ctx context.Context, d *Desk) error { return second(d.Tasks(ctx)) }},
	{"WorkingDaysLeft", everybody, func(ctx context.Context, d *Desk) error { return second(d.WorkingDaysLeft(ctx, due)) }},
	{"LogRead", everybody, func(ctx context.Context, d *Desk) error { return d.LogRead(ctx, ReportRead, "C01", "") }},
	{"AssignThird", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.AssignThird(ctx, "a", "C01", "gov1") }},
	{"ConfirmAdjustment", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.ConfirmAdjustment(ctx, "a", uuid.NewString(), "") }},
	{"RejectAdjustment", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return d.RejectAdjustment(ctx, "a", uuid.NewString(), "理由")
	}},
	{"ReopenReviews", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.ReopenReviews(ctx, "a", []string{"C01"}, "理由") }},
	{"EditProblem", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.EditProblem(ctx, "a", "C01", 1, "问题") }},
	{"AddProblem", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return second(d.AddProblem(ctx, "a", "C01", Problem{Text: "问题", Method: "website"}))
	}},
	{"RemoveProblem", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.RemoveProblem(ctx, "a", "C01", 1) }},
	{"OrderRectifications", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.OrderRectifications(ctx, "a") }},
	{"SendBackRectification", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return d.SendBackRectification(ctx, "a", "C01", 0, due, "理由")
	}},
	{"AcceptRectification", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.AcceptRectification(ctx, "a", "C01", 0, nil) }},
	{"DecideConsequence", []rules.Role{rules.Admin, rules.Leader}, func(ctx context.Context, d *Desk) error {
		return d.DecideConsequence(ctx, "a", 1, false, calendar.Date{}, store.Decision{})
	}},
	{"Approve", []rules.Role{rules.Leader, rules.Deputy}, func(ctx context.Context, d *Desk) error { return d.Approve(ctx, "a", "digest") }},
	{"ReturnProposal", []rules.Role{rules.Leader, rules.Deputy}, func(ctx context.Context, d *Desk) error {
		return d.ReturnProposal(ctx, "a", nil, store.Comments{}, calendar.Date{})
	}},
	{"OpenProposal", []rules.Role{rules.Admin, rules.Leader, rules.Deputy}, func(ctx context.Context, d *Desk) error { return second(d.OpenProposal(ctx)) }},
	{"NewestProposal", approvers, func(ctx context.Context, d *Desk) error { return second(d.NewestProposal(ctx)) }},
	{"Proposal", approvers, func(ctx context.Context, d *Desk) error { return second(d.Proposal(ctx, 1)) }},
	{"ProposedUnit", approvers, func(ctx context.Context, d *Desk) error { return second(d.ProposedUnit(ctx, 1, "C01")) }},
	{"ReturnSeen", []rules.Role{rules.Leader, rules.Deputy}, func(ctx context.Context, d *Desk) error {
		return d.ReturnSeen(ctx, "a", "digest", nil, Comments{}, calendar.Date{})
	}},
	{"Supposable", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.Supposable(ctx, "C01")) }},
	{"WhatIf", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return second(d.WhatIf(ctx, rules.Supposition{Unit: "C01"})) }},
	{"Adjustments", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor, rules.Assessor, rules.Contact, rules.Head}, func(ctx context.Context, d *Desk) error {
		return second(d.Adjustments(ctx, "C01", ""))
	}},
	{"AdjustmentDecision", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return second(d.AdjustmentDecision(ctx, uuid.NewString()))
	}},
	{"Overview", approvers, func(ctx context.Context, d *Desk) error { return second(d.Overview(ctx)) }},
	{"Results", resultReaders, func(ctx context.Context, d *Desk) error { return second(d.Results(ctx)) }},
	{"ResultsFile", resultReaders, func(ctx context.Context, d *Desk) error { _, _, err := d.ResultsFile(ctx); return err }},
	{"Notice", everybody, func(ctx context.Context, d *Desk) error { return second(d.Notice(ctx)) }},
	{"Bulletin", everybody, func(ctx context.Context, d *Desk) error { return second(d.Bulletin(ctx, 1)) }},
	{"Bulletins", everybody, func(ctx context.Context, d *Desk) error { return second(d.Bulletins(ctx)) }},
	{"Audit", auditors, func(ctx context.Context, d *Desk) error { return second(d.Audit(ctx)) }},
	{"CheckJournal", auditors, func(ctx context.Context, d *Desk) error { return second(d.CheckJournal(ctx)) }},
	{"CheckBook", auditors, func(ctx context.Context, d *Desk) error { return second(d.CheckBook(ctx)) }},
	{"BookFile", auditors, func(ctx context.Context, d *Desk) error { return second(d.BookFile(ctx)) }},
	{"JournalFile", auditors, func(ctx context.Context, d *Desk) error { return d.JournalFile(ctx, io.Discard) }},
	{"ProposeAdjustment", []rules.Role{rules.Admin, rules.Assessor, rules.Contact}, func(ctx context.Context, d *Desk) error {
		return d.ProposeAdjustment(ctx, uuid.NewString(), store.Adjustment{Unit: "C01"})
	}},
	{"Problems", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor, rules.Contact, rules.Head}, func(ctx context.Context, d *Desk) error {
		return second(d.Problems(ctx, "C01", 0))
	}},
	{"Rectifications", readers, func(ctx context.Context, d *Desk) error { return second(d.Rectifications(ctx)) }},
	{"DraftedProblems", readers, func(ctx context.Context, d *Desk) error { return second(d.DraftedProblems(ctx)) }},
	{"OrderedProblems", readers, func(ctx context.Context, d *Desk) error { return second(d.OrderedProblems(ctx)) }},
	{"ProblemChoices", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		_, _, err := d.ProblemChoices(ctx, "C01")
		return err
	}},
	{"Rectification", ownReaders, func(ctx context.Context, d *Desk) error { return second(d.Rectification(ctx, "C01", 0)) }},
	{"OpenFiled", ownReaders, func(ctx context.Context, d *Desk) error { return second(d.OpenFiled(ctx, "C01", 0, "")) }},
	{"Consequences", ownReaders, func(ctx context.Context, d *Desk) error { return second(d.Consequences(ctx, "C01")) }},
	{"ExtendRectification", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error {
		return d.ExtendRectification(ctx, "a", "C01", 0, due, "理由")
	}},
	{"OwnRectification", []rules.Role{rules.Contact}, func(_ context.Context, d *Desk) error { return d.OwnRectification("C01") }},
	{"FilingDrafts", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return second(d.FilingDrafts(ctx, 0)) }},
	{"SaveFiling", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.SaveFiling(ctx, 0, FilingMeasures, "措施") }},
	{"AttachToFiling", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.AttachToFiling(ctx, 0, FilingMeasures) }},
	{"DetachFromFiling", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error {
		return d.DetachFromFiling(ctx, 0, FilingMeasures, "https://zwgk.example")
	}},
	{"AttachFile", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error {
		return second(d.AttachFile(ctx, "文件", strings.NewReader("x")))
	}},
	{"SaveReport", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.SaveReport(ctx, nil) }},
	{"OwnReport", []rules.Role{rules.Contact}, func(_ context.Context, d *Desk) error { return d.OwnReport("C01") }},
	{"SaveItem", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.SaveItem(ctx, "C01", "1.1", "好", nil) }},
	{"AddEvidence", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error {
		return d.AddEvidence(ctx, "C01", "1.1", Evidence{Name: "专栏", Link: "https://x.example"})
	}},
	{"RemoveEvidence", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.RemoveEvidence(ctx, "C01", "1.1", "x") }},
	{"Report", []rules.Role{rules.Admin, rules.Auditor, rules.Assessor, rules.Contact, rules.Head}, func(ctx context.Context, d *Desk) error {
		return second(d.Report(ctx, "C01", 0))
	}},
	{"OpenEvidence", []rules.Role{rules.Admin, rules.Auditor, rules.Assessor, rules.Contact, rules.Head}, func(ctx context.Context, d *Desk) error {
		return second(d.OpenEvidence(ctx, "C01", "x", "x"))
	}},
	{"UnitStanding", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor, rules.Contact, rules.Head}, func(ctx context.Context, d *Desk) error {
		return second(d.UnitStanding(ctx, "C01"))
	}},
	{"UnitResults", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor, rules.Contact, rules.Head}, func(ctx context.Context, d *Desk) error {
		return second(d.UnitResults(ctx, "C01"))
	}},
	{"SubmitReport", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return second(d.SubmitReport(ctx, "a")) }},
	{"FileMeasures", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.FileMeasures(ctx, "a", 0, "措施") }},
	{"ReportRectification", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.ReportRectification(ctx, "a", 0, "报告") }},
	{"OpenSheets", []rules.Role{rules.Assessor}, func(ctx context.Context, d *Desk) error { return second(d.OpenSheets(ctx)) }},
	{"Sheet", []rules.Role{rules.Assessor}, func(ctx context.Context, d *Desk) error { return second(d.Sheet(ctx, "C01")) }},
	{"SheetQueue", []rules.Role{rules.Assessor}, func(ctx context.Context, d *Desk) error { return second(d.SheetQueue(ctx)) }},
	{"SheetIndicators", []rules.Role{rules.Assessor}, func(ctx context.Context, d *Desk) error { return second(d.SheetIndicators(ctx)) }},
	{"SheetsBy", []rules.Role{rules.Assessor}, func(ctx context.Context, d *Desk) error { return second(d.SheetsBy(ctx, "1.1", 1, 20)) }},
	{"SheetProgress", []rules.Role{rules.Admin, rules.Auditor}, func(ctx context.Context, d *Desk) error { return second(d.SheetProgress(ctx)) }},
	{"OthersSheets", []rules.Role{rules.Admin, rules.Auditor}, func(ctx context.Context, d *Desk) error { return second(d.OthersSheets(ctx, "C01")) }},
	{"SaveSheet", []rules.Role{rules.Assessor}, func(ctx context.Context, d *Desk) error { return d.SaveSheet(ctx, "C01", nil) }},
	{"SubmitSheet", []rules.Role{rules.Assessor}, func(ctx context.Context, d *Desk) error { return d.SubmitSheet(ctx, "a", "C01") }},
}

func second[A any](_ A, err error) error { return err }

// Everybody asks for everything: who may not is told so, and nothing else happens.
func TestWhoMayAskWhat(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.Evidence = evidenceIn(t)
	for _, right := range rights {
		for role, login := range someone {
			err := right.ask(t.Context(), b.desk(t, login))
			allowed := slices.Contains(right.who, role)
			if forbidden := store.KindOf(err) == store.Forbidden; forbidden == allowed {
				t.Errorf("%s by %s: %v, allowed is %t", right.method, role, err, allowed)
			}
		}
	}
}

func evidenceIn(t *testing.T) *documents.EvidenceStore {
	t.Helper()
	evidence, err := documents.OpenEvidence(t.Context(), "file://"+t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, evidence.Close()) })
	return evidence
}

// A method that the table leaves out would be one that nobody has thought about.
func TestTheTableOfRightsIsComplete(t *testing.T) {
	t.Parallel()
	desk, office := reflect.TypeFor[*Desk](), reflect.TypeFor[*Office]()
	listed := map[string]bool{"Now": true, "Today": true} // tell the time to everybody
	for _, right := range rights {
		listed[right.method] = true
	}
	for i := range desk.NumMethod() {
		name := desk.Method(i).Name
		if _, ofOffice := office.MethodByName(name); !ofOffice && !listed[name] {
			t.Errorf("the table of rights leaves out %s", name)
		}
	}
	is(t, "the roles", len(someone), 8)
}

// What is refused for the role says for whom it is.
func TestARefusalNamesTheRoles(t *testing.T) {
	t.Parallel()
	b := running(t)
	fails(t, b.desk(t, "c01.contact").Approve(t.Context(), "a", "digest"), store.Forbidden, "c01.contact may not do this: it is for leader, deputy")
}

// A unit's people act for their own unit, and see nobody else's details (A8(7)).
func TestAnotherUnitsMatters(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) SELECT cycle_id, code, 0, 'ordered', '2026-03-13' FROM units`)
	b.execute(t, `INSERT INTO problems (cycle_id, unit, rectification, position, problem, method) SELECT cycle_id, code, 0, 1, '问题' || code, 'website' FROM units`)
	contact, head, assessor := b.desk(t, "c01.contact"), b.desk(t, "c01.head"), b.desk(t, "media1")
	fails(t, contact.ProposeAdjustment(t.Context(), "a", store.Adjustment{Unit: "C02"}), store.Forbidden, "a contact proposes for his own unit only")
	for _, desk := range []*Desk{contact, head} {
		_, err := desk.Problems(t.Context(), "C02", 0)
		fails(t, err, store.Forbidden, "a unit sees only its own details (A8(7))")
		problems, err := desk.Problems(t.Context(), "C01", 0)
		must(t, err)
		is(t, "own problems", problems[0].Problem, "问题C01")
	}
	problems, err := b.desk(t, "auditor").Problems(t.Context(), "C02", 0)
	must(t, err)
	is(t, "the auditor's", problems[0].Problem, "问题C02")
	fails(t, assessor.SaveSheet(t.Context(), "D18", nil), store.Forbidden, "D18 is not assigned to media1 (A8(6))")
	_, err = assessor.Sheet(t.Context(), "D18")
	fails(t, err, store.Forbidden, "D18 is not assigned to media1 (A8(6))")
	// An order that is still being drafted is the authority's.
	b.execute(t, `UPDATE rectifications SET state = 'draft'`)
	_, err = contact.Problems(t.Context(), "C01", 0)
	fails(t, err, store.NotFound, "no rectification is ordered from C01")
	problems, err = b.desk(t, "admin").Problems(t.Context(), "C01", 0)
	must(t, err)
	is(t, "the administrator's", len(problems), 1)
}

func TestDesks(t *testing.T) {
	t.Parallel()
	b := imported(t)
	_, err := b.Desk(t.Context(), b.cycle, "nobody")
	fails(t, err, store.Forbidden, "nobody is nobody of pingliang/2025")
	admin, err := b.AdminDesk(t.Context(), b.cycle)
	must(t, err)
	is(t, "the administrator", admin.Person.Login, "admin")
	is(t, "the cycle's time", admin.Now().Format(time.RFC3339), "2025-11-24T08:00:00+08:00")
	b.execute(t, `UPDATE people SET role = 'auditor' WHERE role = 'admin'`)
	_, err = b.AdminDesk(t.Context(), b.cycle)
	fails(t, err, store.Refused, "pingliang/2025 has no administrator")
}
