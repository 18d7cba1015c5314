package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kaoping/kaoping/internal/integration/dataset"
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
