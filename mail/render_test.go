package mail

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/calendar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fullData has every field set, each to something that occurs nowhere else.
func fullData() Data {
	return Data{
		Authority:      "平凉市政府政务公开办公室",
		RuleTitle:      "平凉市政务公开工作考核实施细则（试行）",
		RuleDocument:   "平政办发〔2022〕99号",
		Extension:      "平政办发〔2024〕61号",
		Year:           2025,
		UnitName:       "崆峒区人民政府",
		PersonName:     "崆峒区人民政府联络员",
		Link:           "https://zwgk.example/units/C01?year=2025&tab=report",
		Issued:         calendar.Date{Year: 2026, Month: 1, Day: 19},
		Attachments:    []string{"考核结果.xlsx", "通报.docx"},
		DocumentNumber: "平政公开办发〔2025〕12号",
		Due:            calendar.Date{Year: 2026, Month: 3, Day: 13},
		DaysLeft:       4,
		Items: []Item{
			{Title: "整改报告", Detail: "第2项问题尚未填写", Due: calendar.Date{Year: 2026, Month: 3, Day: 17}},
			{Title: "佐证材料"},
		},
		Reason:       "第2.1项缺少佐证材料",
		Phase:        "自查报告报送",
		Units:        []string{"华亭市人民政府", "泾川县人民政府"},
		PreviousYear: []string{"政府信息公开年度报告"},
		Number:       "平政公开办通报〔2026〕1号",
		Corrects:     "平政公开办通报〔2025〕9号",
		Results: []ResultRow{
			{Rank: 3, CategoryRank: 2, Code: "C01", Name: "崆峒区人民政府", Category: "县（市、区）", Total: "88.75", Grade: "良好"},
		},
		Lines: []Line{
			{Article: "A8(6)", Text: "1.1 领导机制", Points: "86.75"},
			{Article: "A10(1)", Text: "上级通报表彰", Points: "2.00"},
		},
		Problems: []Problem{
			{Number: "1", Text: "专栏更新不及时", Method: "读网检查", Lost: "0.50", Repeated: true},
			{Number: "2", Text: "答复文书不规范"},
		},
		Appointment: "2026年4月2日9时，市政府一号楼305室",
		Matter:      "政务公开社会评议",
		Opens:       calendar.Date{Year: 2026, Month: 2, Day: 20},
		Criteria:    []string{"公众评议权重0.6，不少于30票", "满意：85分以上"},
		Publishes:   []string{"评议指数", "评议等次"},
		Grade:       "基本满意",
		Index:       "83.20",
		Answers:     []Answer{{Question: "公开的时间是否符合时限", Counts: "满意30，基本满意8，不满意3"}},
	}
}

// minimalData has only what a kind needs.
func minimalData(t *testing.T, kind string) Data {
	t.Helper()
	full := fullData()
	var data Data
	fields := append(slices.Clone(everyKind), fieldsOf(t, kind)...)
	if !slices.Contains(fields, "UnitName") {
		fields = append(fields, "PersonName")
	}
	for _, field := range fields {
		reflect.ValueOf(&data).Elem().FieldByName(field).Set(reflect.ValueOf(full).FieldByName(field))
	}
	return data
}

func fieldsOf(t *testing.T, kind string) []string {
	t.Helper()
	for _, n := range needs {
		if n.kind == kind {
			return n.fields
		}
	}
	t.Fatalf("unknown kind %q", kind)
	return nil
}

func render(t *testing.T, kind string, data Data) Rendered {
	t.Helper()
	r, err := Render(kind, data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// visible is what a reader sees of a page.
func visible(page string) string {
	page = regexp.MustCompile(`(?s)<title>.*?</title>`).ReplaceAllString(page, "")
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
}

// forbidden is what shows that a template lacked something.
var forbidden = regexp.MustCompile(`<no value>|（）|《》|\(\)|%!|ZgotmplZ|\{\{|<nil>|[^0-9]0年|[^0-9]0月|第名|第0名|、、|，，|。。|（，|，）|：。`)

func checkWhole(t *testing.T, kind string, r Rendered) {
	t.Helper()
	for part, text := range map[string]string{"subject": r.Subject, "text": r.Text, "HTML": r.HTML, "visible HTML": visible(r.HTML)} {
		if text == "" {
			t.Errorf("%s: empty %s", kind, part)
		}
		if found := forbidden.FindString(text); found != "" {
			t.Errorf("%s: %q in the %s:\n%s", kind, found, part, text)
		}
	}
	if strings.ContainsAny(r.Subject, "\r\n") || strings.Contains(r.Text, "\n\n\n") {
		t.Errorf("%s: subject or text have a gap:\n%q\n%s", kind, r.Subject, r.Text)
	}
}

func TestEveryKindRendersFullData(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		data := fullData()
		data.Rehearsal = true
		r := render(t, kind, data)
		checkWhole(t, kind, r)
		if !strings.HasPrefix(r.Subject, "【演练】") || strings.Count(r.Subject, "【演练】") != 1 {
			t.Errorf("%s: subject of a rehearsal: %q", kind, r.Subject)
		}
		for part, text := range map[string]string{"text": r.Text, "HTML": visible(r.HTML)} {
			for _, want := range []string{
				"【演练】本邮件为系统演练", "崆峒区人民政府联络员：", data.Link, "平凉市政府政务公开办公室\n", "2026年1月19日", "考核结果.xlsx",
				"依据：《平凉市政务公开工作考核实施细则（试行）》（平政办发〔2022〕99号，依据平政办发〔2024〕61号继续施行）。",
			} {
				if !strings.Contains(text, strings.TrimSpace(want)) {
					t.Errorf("%s: %q is not in the %s:\n%s", kind, want, part, text)
				}
			}
		}
		if !strings.Contains(r.HTML, `<a href="https://zwgk.example/units/C01?year=2025&amp;tab=report"`) {
			t.Errorf("%s: no link in the HTML", kind)
		}
	}
}

func TestEveryKindRendersMinimalData(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		r := render(t, kind, minimalData(t, kind))
		checkWhole(t, kind, r)
		if strings.Contains(r.Subject+r.Text+r.HTML, "演练") {
			t.Errorf("%s: a real mail says that it is a rehearsal", kind)
		}
		if strings.Contains(r.Text+r.HTML, "附件") {
			t.Errorf("%s: speaks of attachments that are not there", kind)
		}
	}
}

func TestWhatAKindNeedsIsDemandedAndShown(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		minimal := minimalData(t, kind)
		r := render(t, kind, minimal)
		for _, field := range append(slices.Clone(everyKind), fieldsOf(t, kind)...) {
			for _, mark := range marks[field] {
				if !strings.Contains(r.Text, mark) || !strings.Contains(visible(r.HTML), mark) {
					t.Errorf("%s: %s (%q) is not in both parts:\n%s\n%s", kind, field, mark, r.Text, visible(r.HTML))
				}
			}
			lacking := minimal
			value := reflect.ValueOf(&lacking).Elem().FieldByName(field)
			value.SetZero()
			if value.Kind() == reflect.Slice {
				value.Set(reflect.MakeSlice(value.Type(), 0, 0))
			}
			if _, err := Render(kind, lacking); err == nil || !strings.Contains(err.Error(), field) {
				t.Errorf("%s without %s: %v", kind, field, err)
			}
		}
	}
}

// marks are what fullData shows of each field, whole. Fields that choose words are not among them.
var marks = map[string][]string{
	"Authority": {"平凉市政府政务公开办公室"}, "RuleTitle": {"《平凉市政务公开工作考核实施细则（试行）》"},
	"RuleDocument": {"平政办发〔2022〕99号"}, "Extension": {"平政办发〔2024〕61号"}, "Year": {"考核年度：2025年"},
	"UnitName": {"崆峒区人民政府"}, "PersonName": {"联络员"}, "Link": {"https://zwgk.example/units/C01?year=2025&tab=report"},
	"Issued": {"2026年1月19日"}, "Attachments": {"考核结果.xlsx", "通报.docx"}, "DocumentNumber": {"平政公开办发〔2025〕12号"},
	"Due": {"2026年3月13日"}, "DaysLeft": {"距截止日还有4个工作日"},
	"Items":  {"整改报告（截止2026年3月17日）", "第2项问题尚未填写", "佐证材料"},
	"Reason": {"第2.1项缺少佐证材料"}, "Phase": {"自查报告报送截止日期调整为"}, "Units": {"（共2个）：华亭市人民政府、泾川县人民政府。"},
	"PreviousYear": {"2024年度的工作：政府信息公开年度报告。"}, "Number": {"平政公开办通报〔2026〕1号"}, "Corrects": {"平政公开办通报〔2025〕9号"},
	"Results": {"88.75", "良好", "县（市、区）类第2名"}, "Lines": {"1.1 领导机制", "86.75分", "第十条第（一）项"},
	"Problems": {"专栏更新不及时（读网检查，扣0.50分，上年度已指出，属重复问题）", "答复文书不规范"}, "Appointment": {"2026年4月2日9时，市政府一号楼305室"},
	"Rehearsal": {"【演练】"}, "Matter": {"2025年度政务公开社会评议"}, "Opens": {"2026年2月20日"},
	"Criteria": {"公众评议权重0.6，不少于30票", "满意：85分以上"}, "Publishes": {"公开内容为评议指数、评议等次。"}, "Grade": {"基本满意"},
	"Index": {"评议指数83.20"}, "Answers": {"公开的时间是否符合时限：满意30，基本满意8，不满意3"},
}

func TestEveryFieldIsShownByTextAndHTMLAlike(t *testing.T) {
	t.Parallel()
	data := fullData()
	data.Rehearsal = true
	seen := map[string]bool{}
	for _, kind := range Kinds() {
		r := render(t, kind, data)
		for field, fieldMarks := range marks {
			for _, mark := range fieldMarks {
				inText, inHTML := strings.Contains(r.Text, mark), strings.Contains(visible(r.HTML), mark)
				if inText != inHTML {
					t.Errorf("%s: %s (%q): in the text %t, in the HTML %t", kind, field, mark, inText, inHTML)
				}
				seen[field] = seen[field] || inText
			}
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Data]()) {
		if !seen[field.Name] {
			t.Errorf("no kind of mail shows %s", field.Name)
		}
	}
}

// The two parts are written by hand, one beside the other: every paragraph of
// the page must stand in the text.
func TestBothPartsSayTheSame(t *testing.T) {
	t.Parallel()
	paragraph := regexp.MustCompile(`(?s)<p[^>]*>(.*?)</p>`)
	for _, kind := range Kinds() {
		for _, data := range []Data{fullData(), minimalData(t, kind)} {
			r := render(t, kind, data)
			lines := strings.Split(r.Text, "\n")
			for _, match := range paragraph.FindAllStringSubmatch(r.HTML, -1) {
				for line := range strings.SplitSeq(match[1], "<br>") {
					shown := visible(line)
					if !slices.Contains(lines, shown) && !strings.HasPrefix(shown, "如按钮无法打开") && !slices.Contains(lines, shown+"："+data.Link) {
						t.Errorf("%s: the text lacks the paragraph %q:\n%s", kind, shown, r.Text)
					}
				}
			}
		}
	}
}

func TestKindsAreTheTemplates(t *testing.T) {
	t.Parallel()
	for _, extension := range []string{".txt", ".html"} {
		files, err := filepath.Glob("templates/*" + extension)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, file := range files {
			if name := strings.TrimSuffix(filepath.Base(file), extension); name != "layout" {
				found = append(found, name)
			}
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(Kinds())), found); diff != "" {
			t.Errorf("kinds and %s templates differ (-kinds +files):\n%s", extension, diff)
		}
	}
}

func TestGoldenFeedback(t *testing.T) {
	t.Parallel()
	data := fullData()
	data.PersonName = ""
	compareGolden(t, "testdata/feedback.txt", render(t, KindFeedback, data).Text)
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
