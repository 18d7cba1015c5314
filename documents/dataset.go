package documents

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

// The files of a data set. That of the indicators is named in the scheme.
const (
	unitsFile    = "units.csv"
	peopleFile   = "people.csv"
	schemeFile   = "scheme.yaml"
	holidaysFile = "holidays.csv"

	// evaluationFile is the plan of a social evaluation; the lists beside it are named in it.
	evaluationFile = "evaluation.yaml"
)

var (
	unitColumns   = []Column{{Name: "code"}, {Name: "name"}, {Name: "category"}, {Name: "email"}, {Name: "telephone"}}
	personColumns = []Column{
		{Name: "login"},
		{Name: "name"},
		{Name: "role"},
		{Name: "unit"},
		{Name: "email"},
		{Name: "group_kinds"},
		{Name: "areas"},
	}
	indicatorColumns = []Column{
		{Name: "code"},
		{Name: "area"},
		{Name: "track"},
		{Name: "max"},
		{Name: "content"},
		{Name: "criteria"},
		{Name: "methods"},
		{Name: "judges"},
		{Name: "categories"},
	}
	inviteeColumns = []Column{{Name: "name"}, {Name: "kind"}, {Name: "email"}, {Name: "units"}}
	// Offices keep such lists already, and call the column that says off or work as they like.
	holidayColumns = []Column{
		{Name: "date"},
		{Name: "kind", Also: []string{"type", "day", "status", "work", "off|work", "off_or_work"}},
		{Name: "name"},
	}
)

// DataSet is what one cycle is started with, as people wrote it down (A2, A8(1) to (3)).
type DataSet struct {
	Plan     rules.Plan
	Holidays []calendar.Holiday // of holidays.csv: they add to the published ones, or correct them
	// Evaluation is the plan of the social evaluation beside the assessment, a cycle of its own; nil without one (E8(1)).
	Evaluation *rules.EvaluationPlan
	Warnings   rules.Faults // what is allowed but hardly meant, with the paths of faults
}

// ReadDataSet reads units.csv, people.csv, scheme.yaml, the table of indicators that the scheme names, and
// holidays.csv where there is one. Published are holidays known beside those of the calendar's library.
//
// Where there is an evaluation.yaml, the plan of the social evaluation is read too, with the lists that it names. Every
// other file of the folder is left unread.
//
// What is wrong in the files comes as rules.Faults, all at once, by file and line, each with the path
// FILE:LINE: COLUMN, or for the scheme FILE:LINE: KEY.PATH. What is wrong with the file as a whole has the column "file".
func ReadDataSet(fsys fs.FS, lib rules.Library, published ...calendar.Holiday) (DataSet, error) {
	reading := dataSetReading{fsys: fsys, findings: &findings{}}
	reading.units = reading.table(unitsFile, unitColumns, true)
	reading.people = reading.table(peopleFile, personColumns, true)
	reading.readScheme()
	reading.indicators = reading.indicatorTable()
	reading.holidays = reading.table(holidaysFile, holidayColumns, false)
	reading.readEvaluationPlan()
	if reading.err != nil {
		return DataSet{}, fmt.Errorf("couldn't read the data set: %w", reading.err)
	}
	set := reading.dataSet()
	reading.checkReminders(set)
	if err := reading.checkYears(set, published); err != nil {
		return DataSet{}, fmt.Errorf("couldn't read the data set: %w", err)
	}
	reading.addNew(reading.locate(set.faults(lib)))
	if err := reading.faults(reading.files()...).Err(); err != nil {
		return DataSet{}, err
	}
	set.Warnings = reading.locate(set.warnings()).faults(reading.files()...)
	return set, nil
}

// dataSetReading is a data set while it is read: its files and what is wrong in them.
type dataSetReading struct {
	*findings
	fsys fs.FS
	err  error // the first file that is there and could not be read

	units, people, indicators, holidays Table
	scheme                              rules.Scheme
	schemeLines                         map[string]int // nil if the scheme could not be read

	evaluation        *rules.EvaluationPlan // nil if there is no evaluation.yaml, or nothing of it could be read
	evaluationLines   map[string]int
	further, invitees Table // of the evaluation
}

func (d *dataSetReading) files() []string {
	return []string{
		unitsFile, peopleFile, schemeFile, d.indicators.File, holidaysFile, evaluationFile, d.further.File, d.invitees.File,
	}
}

// content is that of a file, or one byte more than the limit. What is missing is a fault if it is required.
func (d *dataSetReading) content(name string, limit int64, required bool) ([]byte, bool) {
	file, err := d.fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		if required {
			d.add(name, 1, "file", "is missing")
		}
		return nil, false
	}
	if err == nil {
		defer file.Close() // only read from
		var content []byte
		if content, err = io.ReadAll(io.LimitReader(file, limit+1)); err == nil {
			return content, true
		}
	}
	d.err = errors.Join(d.err, err)
	return nil, false
}

func (d *dataSetReading) table(name string, columns []Column, required bool) Table {
	content, ok := d.content(name, MaxTable, required)
	if !ok {
		return Table{File: name, lost: true}
	}
	table, found := readTable(name, content, columns)
	d.addNew(found)
	return table
}

func (d *dataSetReading) readScheme() {
	content, ok := d.content(schemeFile, MaxScheme, true)
	if !ok {
		return
	}
	scheme, reading := readScheme(schemeFile, content)
	d.addNew(reading.findings)
	d.scheme, d.schemeLines = scheme, reading.lines
}

// indicatorTable reads the table that the scheme names. A name that leads out of the folder is not followed; the
// rules refuse it.
func (d *dataSetReading) indicatorTable() Table {
	return d.namedTable(d.scheme.Indicators, indicatorColumns)
}

// namedTable reads a table that another file names.
func (d *dataSetReading) namedTable(name string, columns []Column) Table {
	if !nameable(name) || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
		return Table{File: name, lost: true}
	}
	return d.table(name, columns, true)
}

func (d *dataSetReading) dataSet() DataSet {
	set := DataSet{
		Plan: rules.Plan{
			Scheme: d.scheme, Indicators: d.readIndicators(), Units: d.readUnits(d.units), People: d.readPeople(),
		},
		Holidays: d.readHolidays(),
	}
	set.Evaluation = d.evaluationPlan(set.Plan.Units)
	return set
}

func (d *dataSetReading) readUnits(table Table) []rules.Unit {
	d.checkDoubles(table, "code")
	var units []rules.Unit
	for _, row := range table.Rows {
		units = append(units, rules.Unit{
			Code: row.Field("code"), Name: row.Field("name"), Category: row.Field("category"),
			Email: row.Field("email"), Telephone: row.Field("telephone"),
		})
	}
	return units
}

func (d *dataSetReading) readPeople() []rules.Person {
	d.checkDoubles(d.people, "login")
	var people []rules.Person
	for _, row := range d.people.Rows {
		people = append(people, rules.Person{
			Login: row.Field("login"), Name: row.Field("name"), Role: rules.Role(row.Field("role")),
			Unit: row.Field("unit"), Email: row.Field("email"),
			GroupKinds: row.List("group_kinds"), Areas: row.List("areas"),
		})
	}
	return people
}

func (d *dataSetReading) readIndicators() []rules.Indicator {
	d.checkDoubles(d.indicators, "code")
	var indicators []rules.Indicator
	for _, row := range d.indicators.Rows {
		points, err := rules.ParsePoints(row.Field("max"))
		if err != nil && !d.indicators.missing["max"] {
			d.add(d.indicators.File, row.Line, "max", "%v", err)
		}
		indicators = append(indicators, rules.Indicator{
			Code: row.Field("code"), Area: row.Field("area"), Track: row.Field("track"), Max: points,
			Content: row.Field("content"), Criteria: row.Field("criteria"), Methods: row.List("methods"),
			Judges: row.Field("judges"), Categories: row.List("categories"),
		})
	}
	return indicators
}

func (d *dataSetReading) readHolidays() []calendar.Holiday {
	d.checkDoubles(d.holidays, "date")
	var holidays []calendar.Holiday
	for _, row := range d.holidays.Rows {
		date, err := calendar.ParseDate(row.Field("date"))
		if err != nil && !d.holidays.missing["date"] {
			d.add(holidaysFile, row.Line, "date", "%v", err)
		}
		kind := row.Field("kind")
		if kind != "off" && kind != "work" && !d.holidays.missing["kind"] {
			d.add(holidaysFile, row.Line, "kind", "%q is neither off nor work", kind)
		}
		holidays = append(holidays, calendar.Holiday{Date: date, Work: kind == "work", Name: row.Field("name")})
	}
	return holidays
}

// checkDoubles wants each value of a column once. The rules do too, but do not know on which line the first stands.
func (d *dataSetReading) checkDoubles(table Table, column string) {
	first := map[string]Row{}
	for _, row := range table.Rows {
		value := strings.ToLower(row.Field(column))
		if before, doubled := first[value]; doubled {
			d.add(table.File, row.Line, column, "%q is there twice: first on line %d", row.Field(column), before.Line)
		} else if value != "" {
			first[value] = row
		}
	}
}
