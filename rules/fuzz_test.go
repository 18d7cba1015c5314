package rules_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/kaoping/kaoping/rules"
)

// Whatever the bytes: a book is refused with faults, or it computes to totals
// from 0 to 100 that their explanations add up to, and passes its own check.
// Fuzz it with -fuzzminimizetime=20x: shrinking one book takes longer than
// trying thousands.
func FuzzReadBook(f *testing.F) {
	f.Add([]byte(one))
	f.Add([]byte(export(f, one)))
	f.Add([]byte(survey(ballots(2, "A", "public", "sbd----"), ballots(1, "A", "representative", "d------"))))
	f.Add([]byte(newRandomBook(7).assessment()))
	f.Add([]byte(export(f, newRandomBook(7).evaluation())))
	f.Add([]byte(`{"kind": "assessment", "units": [{"scores": {"1": [[]]}}]}`))
	lib := library(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		book, err := rules.ReadBook(bytes.NewReader(text), lib)
		var faults rules.Faults
		if err != nil {
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("refused without faults: %v", err)
			}
			return
		}
		if !utf8.Valid(text) {
			t.Fatal("what is not UTF-8 was taken")
		}
		for _, u := range book.Compute().Units {
			addsUp(t, u)
			if u.Total < 0 || u.Total > 10000 {
				t.Errorf("unit %s has %s points", u.Code, u.Total)
			}
		}
		var exported bytes.Buffer
		if err := book.Write(&exported); err != nil {
			t.Fatal(err)
		}
		if err := rules.Recompute(&exported, lib, true, nil); err != nil {
			t.Fatalf("the exported book does not pass: %v", err)
		}
	})
}

// Whatever stands in scheme.yaml: it is judged without a crash, and every
// fault has a path and one line of text.
func FuzzScheme(f *testing.F) {
	f.Add("year: 2025\nrule_set: pingliang-2022\ndates: {notice: 2025-11-24, self_report_due: 2025-11-24}\n")
	f.Add("authority: {code: \"a\\nb\", name: '', tier: city}\nmax_spread: 1e9\nreturn_working_days: -1\n")
	f.Add("reminders: {self_report: {cron: \"TZ=UTC\", from_working_days_before: 9999}}\nextension: {document: x}\n")
	lib := library(f)
	f.Fuzz(func(t *testing.T, text string) {
		plan := rules.Plan{Scheme: rules.NewScheme()}
		if err := yaml.NewDecoder(strings.NewReader(text), yaml.Strict()).Decode(&plan.Scheme); err != nil {
			return
		}
		for _, fault := range append(plan.Faults(lib), plan.StartFaults(lib)...) {
			if fault.Path == "" || strings.ContainsAny(fault.String(), "\n\r\x00") {
				t.Errorf("a fault without a path, or of several lines: %q", fault)
			}
		}
	})
}
