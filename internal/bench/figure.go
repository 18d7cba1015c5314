package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// figure is one line of the table.
type figure struct {
	name string
	// ours and reference are the two sides as people read them, each with its unit.
	ours, reference string
	ratio, bound    float64
	// least says that the bound is the least ratio; else it is the most.
	least bool
}

func (f figure) within() bool {
	if f.least {
		return f.ratio >= f.bound
	}
	return f.ratio <= f.bound
}

func (f figure) boundText() string {
	sign := "≤"
	if f.least {
		sign = "≥"
	}
	return fmt.Sprintf("%s %.2f", sign, f.bound)
}

func (f figure) verdict() string {
	if f.within() {
		return "PASS"
	}
	return "FAIL"
}

// render is the table, and below it what it was measured on.
func render(figures []figure) string {
	rows := table.NewWriter()
	rows.SetStyle(table.StyleLight)
	rows.AppendHeader(table.Row{"figure", "ours", "reference", "ratio", "bound", "verdict"})
	rows.SetColumnConfigs([]table.ColumnConfig{{Name: "ratio", Align: text.AlignRight}, {Name: "bound", Align: text.AlignRight}})
	for _, f := range figures {
		rows.AppendRow(table.Row{f.name, f.ours, f.reference, fmt.Sprintf("%.2f", f.ratio), f.boundText(), f.verdict()})
	}
	return fmt.Sprintf("%s\n%d cores, %s, %s/%s\n", rows.Render(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// pair is one measurement of both sides, one right after the other.
type pair struct {
	ours, reference time.Duration
}

// pairs is how often both sides are measured in turn: what else the machine does then hits both.
const pairs = 3

// medians are the median of each side and of the pairs' own ratios.
func medians(taken []pair) (ours, reference time.Duration, ratio float64) {
	var left, right []time.Duration
	var ratios []float64
	for _, pair := range taken {
		left, right = append(left, pair.ours), append(right, pair.reference)
		ratios = append(ratios, pair.ours.Seconds()/pair.reference.Seconds())
	}
	return median(left), median(right), median(ratios)
}

// median is the middle value; of an even number the lower of the two.
func median[Value time.Duration | int64 | float64](values []Value) Value {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
