package documents

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kaoping/kaoping/rules"
)

func resultsInput() ResultsInput {
	return ResultsInput{
		Authority: "平凉市政府政务公开办公室",
		Year:      2025,
		Rules: &rules.RuleSet{
			Title: "平凉市政务公开工作考核实施细则（试行）", Document: "平政办发〔2022〕99号",
			Grades: []rules.Grade{{ID: "excellent", Name: "优秀"}, {ID: "good", Name: "良好"}},
		},
		Extension: &rules.Extension{Document: "平政办发〔2024〕00号(示例)", Date: "2024-08-01"},
		Digest:    strings.Repeat("ab", 32),
		Units: []ResultRow{
			{Name: "华亭市人民政府", Category: "县（市、区）", UnitResult: rules.UnitResult{
				Code: "C02", Base: 8775, Bonus: 200, Deduction: 100, Total: 8875, Grade: "good", Rank: 3, CategoryRank: 2,
			}},
			{Name: "崆峒区人民政府", Category: "县（市、区）", UnitResult: rules.UnitResult{
				Code: "C01", Base: 9810, Bonus: 290, Total: 10000, Grade: "excellent", Rank: 1, CategoryRank: 1,
			}},
			{Name: "=1+1", Category: "部门", UnitResult: rules.UnitResult{
				Code: "D01", Base: 9005, Total: 9005, Grade: "unheard_of", Rank: 2, CategoryRank: 1,
			}},
		},
	}
}

func sheetOf(t *testing.T, input ResultsInput) (*excelize.File, [][]string) {
	t.Helper()
	content, err := ResultsWorkbook(input)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	rows, err := book.GetRows("考核结果")
	if err != nil {
		t.Fatal(err)
	}
	return book, rows
}

func TestResultsWorkbook(t *testing.T) {
	t.Parallel()
	book, rows := sheetOf(t, resultsInput())
	want := [][]string{
		{"2025年度政务公开工作考核结果"},
		{"考核机关：平凉市政府政务公开办公室"},
		{"考核依据：《平凉市政务公开工作考核实施细则（试行）》（平政办发〔2022〕99号）"},
		{"延续依据：平政办发〔2024〕00号(示例)（2024年8月1日）"},
		{"审定结果校验码（SHA-256）：" + strings.Repeat("ab", 32)},
		{"总名次", "分类名次", "单位代码", "单位名称", "类别", "基础得分", "加分", "减分", "总分", "等次"},
		{"1", "1", "C01", "崆峒区人民政府", "县（市、区）", "98.10", "2.90", "0.00", "100.00", "优秀"},
		{"2", "1", "D01", "=1+1", "部门", "90.05", "0.00", "0.00", "90.05", "unheard_of"},
		{"3", "2", "C02", "华亭市人民政府", "县（市、区）", "87.75", "2.00", "1.00", "88.75", "良好"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if formula, err := book.GetCellFormula("考核结果", "D8"); formula != "" || err != nil {
		t.Errorf("a name became the formula %q, %v", formula, err)
	}
	kind, err := book.GetCellType("考核结果", "I9")
	raw, rawErr := book.GetCellValue("考核结果", "I9", excelize.Options{RawCellValue: true})
	if kind != excelize.CellTypeUnset || raw != "88.75" || err != nil || rawErr != nil {
		t.Errorf("the total is %q of type %d, not a number; %v, %v", raw, kind, err, rawErr)
	}
}

func TestResultsWorkbookOfARehearsalUnderTheRulesThemselves(t *testing.T) {
	t.Parallel()
	input := resultsInput()
	input.Rehearsal, input.Extension, input.Units = true, nil, nil
	_, rows := sheetOf(t, input)
	want := []string{"【演练】本表为系统演练生成，不作为考核结果使用。"}
	if len(rows) != 6 || !cmp.Equal(want, rows[1]) || rows[5][0] != "总名次" {
		t.Error(rows)
	}
}

func TestResultsWorkbookLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	input := resultsInput()
	sheetOf(t, input)
	if diff := cmp.Diff([]string{"C02", "C01", "D01"}, []string{input.Units[0].Code, input.Units[1].Code, input.Units[2].Code}); diff != "" {
		t.Error(diff)
	}
}

// The same input gives the same bytes, and nothing in them tells who or when else.
func TestResultsWorkbookIsReproducible(t *testing.T) {
	t.Parallel()
	first, err := ResultsWorkbook(resultsInput())
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := ResultsWorkbook(resultsInput())
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("another file: %v", err)
		}
	}
	archive, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.Open("docProps/core.xml")
	if err != nil {
		t.Fatal(err)
	}
	core, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">平凉市政府政务公开办公室</dc:creator>", ">2025-12-31T16:00:00Z</dcterms:created>", ">2025-12-31T16:00:00Z</dcterms:modified>"} {
		if !strings.Contains(string(core), want) {
			t.Errorf("%s is missing in %s", want, core)
		}
	}
	if strings.Contains(string(core), "xuri") {
		t.Error("the library's author is still there")
	}
}

func TestCategoriesReadWell(t *testing.T) {
	t.Parallel()
	if got := CategoryName("township"); got != "乡镇（街道）" {
		t.Errorf("a known category: %s", got)
	}
	if got := CategoryName("hospitals"); got != "hospitals" {
		t.Errorf("one of the scheme's own: %s", got)
	}
}
