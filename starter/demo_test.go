package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/integration/dataset"
	"github.com/kaoping/kaoping/internal/settings"
)

// december is a year of three units that ends with the last days that anybody has published: nothing in it may need a
// day of 2027.
var december = dataset.Options{
	Units: 3, Year: 2026, Dates: [5]string{"2026-11-30", "2026-12-04", "2026-12-09", "2026-12-11", "2026-12-18"},
	Crons: dataset.Daily("0 9 * * *"), Before: 2, After: 1, ReturnWorkingDays: 1,
}

// small DIR writes a data set of three units.
func small(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[0]), dataset.Files(december)))
}

// Beside `up` in one folder, other commands find up's servers first: the demo says how its own are reached.
func TestReach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demo := settings.Settings{DatabaseURL: "postgres://demo"}
	if err := devstack.WriteAddresses(filepath.Join(dir, "rehearsal"), demo.Addresses()); err != nil {
		t.Fatal(err)
	}
	if got := reach(settings.Settings{}, dir, demo); got != "" {
		t.Errorf("alone it needs %q", got)
	}
	if err := devstack.WriteAddresses(dir, settings.Settings{DatabaseURL: "postgres://up"}.Addresses()); err != nil {
		t.Fatal(err)
	}
	if got, want := reach(settings.Settings{}, dir, demo), " --database-url 'postgres://demo'"; got != want {
		t.Errorf("beside up it needs %q, want %q", got, want)
	}
}
