package documents

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
)

// faultLine is the form in which people and programs find the place: one line a fault.
var faultLine = regexp.MustCompile(`^[^:\n]+:([0-9]+): [^:\n]+: [^\n]+$`)

func wantPlaced(t *testing.T, faults rules.Faults, content []byte) {
	t.Helper()
	last := 2 + strings.Count(string(content), "\n")
	for _, fault := range faults {
		match := faultLine.FindStringSubmatch(fault.String())
		if match == nil {
			t.Fatalf("%q is not a line of the agreed form", fault.String())
		}
		if line := atoi(t, match[1]); line < 1 || line > last {
			t.Fatalf("%q is outside the file, which has %d lines", fault.String(), last)
		}
	}
}

func atoi(t *testing.T, digits string) (n int) {
	t.Helper()
	for _, digit := range digits {
		n = n*10 + int(digit-'0')
	}
	return n
}

func seed(f *testing.F, names ...string) {
	f.Helper()
	for _, name := range names {
		content, err := fs.ReadFile(schemas.Data, "data/pingliang/"+name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
}

func FuzzReadTable(f *testing.F) {
	seed(f, "units.csv")
	for _, content := range []string{
		"", "\n", "code,name\n", "code,name\nC01,a\n", "\ufeffcode,name\r\nC01,\"a\r\nb\"\r\n", "code,name\n\xc6\xbd\xc1\xb9,\xb9\xfa\n",
		"code,name\n\"", "code,name\na\"b,c\n", "name,code,x,,code\n1,2,3\n", "code,name\n\x00,\ufffd\n", "\"a\nb: c\",name\n", "PK\x03\x04",
	} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		table, faults := ReadTable("t.csv", content, testColumns)
		wantPlaced(t, faults, content)
		if len(table.Rows) == 0 && faults == nil && !strings.Contains(string(content), "code") {
			t.Error("a table without a heading was taken")
		}
		for i, row := range table.Rows {
			if i > 0 && row.Line <= table.Rows[i-1].Line {
				t.Fatalf("line %d follows line %d", row.Line, table.Rows[i-1].Line)
			}
			if faults == nil && strings.ContainsAny(row.Field("code")+row.Field("name"), "\x00\x1b\r") {
				t.Fatalf("line %d has what no text needs", row.Line)
			}
		}
	})
}

func FuzzReadScheme(f *testing.F) {
	seed(f, "scheme.yaml", "evaluation.yaml")
	for _, content := range []string{
		"", "a", "a: b: c", "authority: {code: 0123}", "year: &x 1\n<<: *x\n", "? a\n: b\n", "%YAML 1.2\n---\n", "a: |\n b\n", "a: 1\n---\na: 2\n",
		"authority:\n  - {code: [", "\"a\\x\": 'b", "dates:\n\tnotice: 1", "year: !!int 2025", "\"\": 1", "'a\n\n b: c': 1", "year: 2025 #\r\n",
	} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		scheme, reading := readScheme("s.yaml", content)
		faults := reading.faults()
		wantPlaced(t, faults, content)
		if faults == nil && (scheme.RuleSet == "" && !strings.Contains(string(content), "rule_set") || scheme.Year < 0) {
			t.Errorf("taken for a scheme: %+v", scheme)
		}
	})
}
