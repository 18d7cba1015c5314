package portal

import (
	"strings"
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// comparePage is one revision of a self-report beside the one before it (A8(5)).
type comparePage struct {
	office.Report
	Before  office.Report
	Base    string
	Changed []changeView
	// Same are the indicators on which nothing changed.
	Same []office.ReportEntry
}

// changeView is one indicator on both sides.
type changeView struct {
	office.ReportEntry
	Old, New []stretch
	// OldScore and NewScore differ, or are both empty.
	OldScore, NewScore string
	// Added and Removed are evidence by name.
	Added, Removed []string
}

// stretch is a piece of text that is the same on both sides, or is not.
type stretch struct {
	Text    string
	Changed bool
}

// compareReport shows what a revision changed.
func (v *visit) compareReport() error {
	report, err := v.readReport(v.revision())
	if err != nil {
		return err
	}
	before, err := v.desk.Report(v.r.Context(), report.Unit.Code, max(int(report.Shown.Revision)-1, 1))
	if err != nil {
		return err
	}
	if report.Shown.Revision <= 1 {
		return office.Missing("there is no earlier revision to compare with")
	}
	page := comparePage{Report: report, Before: before, Base: v.in("units/%s/report", report.Unit.Code)}
	old := map[string]office.ReportEntry{}
	for _, area := range before.Areas {
		for _, entry := range area.Items {
			old[entry.Code] = entry
		}
	}
	for _, area := range report.Areas {
		for _, entry := range area.Items {
			page.compare(old[entry.Code], entry)
		}
	}
	return v.render("report_compare", page)
}

func (p *comparePage) compare(old, entry office.ReportEntry) {
	change := changeView{ReportEntry: entry}
	if a, b := scoreText(old.SelfScore), scoreText(entry.SelfScore); a != b {
		change.OldScore, change.NewScore = a, b
	}
	change.Removed, change.Added = missingFrom(old, entry), missingFrom(entry, old)
	if old.Statement == entry.Statement && change.OldScore == change.NewScore && len(change.Added)+len(change.Removed) == 0 {
		p.Same = append(p.Same, entry)
		return
	}
	change.Old, change.New = differences(old.Statement, entry.Statement)
	p.Changed = append(p.Changed, change)
}

func scoreText(points *rules.Points) string {
	if points == nil {
		return "—"
	}
	return points.String()
}

// missingFrom are the names of an entry's evidence that the other has not.
func missingFrom(entry, other office.ReportEntry) []string {
	has := map[string]bool{}
	for _, proof := range other.Evidence {
		has[proof.Name+"\n"+proof.Sha256+proof.Link] = true
	}
	var list []string
	for _, proof := range entry.Evidence {
		if !has[proof.Name+"\n"+proof.Sha256+proof.Link] {
			list = append(list, proof.Name)
		}
	}
	return list
}

// patience is how long a statement may be compared; then its two versions stand side by side whole.
const patience = 50 * time.Millisecond

// differences are two texts, each with what the other lacks marked.
func differences(before, after string) (old, changed []stretch) {
	compared := diffmatchpatch.New()
	compared.DiffTimeout = patience
	for _, piece := range compared.DiffCleanupSemantic(compared.DiffMain(before, after, false)) {
		text := strings.ToValidUTF8(piece.Text, "")
		if piece.Type != diffmatchpatch.DiffInsert {
			old = append(old, stretch{text, piece.Type == diffmatchpatch.DiffDelete})
		}
		if piece.Type != diffmatchpatch.DiffDelete {
			changed = append(changed, stretch{text, piece.Type == diffmatchpatch.DiffInsert})
		}
	}
	return old, changed
}
