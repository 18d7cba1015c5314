package portal

import "github.com/kaoping/kaoping/office"

// progressPage is how far everybody's scoring has come; it shows no points (A8(6)).
type progressPage struct {
	office.SheetProgress
	Open, Overdue, Submitted, Sheets int64
}

func (v *visit) showProgress() error {
	progress, err := v.desk.SheetProgress(v.r.Context())
	if err != nil {
		return err
	}
	page := progressPage{SheetProgress: progress}
	for i, unit := range progress.Units {
		page.Units[i].Category = v.categoryName(unit.Category)
	}
	for _, row := range progress.Assessors {
		page.Open, page.Overdue = page.Open+row.Open, page.Overdue+row.Overdue
		page.Submitted, page.Sheets = page.Submitted+row.Submitted, page.Sheets+row.Sheets
	}
	return v.render("sheets_progress", page)
}
