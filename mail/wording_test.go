package mail

import (
	"strings"
	"testing"

	"github.com/kaoping/kaoping/calendar"
)

func TestArticleReadsAsTheRegulationsDo(t *testing.T) {
	t.Parallel()
	for short, want := range map[string]string{
		"A9": "第九条", "A8(6)": "第八条第（六）项", "A10(4)": "第十条第（四）项", "A16": "第十六条", "E12(20)": "第十二条第（二十）项",
		"A21": "第二十一条", "A99(11)": "第九十九条第（十一）项", "10.4-national": "10.4-national", "A0": "第0条", "A100": "A100", "": "",
	} {
		if got := Article(short); got != want {
			t.Errorf("%q: %q, not %q", short, got, want)
		}
	}
}

func TestDaysLeft(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]string{5: "距截止日还有5个工作日", 1: "距截止日还有1个工作日", 0: "今天是截止日"} {
		if got := left(days); got != want {
			t.Errorf("%d: %q, not %q", days, got, want)
		}
	}
}

func TestDeadlineIsTheEndOfTheDay(t *testing.T) {
	t.Parallel()
	if got := Deadline(calendar.Date{Year: 2025, Month: 12, Day: 2}); got != "2025年12月2日24时" {
		t.Error(got)
	}
}

func TestRulesNameTheExtension(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ document, extension, want string }{
		{"", "", "《细则》"},
		{"平政办发〔2022〕99号", "", "《细则》（平政办发〔2022〕99号）"},
		{"", "平政办发〔2024〕61号", "《细则》（依据平政办发〔2024〕61号继续施行）"},
		{"平政办发〔2022〕99号", "平政办发〔2024〕61号", "《细则》（平政办发〔2022〕99号，依据平政办发〔2024〕61号继续施行）"},
	} {
		if got := Basis("细则", c.document, c.extension); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}

func TestRemarksLeaveNoEmptyBrackets(t *testing.T) {
	t.Parallel()
	for want, problem := range map[string]Problem{
		"":         {Number: "1", Text: "…"},
		"（电话复查）":   {Method: "电话复查"},
		"（扣1.00分）": {Lost: "1.00"},
		"（上年度已指出，属重复问题）": {Repeated: true},
		"（读网检查，扣0.50分）":  {Method: "读网检查", Lost: "0.50"},
	} {
		if got := remarks(problem); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// A document's number stands above whom it greets, as on paper.
func TestTheNumberStandsAboveTheSalutation(t *testing.T) {
	t.Parallel()
	data := fullData()
	for kind, number := range map[string]string{
		KindNotice: data.DocumentNumber, KindEvaluationNotice: data.DocumentNumber, KindBulletin: data.Number, KindBulletinCorrected: data.Number,
	} {
		r := render(t, kind, data)
		for part, text := range map[string]string{"text": r.Text, "HTML": visible(r.HTML)} {
			if at := strings.Index(text, number); at < 0 || at > strings.Index(text, data.PersonName+"：") {
				t.Errorf("%s: %q is not above the salutation of the %s:\n%s", kind, number, part, text)
			}
		}
	}
}

func TestAnExtensionOfOneAndOfAll(t *testing.T) {
	t.Parallel()
	data := fullData()
	data.Matter = ""
	for unit, want := range map[string]string{
		"庄浪县人民政府": "经研究，庄浪县人民政府2025年度政务公开工作考核自查报告报送截止日期调整为2026年3月13日，当日24时截止。",
		"":        "经研究，2025年度政务公开工作考核自查报告报送截止日期调整为2026年3月13日，当日24时截止。",
	} {
		data.UnitName = unit
		if r := render(t, KindDeadlineExtended, data); !strings.Contains(r.Text, "\n"+want+"\n") {
			t.Errorf("it does not say %q:\n%s", want, r.Text)
		}
	}
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		KindNotice:                "关于开展2025年度政务公开工作考核的通知",
		KindSelfReportOverdue:     "关于崆峒区人民政府2025年度政务公开工作考核自查报告逾期未报的通知",
		KindDeadlineExtended:      "关于调整2025年度政务公开工作考核自查报告报送截止日期的通知",
		KindBulletin:              "关于2025年度政务公开工作考核结果的通报",
		KindResultsToOrganization: "关于报送2025年度政务公开工作考核结果的函",
		KindCriticismNotice:       "关于对崆峒区人民政府予以通报批评的通知",
	} {
		data := fullData()
		data.Matter = ""
		if got := render(t, kind, data).Subject; got != want {
			t.Errorf("%s: %q, not %q", kind, got, want)
		}
	}
	for kind, want := range map[string]string{
		KindApprovalRequest:    "关于审定2025年度政务公开社会评议结果的请示",
		KindInvitation:         "邀请参加2025年度政务公开社会评议（代表评议）",
		KindEvaluationFeedback: "关于反馈2025年度政务公开社会评议结果的函",
	} {
		if got := render(t, kind, fullData()).Subject; got != want {
			t.Errorf("of an evaluation, %s: %q, not %q", kind, got, want)
		}
	}
}

func TestPeoplesWordsAreNotMarkup(t *testing.T) {
	t.Parallel()
	data := fullData()
	data.Reason = `<script>alert(1)</script> & {{.Link}}`
	data.Items = []Item{{Title: `<b onclick="x">`}}
	r := render(t, KindReportReturned, data)
	if strings.Contains(r.HTML, "<script") || strings.Contains(r.HTML, "<b onclick") {
		t.Errorf("markup from data:\n%s", r.HTML)
	}
	for part, text := range map[string]string{"text": r.Text, "HTML": visible(r.HTML)} {
		if !strings.Contains(text, "\n"+data.Reason+"\n") {
			t.Errorf("the reason is not whole in the %s:\n%s", part, text)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Data){
		"missing: RuleTitle, Year, Lines":           func(d *Data) { d.RuleTitle, d.Year, d.Lines = "", 0, nil },
		"missing: UnitName, PersonName or UnitName": func(d *Data) { d.UnitName, d.PersonName = "", "" },
		"not of 2":                     func(d *Data) { d.Results = append(d.Results, ResultRow{}) },
		`"javascript:alert(1)" is not`: func(d *Data) { d.Link = "javascript:alert(1)" },
		`"/units/C01" is not`:          func(d *Data) { d.Link = "/units/C01" },
	} {
		data := fullData()
		change(&data)
		if _, err := Render(KindFeedback, data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if _, err := Render("congratulation", fullData()); err == nil || !strings.Contains(err.Error(), `"congratulation": there is no such kind`) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestFeedbackWithoutProblemsOrdersNothing(t *testing.T) {
	t.Parallel()
	data := fullData()
	data.Problems = nil
	if r := render(t, KindFeedback, data); strings.Contains(r.Text+r.HTML, "整改") {
		t.Errorf("orders a rectification of nothing:\n%s", r.Text)
	}
}

// The results are out before the orders are: the feedback then names no time limit, but says that one follows.
func TestFeedbackBeforeTheOrder(t *testing.T) {
	t.Parallel()
	data := fullData()
	data.Due = calendar.Date{}
	if r := render(t, KindFeedback, data); !strings.Contains(r.Text, "\n整改要求另行通知。\n") || strings.Contains(r.Text, "24时前完成整改") {
		t.Errorf("without a time limit it says:\n%s", r.Text)
	}
}
