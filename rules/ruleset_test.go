package rules_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// The numbers and names of the regulations of 2022, each beside its article,
// as the text has them.
func TestPingliang2022(t *testing.T) {
	t.Parallel()
	set := ruleSet(t)
	var got []string
	say := func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }
	say("%s %s to %s %v", set.Document, set.Validity.From, set.Validity.To, set.Validity.Articles)
	for _, g := range set.Grades {
		say("%s %s %s %s", g.Article, g.ID, g.Name, g.AtLeast)
	}
	say("%s mean, %s rounding", set.Total.Mean.Article, set.Total.Rounding.Article)
	say("%s bonus %s, %s total %s, %s floor %s", set.Total.BonusCap.Article, set.Total.BonusCap.Points,
		set.Total.Cap.Article, set.Total.Cap.Points, set.Total.Floor.Article, set.Total.Floor.Points)
	for _, c := range set.Clauses {
		say("%s %s %s %s", c.Article, c.ID, c.Kind, c.Points)
	}
	for _, tier := range set.Tiers {
		say("%s %s special %s daily %s", tier.Article, tier.ID, tier.Points["special"], tier.Points["daily"])
	}
	for _, terms := range []rules.Terms{
		set.Tracks, set.Areas, set.Methods, set.GroupKinds,
		set.Evaluation.Channels, set.Evaluation.Grades,
		{set.Evaluation.Insufficient},
	} {
		for _, term := range terms {
			say("%s %s %s", term.Article, term.ID, term.Name)
		}
	}
	for _, q := range set.Evaluation.Questions {
		say("%s %s", q.Article, q.ID)
	}
	say("%s at least %d ballots", set.Evaluation.MinBallots.Article, set.Evaluation.MinBallots.Number)
	want := strings.Split(`平政办发〔2022〕99号 2022-08-05 to 2024-08-04 [A16 E12]
A9 excellent 优秀 90.00
A9 good 良好 80.00
A9 pass 合格 60.00
A9 fail 不合格 0.00
A8(6) mean, A9 rounding
A10 bonus 10.00, A10 total 100.00, A11 floor 0.00
A10(1) 10.1 bonus 1.00
A10(2) 10.2 bonus 1.00
A10(3) 10.3 bonus 1.00
A10(4) 10.4-national bonus 1.00
A10(4) 10.4-provincial bonus 0.60
A10(4) 10.4-city bonus 0.40
A11(1) 11.1 deduction 2.00
A11(2) 11.2-national deduction 2.00
A11(2) 11.2-provincial deduction 1.50
A11(2) 11.2-city deduction 1.00
A11(3) 11.3 deduction 2.00
A11(4) 11.4 deduction 2.00
A11(5) 11.5 deduction 2.00
A7 city special 70.00 daily 30.00
A7 county special 70.00 daily 30.00
A7 special 年度专项业务工作
A7 daily 日常工作
A6(1) organization 组织领导
A6(2) mechanisms 机制建设
A6(3) proactive_disclosure 主动公开
A6(4) policy_interpretation 政策解读
A6(5) response 回应关切
A6(6) participation 公众参与
A6(7) disclosure_on_request 依申请公开
A6(8) platforms 平台建设
A8(6) website 读网检查
A8(6) documents 查阅资料
A8(6) phone 电话复查
A8(6) video 视频查验
A8(6) on_site 实地复核
A8(2) website 政府网站维管单位
A8(2) new_media 政务新媒体维管单位
A8(2) opinion 网络（政务）舆情回应、监管单位
E9 public 公众评议
E9 representative 代表评议
E10 satisfied 满意
E10 basically_satisfied 基本满意
E10 dissatisfied 不满意
E10 insufficient 评议票数不足
E7(1) content
E7(2) timeliness
E7(3) channels
E7(4) systems
E7(5) requests
E7(6) service
E7(7) other
E10 at least 5 ballots`, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the rule set (-want +got):\n%s", diff)
	}
}

// The rules are in force from 2022-08-05 to 2024-08-04, both included (A16).
func TestInForce(t *testing.T) {
	t.Parallel()
	for day, want := range map[rules.Day]bool{
		"2022-08-04": false, "2022-08-05": true, "2024-08-04": true, "2024-08-05": false, "2023-02-30": false,
	} {
		if got := ruleSet(t).InForce(day); got != want {
			t.Errorf("in force on %s: %v, want %v", day, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	set := ruleSet(t)
	got := []string{
		set.GradeName("excellent"), set.GradeName("basically_satisfied"), set.GradeName("insufficient"), set.GradeName("superb"),
		set.Areas.Name("platforms"), set.Methods.Name("phone"), set.GroupKinds.Name("nobody"), set.Grade(points(t, "89.99")).Name, set.Grade(-1).Name,
	}
	want := []string{"优秀", "基本满意", "评议票数不足", "superb", "平台建设", "电话复查", "nobody", "良好", "不合格"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if clause, ok := set.Clause("10.4-provincial"); !ok || clause.Points != 60 {
		t.Errorf("clause 10.4-provincial is %v, %v", clause, ok)
	}
	if _, ok := set.Clause("10.5"); ok {
		t.Error("there is a clause 10.5")
	}
	if _, ok := set.Tier("village"); ok {
		t.Error("there is a tier village")
	}
}

func pingliangFile(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("../schemas/rules/pingliang-2022.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// folder is a folder of rule sets, given as name, text, name, text.
func folder(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fsys
}

// A second city is another file, with other numbers and words; its books are
// computed by them.
func TestSecondCity(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(
		"id: pingliang-2022", "id: qingyang-2025",
		"at_least: 90", "at_least: 95", "bonus_cap: {points: 10,", "bonus_cap: {points: 3,",
		"kind: bonus, points: 1, article: A10(1)", "kind: bonus, points: 2.5, article: A10(1)",
		"special: 70, daily: 30", "special: 60, daily: 40",
		"  - {id: platforms, name: 平台建设, article: A6(8)}\n", "",
	).Replace(pingliangFile(t))
	other, err := rules.Load(folder("qingyang.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	both, err := library(t).With(other)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"pingliang-2022", "qingyang-2025"}, both.IDs()); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	book := strings.NewReplacer("pingliang-2022", "qingyang-2025", `"platforms"`, `"response"`,
		`"response", "track": "special", "max": "10"`, `"response", "track": "daily", "max": "10"`).
		Replace(assessment(unit("U", "county", scored("1=0"), "10.1*2")))
	read, err := rules.ReadBook(strings.NewReader(book), both)
	if err != nil {
		t.Fatal(err)
	}
	if got := read.Compute().Units[0]; got.Bonus != 300 || got.Total != 9300 || got.Grade != "good" {
		t.Errorf("bonus %s, total %s, %s; want 3.00, 93.00, good", got.Bonus, got.Total, got.Grade)
	}
}

func TestWithRefusesAnIDTwice(t *testing.T) {
	t.Parallel()
	_, err := library(t).With(library(t))
	if err == nil || err.Error() != "pingliang-2022: a rule set of this id is there already" {
		t.Errorf("got %v", err)
	}
}

// What is wrong with rule sets: everything at once, with file and path.
func TestRuleSetFaults(t *testing.T) {
	t.Parallel()
	file := pingliangFile(t)
	beforeEvaluation, _, _ := strings.Cut(file, "evaluation:")
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{"as it is", file, nil},
		{"nothing", "", []string{"x.yaml: not a rule set: EOF"}},
		{"too large", file + strings.Repeat("# …\n", 1<<18), []string{"x.yaml: larger than 1048576 bytes"}},
		{"two documents", file + "---\nid: x\n", []string{"x.yaml: more than one document in the file"}},
		{"an unknown key", file + "notes: x\n", []string{`x.yaml: not a rule set: [85:1] unknown field "notes"`}},
		{"a doubled key", file + "id: x\n", []string{`x.yaml: not a rule set: [85:1] mapping key "id" already defined at [4:1]`}},
		{
			"points of three decimals", swapped(file, "points: 0.6,", "points: 0.605,"),
			[]string{`x.yaml: not a rule set: "0.605" is not points: expected digits with at most two decimals, such as 4.75`},
		},
		{"an id that is no code", swapped(file, "id: pingliang-2022", "id: 平凉"), []string{`x.yaml: id: "平凉": must be 1 to 32 letters, digits, dots, underscores or hyphens`}},
		{"no title", swapped(file, "document: 平政办发〔2022〕99号", "document: ''"), []string{"x.yaml: document: missing"}},
		{"a title of two lines", swapped(file, "document: 平政办发〔2022〕99号", `document: "平政\n办发"`), []string{"x.yaml: document: holds a line break or another control character"}},
		{"no such day", swapped(file, "to: 2024-08-04", "to: 2024-02-30"), []string{`x.yaml: validity.to: "2024-02-30" is not a day such as 2024-08-04`}},
		{"no first day", swapped(file, "from: 2022-08-05, ", ""), []string{`x.yaml: validity.from: "" is not a day such as 2022-08-05`}},
		{
			"validity turned round", swapped(file, "to: 2024-08-04, articles: [A16, E12]", "to: 2022-08-04"),
			[]string{"x.yaml: validity.to: before 2022-08-05", "x.yaml: validity.articles: missing"},
		},
		{"grades that rise", swapped(file, "at_least: 80", "at_least: 90"), []string{"x.yaml: grades[1].at_least: 90 is not below 90"}},
		{"totals without a grade", swapped(file, "at_least: 0,", "at_least: 1,"), []string{"x.yaml: grades[3].at_least: the last grade must begin at 0"}},
		{"a grade without an article", swapped(file, "at_least: 80, article: A9", "at_least: 80"), []string{`x.yaml: grades[1].article: "" is not an article such as A8(6)`}},
		{"a cap below the floor", swapped(file, "floor: {points: 0,", "floor: {points: 100,"), []string{"x.yaml: total.cap.points: 100 is not above the floor of 100"}},
		{"clauses", strings.NewReplacer(`id: "10.2", kind: bonus`, `id: "10.1", kind: prize`, "points: 1.5, article: A11(2)", "points: 0, article: 11").Replace(file), []string{
			"x.yaml: clauses[1].id: 10.1 is there twice",
			`x.yaml: clauses[1].kind: "prize" is neither bonus nor deduction`,
			"x.yaml: clauses[8].points: 0 is not above 0 and at most 100",
			`x.yaml: clauses[8].article: "11" is not an article such as A8(6)`,
		}},
		{
			"a split of 99.5", swapped(file, "name: 市级, article: A7, points: {special: 70", "name: 市级, article: A7, points: {special: 69.5"),
			[]string{"x.yaml: tiers[0].points: add up to 99.5, not 100"},
		},
		{
			"a split over other tracks", swapped(file, "name: 市级, article: A7, points: {special: 70, daily: 30", "name: 市级, article: A7, points: {special: 70, weekly: 30"),
			[]string{`x.yaml: tiers[0].points: unknown track "weekly"`, "x.yaml: tiers[0].points: track daily is missing"},
		},
		{"words", strings.NewReplacer("id: phone, name: 电话复查", "id: Phone, name: ' '", "id: video,", "id: website,").Replace(file), []string{
			`x.yaml: methods[2].id: "Phone": must be small letters, digits and _, a letter first`,
			"x.yaml: methods[2].name: missing",
			"x.yaml: methods[3].id: website is there twice",
		}},
		{"no evaluation", beforeEvaluation, []string{
			"x.yaml: evaluation.title: missing", "x.yaml: evaluation.questions: missing",
			"x.yaml: evaluation.channels: missing",
			"x.yaml: evaluation.grades: missing",
			`x.yaml: evaluation.insufficient.id: "": must be small letters, digits and _, a letter first`,
			"x.yaml: evaluation.insufficient.name: missing",
			`x.yaml: evaluation.insufficient.article: "" is not an article such as A8(6)`,
			`x.yaml: evaluation.min_ballots.article: "" is not an article such as A8(6)`,
			"x.yaml: evaluation.min_ballots.number: must be positive",
		}},
		{"one grade that is none", strings.NewReplacer("    - {id: basically_satisfied, name: 基本满意, article: E10}\n", "",
			"    - {id: dissatisfied, name: 不满意, article: E10}\n", "", "{id: insufficient,", "{id: satisfied,").Replace(file), []string{
			"x.yaml: evaluation.grades: one grade tells nothing",
			`x.yaml: evaluation.insufficient.id: "satisfied" is a grade`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := rules.Load(folder("x.yaml", c.text))
			var got []string
			if err != nil {
				for line := range strings.Lines(err.Error()) {
					if strings.HasPrefix(line, "x.yaml: ") { // not the excerpt of the file
						got = append(got, strings.TrimSpace(line))
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// The faults of all files come at once, also an id in two of them.
func TestLoadReportsAllFiles(t *testing.T) {
	t.Parallel()
	file := pingliangFile(t)
	_, err := rules.Load(folder("a.yaml", file, "b.yaml", file, "rules/c.yaml", "id: [", "readme.md", "not a rule set"))
	var faults rules.Faults
	if !errors.As(err, &faults) || len(faults) != 2 {
		t.Fatalf("got %v, want two faults", err)
	}
	if got := faults[0].String(); got != "b.yaml: id: pingliang-2022 is another file's already" {
		t.Errorf("got %q", got)
	}
	if got := faults[1].Path; got != "rules/c.yaml" {
		t.Errorf("got a fault of %q", got)
	}
}

func TestLoadOfAnEmptyFolder(t *testing.T) {
	t.Parallel()
	var faults rules.Faults
	if _, err := rules.Load(folder()); !errors.As(err, &faults) {
		t.Errorf("a folder without rule sets: %v, want a fault", err)
	}
	if _, err := rules.Load(os.DirFS("no such folder")); err == nil {
		t.Error("a folder that is not there was taken")
	}
}
