package rehearsal

import (
	"testing"

	"github.com/kaoping/kaoping/rules"
)

// The reasons that simulated assessors give stand in mails: each reads as a sentence of one fault.
func TestReasonFor(t *testing.T) {
	t.Parallel()
	for criteria, want := range map[string]string{
		"栏目超期未更新每个扣1分;错链死链每处扣0.2分": "栏目超期未更新",
		"应公开未公开每件扣1分;超期公开每件扣0.5分":  "应公开未公开",
		"专栏设置不规范每处扣0.5分":           "专栏设置不规范",
		"超过两周未更新每次扣0.5分":           "超过两周未更新",
		"每缺一项制度扣0.5分":              "缺一项制度",
		"流程每缺一环扣0.5分;台账不规范扣1分":     "流程缺一环",
		"未纳入扣1分": "未纳入",
		"":       "工作要素不全",
	} {
		if got := reasonFor(rules.Indicator{Criteria: criteria}); got != want {
			t.Errorf("%q gives the reason %q, want %q", criteria, got, want)
		}
	}
}
