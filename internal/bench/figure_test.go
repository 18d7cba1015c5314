package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	is(t, "of three", median([]int64{30, 10, 20}), 20)
	is(t, "of four, the lower", median([]int64{40, 10, 30, 20}), 20)
	is(t, "of one", median([]float64{0.5}), 0.5)
}

// The ratio is the median of the pairs' own, not that of the medians.
func TestMediansOfPairs(t *testing.T) {
	t.Parallel()
	ours, reference, ratio := medians([]pair{{time.Second, 4 * time.Second}, {2 * time.Second, 2 * time.Second}, {3 * time.Second, 6 * time.Second}})
	is(t, "ours", ours, 2*time.Second)
	is(t, "reference", reference, 4*time.Second)
	is(t, "ratio", ratio, 0.5)
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		figure         figure
		verdict, bound string
	}{
		{figure{ratio: 1, bound: 1}, "PASS", "≤ 1.00"},
		{figure{ratio: 1.01, bound: 1}, "FAIL", "≤ 1.00"},
		{figure{ratio: 0.8, bound: 0.8, least: true}, "PASS", "≥ 0.80"},
		{figure{ratio: 0.79, bound: 0.8, least: true}, "FAIL", "≥ 0.80"},
	} {
		is(t, "verdict", c.figure.verdict(), c.verdict)
		is(t, "bound", c.figure.boundText(), c.bound)
	}
	table := render([]figure{{name: "events", ours: "96", reference: "120", ratio: 0.8, bound: 1}})
	if !strings.Contains(table, "│ events │ 96   │ 120       │  0.80 │ ≤ 1.00 │ PASS    │") || !strings.Contains(table, "cores") {
		t.Errorf("the table is\n%s", table)
	}
}

func TestWhoIsOnTime(t *testing.T) {
	t.Parallel()
	line := func(event string, data map[string]any) store.JournalLine {
		return store.JournalLine{Line: store.Line{Event: event, Data: data}}
	}
	usual := []store.JournalLine{line("mail_sent", nil), line("report_submitted", nil)}
	for range assessors {
		usual = append(usual, line("sheet_submitted", nil))
	}
	for event, want := range map[string]bool{
		"rectification_accepted": true, "sheet_submitted": false, "report_returned": false, "deadline_extended": false, "proposal_returned": false,
	} {
		year := &unitYear{}
		for _, line := range append([]store.JournalLine{line(event, nil)}, usual...) {
			year.add(line)
		}
		is(t, event, year.onTime(), want)
	}
	late := &unitYear{}
	for _, line := range append(usual[2:], line("report_submitted", map[string]any{"late": true})) {
		late.add(line)
	}
	is(t, "late", late.onTime(), false)
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-only", "weather"}, {"-pace", "fast"}, {"-colour"}} {
		var told bytes.Buffer
		is(t, strings.Join(args, " "), run(t.Context(), args, &told, &told), 2)
		if told.Len() == 0 {
			t.Errorf("%v: nothing is said", args)
		}
	}
}
