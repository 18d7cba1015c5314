// Package architecture holds what every file of the module must keep: the arrows between rooms that README.md shows, a
// package comment, a readable length and a name that says something. It reads the source and builds nothing.
package architecture

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root     = "../.."
	module   = "github.com/kaoping/kaoping/"
	maxLines = 400
)

// programs are rooms that nobody imports.
var programs = []string{"starter", "worker"}

// source is one Go file of the module.
type source struct {
	path      string // from the module's root, with slashes
	room      string
	imports   []string // of the module, without the module's path
	lines     int
	test      bool
	generated bool
	commented bool // has a package comment
}

// roomOf tells the folder of README's table in which a package lies: the first of its path, below internal the first two.
func roomOf(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	if parts[0] == "internal" && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func parse(name string) (source, error) {
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return source{}, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	found := source{
		path:      name,
		room:      roomOf(path.Dir(name)),
		lines:     bytes.Count(content, []byte("\n")),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(file),
		commented: file.Doc != nil,
	}
	for _, spec := range file.Imports {
		if inside, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, "`\""), module); ours {
			found.imports = append(found.imports, inside)
		}
	}
	return found, nil
}

// sources reads all Go files of the module. tools is a module of its own.
func sources(t *testing.T) []source {
	t.Helper()
	found := []source{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err = filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || name == "tools" {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		file, err := parse(filepath.ToSlash(name))
		found = append(found, file)
		return err
	})
	if err != nil {
		t.Fatalf("couldn't read the module: %v", err)
	}
	if len(found) < 2 {
		t.Fatalf("found %d Go files: the module is elsewhere", len(found))
	}
	return found
}

var row = regexp.MustCompile("(?m)^\\| `([a-z/]+)/` \\| [^|]+ \\| ([^|]+) \\|$")

// cells reads one language's table of folders: for each room its last cell.
func cells(t *testing.T, readme, heading string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, readme))
	if err != nil {
		t.Fatalf("couldn't read %s: %v", readme, err)
	}
	_, section, _ := strings.Cut(string(text), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	words := map[string]string{}
	for _, match := range row.FindAllStringSubmatch(section, -1) {
		words[match[1]] = match[2]
	}
	return words
}

// table reads README's table "Folders": for each room the rooms that it may import.
func table(t *testing.T) map[string][]string {
	t.Helper()
	words := cells(t, "README.md", "Folders")
	rooms := slices.Sorted(maps.Keys(words))
	allowed := map[string][]string{}
	for room, word := range words {
		allowed[room] = arrows(room, word, rooms)
	}
	return allowed
}

// arrows reads one cell: "–", "rules, calendar" or "all but starter".
func arrows(room, cell string, rooms []string) []string {
	if cell == "–" {
		return nil
	}
	except, everything := strings.CutPrefix(cell, "all but ")
	named := strings.Split(strings.TrimSpace(cell), ", ")
	if !everything {
		return named
	}
	named = append(strings.Split(except, ", "), room)
	return slices.DeleteFunc(slices.Clone(rooms), func(other string) bool { return slices.Contains(named, other) })
}

// breaches names every import that the table does not allow. Tests may import anything but a program.
func breaches(files []source, allowed map[string][]string) []string {
	found := []string{}
	for _, file := range files {
		for _, imported := range file.imports {
			to := roomOf(imported)
			switch {
			case to == file.room:
			case slices.Contains(programs, to), !file.test && !slices.Contains(allowed[file.room], to):
				found = append(found, fmt.Sprintf("%s imports %s: README.md draws no arrow from %s to %s",
					file.path, imported, file.room, to))
			}
		}
	}
	return found
}

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, breach := range breaches(sources(t), table(t)) {
		t.Error(breach)
	}
}

// The arrows that the design fixes: README's table may grow, but not turn one of these around.
func TestPureRoomsStayPure(t *testing.T) {
	t.Parallel()
	allowed := table(t)
	for room, want := range map[string][]string{
		"rules": nil, "calendar": nil, "schemas": nil, "internal/devstack": nil,
		"workflows": {"rules", "calendar"},
	} {
		if !slices.Equal(allowed[room], want) {
			t.Errorf("README.md lets %s import %v, the design %v", room, allowed[room], want)
		}
	}
	for room, targets := range allowed {
		for _, to := range targets {
			if slices.Contains(allowed[to], room) {
				t.Errorf("%s and %s may import each other", room, to)
			}
			if _, exists := allowed[to]; !exists {
				t.Errorf("%s may import %s, which is no room", room, to)
			}
		}
	}
}

func TestRoomsAreThoseOfTheReadme(t *testing.T) {
	t.Parallel()
	actual := map[string]bool{}
	for _, file := range sources(t) {
		actual[file.room] = true
	}
	listed := table(t)
	for room := range actual {
		if _, exists := listed[room]; !exists {
			t.Errorf("%s/ holds Go files and is not in README's table", room)
		}
	}
	for room := range listed {
		if !actual[room] {
			t.Errorf("README's table lists %s/, which holds no Go file", room)
		}
	}
	chinese := slices.Sorted(maps.Keys(cells(t, "README.zh.md", "目录")))
	if !slices.Equal(chinese, slices.Sorted(maps.Keys(listed))) {
		t.Errorf("README.zh.md lists other folders than README.md: %v", chinese)
	}
}

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, file := range sources(t) {
		if !file.generated && file.lines > maxLines {
			t.Errorf("%s has %d lines, more than %d", file.path, file.lines, maxLines)
		}
	}
}

func TestPackagesOpenWithAComment(t *testing.T) {
	t.Parallel()
	commented := map[string]bool{}
	for _, file := range sources(t) {
		if folder := path.Dir(file.path); !file.generated {
			commented[folder] = commented[folder] || file.commented
		}
	}
	for folder, has := range commented {
		if !has {
			t.Errorf("package %s has no package comment", folder)
		}
	}
}

var vague = regexp.MustCompile(`(^|[/_])(util|utils|common|helper|helpers|manager|base|impl|misc)([/_.]|$)`)

func TestNamesSaySomething(t *testing.T) {
	t.Parallel()
	for _, file := range sources(t) {
		if word := vague.FindString(file.path); word != "" {
			t.Errorf("%s: %q says nothing", file.path, word)
		}
	}
}
