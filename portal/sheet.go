package portal

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// sheetPage is what an assessor fills: the indicators of one unit, or one indicator of many units (A8(6)).
type sheetPage struct {
	// Sheet is the unit's; nil where the page is an indicator's.
	Sheet *office.UnitSheet
	By    *indicatorPage
	// Category is the unit's, by name.
	Category string
	Blocks   []scoreBlock
	Open     bool
	// Scored counts the blocks to which nothing is lacking.
	Scored int
}

// indicatorPage is one indicator on a page, and those before and after it.
type indicatorPage struct {
	office.IndicatorSheets
	Before, After string
	Area          string
	Page, Pages   int
}

// perPage is how many units stand on a page by indicator.
const perPage = 20

// scoreBlock is one indicator of one unit: what the unit says, and the form for its score.
type scoreBlock struct {
	office.ScoreItem
	// ID is the block's place on the page, Next that of the next one; Action is where its form goes.
	ID, Next, Action string
	// Code and Title head the block.
	Code, Title string
	Area        string
	Judged      int
	Evidence    []evidenceView
	Methods     []methodView
	// Defaults are the check that full points come with, until somebody says otherwise.
	Seen       string
	Today      calendar.Date
	Deductions []deductionView
	// Points, Day and the texts of Score are what the fields hold: as saved, or as typed if that was refused.
	Points, Day string
	Drafted     string
	Lost        string
	Missing     []office.Lack
	Faults      []string
	Saved, Open bool
	// Untouched is an indicator of which nothing is typed yet.
	Untouched bool
	// By is the indicator by whose page this is, Page the number of that page.
	By   string
	Page int
}

type evidenceView struct {
	Name, Href string
	// Kind is how it can be opened in place: picture, pdf, or not at all; link is somewhere else.
	Kind string
}

type methodView struct {
	ID, Name, Place string
	Chosen          bool
}

type deductionView struct {
	deduction
	Index, Count int
	Lost         string
}

// Hundredths is what one costs, for the script that sums up.
func (d deductionView) Hundredths() int64 { return int64(d.Each) }

// Hundredths is the maximum, for the script that sums up.
func (b scoreBlock) Hundredths() int64 { return int64(b.Indicator.Max) }

// Says is how a reason tells what a deduction costs, for the same script.
func (scoreBlock) Says() string { return saysLost }

// Lacking tells whether something is missing.
func (b scoreBlock) Lacking(lack string) bool { return slices.Contains(b.Missing, office.Lack(lack)) }

func (v *visit) showSheet() error {
	if v.desk.Person.Role != string(rules.Assessor) {
		return v.showOthersSheets()
	}
	sheet, err := v.desk.Sheet(v.r.Context(), v.r.PathValue("unit"))
	if err != nil {
		return err
	}
	if err := v.logReports(sheet.Unit, sheet.Items); err != nil {
		return err
	}
	page := sheetPage{Sheet: &sheet, Category: v.categoryName(sheet.Category), Open: sheet.State == "open"}
	if page.Blocks, err = v.scoreBlocks(sheet.Items, page.Open, ""); err != nil {
		return err
	}
	return v.renderSheet(page, "submit")
}

func (v *visit) showByIndicator() error { return v.showIndicator(v.r.PathValue("indicator")) }

func (v *visit) showIndicator(code string) error {
	number := v.pageNumber()
	found, err := v.desk.SheetsBy(v.r.Context(), code, number, perPage)
	if err != nil {
		return err
	}
	if number > 1 && len(found.Items) == 0 { // sheets were submitted meanwhile
		return v.goTo(v.in("sheets/by/%s", url.PathEscape(code)))
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	by := &indicatorPage{IndicatorSheets: found, Area: set.Areas.Name(found.Indicator.Area), Page: number, Pages: (found.Total + perPage - 1) / perPage}
	progress, err := v.desk.SheetIndicators(v.r.Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(progress, func(p office.IndicatorProgress) bool { return p.Indicator.Code == code })
	if at > 0 {
		by.Before = progress[at-1].Indicator.Code
	}
	if at >= 0 && at+1 < len(progress) {
		by.After = progress[at+1].Indicator.Code
	}
	if err := v.logReports(code, found.Items); err != nil {
		return err
	}
	page := sheetPage{By: by, Open: true}
	if page.Blocks, err = v.scoreBlocks(found.Items, true, code); err != nil {
		return err
	}
	return v.renderSheet(page, "next")
}

// pageNumber is which page of a long list is asked for.
func (v *visit) pageNumber() int {
	number, err := strconv.Atoi(v.r.FormValue("page"))
	if err != nil {
		return 1
	}
	return max(number, 1)
}

// logReports notes that the assessor reads what units reported.
func (v *visit) logReports(of string, items []office.ScoreItem) error {
	detail := []string{of}
	for _, item := range items {
		if item.Said != nil && item.Unit != of && !slices.Contains(detail, item.Unit) {
			detail = append(detail, item.Unit)
		}
	}
	if !slices.ContainsFunc(items, func(i office.ScoreItem) bool { return i.Said != nil }) {
		return nil
	}
	return v.desk.LogRead(v.r.Context(), office.ReportRead, strings.Join(detail, " "), v.address())
}

// renderSheet links the blocks; the last leads to the page's end.
func (v *visit) renderSheet(page sheetPage, end string) error {
	for i := range page.Blocks {
		block := &page.Blocks[i]
		if block.Next = end; i+1 < len(page.Blocks) {
			block.Next = page.Blocks[i+1].ID
		}
		if len(block.Lacks()) == 0 {
			page.Scored++
		}
	}
	return v.render("sheet", page)
}

func (v *visit) scoreBlocks(items []office.ScoreItem, open bool, by string) ([]scoreBlock, error) {
	set, err := v.desk.RuleSet()
	if err != nil {
		return nil, err
	}
	blocks := make([]scoreBlock, len(items))
	for i, item := range items {
		block := scoreBlock{
			ScoreItem: item, Action: v.in("sheets/%s", url.PathEscape(item.Unit)), ID: "i-" + item.Indicator.Code, Code: item.Indicator.Code, Title: item.Indicator.Content,
			Area: set.Areas.Name(item.Indicator.Area), Judged: item.Indicator.JudgedYear(int(v.desk.Cycle.Year)),
			Seen: foundNothing, Today: v.desk.Today(), Open: open, By: by, Page: v.pageNumber(),
		}
		block.Saved = v.r.FormValue("saved") == block.Code
		if by != "" {
			block.ID, block.Code, block.Title, block.Saved = "u-"+item.Unit, item.Unit, item.UnitName, v.r.FormValue("saved") == item.Unit
		}
		block.Evidence = v.evidence(item)
		v.fill(&block, set.Methods)
		blocks[i] = block
	}
	return blocks, nil
}

// fill puts the score into the block's fields, or what was typed if that was just refused.
func (v *visit) fill(block *scoreBlock, methods rules.Terms) {
	deductions := readCriteria(block.Indicator.Criteria)
	score := block.Score
	if score.Points != nil {
		block.Points = score.Points.Short()
	}
	block.Untouched = score.Untouched()
	if block.Missing = block.Lacks(); score.CheckedOn.IsZero() {
		score.CheckedOn = block.Today
	}
	block.Day = score.CheckedOn.String()
	if v.r.Method == http.MethodPost && v.r.PostForm.Get("indicator") == block.Indicator.Code && v.r.PathValue("unit") == block.Unit && block.Open {
		block.Points, block.Day, block.Faults = v.r.PostForm.Get("points"), v.r.PostForm.Get("day"), v.faults
		score.Reason, score.Method = v.r.PostForm.Get("reason"), v.r.PostForm.Get("method")
		score.Place, score.Seen = v.r.PostForm.Get("place"), v.r.PostForm.Get("seen")
		score.Counts, _ = postedCounts(v.r.PostForm, block.Indicator.Code, deductions) // its fault is among the page's
	}
	block.Score = score
	_, block.Drafted = counted(block.Indicator.Max, deductions, score.Counts)
	if points, err := rules.ParsePoints(block.Points); err == nil && points <= block.Indicator.Max {
		block.Lost = (block.Indicator.Max - points).Short()
	}
	for i, d := range deductions {
		shown := deductionView{deduction: d, Index: i, Lost: "0"}
		if i < len(score.Counts) && score.Counts[i] > 0 {
			shown.Count = score.Counts[i]
			shown.Lost = "−" + (d.Each * rules.Points(shown.Count)).Short()
		}
		block.Deductions = append(block.Deductions, shown)
	}
	for _, id := range block.Indicator.Methods {
		chosen := id == score.Method || len(block.Indicator.Methods) == 1
		block.Methods = append(block.Methods, methodView{ID: id, Name: methods.Name(id), Place: usualPlace(id), Chosen: chosen})
	}
}

// evidence is what a unit proves its statement with.
func (v *visit) evidence(item office.ScoreItem) []evidenceView {
	if item.Said == nil {
		return nil
	}
	var list []evidenceView
	for _, proof := range item.Said.Evidence {
		shown := evidenceView{Name: proof.Name, Href: proof.Link, Kind: "link"}
		if proof.SHA256 != "" {
			shown.Href = v.in("units/%s/evidence/%s/%s", item.Unit, proof.SHA256, url.PathEscape(proof.Name))
			shown.Kind = kindOf(proof.Name)
		}
		list = append(list, shown)
	}
	return list
}

// kindOf is how a browser can show a file in place.
func kindOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp":
		return "picture"
	case ".pdf":
		return "pdf"
	}
	return "file"
}

func (v *visit) submitSheet() error {
	unit := v.r.PathValue("unit")
	done, err := v.perform((*visit).showSheet, func(act string) error {
		return v.desk.SubmitSheet(v.r.Context(), act, unit)
	})
	if !done {
		return err
	}
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return err
	}
	name := unit
	if at := slices.IndexFunc(plan.Units, func(u rules.Unit) bool { return u.Code == unit }); at >= 0 {
		name = plan.Units[at].Name
	}
	return v.done(v.in("sheets"), "sheet.submitted", name)
}
