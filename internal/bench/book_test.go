package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/rules"
)

// The measured book breaks no rule, and has the shape that the figure names.
func TestBook(t *testing.T) {
	t.Parallel()
	lib, err := settings.Rules("")
	must(t, err)
	var text bytes.Buffer
	must(t, bookOf(&text, 7))
	book, err := rules.ReadBook(bytes.NewReader(text.Bytes()), lib)
	must(t, err)
	is(t, "units", len(book.Units), 7)
	is(t, "indicators", len(book.Indicators), 40)
	for _, unit := range book.Units {
		is(t, "scored indicators", len(unit.Scores), 40)
		for _, points := range unit.Scores {
			is(t, "assessors", len(points), 3)
		}
	}
	// (0×7 + 0×13 + 2×31) mod 250 + 1 hundredths of the first unit's first indicator
	is(t, "the third assessor's points", book.Units[0].Scores["1.1"][2].String(), "0.63")
	must(t, rules.Recompute(bytes.NewReader(text.Bytes()), lib, false, io.Discard))
}
