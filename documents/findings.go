package documents

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/rules"
)

// A finding is a fault and the place in a file where the one who wrote it finds it.
type finding struct {
	file   string
	line   int
	column string // of a table; in scheme.yaml the path of the key
	text   string
}

// findings gathers what is wrong in several files.
type findings struct {
	list []finding
}

func (f *findings) add(file string, line int, column, format string, args ...any) {
	f.list = append(f.list, finding{file: file, line: line, column: column, text: fmt.Sprintf(format, args...)})
}

// addNew leaves out what is about a place where something is already known to be wrong: a field that could not be
// read needs no second fault that says it is empty.
func (f *findings) addNew(more *findings) {
	type spot struct {
		file, column string
		line         int
	}
	known := map[spot]bool{}
	for _, one := range f.list {
		known[spot{one.file, one.column, one.line}] = true
	}
	for _, one := range more.list {
		if !known[spot{one.file, one.column, one.line}] {
			f.list = append(f.list, one)
		}
	}
}

// faults lists the findings by file, in the order in which files are given, then by line.
func (f *findings) faults(files ...string) rules.Faults {
	slices.SortStableFunc(f.list, func(a, b finding) int {
		return cmp.Or(cmp.Compare(slices.Index(files, a.file), slices.Index(files, b.file)), cmp.Compare(a.line, b.line))
	})
	var faults rules.Faults
	for _, one := range f.list {
		faults = append(faults, rules.Fault{Path: fmt.Sprintf("%s:%d: %s", one.file, one.line, one.column), Text: one.text})
	}
	return faults
}
