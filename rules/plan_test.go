package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

func TestSamplePlanIsSound(t *testing.T) {
	t.Parallel()
	plan := pingliangPlan(t)
	if len(plan.Units) != 40 || len(plan.Indicators) != 25 || len(plan.People) != 92 {
		t.Errorf("read %d units, %d indicators, %d people", len(plan.Units), len(plan.Indicators), len(plan.People))
	}
	checkFaults(t, plan.Faults(library(t)))
	checkFaults(t, plan.StartFaults(library(t)))
	checkFaults(t, plan.Warnings())
}

// A plan can be kept as JSON and comes back the same.
func TestPlanAsJSON(t *testing.T) {
	t.Parallel()
	plan := pingliangPlan(t)
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var again rules.Plan
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan, again); diff != "" {
		t.Errorf("plan (-before +after):\n%s", diff)
	}
}

type planRefusal struct {
	name   string
	change func(p *rules.Plan)
	want   []string
}

func checkPlans(t *testing.T, cases []planRefusal, faults func(p rules.Plan) rules.Faults) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plan := pingliangPlan(t)
			c.change(&plan)
			checkFaults(t, faults(plan), c.want...)
		})
	}
}

// What is refused of the scheme (A4, A7, A8(3), A16).
func TestRefusalsOfSchemes(t *testing.T) {
	t.Parallel()
	const policy = "is not a number of days from 0 to 250"
	checkPlans(t, []planRefusal{
		{
			"unknown rule set", func(p *rules.Plan) { p.Scheme.RuleSet = "pingliang-2023" },
			[]string{`scheme.rule_set: unknown rule set "pingliang-2023"; known are pingliang-2022`},
		},
		{"unknown tier", func(p *rules.Plan) { p.Scheme.Authority.Tier = "village" }, []string{`scheme.authority.tier: unknown tier "village" (A7)`}},
		{
			"an authority that cannot be named", func(p *rules.Plan) { p.Scheme.Authority = rules.Authority{Code: "平凉", Name: " ", Tier: "city"} },
			[]string{`scheme.authority.code: "平凉": must be 1 to 32 letters, digits, dots, underscores or hyphens`, "scheme.authority.name: missing"},
		},
		// The days are not judged by a year that is none.
		{"no year", func(p *rules.Plan) { p.Scheme.Year = 0 }, []string{"scheme.year: 0 is not a year from 2000 to 2999"}},
		{"a year of five digits", func(p *rules.Plan) { p.Scheme.Year = 20255 }, []string{"scheme.year: 20255 is not a year from 2000 to 2999"}},
		{
			"a year of which no cycle can be", func(p *rules.Plan) {
				p.Scheme.Year = 3000
				p.Scheme.Dates = rules.Dates{Notice: "3000-11-24", SelfReportDue: "3000-12-12", ReviewDue: "3001-01-09", ApprovalDue: "3001-01-16", RectificationDue: "3001-03-13"}
			},
			[]string{"scheme.year: 3000 is not a year from 2000 to 2999"},
		},
		{
			"half an extension", func(p *rules.Plan) { p.Scheme.Extension = &rules.Extension{Date: "2024-8-1"} },
			[]string{"scheme.extension.document: missing", `scheme.extension.date: "2024-8-1" is not a day such as 2025-11-24`},
		},
		{
			"a file elsewhere", func(p *rules.Plan) { p.Scheme.Indicators = "../indicators.csv" },
			[]string{`scheme.indicators: "../indicators.csv" is not the name of a file beside it`},
		},
		{
			"a number with a line break", func(p *rules.Plan) { p.Scheme.DocumentNumber = "1\r\nBcc: x" },
			[]string{"scheme.document_number: holds a line break or another control character"},
		},
		{
			"a day missing and one that is none", func(p *rules.Plan) { p.Scheme.Dates.ReviewDue, p.Scheme.Dates.ApprovalDue = "", "2026-02-30" },
			[]string{"scheme.dates.review_due: missing", `scheme.dates.approval_due: "2026-02-30" is not a day such as 2025-11-24`},
		},
		{
			"a day that is too early", func(p *rules.Plan) { p.Scheme.Dates.ReviewDue = "2025-12-12" },
			[]string{"scheme.dates.review_due: 2025-12-12 is not after self_report_due, 2025-12-12"},
		},
		{"days of other years", func(p *rules.Plan) {
			p.Scheme.Dates.Notice, p.Scheme.Dates.RectificationDue = "2024-12-31", "2027-01-01"
		}, []string{
			"scheme.dates.notice: 2024-12-31 is neither in the assessment year 2025 nor in the year after (A4)",
			"scheme.dates.rectification_due: 2027-01-01 is neither in the assessment year 2025 nor in the year after (A4)",
		}},
		{
			"policies missing", func(p *rules.Plan) {
				p.Scheme.Reminders.Review = rules.Policy{}
				p.Scheme.Reminders.Approval.Cron = " "
			},
			[]string{"scheme.reminders.review.cron: missing", "scheme.reminders.approval.cron: missing"},
		},
		{"policies beyond reason", func(p *rules.Plan) {
			p.Scheme.Reminders.SelfReport.FromWorkingDaysBefore = -1
			p.Scheme.Reminders.Rectification.EscalateWorkingDaysAfter = 251
		}, []string{
			"scheme.reminders.self_report.from_working_days_before: -1 " + policy,
			"scheme.reminders.rectification.escalate_working_days_after: 251 " + policy,
		}},
		{"no spread", func(p *rules.Plan) { p.Scheme.MaxSpread = "0" }, []string{`scheme.max_spread: "0" is not points above 0`}},
		{"a spread that is no points", func(p *rules.Plan) { p.Scheme.MaxSpread = "2 points" }, []string{`scheme.max_spread: "2 points" is not points above 0`}},
		{
			"no days after a return", func(p *rules.Plan) { p.Scheme.ReturnWorkingDays = 0 },
			[]string{"scheme.return_working_days: 0 is not a number of days from 1 to 250"},
		},
	}, func(p rules.Plan) rules.Faults { return p.Faults(library(t)) })
}

func TestSpread(t *testing.T) {
	t.Parallel()
	s := scheme(t)
	if _, ok := s.Spread(); ok {
		t.Error("the sample scheme has a spread")
	}
	s.MaxSpread = "2.5"
	if spread, ok := s.Spread(); !ok || spread != 250 {
		t.Errorf("the spread is %s, %v", spread, ok)
	}
}

// What is refused of indicators (A6, A7, A8(6)).
func TestRefusalsOfIndicators(t *testing.T) {
	t.Parallel()
	checkPlans(t, []planRefusal{
		{"none", func(p *rules.Plan) { p.Indicators = nil }, []string{"indicators: there are none"}},
		{"99.5 points", func(p *rules.Plan) { p.Indicators[0].Max -= 50 }, []string{
			"indicators: category county: track daily adds up to 29.5, not 30 (A7)",
			"indicators: category zone: track daily adds up to 29.5, not 30 (A7)",
			"indicators: category department: track daily adds up to 29.5, not 30 (A7)",
		}},
		{"an area left out, for one category", func(p *rules.Plan) {
			for i := range p.Indicators {
				if p.Indicators[i].Area == "participation" {
					p.Indicators[i].Categories = []string{"county", "zone"}
				}
			}
		}, []string{
			"indicators: category department: track special adds up to 64, not 70 (A7)",
			"indicators: category department: track daily adds up to 28, not 30 (A7)",
			"indicators: category department: no indicator covers the area participation (A6(6))",
		}},
		{"words that nobody knows", func(p *rules.Plan) {
			i := &p.Indicators[3]
			i.Area, i.Track, i.Judges = "mechanism", "monthly", "next_year"
			i.Methods, i.Categories = []string{"fax", "phone", "phone"}, []string{"county", "village", "zone", "department"}
		}, []string{
			`indicators[3].area: unknown area "mechanism" (A6)`,
			`indicators[3].track: unknown track "monthly" (A7)`,
			`indicators[3].methods: unknown value "fax"; known are website, documents, phone, video, on_site`,
			`indicators[3].methods: "phone" is there twice`,
			`indicators[3].judges: "next_year" is neither empty nor previous_year (A4)`,
			`indicators[3].categories: no unit is of category "village"`,
			"indicators: category county: track daily adds up to 28, not 30 (A7)",
			"indicators: category zone: track daily adds up to 28, not 30 (A7)",
			"indicators: category department: track daily adds up to 28, not 30 (A7)",
		}},
		{"codes", func(p *rules.Plan) {
			p.Indicators[0].Code, p.Indicators[1].Code, p.Indicators[2].Code = "", "1 2", "2.1"
		}, []string{
			"indicators[0].code: missing",
			`indicators[1].code: "1 2": must be 1 to 32 letters, digits, dots, underscores or hyphens`,
			"indicators[3].code: 2.1 is there twice",
		}},
		{"nothing to score", func(p *rules.Plan) {
			p.Indicators[0].Max, p.Indicators[0].Content, p.Indicators[0].Methods = 0, "", nil
			p.Indicators[1].Max += 200
		}, []string{"indicators[0].max: must be above 0", "indicators[0].content: missing", "indicators[0].methods: missing (A8(6))"}},
		{
			"control characters, but lines are allowed", func(p *rules.Plan) {
				p.Indicators[0].Criteria, p.Indicators[1].Criteria = "一\n二\t三", "一\x00二"
			},
			[]string{"indicators[1].criteria: holds a line break or another control character"},
		},
	}, func(p rules.Plan) rules.Faults { return p.Faults(library(t)) })
}

// What is refused of units and people (A2, A8).
func TestRefusalsOfUnitsAndPeople(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 33)
	checkPlans(t, []planRefusal{
		{"no units", func(p *rules.Plan) { p.Units, p.People = nil, nil }, []string{"units: there are 0; a cycle has 1 to 1000"}},
		{"unit codes", func(p *rules.Plan) {
			p.Units[4].Code, p.Units[5].Code, p.Units[6].Code = "c01", "C01", long
			p.People = nil
		}, []string{
			"units[4].code: c01 is there twice: C01 differs only in case",
			"units[5].code: C01 is there twice",
			`units[6].code: "` + long + `": must be 1 to 32 letters, digits, dots, underscores or hyphens`,
		}},
		{"what a unit needs", func(p *rules.Plan) {
			p.Units[7] = rules.Unit{Code: "Z01", Name: "高新区\n管委会", Category: "zone one", Telephone: "1\x00"}
		}, []string{
			"units[7].name: holds a line break or another control character",
			`units[7].category: "zone one": must be one word`,
			"units[7].email: missing",
			"units[7].telephone: holds a line break or another control character",
		}},
		{"logins", func(p *rules.Plan) { p.People[1].Login, p.People[2].Login = "ADMIN", "lea der" }, []string{
			"people[1].login: ADMIN is there twice: admin differs only in case",
			`people[2].login: "lea der": must be 1 to 32 letters, digits, dots, underscores or hyphens`,
		}},
		{"a role and what belongs to assessors", func(p *rules.Plan) {
			p.People[0].Role = "boss"
			p.People[1].GroupKinds, p.People[1].Areas = []string{"website"}, []string{"platforms"}
		}, []string{
			`people[0].role: unknown role "boss"`,
			"people[1].group_kinds: only an assessor has them (A8(2))",
			"people[1].areas: only an assessor has them (A8(6))",
		}},
		{"units of people", func(p *rules.Plan) {
			person(t, *p, "c01.contact").Unit, person(t, *p, "c01.head").Unit, person(t, *p, "web1").Unit = "", "c01", "某公司"
			person(t, *p, "deputy").Unit = "C01"
		}, []string{
			"people[3].unit: only a contact, a head or an assessor has one",
			"people[12].unit: a contact needs a unit", `people[13].unit: no unit has the code "c01"`,
		}},
		{"an assessor's words", func(p *rules.Plan) {
			person(t, *p, "web1").GroupKinds = []string{"web"}
			person(t, *p, "web1").Areas = []string{"platforms", "everything", "platforms"}
		}, []string{
			`people[6].group_kinds: unknown value "web"; known are website, new_media, opinion`,
			`people[6].areas: unknown value "everything"; known are organization, mechanisms, proactive_disclosure, policy_interpretation, response, participation, disclosure_on_request, platforms`,
			`people[6].areas: "platforms" is there twice`,
		}},
	}, func(p rules.Plan) rules.Faults { return p.Faults(library(t)) })
}

// Addresses that could break a mail, or that no mail can reach.
func TestRefusalsOfAddresses(t *testing.T) {
	t.Parallel()
	for address, text := range map[string]string{
		"zwgk@kongtong.pingliang.example":       "",
		"a.b+c@localhost":                       "",
		"":                                      "missing",
		"zwgk":                                  `"zwgk" is not an e-mail address`,
		"zwgk@":                                 `"zwgk@" is not an e-mail address`,
		"a@b@c":                                 `"a@b@c" is not an e-mail address`,
		"a b@c.example":                         `"a b@c.example" is not an e-mail address`,
		"a@[192.0.2.1]":                         `"a@[192.0.2.1]" is not an e-mail address`,
		"甲 <a@c.example>":                       `"甲 <a@c.example>" is not an e-mail address`,
		"甲@c.example":                           `"甲@c.example" is not an e-mail address`,
		"A <a@c.example>":                       `"A <a@c.example>" is not an e-mail address`,
		`"a b"@c.example`:                       `"\"a b\"@c.example" is not an e-mail address`,
		"a@c.example, b@c.example":              `"a@c.example, b@c.example" is not an e-mail address`,
		"a@c.example\r\nBcc: b@c.example":       `"a@c.example\r\nBcc: b@c.example" holds a line break or another control character`,
		"a@c.example\x00":                       `"a@c.example\x00" holds a line break or another control character`,
		strings.Repeat("a", 250) + "@c.example": fmt.Sprintf("%q is not an e-mail address", strings.Repeat("a", 60)+"…"),
	} {
		plan := pingliangPlan(t)
		plan.Units[2].Email, plan.People[5].Email = address, address
		var want []string
		if text != "" {
			want = []string{"units[2].email: " + text, "people[5].email: " + text}
		}
		checkFaults(t, plan.Faults(library(t)), want...)
	}
}

// Ten thousand units are refused for their number, and quickly.
func TestRefusalOfTooManyUnits(t *testing.T) {
	t.Parallel()
	plan := pingliangPlan(t)
	for i := range 10_000 {
		plan.Units = append(plan.Units, rules.Unit{Code: fmt.Sprintf("X%d", i), Name: "某单位", Category: "county", Email: "a@b.example"})
	}
	checkFaults(t, plan.Faults(library(t)), "units: there are 10040; a cycle has 1 to 1000")
}
