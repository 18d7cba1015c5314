package documents

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

// ResultsInput is what the spreadsheet of approved results shows (A12).
type ResultsInput struct {
	Authority string // its name
	Year      int    // the assessment year
	Rules     *rules.RuleSet
	Extension *rules.Extension // the document under which the rules were extended, if they were (A16)
	Digest    string           // of the results, as the leader approved them (A8(6))
	Rehearsal bool             // marks the sheet, lest anyone take it for real
	Units     []ResultRow
}

// ResultRow is the result of one unit.
type ResultRow struct {
	Name     string
	Category string // as people read it
	rules.UnitResult
}

// categoryNames are how people read the usual categories of units; others are read as they are written.
var categoryNames = map[string]string{
	"county": "县（市、区）", "zone": "园区", "department": "部门", "township": "乡镇（街道）", "enterprise": "公共企事业单位",
}

// CategoryName is a category of units as people read it.
func CategoryName(category string) string {
	if name, ok := categoryNames[category]; ok {
		return name
	}
	return category
}

const resultsSheet = "考核结果"

// resultColumns are the headings of the table, and how wide each column is.
var resultColumns = []struct {
	heading string
	width   float64
}{
	{"总名次", 8},
	{"分类名次", 10},
	{"单位代码", 12},
	{"单位名称", 40},
	{"类别", 14},
	{"基础得分", 10},
	{"加分", 8},
	{"减分", 8},
	{"总分", 10},
	{"等次", 10},
}

// ResultsWorkbook is the .xlsx that goes to the organization department (A12): units by rank, points exact to two
// decimals. The same input gives the same bytes, so that it can be made again and compared.
func ResultsWorkbook(input ResultsInput) ([]byte, error) {
	w := &resultsWriter{book: excelize.NewFile()}
	defer func() { _ = w.book.Close() }() // removes temporary files, of which there are none
	w.do(w.book.SetSheetName("Sheet1", resultsSheet))
	w.properties(input)
	w.styles()
	w.title(input)
	w.table(input)
	w.layout()
	content, err := w.book.WriteToBuffer()
	if err = cmp.Or(w.err, err); err != nil {
		return nil, fmt.Errorf("couldn't make the table of results: %w", err)
	}
	return content.Bytes(), nil
}

// resultsWriter fills the sheet row by row and keeps the first error.
type resultsWriter struct {
	book *excelize.File
	row  int // the last one written
	err  error

	titleStyle, headingStyle, textStyle, pointsStyle int
}

func (w *resultsWriter) do(err error) {
	if w.err == nil {
		w.err = err
	}
}

// properties replaces the author that the library writes. The moment is fixed: a file says nothing of when it was
// made, or it would differ each time.
func (w *resultsWriter) properties(input ResultsInput) {
	moment := fmt.Sprintf("%04d-12-31T16:00:00Z", input.Year) // the end of the assessment year in Asia/Shanghai
	w.do(w.book.SetDocProps(&excelize.DocProperties{
		Title: titleOf(input), Creator: input.Authority, LastModifiedBy: input.Authority, Language: "zh-CN",
		Created: moment, Modified: moment,
	}))
}

func titleOf(input ResultsInput) string {
	return fmt.Sprintf("%d年度政务公开工作考核结果", input.Year)
}

func (w *resultsWriter) styles() {
	var border []excelize.Border
	for _, side := range []string{"left", "top", "right", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "000000", Style: 1})
	}
	middle := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	const twoDecimals = 2 // the number format 0.00
	w.titleStyle = w.style(excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}, Alignment: middle})
	w.headingStyle = w.style(excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: middle, Border: border})
	w.textStyle = w.style(excelize.Style{Border: border})
	w.pointsStyle = w.style(excelize.Style{Border: border, NumFmt: twoDecimals})
}

func (w *resultsWriter) style(style excelize.Style) int {
	id, err := w.book.NewStyle(&style)
	w.do(err)
	return id
}

// title says whose results these are and on what they rest (A16).
func (w *resultsWriter) title(input ResultsInput) {
	lines := []string{titleOf(input)}
	if input.Rehearsal {
		lines = append(lines, "【演练】本表为系统演练生成，不作为考核结果使用。")
	}
	lines = append(lines,
		"考核机关："+input.Authority,
		fmt.Sprintf("考核依据：《%s》（%s）", input.Rules.Title, input.Rules.Document))
	if input.Extension != nil {
		lines = append(lines, fmt.Sprintf("延续依据：%s（%s）", input.Extension.Document, chineseDay(input.Extension.Date)))
	}
	for i, line := range append(lines, "审定结果校验码（SHA-256）："+input.Digest) {
		w.row++
		w.do(w.book.SetCellStr(resultsSheet, w.cell(0), line))
		w.do(w.book.MergeCell(resultsSheet, w.cell(0), w.cell(len(resultColumns)-1)))
		if i == 0 {
			w.do(w.book.SetCellStyle(resultsSheet, w.cell(0), w.cell(0), w.titleStyle))
			w.do(w.book.SetRowHeight(resultsSheet, w.row, 32))
		}
	}
}

func chineseDay(day rules.Day) string {
	date, err := calendar.ParseDate(string(day))
	if err != nil {
		return string(day) // the rules let no such day into a cycle
	}
	return fmt.Sprintf("%d年%d月%d日", date.Year, date.Month, date.Day)
}

// cell is the name of a cell in the current row.
func (w *resultsWriter) cell(column int) string {
	name, err := excelize.CoordinatesToCellName(column+1, w.row)
	w.do(err)
	return name
}

func (w *resultsWriter) table(input ResultsInput) {
	w.row++
	for i, column := range resultColumns {
		w.put(i, column.heading, w.headingStyle)
	}
	units := slices.Clone(input.Units)
	slices.SortStableFunc(units, func(a, b ResultRow) int { return cmp.Compare(a.Rank, b.Rank) })
	for _, unit := range units {
		w.row++
		for i, value := range []any{
			unit.Rank, unit.CategoryRank, unit.Code, unit.Name, unit.Category,
			unit.Base, unit.Bonus, unit.Deduction, unit.Total, gradeName(input.Rules, unit.Grade),
		} {
			w.put(i, value, w.textStyle)
		}
	}
}

func gradeName(set *rules.RuleSet, id string) string {
	for _, grade := range set.Grades {
		if grade.ID == id {
			return grade.Name
		}
	}
	return id
}

// put fills a cell. Points are written as the number that they show, digit by digit: they pass through no float.
func (w *resultsWriter) put(column int, value any, style int) {
	cell := w.cell(column)
	switch value := value.(type) {
	case rules.Points:
		w.do(w.book.SetCellDefault(resultsSheet, cell, value.String()))
		style = w.pointsStyle
	case int:
		w.do(w.book.SetCellInt(resultsSheet, cell, int64(value)))
	case string:
		w.do(w.book.SetCellStr(resultsSheet, cell, value))
	}
	w.do(w.book.SetCellStyle(resultsSheet, cell, cell, style))
}

// layout makes the sheet print on A4, all columns on one page.
func (w *resultsWriter) layout() {
	for i, column := range resultColumns {
		name, err := excelize.ColumnNumberToName(i + 1)
		w.do(err)
		w.do(w.book.SetColWidth(resultsSheet, name, name, column.width))
	}
	a4, landscape, onePage, anyNumber, fit := 9, "landscape", 1, 0, true
	w.do(w.book.SetPageLayout(resultsSheet, &excelize.PageLayoutOptions{
		Size: &a4, Orientation: &landscape, FitToWidth: &onePage, FitToHeight: &anyNumber,
	}))
	w.do(w.book.SetSheetProps(resultsSheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
}
