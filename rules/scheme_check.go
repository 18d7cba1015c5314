package rules

import (
	"strings"
)

// maxPolicyDays is about a year of working days; a number above it is a slip.
const maxPolicyDays = 250

// faults are those of the scheme itself, with paths below it.
func (s Scheme) faults() Faults {
	var faults Faults
	faults = append(faults, newCodes().faults("authority.code", s.Authority.Code)...)
	faults.wantText("authority.name", s.Authority.Name)
	if !keepable(s.Year) {
		faults.add("year", "%d is not a year from 2000 to 2999", s.Year)
	}
	if s.Extension != nil {
		faults.wantText("extension.document", s.Extension.Document)
		faults.wantDay("extension.date", s.Extension.Date)
	}
	faults.wantPlain("document_number", s.DocumentNumber)
	faults.wantFileName("indicators", s.Indicators)
	faults.under("dates", s.Dates.faults(s.Year))
	faults.under("reminders", s.Reminders.faults())
	if _, ok := s.Spread(); !ok && s.MaxSpread != "" {
		faults.add("max_spread", "%q is not points above 0", shortened(s.MaxSpread))
	}
	faults.wantDays("return_working_days", s.ReturnWorkingDays, 1)
	return faults
}

// wantFileName wants a name in the same folder.
func (f *Faults) wantFileName(path, name string) {
	f.wantText(path, name)
	if strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
		f.add(path, "%q is not the name of a file beside it", shortened(name))
	}
}

func (f *Faults) wantDay(path string, day Day) {
	switch {
	case day == "":
		f.add(path, "missing")
	case !day.Valid():
		f.add(path, "%q is not a day such as 2025-11-24", shortened(string(day)))
	}
}

func (f *Faults) wantDays(path string, days, least int) {
	if days < least || days > maxPolicyDays {
		f.add(path, "%d is not a number of days from %d to %d", days, least, maxPolicyDays)
	}
}

// faults want the days in the order of A8 and A13, in the assessment year or
// the year after (A4).
func (d Dates) faults(year int) Faults {
	var faults Faults
	var last struct {
		name string
		day  Day
	}
	for _, step := range []struct {
		name string
		day  Day
	}{
		{"notice", d.Notice},
		{"self_report_due", d.SelfReportDue},
		{"review_due", d.ReviewDue},
		{"approval_due", d.ApprovalDue},
		{"rectification_due", d.RectificationDue},
	} {
		faults.wantDay(step.name, step.day)
		if !step.day.Valid() {
			continue
		}
		if !step.day.InProcedure(year) {
			faults.add(step.name, "%s is neither in the assessment year %d nor in the year after (A4)", step.day, year)
		}
		if last.day != "" && step.day <= last.day {
			faults.add(step.name, "%s is not after %s, %s", step.day, last.name, last.day)
		}
		last = step
	}
	return faults
}

func (r Reminders) faults() Faults {
	var faults Faults
	faults.under("self_report", r.SelfReport.faults())
	faults.under("review", r.Review.faults())
	faults.under("approval", r.Approval.faults())
	faults.under("rectification", r.Rectification.faults())
	return faults
}

func (p Policy) faults() Faults {
	var faults Faults
	faults.wantText("cron", p.Cron)
	faults.wantDays("from_working_days_before", p.FromWorkingDaysBefore, 0)
	faults.wantDays("escalate_working_days_after", p.EscalateWorkingDaysAfter, 0)
	return faults
}
