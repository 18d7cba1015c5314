package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// What is refused only when the cycle starts (A8, A10, A16).
func TestRefusalsOfStarts(t *testing.T) {
	t.Parallel()
	role := func(role rules.Role) func(rules.Person) bool {
		return func(p rules.Person) bool { return p.Role == role }
	}
	checkPlans(t, []planRefusal{
		{"a rule set that lapsed", func(p *rules.Plan) { p.Scheme.Extension = nil }, []string{
			"scheme.extension: the notice of 2025-11-24 is outside the validity of pingliang-2022, 2022-08-05 to 2024-08-04; the document that extended it is missing (A16, E12)",
		}},
		{"the last day of validity", func(p *rules.Plan) { p.Scheme.Extension, p.Scheme.Dates.Notice = nil, "2024-08-04" }, nil},
		{"a rule set that is gone", func(p *rules.Plan) { p.Scheme.RuleSet = "gone" }, []string{`scheme.rule_set: unknown rule set "gone"`}},
		{"nobody to approve, nobody to confirm", func(p *rules.Plan) {
			p.People = without(p.People, role(rules.Leader))
			p.People = without(p.People, role(rules.Deputy))
			p.People = without(p.People, func(p rules.Person) bool { return p.Login == "confirm" })
		}, []string{
			"people: nobody has the role leader, who is asked to approve first (A8(6))",
			"people: nobody has the role deputy, who is asked to approve after the deadline (A8(6))",
		}},
		{"nobody to run it", func(p *rules.Plan) { p.People = without(p.People, role(rules.Admin)) }, []string{
			"people: nobody has the role admin, who runs the year (A8(3))",
		}},
		{"kinds of members missing", func(p *rules.Plan) {
			person(t, *p, "media1").GroupKinds = nil
			person(t, *p, "opinion1").GroupKinds = []string{"website"}
		}, []string{
			"people: no assessor is of the kind new_media, 政务新媒体维管单位 (A8(2))",
			"people: no assessor is of the kind opinion, 网络（政务）舆情回应、监管单位 (A8(2))",
		}},
		{"one person of all kinds", func(p *rules.Plan) {
			for i := range p.People {
				p.People[i].GroupKinds = nil
			}
			person(t, *p, "gov1").GroupKinds = []string{"website", "new_media", "opinion"}
		}, nil},
		{"units without a contact", func(p *rules.Plan) {
			p.People = without(p.People, func(p rules.Person) bool { return p.Login == "c02.contact" || p.Login == "d32.contact" })
		}, []string{"units[1]: C02 has nobody of role contact (A8(5))", "units[39]: D32 has nobody of role contact (A8(5))"}},
		{"an area without assessors", func(p *rules.Plan) {
			p.Units = p.Units[:2]
			person(t, *p, "opinion1").Areas = []string{"response"}
			person(t, *p, "web2").Areas = []string{"platforms"}
			person(t, *p, "media1").Areas = []string{"platforms"}
		}, []string{
			"indicators[16]: 6.1 is left without an assessor from outside the unit, for C01, C02 (A8(6))",
			"indicators[17]: 6.2 is left without an assessor from outside the unit, for C01, C02 (A8(6))",
		}},
		{"an assessor's own unit", func(p *rules.Plan) {
			person(t, *p, "opinion1").Areas = []string{"response"}
			person(t, *p, "web2").Areas = []string{"platforms"} // participation is left to media1, of D18
		}, []string{
			"indicators[16]: 6.1 is left without an assessor from outside the unit, for D18 (A8(6))",
			"indicators[17]: 6.2 is left without an assessor from outside the unit, for D18 (A8(6))",
		}},
	}, func(p rules.Plan) rules.Faults { return p.StartFaults(library(t)) })
}

// An assessor scores all indicators of his areas, of every unit but his own
// (A8(6)).
func TestAssignments(t *testing.T) {
	t.Parallel()
	plan := pingliangPlan(t)
	assignments := plan.Assignments()
	// By indicator of the sample data: areas with two assessors each, three for
	// policy_interpretation, proactive_disclosure, participation and platforms.
	want := 40*(8*2+4*3+2*3+2*2+2*3+2*2+5*3) - 11 - 9 // less 11 of web1 in his D31 and 9 of media1 in his D18
	if len(assignments) != want {
		t.Errorf("there are %d assignments, want %d", len(assignments), want)
	}
	var first []string
	for _, a := range assignments {
		if a.Unit == "D31" && (a.Indicator == "4.1" || a.Indicator == "8.1") {
			first = append(first, a.Indicator+" "+a.Assessor)
		}
		if a.Unit == "D18" && a.Assessor == "media1" {
			t.Errorf("media1 is of D18 and is to score %s of it", a.Indicator)
		}
	}
	if diff := cmp.Diff([]string{"4.1 media1", "4.1 opinion1", "8.1 web2", "8.1 media1"}, first); diff != "" {
		t.Errorf("assignments of D31 (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(assignments, pingliangPlan(t).Assignments()); diff != "" {
		t.Errorf("assignments made twice differ:\n%s", diff)
	}
}

// An assessor's organisation may be written in other letters, or by its name.
func TestOwnUnits(t *testing.T) {
	t.Parallel()
	want := pingliangPlan(t).Assignments()
	for _, own := range []string{"d31", "平凉市政务服务中心"} {
		plan := pingliangPlan(t)
		person(t, plan, "web1").Unit = own
		if diff := cmp.Diff(want, plan.Assignments()); diff != "" {
			t.Errorf("web1 of %s (-of D31 +got):\n%s", own, diff)
		}
	}
}

// An indicator for one category is assigned in units of that category only.
func TestAssignmentsByCategory(t *testing.T) {
	t.Parallel()
	plan := pingliangPlan(t)
	plan.Indicators[0].Categories = []string{"zone"}
	var got []string
	for _, a := range plan.Assignments() {
		if a.Indicator == "1.1" {
			got = append(got, a.Unit+" "+a.Assessor)
		}
	}
	if diff := cmp.Diff([]string{"Z01 gov1", "Z01 gov2"}, got); diff != "" {
		t.Errorf("assignments of 1.1 (-want +got):\n%s", diff)
	}
}

// What is allowed but hardly meant (A4, A8(4), A12).
func TestWarnings(t *testing.T) {
	t.Parallel()
	checkPlans(t, []planRefusal{
		{
			"no annual report", func(p *rules.Plan) { p.Indicators[11].Judges = "" },
			[]string{"indicators: none judges the previous year; the annual report compiled for it belongs here (A4)"},
		},
		{"nobody to report to, no number", func(p *rules.Plan) {
			p.Scheme.DocumentNumber = ""
			p.People = without(p.People, func(p rules.Person) bool { return strings.HasPrefix(p.Login, "orgdept") })
		}, []string{
			"people: nobody has the role organization_department; the results go to nobody (A12)",
			"scheme.document_number: missing; the notice will carry no number (A8(4))",
		}},
		{"one to run it", func(p *rules.Plan) {
			p.People = without(p.People, func(p rules.Person) bool { return p.Login == "confirm" })
		}, []string{
			"people: only one has the role admin; what he proposes himself nobody can confirm (A10, A11)",
		}},
	}, rules.Plan.Warnings)
}

// The year that an indicator judges (A4).
func TestJudgedYear(t *testing.T) {
	t.Parallel()
	if got := (rules.Indicator{Judges: rules.PreviousYear}).JudgedYear(2025); got != 2024 {
		t.Errorf("the annual report is judged for %d", got)
	}
	if got := (rules.Indicator{}).JudgedYear(2025); got != 2025 {
		t.Errorf("other indicators are judged for %d", got)
	}
}

// The explanation that people read names what an indicator is about, and the year of one that judges the year before, of
// the unit's own indicators alone (A4, A7); the result that is kept stays as it was computed.
func TestExplanationNamesIndicatorAndJudgedYear(t *testing.T) {
	t.Parallel()
	plan := rules.Plan{
		Scheme: rules.Scheme{Year: 2025},
		Indicators: []rules.Indicator{
			{Code: "1", Categories: []string{"department"}}, {Code: "2", Content: "专栏"}, {Code: "3", Judges: rules.PreviousYear},
		},
		Units: []rules.Unit{{Code: "C01", Category: "county"}, {Code: "D01", Category: "department"}},
	}
	for unit, want := range map[string]string{
		"C01": "指标2 专栏（甲） 二（评价2024年度） 三 四", "D01": "指标2（甲） 二 三（评价2024年度） 四", "X01": "指标2（甲） 二 三 四",
	} {
		result := rules.UnitResult{Code: unit, Explanation: []rules.Line{{Text: "指标2（甲）"}, {Text: "二"}, {Text: "三"}, {Text: "四"}}}
		var texts []string
		for _, line := range plan.Explain(result) {
			texts = append(texts, line.Text)
		}
		if got := strings.Join(texts, " "); got != want || result.Explanation[1].Text != "二" || result.Explanation[2].Text != "三" {
			t.Errorf("%s reads %q, want %q; kept is %v", unit, got, want, result.Explanation)
		}
	}
}
