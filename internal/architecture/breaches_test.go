package architecture

import (
	"slices"
	"testing"
)

// The checks themselves can fail: on a module made up of one breach each.
func TestBreaches(t *testing.T) {
	t.Parallel()
	rooms := []string{"office", "rules", "starter", "store", "worker"}
	allowed := map[string][]string{
		"store":  arrows("store", "rules", rooms),
		"worker": arrows("worker", "all but starter", rooms),
		"rules":  arrows("rules", "–", rooms),
	}
	for name, test := range map[string]struct {
		file source
		want int
	}{
		"along an arrow":          {source{room: "store", imports: []string{"rules"}}, 0},
		"within a room":           {source{room: "store", imports: []string{"store/queries"}}, 0},
		"against an arrow":        {source{room: "rules", imports: []string{"store"}}, 1},
		"below another room":      {source{room: "rules", imports: []string{"store/queries"}}, 1},
		"without any arrow":       {source{room: "store", imports: []string{"office", "worker"}}, 2},
		"all but one":             {source{room: "worker", imports: []string{"office", "rules", "store"}}, 0},
		"the one":                 {source{room: "worker", imports: []string{"starter"}}, 1},
		"a room nobody knows":     {source{room: "internal/new", imports: []string{"rules"}}, 1},
		"a test may import more":  {source{room: "rules", test: true, imports: []string{"store"}}, 0},
		"but never a program":     {source{room: "rules", test: true, imports: []string{"starter"}}, 1},
		"internal by two folders": {source{room: roomOf("internal/devstack/inbox"), imports: []string{"internal/devstack"}}, 0},
	} {
		if got := breaches([]source{test.file}, allowed); len(got) != test.want {
			t.Errorf("%s: %d breaches, want %d: %v", name, len(got), test.want, got)
		}
	}
}

func TestVagueNames(t *testing.T) {
	t.Parallel()
	names := []string{"store/util.go", "internal/helpers/x.go", "mail/mail_manager.go", "office/base_test.go", "store/store.go", "rules/basement.go"}
	got := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !vague.MatchString(name) })
	if want := names[:4]; !slices.Equal(got, want) {
		t.Errorf("vague are %v, want %v", got, want)
	}
}
