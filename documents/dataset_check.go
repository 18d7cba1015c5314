package documents

import (
	"cmp"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

// checkReminders reads the cron expressions, which the rules leave to the calendar.
func (d *dataSetReading) checkReminders(set DataSet) {
	for _, phase := range set.Plan.Scheme.Phases() {
		d.checkCron(schemeFile, d.schemeLines, phase)
	}
	if set.Evaluation != nil {
		d.checkCron(evaluationFile, d.evaluationLines, set.Evaluation.Invitation())
	}
}

func (d *dataSetReading) checkCron(file string, lines map[string]int, phase rules.Phase) {
	if phase.Policy.Cron == "" {
		return // known to be missing
	}
	if _, err := calendar.ParseCron(phase.Policy.Cron); err != nil {
		d.addKey(file, lines, "reminders."+phase.Key+".cron", "%v", err)
	}
}

// checkYears wants the working days of every year that a reminder, a due day or an escalation needs: a year nobody
// has published is never guessed. It is told once, at the first day that needs it. A day outside the procedure's years
// is refused for that by the rules: its own year need not be published.
func (d *dataSetReading) checkYears(set DataSet, published []calendar.Holiday) error {
	days, err := calendar.NewDays(merged(calendar.Seed(), published, set.Holidays))
	if err != nil {
		return err
	}
	told := map[int]bool{}
	for _, phase := range set.Plan.Scheme.Phases() {
		if !phase.Due.InProcedure(set.Plan.Scheme.Year) {
			continue
		}
		d.checkWalk(schemeFile, d.schemeLines, "dates."+phase.Key+"_due", phase, days, told)
	}
	if set.Evaluation != nil && set.Evaluation.Dates.Close.InProcedure(set.Plan.Scheme.Year) {
		d.checkWalk(evaluationFile, d.evaluationLines, "dates.close", set.Evaluation.Invitation(), days, told)
	}
	return nil
}

func (d *dataSetReading) checkWalk(file string, lines map[string]int, path string, phase rules.Phase, days calendar.Days, told map[int]bool) {
	for _, err := range walk(phase, days) {
		unpublished := (*calendar.UnpublishedError)(nil)
		if errors.As(err, &unpublished) && !told[unpublished.Year] {
			told[unpublished.Year] = true
			d.addKey(file, lines, path, "%v", unpublished)
		}
	}
}

// walk asks the calendar for the first reminder, the due day and the escalation of a phase.
func walk(phase rules.Phase, days calendar.Days) []error {
	due, err := calendar.ParseDate(string(phase.Due))
	if err != nil {
		return nil // the rules refuse the day
	}
	_, first := days.Add(due, -phase.Policy.FromWorkingDaysBefore)
	_, last := days.Working(due)
	policy := calendar.Policy{EscalateWorkingDaysAfter: phase.Policy.EscalateWorkingDaysAfter}
	_, after := policy.EscalationDay(days, due)
	return []error{first, last, after}
}

// merged is each day once: a later list corrects an earlier one. Days that could not be read are left out.
func merged(lists ...[]calendar.Holiday) []calendar.Holiday {
	var all []calendar.Holiday
	at := map[calendar.Date]int{}
	for _, list := range lists {
		for _, holiday := range list {
			i, known := at[holiday.Date]
			switch {
			case holiday.Date.IsZero():
			case known:
				all[i] = holiday
			default:
				at[holiday.Date] = len(all)
				all = append(all, holiday)
			}
		}
	}
	return all
}

// addKey notes a fault of a key; where the key is missing or could not be read, that is known already.
func (f *findings) addKey(file string, lines map[string]int, path, format string, args ...any) {
	if line, found := lines[path]; found {
		f.add(file, line, path, format, args...)
	}
}

var planPath = regexp.MustCompile(`^(units|people|indicators|evaluation_units|invitees)(?:\[([0-9]+)\](?:\.([a-z_]+))?)?`)

// locate finds the line and column of faults that the rules found in the plan. It leaves out those that only follow
// from what could not be read.
func (d *dataSetReading) locate(faults rules.Faults) *findings {
	placed := &findings{}
	for _, fault := range faults {
		if key, ok := strings.CutPrefix(fault.Path, "scheme."); ok {
			placed.addKey(schemeFile, d.schemeLines, key, "%s", fault.Text)
			continue
		}
		if key, ok := strings.CutPrefix(fault.Path, "evaluation."); ok {
			d.placeEvaluation(placed, key, fault.Text)
			continue
		}
		part := planPath.FindStringSubmatch(fault.Path)
		if part == nil {
			placed.add(schemeFile, 1, "file", "%s", fault)
			continue
		}
		list, index, column := part[1], part[2], part[3]
		table, key := d.tableOf(list)
		switch {
		case d.follows(list, index, column):
		case index == "":
			placed.add(table.File, 1, "file", "%s", fault.Text)
		default:
			i, _ := strconv.Atoi(index) // the pattern takes digits only
			placed.add(table.File, table.Rows[i].Line, cmp.Or(column, key), "%s", fault.Text)
		}
	}
	return placed
}

// tableOf is where a list of the plan was read from, and the column that names its rows.
func (d *dataSetReading) tableOf(list string) (Table, string) {
	switch list {
	case "units":
		return d.units, "code"
	case "people":
		return d.people, "login"
	case "evaluation_units":
		return d.further, "code"
	case "invitees":
		return d.invitees, "email"
	}
	return d.indicators, "code"
}

// follows tells whether a fault may only follow from rows or columns that could not be read.
func (d *dataSetReading) follows(list, index, column string) bool {
	table, _ := d.tableOf(list)
	switch {
	case index == "" && list == "indicators":
		return d.indicators.unsure("area", "track", "max", "categories") || d.units.unsure("category")
	case index == "":
		return table.unsure()
	case list == "people" && column == "unit":
		return d.units.unsure("code") || table.missing[column]
	case list == "invitees" && column == "units":
		return d.units.unsure("code", "category") || d.further.unsure("code", "category") || table.missing[column]
	case list == "indicators" && column == "categories":
		return d.units.unsure("category") || table.missing[column]
	}
	return table.missing[column]
}
