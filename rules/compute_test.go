package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// Totals, grades and their parts, computed by hand (A9 to A11).
func TestTotals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                          string
		unit                          string
		base, bonus, deduction, total string
		grade                         string
	}{
		{
			"nothing lost", unit("U", "county", full()),
			"100.00", "0.00", "0.00", "100.00", "excellent",
		},
		{
			"two assessors: their mean", unit("U", "county", scored("1=4.5,5")),
			"94.75", "0.00", "0.00", "94.75", "excellent",
		},
		{
			"thirds are exact: 20/3 + 40/3 is 20, not 6.67 + 13.33", unit("U", "county", scored("1=6,7,7", "3=13,13,14")),
			"90.00", "0.00", "0.00", "90.00", "excellent",
		},
		{
			"89.995 is 90.00, excellent", unit("U", "county", scored("1=0", "2=9.99,10")),
			"90.00", "0.00", "0.00", "90.00", "excellent",
		},
		{
			"89.99 is good", unit("U", "county", scored("1=0", "2=9.99")),
			"89.99", "0.00", "0.00", "89.99", "good",
		},
		{
			"89.994 rounds down", unit("U", "county", scored("1=0", "2=9.99,9.99,9.99,10,10")),
			"89.99", "0.00", "0.00", "89.99", "good",
		},
		{
			"80 is good", unit("U", "county", scored("3=0")),
			"80.00", "0.00", "0.00", "80.00", "good",
		},
		{
			"79.99 is a pass", unit("U", "county", scored("3=0", "1=9.99")),
			"79.99", "0.00", "0.00", "79.99", "pass",
		},
		{
			"60 is a pass", unit("U", "county", scored("3=0", "4=0")),
			"60.00", "0.00", "0.00", "60.00", "pass",
		},
		{
			"59.99 fails", unit("U", "county", scored("3=0", "4=0", "1=9.99")),
			"59.99", "0.00", "0.00", "59.99", "fail",
		},
		{
			"every bonus clause once: 1 + 1 + 1 + 1 + 0.6 + 0.4", unit("U", "county", scored("3=0"),
				"10.1*1", "10.2*1", "10.3*1", "10.4-national*1", "10.4-provincial*1", "10.4-city*1"),
			"80.00", "5.00", "0.00", "85.00", "good",
		},
		{
			"every deduction clause once: 2 + 2 + 1.5 + 1 + 2 + 2 + 2", unit("U", "county", full(),
				"11.1*1", "11.2-national*1", "11.2-provincial*1", "11.2-city*1", "11.3*1", "11.4*1", "11.5*1"),
			"100.00", "0.00", "12.50", "87.50", "good",
		},
		{
			"a clause counts per occurrence", unit("U", "county", scored("3=0"), "10.4-provincial*3"),
			"80.00", "1.80", "0.00", "81.80", "good",
		},
		{
			"a clause may be listed twice", unit("U", "county", scored("3=0"), "10.4-provincial*1", "10.4-provincial*2"),
			"80.00", "1.80", "0.00", "81.80", "good",
		},
		{
			"bonus is capped at 10", unit("U", "county", scored("3=0"), "10.1*7", "10.2*5"),
			"80.00", "10.00", "0.00", "90.00", "excellent",
		},
		{
			"the whole is capped at 100 before deductions", unit("U", "county", scored("1=5"), "10.1*8", "11.1*1"),
			"95.00", "8.00", "2.00", "98.00", "excellent",
		},
		{
			"a bonus above the cap does not pay for a deduction", unit("U", "county", full(), "10.1*10", "11.1*1"),
			"100.00", "10.00", "2.00", "98.00", "excellent",
		},
		{
			"never below 0", unit("U", "county", zero(), "10.1*1", "11.1*1"),
			"0.00", "1.00", "2.00", "0.00", "fail",
		},
		{
			"one rounding of the total: 79.995 + 0.6 is 80.595, 80.60", unit("U", "county", scored("3=0", "1=9.99,10"), "10.4-provincial*1"),
			"80.00", "0.60", "0.00", "80.60", "good",
		},
		{
			"a million occurrences", unit("U", "county", full(), "11.1*1000000"),
			"100.00", "0.00", "2000000.00", "0.00", "fail",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := compute(t, c.unit)[0]
			want := rules.UnitResult{
				Code: "U", Base: points(t, c.base), Bonus: points(t, c.bonus), Deduction: points(t, c.deduction),
				Total: points(t, c.total), Grade: c.grade, Rank: 1, CategoryRank: 1,
			}
			addsUp(t, got)
			got.Explanation = nil
			if diff := cmp.Diff(want, got, ignoreLost); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

var ignoreLost = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".lost" }, cmp.Ignore())

func zero() map[string][]string {
	return scored("1=0", "2=0", "3=0", "4=0", "5=0", "6=0", "7=0", "8=0")
}

// addsUp wants the explanation's lines to add up to the total as shown.
func addsUp(t *testing.T, result rules.UnitResult) {
	t.Helper()
	var sum rules.Points
	for _, line := range result.Explanation {
		sum += line.Points
	}
	if sum != result.Total {
		t.Errorf("unit %s: the explanation adds up to %s, the total is %s", result.Code, sum, result.Total)
	}
}

// Every line of an explanation: the points got, each adjustment, both caps,
// the floor and the remainder of rounding.
func TestExplanations(t *testing.T) {
	t.Parallel()
	indicators := []string{
		"A8(6) 指标1（组织领导，满分10分）：1名考核人员评分 10.00",
		"A8(6) 指标2（机制建设，满分10分）：1名考核人员评分 10.00",
		"A8(6) 指标3（主动公开，满分20分）：1名考核人员评分 20.00",
		"A8(6) 指标4（政策解读，满分20分）：1名考核人员评分 20.00",
		"A8(6) 指标5（回应关切，满分10分）：1名考核人员评分 10.00",
		"A8(6) 指标6（公众参与，满分10分）：1名考核人员评分 10.00",
		"A8(6) 指标7（依申请公开，满分10分）：1名考核人员评分 10.00",
		"A8(6) 指标8（平台建设，满分10分）：1名考核人员评分 10.00",
	}
	replaced := func(at int, line string) []string {
		lines := append([]string(nil), indicators...)
		lines[at] = line
		return lines
	}
	for _, c := range []struct {
		name string
		unit string
		want []string
	}{
		{"points only", unit("U", "county", full()), indicators},
		{
			"both caps and a deduction",
			unit("U", "county", scored("1=5,8"), "10.1*9", "10.4-city*4", "11.2-provincial*2"),
			append(replaced(0, "A8(6) 指标1（组织领导，满分10分）：2名考核人员评分的平均值 6.50"),
				"A10(1) 加分：政务公开工作受到上级主管部门通报表彰，每次加1分，共9次 9.00",
				"A10(4) 加分：政务公开工作被市级媒体宣传报道，每次加0.4分，共4次 1.60",
				"A11(2) 减分：政府网站、政务新媒体出现重大错敏信息被省办信息公开办通报，每次减1.5分，共2次 -3.00",
				"A10 加分合计超过10分的部分不计 -0.60",
				"A10 加分后总分超过100分的部分不计 -6.50",
			),
		},
		{
			"a remainder of rounding: 2/3 + 2/3 is shown as 0.67 + 0.67, the total is 81.33",
			unit("U", "county", scored("1=0,1,1", "2=0,1,1")),
			append([]string{
				"A8(6) 指标1（组织领导，满分10分）：3名考核人员评分的平均值 0.67",
				"A8(6) 指标2（机制建设，满分10分）：3名考核人员评分的平均值 0.67",
			}, append(indicators[2:8:8], "A9 各项分值分别四舍五入与总分一次四舍五入之间的差额 -0.01")...),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result := compute(t, c.unit)[0]
			addsUp(t, result)
			if diff := cmp.Diff(c.want, lines(result)); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
		})
	}
}

func lines(result rules.UnitResult) []string {
	var lines []string
	for _, line := range result.Explanation {
		lines = append(lines, line.Article+" "+line.Text+" "+line.Points.String())
	}
	return lines
}

// What the floor gives is a line of its own (A11).
func TestExplanationOfTheFloor(t *testing.T) {
	t.Parallel()
	result := compute(t, unit("U", "county", scored("1=0", "2=0,0,1", "3=0", "4=0", "5=0", "6=0", "7=0", "8=0"), "11.1*1"))[0]
	addsUp(t, result)
	want := []string{
		"A11(1) 减分：政府信息公开工作被行政复议纠错或行政诉讼败诉，每次减2分，共1次 -2.00",
		"A11 减分后低于0分的，以0分计 1.67",
	}
	if diff := cmp.Diff(want, lines(result)[8:]); diff != "" {
		t.Errorf("explanation (-want +got):\n%s", diff)
	}
}

// Ranks: by total, then by the points lost to the cap of 100, then equal; the
// rank after equal ones counts them all (A10).
func TestRanks(t *testing.T) {
	t.Parallel()
	results := compute(t,
		unit("A", "county", scored("1=5")),                               // 95
		unit("B", "department", scored("1=5")),                           // 95 too
		unit("C", "county", scored("1=9"), "10.1*2"),                     // 100, 1 lost to the cap
		unit("D", "department", scored("1=8.99,9,9"), "10.1*2"),          // 100, 0.99 2/3 lost: less than C
		unit("E", "county", full()),                                      // 100, nothing lost
		unit("F", "zone", scored("1=0")),                                 // 90
		unit("G", "department", scored("1=9"), "10.2*2"),                 // as C
		unit("H", "zone", scored("1=0"), "10.1*1", "11.2-city*1"),        // 90 too
		unit("I", "county", scored("1=9"), "10.1*2", "11.1*1", "11.1*1"), // 96, 1 lost
	)
	want := map[string][2]int{ // overall, within the category
		"C": {1, 1}, "G": {1, 1}, "D": {3, 2}, "E": {4, 2}, "I": {5, 3}, "A": {6, 4}, "B": {6, 3}, "F": {8, 1}, "H": {8, 1},
	}
	for _, result := range results {
		if got := [2]int{result.Rank, result.CategoryRank}; got != want[result.Code] {
			t.Errorf("unit %s has the ranks %v, want %v", result.Code, got, want[result.Code])
		}
	}
}

// Equal totals as shown are equal: what was rounded away does not rank.
func TestRanksOfRoundedTotals(t *testing.T) {
	t.Parallel()
	results := compute(t,
		unit("A", "county", scored("1=1,1,2")), // 91.333…
		unit("B", "county", scored("1=1.33")),  // 91.33
	)
	if results[0].Rank != 1 || results[1].Rank != 1 {
		t.Errorf("ranks are %d and %d, want 1 and 1", results[0].Rank, results[1].Rank)
	}
}

// An indicator that is for some categories only is scored for these only, and
// the results come in the book's order with the keys in theirs.
func TestResultsAsJSON(t *testing.T) {
	t.Parallel()
	indicators := strings.Replace(eight, `"track": "daily", "max": "10"}
]`, `"track": "daily", "max": "10", "categories": ["county"]},
	{"code": "8d", "area": "platforms", "track": "daily", "max": "10.00", "categories": ["department", "zone"]}
]`, 1)
	department := scored("8d=7.5")
	delete(department, "8")
	book := strings.Replace(assessment(unit("B", "department", department), unit("A", "county", full())), eight, indicators, 1)
	got := recompute(t, book)
	const one = `{"article": "A8(6)", "text": "指标1（组织领导，满分10分）：1名考核人员评分", "points": "10.00"}`
	for _, want := range []string{
		`{"units": [` + "\n" + `{"code": "B", "base": "97.50", "bonus": "0.00", "deduction": "0.00", "total": "97.50", "grade": "excellent", "rank": 2, "category_rank": 1, "explanation": [` + one,
		`{"article": "A8(6)", "text": "指标8d（平台建设，满分10分）：1名考核人员评分", "points": "7.50"}]},` + "\n" + `{"code": "A", "base": "100.00"`,
		`{"article": "A8(6)", "text": "指标8（平台建设，满分10分）：1名考核人员评分", "points": "10.00"}]}` + "\n]}\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the results lack\n%s\nthey are\n%s", want, got)
		}
	}
}
