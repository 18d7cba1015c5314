package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// A Fault is one thing wrong with what was given: where it stands, such as
// units[3].code, and what is wrong there.
type Fault struct {
	Path string `json:"path"`
	Text string `json:"text"`

	// apart is a fault that changes nothing of what else was read.
	apart bool
}

func (f Fault) String() string {
	if f.Path == "" {
		return f.Text
	}
	return f.Path + ": " + f.Text
}

// Faults are all the faults of one thing, at once; none means that it is
// sound. As an error it is one line a fault.
type Faults []Fault //nolint:errname // a list of faults first, an error where one is wanted

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Err is the faults as an error, nil if there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f *Faults) add(path, format string, args ...any) {
	*f = append(*f, Fault{Path: path, Text: fmt.Sprintf(format, args...)})
}

// under adds the faults of a part of something, which stands at path.
func (f *Faults) under(path string, part Faults) {
	for _, fault := range part {
		fault.Path = joined(path, fault.Path)
		*f = append(*f, fault)
	}
}

func joined(path, rest string) string {
	if path == "" || rest == "" || rest[0] == '[' {
		return path + rest
	}
	return path + "." + rest
}

// indexed is the path of an element of a list.
func indexed(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// keyed is the path of an entry of a table, whose key is data.
func keyed(path, key string) string { return path + "[" + strconv.Quote(shortened(key)) + "]" }
