package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// place is a file in docs/articles.md with the names that follow it.
var place = regexp.MustCompile("`([a-z/0-9_.-]+\\.(?:go|sql|yaml))`((?: [A-Za-z_]+)*)")

// TestArticlesNameWhatIsThere holds docs/articles.md against the code: every place and every test that it names.
func TestArticlesNameWhatIsThere(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile(filepath.Join(root, "docs", "articles.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	rows := 0
	for _, line := range strings.Split(string(table), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || !regexp.MustCompile(`^ [AE][0-9]`).MatchString(cells[1]) {
			continue
		}
		rows++
		checkPlaces(t, cells[1], cells[3])
		for _, name := range regexp.MustCompile(`Test\w+`).FindAllString(cells[4], -1) {
			if !tests[name] {
				t.Errorf("%s: there is no test %s", cells[1], name)
			}
		}
	}
	if rows < 28 {
		t.Errorf("docs/articles.md has %d rows; each article from A1 to A16 and from E1 to E12 needs one", rows)
	}
}

func checkPlaces(t *testing.T, article, cell string) {
	t.Helper()
	for _, found := range place.FindAllStringSubmatch(cell, -1) {
		content, err := os.ReadFile(filepath.Join(root, found[1]))
		if err != nil {
			t.Errorf("%s: %v", article, err)
			continue
		}
		for _, name := range strings.Fields(found[2]) {
			if !regexp.MustCompile(`(?i)(func (\([^)]*\) )?|FUNCTION )` + name + `\b`).Match(content) {
				t.Errorf("%s: %s has no function %s", article, found[1], name)
			}
		}
	}
}

func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(content, -1) {
			names[string(found[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
