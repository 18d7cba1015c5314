package documents

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/kaoping/kaoping/rules"
)

// MaxTable is the size in bytes above which a table is refused: some two hundred thousand units.
const MaxTable = 32 << 20

// A Column is one that a table may have.
type Column struct {
	Name     string
	Optional bool
	Also     []string // other names of the same column
}

// A Table is a file with a heading row, read strictly: exactly the columns that its definition names, in any order.
type Table struct {
	File string
	Rows []Row

	missing map[string]bool // required columns without a place in the heading
	lost    bool            // some rows could not be read at all
}

// A Row is one record of a table.
type Row struct {
	Line int // where it begins; a quoted field may make it several lines long

	fields map[string]string
}

// Field is the text in a column, without the blanks around it; empty where the table has no such (optional) column.
func (r Row) Field(column string) string { return r.fields[column] }

// List is a column that holds several words, separated by blanks.
func (r Row) List(column string) []string { return strings.Fields(r.fields[column]) }

// zipped is how an .xlsx begins, whatever it is called, and no table of text does.
var zipped = []byte("PK\x03\x04")

// ReadTable reads a .csv file, or the first sheet of an .xlsx. All faults come at once, in the order of their lines,
// each with the path FILE:LINE: COLUMN; the table then holds the rows that could be read.
func ReadTable(file string, content []byte, columns []Column) (Table, rules.Faults) {
	table, found := readTable(file, content, columns)
	return table, found.faults()
}

func readTable(file string, content []byte, columns []Column) (Table, *findings) {
	reading := &tableReading{Table: Table{File: file}, columns: columns, findings: &findings{}}
	switch {
	case len(content) > MaxTable:
		reading.lose(1, "file", "is larger than %d MiB", MaxTable>>20)
	case strings.EqualFold(path.Ext(file), ".xlsx") || bytes.HasPrefix(content, zipped):
		reading.sheet(content)
	default:
		reading.csv(content)
	}
	if !reading.lost && reading.heading == nil {
		reading.lose(1, "file", "is empty: the heading %s is missing", reading.names())
	}
	return reading.Table, reading.findings
}

// tableReading is a table while it is read, a record at a time.
type tableReading struct {
	Table
	*findings
	columns []Column
	heading []string // the column at each position of the heading; empty where it names none
	skewed  bool     // the heading itself is wrong
}

func (t *tableReading) csv(content []byte) {
	text, bad := decodeText(content)
	if bad > 0 {
		t.lose(bad, "file", "is neither UTF-8 nor GB18030 text: save the table as CSV in UTF-8")
		return
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			t.lose(wrong.StartLine, "row", "%s", quoting(wrong))
			if t.heading == nil {
				return
			}
			continue
		}
		line, _ := reader.FieldPos(0)
		t.record(line, record)
	}
}

func quoting(wrong *csv.ParseError) string {
	if errors.Is(wrong, csv.ErrBareQuote) {
		return `has a quote inside a field: put the field in quotes and double the quote`
	}
	return `has a quoted field that does not end, or that more text follows`
}

// record takes the next record: the first is the heading, and records without any text (spreadsheets leave such rows)
// are none.
func (t *tableReading) record(line int, cells []string) {
	for i, cell := range cells {
		cells[i] = strings.Trim(cell, " \t\u00a0\u3000")
	}
	switch {
	case !slices.ContainsFunc(cells, func(cell string) bool { return cell != "" }):
	case t.heading == nil:
		t.head(line, cells)
	default:
		t.row(line, cells)
	}
}

func (t *tableReading) head(line int, cells []string) {
	t.heading, t.missing = make([]string, len(cells)), map[string]bool{}
	for i, cell := range cells {
		column := t.column(cell)
		switch {
		case cell == "":
			t.add(t.File, line, place("", i), "has no name in the heading")
		case column == "":
			t.add(t.File, line, headingPlace(cell, i), "is an unknown column: the columns are %s", t.names())
		case slices.Contains(t.heading, column):
			t.add(t.File, line, cell, "stands twice in the heading")
		default:
			t.heading[i] = column
		}
	}
	for _, column := range t.columns {
		if !column.Optional && !slices.Contains(t.heading, column.Name) {
			t.missing[column.Name] = true
			t.add(t.File, line, column.Name, "is missing in the heading")
		}
	}
	t.skewed = len(t.list) > 0
}

// column is the name by which a heading's cell is known, or empty.
func (t *tableReading) column(cell string) string {
	for _, column := range t.columns {
		if cell == column.Name || slices.Contains(column.Also, cell) {
			return column.Name
		}
	}
	return ""
}

func (t *tableReading) names() string {
	names := make([]string, len(t.columns))
	for i, column := range t.columns {
		names[i] = column.Name
	}
	return strings.Join(names, ",")
}

func (t *tableReading) row(line int, cells []string) {
	if t.skewed && len(cells) != len(t.heading) {
		t.lost = true // what is missing in the heading is not missing in the row: which field is which is open
		return
	}
	row := Row{Line: line, fields: make(map[string]string, len(t.heading))}
	for i, column := range t.heading {
		if i >= len(cells) {
			t.add(t.File, line, place(column, i), "is missing: the line has %d fields, the heading %d",
				len(cells), len(t.heading))
			continue
		}
		if strange, found := unprintable(cells[i]); found {
			t.add(t.File, line, place(column, i), "has the character %U, which no text needs", strange)
		}
		if column != "" {
			row.fields[column] = cells[i]
		}
	}
	if len(cells) > len(t.heading) {
		t.add(t.File, line, place("", len(t.heading)), "is surplus: the line has %d fields, the heading %d",
			len(cells), len(t.heading))
	}
	t.Rows = append(t.Rows, row)
}

func place(column string, position int) string {
	if column == "" {
		return fmt.Sprintf("column %d", position+1)
	}
	return column
}

// headingPlace names a column as its heading does, unless that would break the line of the fault.
func headingPlace(cell string, position int) string {
	if !nameable(cell) {
		return place("", position)
	}
	return cell
}

func nameable(text string) bool {
	return text != "" && len(text) <= 100 &&
		!strings.ContainsFunc(text, func(r rune) bool { return r == ':' || !unicode.IsPrint(r) })
}

// lose notes a fault that leaves rows unread, so that what refers to them can't be judged.
func (t *tableReading) lose(line int, column, format string, args ...any) {
	t.lost = true
	t.add(t.File, line, column, format, args...)
}

// unsure tells whether rows, or one of the columns, could not be read.
func (t Table) unsure(columns ...string) bool {
	return t.lost || slices.ContainsFunc(columns, func(column string) bool { return t.missing[column] })
}
