package portal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
)

// Every criterion of the sample: what is counted | what each costs | the reason for one, and for two where there can be two.
const sampleCriteria = `
1.1 未明确工作机构|扣1分|未明确工作机构，扣1分
1.1 未配备工作人员|扣1分|未配备工作人员，扣1分
1.2 未制定年度计划|扣1分|未制定年度计划，扣1分
1.2 未组织实施|扣1分|未组织实施，扣1分
1.3 未召开专题会议|扣1分|未召开专题会议，扣1分
1.3 无检查落实记录|扣1分|无检查落实记录，扣1分
2.1 每缺一项制度|扣0.5分|缺1项制度，扣0.5分|缺2项制度，扣1分
2.2 未审核公开属性|每件扣0.5分|未审核公开属性1件，扣0.5分|未审核公开属性2件，扣1分
2.2 未动态调整|扣1分|未动态调整，扣1分
2.3 每缺一项机制|扣0.5分|缺1项机制，扣0.5分|缺2项机制，扣1分
2.4 未纳入|扣1分|未纳入，扣1分
2.5 未组织培训|扣2分|未组织培训，扣2分
2.5 只组织一次|扣1分|只组织一次，扣1分
3.1 应公开未公开|每件扣1分|应公开未公开1件，扣1分|应公开未公开2件，扣2分
3.1 超期公开|每件扣0.5分|超期公开1件，扣0.5分|超期公开2件，扣1分
3.2 应公开未公开|每件扣1分|应公开未公开1件，扣1分|应公开未公开2件，扣2分
3.2 超期公开|每件扣0.5分|超期公开1件，扣0.5分|超期公开2件，扣1分
3.3 应公开未公开|每件扣1分|应公开未公开1件，扣1分|应公开未公开2件，扣2分
3.3 要素不全|每件扣0.2分|要素不全1件，扣0.2分|要素不全2件，扣0.4分
3.4 未按时发布|扣3分|未按时发布，扣3分
3.4 内容要素缺失|每处扣0.5分|内容要素缺失1处，扣0.5分|内容要素缺失2处，扣1分
4.1 未同步|每件扣1分|未同步1件，扣1分|未同步2件，扣2分
4.1 解读照抄原文|每件扣0.5分|解读照抄原文1件，扣0.5分|解读照抄原文2件，扣1分
4.2 无图文以外形式|扣2分|无图文以外形式，扣2分
4.2 多形式解读比例不足|每低10%扣1分|多形式解读比例不足低10%，扣1分|多形式解读比例不足低20%，扣2分
5.1 无收集研判记录|扣2分|无收集研判记录，扣2分
5.1 迟报|每次扣0.5分|迟报1次，扣0.5分|迟报2次，扣1分
5.2 未回应|每件扣2分|未回应1件，扣2分|未回应2件，扣4分
5.2 超期回应|每件扣1分|超期回应1件，扣1分|超期回应2件，扣2分
6.1 未明确事项范围|扣1分|未明确事项范围，扣1分
6.1 未规范参与方式|扣1分|未规范参与方式，扣1分
6.2 未征求意见|每件扣2分|未征求意见1件，扣2分|未征求意见2件，扣4分
6.2 未反馈采纳情况|每件扣1分|未反馈采纳情况1件，扣1分|未反馈采纳情况2件，扣2分
7.1 流程|每缺一环扣0.5分|流程缺1环，扣0.5分|流程缺2环，扣1分
7.1 台账不规范|扣1分|台账不规范，扣1分
7.2 超期答复|每件扣2分|超期答复1件，扣2分|超期答复2件，扣4分
7.2 答复不规范|每件扣1分|答复不规范1件，扣1分|答复不规范2件，扣2分
8.1 专栏设置不规范|每处扣0.5分|专栏设置不规范1处，扣0.5分|专栏设置不规范2处，扣1分
8.2 栏目超期未更新|每个扣1分|栏目超期未更新1个，扣1分|栏目超期未更新2个，扣2分
8.2 错链死链|每处扣0.2分|错链死链1处，扣0.2分|错链死链2处，扣0.4分
8.2 错敏信息|每处扣1分|错敏信息1处，扣1分|错敏信息2处，扣2分
8.3 超过两周未更新|每次扣0.5分|超过两周未更新1次，扣0.5分|超过两周未更新2次，扣1分
8.4 无监管记录|扣1分|无监管记录，扣1分
8.4 未及时处置|扣1分|未及时处置，扣1分
8.5 未设专区|扣3分|未设专区，扣3分
8.5 设施不能使用|每处扣0.5分|设施不能使用1处，扣0.5分|设施不能使用2处，扣1分
`

func TestEveryCriterionOfTheSample(t *testing.T) {
	t.Parallel()
	library, err := rules.Load(schemas.Rules)
	stage.Must(t, err)
	var read strings.Builder
	for _, indicator := range stage.Sample(t, library).Plan.Indicators {
		for _, d := range readCriteria(indicator.Criteria) {
			fmt.Fprintf(&read, "%s %s|%s|%s", indicator.Code, d.Label, d.Note, d.Says(1))
			if !d.Once {
				read.WriteString("|" + d.Says(2))
			}
			read.WriteString("\n")
		}
	}
	got, want := strings.Split(read.String(), "\n"), strings.Split(strings.TrimPrefix(sampleCriteria, "\n"), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("line %d is\n%s\nwant\n%s", i+1, got[min(i, len(got)-1)], want[min(i, len(want)-1)])
		}
	}
}

// Other authorities write otherwise; what is not understood is left to free points.
func TestCriteriaAsOthersWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "",
		"酌情扣分":           "",
		"每件扣0.5-1分":      "",
		"扣1分":            "",
		"未公开扣0分":         "",
		"未建立扣2分，不健全扣1分。": "未建立，扣2分 不健全，扣1分",
		"未公开的，每件扣1分，扣完为止；每月未更新每次扣0.25分": "未公开的3件，扣3分 每月未更新3次，扣0.75分",
		"超时答复每超3个工作日扣0.5分":              "超时答复超9个工作日，扣1.5分",
		"不规范每扣1分": "不规范3次，扣3分",
	} {
		var said []string
		for _, d := range readCriteria(text) {
			said = append(said, d.Says(min(3, d.Most())))
		}
		if got := strings.Join(said, " "); got != want {
			t.Errorf("%s reads %q, want %q", text, got, want)
		}
	}
}

// 8.2 of 8: one column, three dead links, nothing sensitive: 8 − 1 − 0.6 = 6.4. Nine columns cost more than there is.
func TestCountsAreSummedUp(t *testing.T) {
	t.Parallel()
	deductions := readCriteria("栏目超期未更新每个扣1分;错链死链每处扣0.2分;错敏信息每处扣1分")
	for _, sum := range []struct {
		counts []int
		points rules.Points
		reason string
	}{
		{[]int{1, 3, 0}, 640, "栏目超期未更新1个，扣1分；错链死链3处，扣0.6分"},
		{[]int{9}, 0, "栏目超期未更新9个，扣9分"},
		{nil, 800, ""},
		{[]int{0, 0, 0, 5}, 800, ""},
	} {
		points, reason := counted(800, deductions, sum.counts)
		if points != sum.points || reason != sum.reason {
			t.Errorf("%v sums up to %s %q, want %s %q", sum.counts, points, reason, sum.points, sum.reason)
		}
	}
}

func TestADraftedReasonKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, change := range [][4]string{
		{"", "", "缺1项", "缺1项"},
		{"缺1项", "缺1项", "缺2项", "缺2项"},
		{"缺1项；培训制度未印发", "缺1项", "缺2项", "缺2项；培训制度未印发"},
		{"缺1项；培训制度未印发", "缺1项", "", "培训制度未印发"},
		{"培训制度未印发", "", "缺1项", "缺1项；培训制度未印发"},
		{"培训制度未印发", "缺1项", "", "培训制度未印发"},
		{"缺1项；培训制度未印发", "", "缺1项", "缺1项；培训制度未印发"},
	} {
		if got := redraft(change[0], change[1], change[2]); got != change[3] {
			t.Errorf("%q becomes %q, want %q", change[0], got, change[3])
		}
	}
}
