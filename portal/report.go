package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// reportPage is a unit's self-report, to write or to read (A8(5)).
type reportPage struct {
	office.Report
	// Base is the report's address.
	Base string
	// Areas are those of the report with what is shown of each indicator.
	Areas         []areaView
	Total, Filled int
	// Missing are the indicators that can't be submitted yet; Unproved those without evidence, which can.
	Missing, Unproved []missingView
	// Return and Extend are for an administrator: which of the forms is there, and what was typed into it.
	Return, Extend bool
	Reason, Date   string
}

type areaView struct {
	Name  string
	Items []entryView
}

// entryView is one indicator. Statement and Score are as typed, where that was refused.
type entryView struct {
	office.ReportEntry
	Statement, Score string
	Link, LinkName   string
	Evidence         []proofView
	Faults           []string
	// Returned says that the reason for the return names this indicator.
	Returned bool
}

type missingView struct {
	Code, Content, What string
}

func (v *visit) showReport() error {
	if v.r.URL.Query().Has("compare") {
		return v.compareReport()
	}
	report, err := v.readReport(v.revision())
	if err != nil {
		return err
	}
	return v.render("report", v.reportPage(report))
}

// revision is the one that the address names; 0 is the newest.
func (v *visit) revision() int {
	number, err := strconv.Atoi(v.r.URL.Query().Get("revision"))
	if err != nil || number < 0 {
		return 0
	}
	return number
}

// readReport reads a report; that of another's is logged before it is shown.
func (v *visit) readReport(revision int) (office.Report, error) {
	unit := v.r.PathValue("unit")
	report, err := v.desk.Report(v.r.Context(), unit, revision)
	if err == nil && !report.Own {
		err = v.desk.LogRead(v.r.Context(), office.ReportRead, fmt.Sprintf("%s/%d", unit, report.Shown.Revision), v.address())
	}
	return report, err
}

func (v *visit) reportPage(report office.Report) reportPage {
	page := reportPage{Report: report, Base: v.in("units/%s/report", report.Unit.Code)}
	for _, area := range report.Areas {
		shown := areaView{Name: area.Name}
		for _, entry := range area.Items {
			shown.Items = append(shown.Items, v.entryView(report, entry))
			page.count(v, entry)
		}
		page.Areas = append(page.Areas, shown)
	}
	admin := v.desk.Person.Role == string(rules.Admin) && v.desk.Cycle.State == "running"
	page.Return, page.Extend = admin && report.Returnable, admin && report.Pending
	if page.Return || page.Extend {
		proposed := ""
		if !report.NewDate.IsZero() {
			proposed = report.NewDate.String()
		}
		page.Reason, page.Date = v.typed("reason", ""), v.typed("date", proposed)
	}
	return page
}

// count sums up what is there and what is missing.
func (p *reportPage) count(v *visit, entry office.ReportEntry) {
	p.Total++
	what := ""
	switch {
	case entry.Filled():
		p.Filled++
	case entry.Statement == "" && entry.SelfScore == nil:
		what = v.t("report.missing.both")
	case entry.Statement == "":
		what = v.t("report.missing.statement")
	default:
		what = v.t("report.missing.score")
	}
	if what != "" {
		p.Missing = append(p.Missing, missingView{entry.Code, entry.Content, what})
	} else if len(entry.Evidence) == 0 {
		p.Unproved = append(p.Unproved, missingView{Code: entry.Code, Content: entry.Content})
	}
}

func (v *visit) entryView(report office.Report, entry office.ReportEntry) entryView {
	shown := entryView{ReportEntry: entry, Statement: entry.Statement}
	if entry.SelfScore != nil {
		shown.Score = entry.SelfScore.Short()
	}
	if v.r.Method == http.MethodPost && v.r.URL.Query().Get("indicator") == entry.Code {
		shown.Statement, shown.Score = v.typed("statement", shown.Statement), v.typed("self_score", shown.Score)
		shown.Link, shown.LinkName = v.typed("link", ""), v.typed("link_name", "")
		shown.Faults = v.faults
	}
	if report.Returned != nil {
		shown.Returned = names(report.Returned.Reason, entry.Code)
	}
	for _, proof := range entry.Evidence {
		shown.Evidence = append(shown.Evidence, v.proof(report.Unit.Code, office.Evidence{Name: proof.Name, Link: proof.Link, SHA256: proof.Sha256, Size: proof.Size}))
	}
	return shown
}

// codeForm finds what may be an indicator's code in a text.
var codeForm = regexp.MustCompile(`[0-9A-Za-z]+(?:[._-][0-9A-Za-z]+)*`)

// names tells whether a text names an indicator: 3.1, but not 13.1 or 3.10.
func names(text, code string) bool { return slices.Contains(codeForm.FindAllString(text, -1), code) }

// proof shows a piece of the report's evidence; a file is downloaded from the unit's own address.
func (v *visit) proof(unit string, evidence office.Evidence) proofView {
	return proofAt(v.in("units/%s/evidence/%s/%s", unit, evidence.SHA256, url.PathEscape(evidence.Name)), evidence)
}

// submitReport submits the draft; the answer says whether it came in time (A8(5)).
func (v *visit) submitReport() error {
	unit := v.r.PathValue("unit")
	if err := v.desk.OwnReport(unit); err != nil {
		return err
	}
	key := "report.submitted"
	done, err := v.perform((*visit).showReport, func(act string) error {
		late, err := v.desk.SubmitReport(v.r.Context(), act)
		if late {
			key = "report.submitted_late"
		}
		return err
	})
	if !done {
		return err
	}
	return v.done(v.in("units/%s/report", unit), key)
}

// returnReport gives a report back for correction (A8(5)).
func (v *visit) returnReport() error {
	key := "report.returned"
	return v.newDate(key, func(act string, due calendar.Date, reason string) error {
		return v.desk.ReturnReport(v.r.Context(), act, v.r.PathValue("unit"), due, reason)
	})
}

// extendReport moves the unit's deadline (A8(5)).
func (v *visit) extendReport() error {
	key := "report.extended"
	return v.newDate(key, func(act string, due calendar.Date, reason string) error {
		return v.desk.Extend(v.r.Context(), act, v.r.PathValue("unit"), "self_report", due, reason)
	})
}

// newDate makes an act of an administrator that gives a reason and a new date.
func (v *visit) newDate(key string, do func(act string, due calendar.Date, reason string) error) error {
	done, err := v.perform((*visit).showReport, func(act string) error {
		due, err := calendar.ParseDate(v.r.PostFormValue("date"))
		if err != nil {
			return office.Refuse("the new date is missing")
		}
		return do(act, due, strings.TrimSpace(v.r.PostFormValue("reason")))
	})
	if !done {
		return err
	}
	return v.done(v.in("units/%s/report", v.r.PathValue("unit")), key)
}
