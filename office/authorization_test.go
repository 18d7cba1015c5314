package office

import (
	"context"
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
	{"FinishTask", []rules.Role{rules.Admin}, func(ctx context.Context, d *Desk) error { return d.FinishTask(ctx, "a", "telephone/x", "") }},
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
	{"ProposeAdjustment", []rules.Role{rules.Admin, rules.Assessor, rules.Contact}, func(ctx context.Context, d *Desk) error {
		return d.ProposeAdjustment(ctx, uuid.NewString(), store.Adjustment{Unit: "C01"})
	}},
	{"Problems", []rules.Role{rules.Admin, rules.Leader, rules.Deputy, rules.Auditor, rules.Contact, rules.Head}, func(ctx context.Context, d *Desk) error {
		return second(d.Problems(ctx, "C01", 0))
	}},
	{"AttachFile", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error {
		return second(d.AttachFile(ctx, "文件", strings.NewReader("x")))
	}},
	{"SaveReport", []rules.Role{rules.Contact}, func(ctx context.Context, d *Desk) error { return d.SaveReport(ctx, nil) }},
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
