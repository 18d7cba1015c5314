package deploy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readme names the headings under which one language's README has its tables, and its word for an empty default.
type readme struct {
	file                               string
	settings, images, ports, variables string
	none                               string
}

var readmes = []readme{
	{"README.md", "## Settings", "### Images", "### Ports", "### Variables", "none"},
	{"README.zh.md", "## 配置项", "### 镜像", "### 端口", "### 变量", "无"},
}

// table returns the rows under a heading, without the table's own heading and with each cell's back ticks taken off.
func table(t *testing.T, file, heading string) [][]string {
	t.Helper()
	_, section, found := strings.Cut(read(t, file), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", file, heading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	rows := [][]string{}
	for line := range strings.Lines(section) {
		inner, isRow := strings.CutPrefix(strings.TrimSpace(line), "|")
		if !isRow {
			continue
		}
		inner = strings.ReplaceAll(strings.TrimSuffix(inner, "|"), `\|`, "\x00")
		cells := strings.Split(inner, "|")
		for i, cell := range cells {
			cells[i] = strings.Trim(strings.ReplaceAll(strings.TrimSpace(cell), "\x00", "|"), "`")
		}
		rows = append(rows, cells)
	}
	if len(rows) < 3 {
		t.Fatalf("%s: no table under %q", file, heading)
	}
	return rows[2:]
}

func firstCells(rows [][]string) []string {
	cells := []string{}
	for _, row := range rows {
		cells = append(cells, row[0])
	}
	slices.Sort(cells)
	return cells
}

func TestImageTables(t *testing.T) {
	t.Parallel()
	images := map[string]bool{}
	for _, service := range project(t).Services {
		images[service.Image] = true
	}
	for _, image := range baseImages(t) {
		images[image] = true
	}
	for _, readme := range readmes {
		got := firstCells(table(t, readme.file, readme.images))
		if diff := cmp.Diff(slices.Sorted(maps.Keys(images)), got); diff != "" {
			t.Errorf("%s, images (-files +table):\n%s", readme.file, diff)
		}
	}
}

func TestPortTables(t *testing.T) {
	t.Parallel()
	ports := map[string]string{}
	for name, service := range project(t).Services {
		for _, port := range service.Ports {
			ports[port.Published] = name
		}
	}
	for _, readme := range readmes {
		got := map[string]string{}
		for _, row := range table(t, readme.file, readme.ports) {
			got[row[0]] = row[1]
		}
		if diff := cmp.Diff(ports, got); diff != "" {
			t.Errorf("%s, ports (-docker-compose.yml +table):\n%s", readme.file, diff)
		}
	}
}

func TestVariableTables(t *testing.T) {
	t.Parallel()
	for _, readme := range readmes {
		want, got := map[string]string{}, map[string]string{}
		for name, variable := range variables(t) {
			want[name] = variable.DefaultValue
			if variable.DefaultValue == "" && !variable.Required {
				want[name] = readme.none
			}
		}
		for _, row := range table(t, readme.file, readme.variables) {
			got[row[0]] = row[2]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, variables (-docker-compose.yml +table):\n%s", readme.file, diff)
		}
	}
}

func TestSettingsTables(t *testing.T) {
	t.Parallel()
	for _, readme := range readmes {
		got := firstCells(table(t, readme.file, readme.settings))
		if diff := cmp.Diff(slices.Sorted(slices.Values(settings)), got); diff != "" {
			t.Errorf("%s, settings (-known +table):\n%s", readme.file, diff)
		}
	}
}
