package documents

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/calendar"
)

// Whoever starts a year late in it needs the next year's days, which come out in November.
func TestReadDataSetOfAYearNobodyPublished(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	edit(t, set, "scheme.yaml", "year: 2025", "year: 2026")
	for _, day := range []string{"notice: 2025-11-24", "self_report_due: 2025-12-12", "review_due: 2026-01-09", "approval_due: 2026-01-16", "rectification_due: 2026-03-13"} {
		year := strings.NewReplacer("2026", "2027", "2025", "2026")
		edit(t, set, "scheme.yaml", day, year.Replace(day))
	}
	want := []string{"scheme.yaml:12: dates.review_due: no published holidays for 2027: add them as holidays.csv (date, off|work, name)"}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
	newYear := calendar.Holiday{Date: calendar.Date{Year: 2027, Month: 1, Day: 1}, Name: "元旦"}
	if faults := faultsOf(t, set, newYear); faults != nil {
		t.Error("published elsewhere:", faults)
	}
	set["holidays.csv"] = &fstest.MapFile{Data: []byte("date,kind,name\n2027-01-01,off,元旦\n2027-01-03,work,元旦\n")}
	got, err := ReadDataSet(set, library(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]calendar.Holiday{newYear, {Date: calendar.Date{Year: 2027, Month: 1, Day: 3}, Work: true, Name: "元旦"}}, got.Holidays); diff != "" {
		t.Error(diff)
	}
}

// An escalation alone may reach into a year that nobody has published.
func TestReadDataSetWhoseEscalationNeedsANewYear(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	edit(t, set, "scheme.yaml", "rectification_due: 2026-03-13", "rectification_due: 2026-12-30")
	want := []string{"scheme.yaml:14: dates.rectification_due: no published holidays for 2027: add them as holidays.csv (date, off|work, name)"}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
	edit(t, set, "scheme.yaml", "rectification_due: 2026-12-30", "rectification_due: 2026-12-29")
	if faults := faultsOf(t, set); faults != nil {
		t.Error(faults) // the second working day after is 31 December
	}
}

// The first reminder, the due day and the escalation may each lie in a year of their own.
func TestReadDataSetTellsEveryYearThatIsMissing(t *testing.T) {
	t.Parallel()
	const unpublished = "no published holidays for %d: add them as holidays.csv (date, off|work, name)"
	set := pingliang(t)
	edit(t, set, "scheme.yaml", "rectification_due: 2026-03-13", "rectification_due: 2027-12-31")
	edit(t, set, "scheme.yaml", "year: 2025", "year: 2026")
	edit(t, set, "scheme.yaml", "notice: 2025-11-24", "notice: 2026-01-04")
	edit(t, set, "scheme.yaml", "self_report_due: 2025-12-12", "self_report_due: 2026-01-08")
	edit(t, set, "scheme.yaml", `rectification: {cron: "0 9 * * *", from_working_days_before: 5`, `rectification: {cron: "0 9 * * *", from_working_days_before: 0`)
	want := []string{
		"scheme.yaml:14: dates.rectification_due: " + fmt.Sprintf(unpublished, 2027),
		"scheme.yaml:14: dates.rectification_due: " + fmt.Sprintf(unpublished, 2028),
	}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
	text := strings.NewReplacer("2026", "2002", "2027", "2003").Replace(string(set["scheme.yaml"].Data))
	set["scheme.yaml"].Data = []byte(text)
	want = []string{"scheme.yaml:11: dates.self_report_due: " + fmt.Sprintf(unpublished, 2001)}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
}

func TestReadDataSetHolidays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"corrects what is published": {"date,kind,name\n2026-01-02,work,元旦\n", nil},
		"another heading":            {"name,type,date\n元旦,off,2027-01-01\n", nil},
		"a day twice":                {"date,kind,name\n2027-01-01,off,元旦\n2027-01-01,work,元旦\n", []string{`holidays.csv:3: date: "2027-01-01" is there twice: first on line 2`}},
		"missing columns":            {"name\n元旦\n", []string{"holidays.csv:1: date: is missing in the heading", "holidays.csv:1: kind: is missing in the heading"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := pingliang(t)
			set["holidays.csv"] = &fstest.MapFile{Data: []byte(c.content)}
			if diff := cmp.Diff(c.want, faultsOf(t, set)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A day outside the procedure's years is refused for that, not for the holidays that nobody has published of its year (A4).
func TestADayOutsideTheYears(t *testing.T) {
	t.Parallel()
	set := pingliang(t)
	edit(t, set, "scheme.yaml", "rectification_due: 2026-03-13", "rectification_due: 2027-03-13")
	want := []string{"scheme.yaml:14: dates.rectification_due: 2027-03-13 is neither in the assessment year 2025 nor in the year after (A4)"}
	if diff := cmp.Diff(want, faultsOf(t, set)); diff != "" {
		t.Error(diff)
	}
}
