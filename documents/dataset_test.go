package documents

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
)

func library(t testing.TB) rules.Library {
	t.Helper()
	lib, err := rules.Load(schemas.Rules)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// pingliang is a copy of the sample data set without its evaluation, to spoil.
func pingliang(t testing.TB) fstest.MapFS {
	t.Helper()
	set := withEvaluation(t)
	for _, name := range []string{"evaluation.yaml", "invitees.csv", "evaluation_units.csv"} {
		delete(set, name)
	}
	return set
}

func withEvaluation(t testing.TB) fstest.MapFS {
	t.Helper()
	names, err := fs.Glob(schemas.Data, "data/pingliang/*")
	if err != nil {
		t.Fatal(err)
	}
	set := fstest.MapFS{}
	for _, name := range names {
		content, err := fs.ReadFile(schemas.Data, name)
		if err != nil {
			t.Fatal(err)
		}
		set[path.Base(name)] = &fstest.MapFile{Data: content}
	}
	return set
}

// edit replaces a text that stands once in a file.
func edit(t testing.TB, set fstest.MapFS, file, old, new string) {
	t.Helper()
	content := string(set[file].Data)
	if n := strings.Count(content, old); n != 1 {
		t.Fatalf("%q stands %d times in %s", old, n, file)
	}
	set[file].Data = []byte(strings.Replace(content, old, new, 1))
}

// faultsOf are the lines with which a data set is refused.
func faultsOf(t testing.TB, set fs.FS, published ...calendar.Holiday) []string {
	t.Helper()
	got, err := ReadDataSet(set, library(t), published...)
	if err == nil {
		return nil
	}
	if diff := cmp.Diff(DataSet{}, got); diff != "" {
		t.Errorf("a refused data set came with something: %s", diff)
	}
	var faults rules.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	return lines(faults)
}

func TestReadDataSetOfPingliang(t *testing.T) {
	t.Parallel()
	folder, err := fs.Sub(schemas.Data, "data/pingliang")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ReadDataSet(folder, library(t))
	if err != nil {
		t.Fatal(err)
	}
	plan := set.Plan
	if len(plan.Units) != 40 || len(plan.People) != 92 || len(plan.Indicators) != 25 || set.Holidays != nil || set.Warnings != nil {
		t.Errorf("%d units, %d people, %d indicators, holidays %v, warnings %v",
			len(plan.Units), len(plan.People), len(plan.Indicators), set.Holidays, set.Warnings)
	}
	for _, c := range []struct{ got, want any }{
		{plan.Units[39], rules.Unit{
			Code: "D32", Name: "平凉市住房公积金管理中心", Category: "department",
			Email: "zwgk@gjj.pingliang.example", Telephone: "0933-0000332",
		}},
		{plan.People[6], rules.Person{
			Login: "web1", Name: "政府网站维管单位考核员一", Role: rules.Assessor, Unit: "D31",
			Email: "web1@zwgk.pingliang.example", GroupKinds: []string{"website"},
			Areas: []string{"proactive_disclosure", "policy_interpretation", "platforms"},
		}},
		{plan.Indicators[11], rules.Indicator{
			Code: "3.4", Area: "proactive_disclosure", Track: "special", Max: 300,
			Content: "政府信息公开年度报告编制和发布", Criteria: "未按时发布扣3分;内容要素缺失每处扣0.5分",
			Methods: []string{"website"}, Judges: rules.PreviousYear, Categories: []string{},
		}},
		{plan.Scheme, rules.Scheme{
			Authority: rules.Authority{Code: "pingliang", Name: "平凉市政府政务公开办公室", Tier: "city"},
			Year:      2025, RuleSet: "pingliang-2022",
			Extension:      &rules.Extension{Document: "平政办发〔2024〕00号(示例)", Date: "2024-08-01"},
			DocumentNumber: "平政公开办发〔2025〕12号(示例)", Indicators: "indicators.csv",
			Dates: rules.Dates{
				Notice: "2025-11-24", SelfReportDue: "2025-12-12", ReviewDue: "2026-01-09",
				ApprovalDue: "2026-01-16", RectificationDue: "2026-03-13",
			},
			Reminders: rules.Reminders{
				SelfReport:    rules.Policy{Cron: "0 9 * * *", FromWorkingDaysBefore: 5, EscalateWorkingDaysAfter: 2},
				Review:        rules.Policy{Cron: "0 9 * * *", FromWorkingDaysBefore: 3, EscalateWorkingDaysAfter: 1},
				Approval:      rules.Policy{Cron: "0 9 * * *", FromWorkingDaysBefore: 2, EscalateWorkingDaysAfter: 1},
				Rectification: rules.Policy{Cron: "0 9 * * *", FromWorkingDaysBefore: 5, EscalateWorkingDaysAfter: 2},
			},
			ReturnWorkingDays: 3,
		}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Error(diff)
		}
	}
}

// The ways in which spreadsheets and editors write the same data set.
func TestReadDataSetInAnyWriting(t *testing.T) {
	t.Parallel()
	want, err := ReadDataSet(pingliang(t), library(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, rewrite := range map[string]func(string) (string, error){
		"byte order mark": func(text string) (string, error) { return "\ufeff" + text, nil },
		"CRLF":            func(text string) (string, error) { return strings.ReplaceAll(text, "\n", "\r\n"), nil },
		"GBK":             simplifiedchinese.GBK.NewEncoder().String,
		"GB18030":         simplifiedchinese.GB18030.NewEncoder().String,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := pingliang(t)
			for _, file := range []string{"units.csv", "people.csv", "indicators.csv", "scheme.yaml"} {
				text, err := rewrite(string(set[file].Data))
				if err != nil {
					t.Fatal(err)
				}
				set[file].Data = []byte(text)
			}
			got, err := ReadDataSet(set, library(t))
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

// What a mistake in one file makes of the whole.
func TestReadDataSetFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, old, new string
		want           []string
	}{
		"missing column": {"units.csv", "code,name,category,email,telephone", "code,name,category,mail,telephone", []string{
			"units.csv:1: mail: is an unknown column: the columns are code,name,category,email,telephone",
			"units.csv:1: email: is missing in the heading",
		}},
		"missing code column": {"units.csv", "code,name,category", "name,category", []string{
			"units.csv:1: code: is missing in the heading",
		}},
		"doubled unit": {"units.csv", "C05,崇信县", "C02,崇信县", []string{
			`units.csv:6: code: "C02" is there twice: first on line 3`,
			`people.csv:22: unit: no unit has the code "C05"`, `people.csv:23: unit: no unit has the code "C05"`,
		}},
		"doubled unit but for case": {"units.csv", "D32,", "d31,", []string{
			`units.csv:41: code: "d31" is there twice: first on line 40`,
			`people.csv:92: unit: no unit has the code "D32"`, `people.csv:93: unit: no unit has the code "D32"`,
		}},
		"e-mail with a line break": {"units.csv", "zwgk@jyj.pingliang.example", "\"zwgk@jyj.pingliang.example\nBcc: all@pingliang.example\"", []string{
			`units.csv:11: email: "zwgk@jyj.pingliang.example\nBcc: all@pingliang.example" holds a line break or another control character`,
		}},
		"e-mail with a line break at its end": {"units.csv", "zwgk@jyj.pingliang.example", "\"zwgk@jyj.pingliang.example\n\"", []string{
			`units.csv:11: email: "zwgk@jyj.pingliang.example\n" holds a line break or another control character`,
		}},
		"short line": {"units.csv", "county,zwgk@kongtong.pingliang.example,0933-0000101", "county", []string{
			"units.csv:2: email: is missing: the line has 3 fields, the heading 5",
			"units.csv:2: telephone: is missing: the line has 3 fields, the heading 5",
		}},
		"unknown category of an indicator": {"indicators.csv", "专题会议研究部署和检查落实,未召开专题会议扣1分;无检查落实记录扣1分,documents phone,,", "a,b,documents,,county zone department township", []string{
			`indicators.csv:4: categories: no unit is of category "township"`,
		}},
		"points": {"indicators.csv", "1.1,organization,daily,2,", "1.1,organization,daily,2.0.0,", []string{
			`indicators.csv:1: file: category county: track daily adds up to 28, not 30 (A7)`,
			`indicators.csv:1: file: category zone: track daily adds up to 28, not 30 (A7)`,
			`indicators.csv:1: file: category department: track daily adds up to 28, not 30 (A7)`,
			`indicators.csv:2: max: "2.0.0" is not points: expected digits with at most two decimals, such as 4.75`,
		}},
		"99.5 points": {"indicators.csv", "7.2,disclosure_on_request,special,10,", "7.2,disclosure_on_request,special,9.5,", []string{
			`indicators.csv:1: file: category county: track special adds up to 69.5, not 70 (A7)`,
			`indicators.csv:1: file: category zone: track special adds up to 69.5, not 70 (A7)`,
			`indicators.csv:1: file: category department: track special adds up to 69.5, not 70 (A7)`,
		}},
		"doubled indicator": {"indicators.csv", "\n8.5,", "\n8.4,", []string{
			`indicators.csv:26: code: "8.4" is there twice: first on line 25`,
		}},
		"unknown area": {"people.csv", ",website,proactive_disclosure platforms participation", ",website,proactive_disclosure platform participation", []string{
			`people.csv:9: areas: unknown value "platform"; known are organization, mechanisms, proactive_disclosure, policy_interpretation, response, participation, disclosure_on_request, platforms`,
		}},
		"doubled login": {"people.csv", "\nconfirm,", "\nadmin,", []string{
			`people.csv:3: login: "admin" is there twice: first on line 2`,
		}},
		"reminder with a time zone": {"scheme.yaml", `self_report: {cron: "0 9 * * *"`, `self_report: {cron: "TZ=UTC"`, []string{
			`scheme.yaml:16: reminders.self_report.cron: cron "TZ=UTC": the time zone is always Asia/Shanghai: leave TZ= out and write five fields, minute hour day month weekday, as in "0 9 * * *"`,
		}},
		"reminder on 30 February": {"scheme.yaml", `review:      {cron: "0 9 * * *"`, `review: {cron: "0 0 30 2 *"`, []string{
			`scheme.yaml:17: reminders.review.cron: cron "0 0 30 2 *": there is no such day in any year: choose a day that the month has, as in "0 9 28 2 *"`,
		}},
		"unknown rule set": {"scheme.yaml", "rule_set: pingliang-2022", "rule_set: lanzhou-2022", []string{
			`scheme.yaml:4: rule_set: unknown rule set "lanzhou-2022"; known are pingliang-2022`,
		}},
		"dates out of order": {"scheme.yaml", "review_due: 2026-01-09", "review_due: 2025-12-09", []string{
			`scheme.yaml:12: dates.review_due: 2025-12-09 is not after self_report_due, 2025-12-12`,
		}},
		"no table of indicators": {"scheme.yaml", "indicators: indicators.csv", "indicators: table.csv", []string{
			"table.csv:1: file: is missing",
		}},
		"indicators outside the folder": {"scheme.yaml", "indicators: indicators.csv", "indicators: ../indicators.csv", []string{
			`scheme.yaml:8: indicators: "../indicators.csv" is not the name of a file beside it`,
		}},
		"indicators in another folder": {"scheme.yaml", "indicators: indicators.csv", "indicators: other/indicators.csv", []string{
			`scheme.yaml:8: indicators: "other/indicators.csv" is not the name of a file beside it`,
		}},
		"unreadable scheme": {"scheme.yaml", "authority: {", "authority: {{", []string{
			"scheme.yaml:2: file: can't be read as YAML: could not find flow map content",
		}},
		"lost rows": {"units.csv", "C03,", "C\"03,", []string{
			"units.csv:4: row: has a quote inside a field: put the field in quotes and double the quote",
		}},
		"not text": {"units.csv", "C03,泾川", "C03,\xff", []string{
			"units.csv:4: file: is neither UTF-8 nor GB18030 text: save the table as CSV in UTF-8",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := pingliang(t)
			edit(t, set, c.file, c.old, c.new)
			if diff := cmp.Diff(c.want, faultsOf(t, set)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Everything that is wrong is told at once, by file and line.
func TestReadDataSetListsEveryFault(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	edit(t, set, "units.csv", "C07,静宁县人民政府,county,zwgk@jingning.pingliang.example", "C07,,county,nobody")
	edit(t, set, "units.csv", "D02,", "D 02,")
	edit(t, set, "people.csv", "leader@zwgk.pingliang.example,,", "leader@zwgk.pingliang.example,website,,")
	edit(t, set, "people.csv", "leader,市政务公开领导小组组长,leader,", "leader,市政务公开领导小组组长,chief,")
	edit(t, set, "scheme.yaml", "year: 2025", "years: 2025\nyear: 02025")
	edit(t, set, "scheme.yaml", "approval_due: 2026-01-16", "approval_due: 2026-02-30")
	edit(t, set, "indicators.csv", "8.5,platforms,daily", "8.5,platform,dayly")
	set["holidays.csv"] = &fstest.MapFile{Data: []byte("date,kind,name\n2027-1-1,off,元旦\n2027-01-02,free,元旦\n")}
	want := []string{
		"units.csv:8: name: missing",
		`units.csv:8: email: "nobody" is not an e-mail address`,
		`units.csv:11: code: "D 02": must be 1 to 32 letters, digits, dots, underscores or hyphens`,
		"people.csv:4: column 8: is surplus: the line has 8 fields, the heading 7",
		`people.csv:4: role: unknown role "chief"`,
		"people.csv:4: group_kinds: only an assessor has them (A8(2))",
		`people.csv:32: unit: no unit has the code "D02"`,
		`people.csv:33: unit: no unit has the code "D02"`,
		"scheme.yaml:3: years: is an unknown key: the keys here are authority, year, rule_set, extension, document_number, indicators, dates, reminders, max_spread, return_working_days",
		"scheme.yaml:4: year: must be a whole number such as 2025, without quotes and leading zeros",
		`scheme.yaml:14: dates.approval_due: "2026-02-30" is not a day such as 2025-11-24`,
		"indicators.csv:1: file: category county: track daily adds up to 27, not 30 (A7)",
		"indicators.csv:1: file: category zone: track daily adds up to 27, not 30 (A7)",
		"indicators.csv:1: file: category department: track daily adds up to 27, not 30 (A7)",
		`indicators.csv:26: area: unknown area "platform" (A6)`,
		`indicators.csv:26: track: unknown track "dayly" (A7)`,
		`holidays.csv:2: date: "2027-1-1" is not a day of the calendar: write it as 2025-12-12`,
		`holidays.csv:3: kind: "free" is neither off nor work`,
	}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
}

// Without the categories of the units nobody can say which of them an indicator is for, nor what adds up for them.
func TestReadDataSetWithoutCategories(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	edit(t, set, "units.csv", "code,name,category", "code,name,kind")
	edit(t, set, "indicators.csv", "应公开未公开每件扣1分;要素不全每件扣0.2分,website,,", "x,website,,department")
	want := []string{
		"units.csv:1: kind: is an unknown column: the columns are code,name,category,email,telephone",
		"units.csv:1: category: is missing in the heading",
	}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
}

func TestReadDataSetWithoutFiles(t *testing.T) {
	t.Parallel()
	want := []string{"units.csv:1: file: is missing", "people.csv:1: file: is missing", "scheme.yaml:1: file: is missing"}
	if diff := cmp.Diff(want, faultsOf(t, fstest.MapFS{})); diff != "" {
		t.Error(diff)
	}
	set := pingliang(t)
	set["units.csv"].Data = nil
	want = []string{"units.csv:1: file: is empty: the heading code,name,category,email,telephone is missing"}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
	set["units.csv"].Data = []byte("code,name,category,email,telephone\n")
	if got := faultsOf(t, set); got[0] != "units.csv:1: file: there are 0; a cycle has 1 to 1000" {
		t.Error(got)
	}
}

func TestReadDataSetOfTenThousandLines(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	units := strings.Builder{}
	units.Write(set["units.csv"].Data)
	for i := range 10_000 {
		fmt.Fprintf(&units, "U%05d,单位%d,county,zwgk@u%d.pingliang.example,\n", i, i, i)
	}
	set["units.csv"].Data = []byte(units.String())
	want := []string{"units.csv:1: file: there are 10040; a cycle has 1 to 1000"}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
}

func TestReadDataSetWarns(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	edit(t, set, "indicators.csv", "website,previous_year,", "website,,")
	edit(t, set, "scheme.yaml", "document_number: 平政公开办发〔2025〕12号(示例)\n", "")
	edit(t, set, "people.csv", "organization_department", "auditor")
	got, err := ReadDataSet(set, library(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"people.csv:1: file: nobody has the role organization_department; the results go to nobody (A12)",
		"scheme.yaml:2: document_number: missing; the notice will carry no number (A8(4))",
		"indicators.csv:1: file: none judges the previous year; the annual report compiled for it belongs here (A4)",
	}
	if diff := cmp.Diff(want, lines(got.Warnings)); diff != "" {
		t.Error(diff)
	}
}

// Without evaluation.yaml nobody reads its lists, and other files are nobody's business.
func TestReadDataSetLeavesOtherFilesAlone(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	for _, name := range []string{"invitees.csv", "evaluation_units.csv", "notes.txt"} {
		set[name] = &fstest.MapFile{Data: []byte("\xff\x00")}
	}
	if faults := faultsOf(t, set); faults != nil {
		t.Error(faults)
	}
}

func TestReadDataSetThatCannotBeRead(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	delete(set, "units.csv")
	set["units.csv/inside"] = &fstest.MapFile{}
	_, err := ReadDataSet(set, library(t))
	var faults rules.Faults
	if err == nil || errors.As(err, &faults) || !strings.HasPrefix(err.Error(), "couldn't read the data set: ") {
		t.Errorf("a folder in place of a file: %v", err)
	}
}
