package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// ErrNoResults says that a book to be checked came without results.
var ErrNoResults = errors.New("the book has no results to compare with")

// A Difference is one field in which the results that a book came with are not
// what it computes to. Values are JSON; empty means that there is none.
type Difference struct {
	Path     string
	Claimed  string
	Computed string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: the book says %s, recomputed it is %s", d.Path, orNothing(d.Claimed), orNothing(d.Computed))
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// Differences are all differences of a book; as an error, one line each.
type Differences []Difference //nolint:errname // a list of differences first, an error where one is wanted

func (d Differences) Error() string {
	lines := make([]string, len(d))
	for i, difference := range d {
		lines[i] = difference.String()
	}
	return strings.Join(lines, "\n")
}

func (d *Differences) compare(path, claimed, computed string) {
	if claimed != computed {
		*d = append(*d, Difference{Path: path, Claimed: claimed, Computed: computed})
	}
}

// Recompute reads a book and writes its results to out, or, to check it,
// compares them with those that it came with and writes nothing. It fails with
// Faults if the book is refused, ErrNoResults if there is nothing to check,
// and Differences if the results differ.
func Recompute(in io.Reader, lib Library, check bool, out io.Writer) error {
	book, err := ReadBook(in, lib)
	if err != nil {
		return err
	}
	if !check {
		return book.Compute().Write(out)
	}
	differences, err := book.Check()
	if err == nil && len(differences) > 0 {
		return differences
	}
	return err
}

// Check compares the results that came with the book with what it computes to.
func (b *Book) Check() (Differences, error) {
	if b.claims == nil {
		return nil, ErrNoResults
	}
	var differences Differences
	place := map[string]int{} // where the book's results have a unit
	for i, claim := range slices.Backward(b.claims.units) {
		place[claim.fields["code"]] = i
	}
	results, last := b.Compute(), -1
	matched := make([]bool, len(b.claims.units))
	for i := range b.Units {
		computed := results.claim(i)
		at, ok := place[computed.fields["code"]]
		if !ok {
			differences.compare("results.units", "", computed.result())
			continue
		}
		path := indexed("results.units", at)
		if at < last {
			differences.compare(path, computed.result()+" here", "the order of the book's units")
		}
		b.claims.units[at].compare(path, computed, &differences)
		matched[at], last = true, at
	}
	for i, claim := range b.claims.units {
		if !matched[i] {
			differences.compare(indexed("results.units", i), claim.result(), "")
		}
	}
	return differences, nil
}

// claim is a computed result in the form of one that a book came with: as
// anyone would read it.
func (r Results) claim(i int) claim {
	var line jsonLine
	if r.kind == EvaluationBook {
		r.Evaluated[i].write(&line, r.channels)
	} else {
		r.Units[i].write(&line)
	}
	reading := bookReading{reading: newReading(bytes.NewReader(line))}
	return reading.readClaim()
}

func (c claim) result() string { return "a result of " + orNothing(c.fields["code"]) }

// compare names each field in which a claim differs from what is computed.
func (c claim) compare(path string, computed claim, differences *Differences) {
	differences.compareAll(path, c.fields, computed.fields)
	differences.compareAll(path+".ballots", c.ballots, computed.ballots)
	for i := range max(len(c.explanation), len(computed.explanation)) {
		at := indexed(path+".explanation", i)
		claimed, line := lineAt(c.explanation, i), lineAt(computed.explanation, i)
		differences.compare(at+".article", claimed.article, line.article)
		differences.compare(at+".text", claimed.text, line.text)
		differences.compare(at+".points", claimed.points, line.points)
	}
}

// compareAll compares each entry that either has.
func (d *Differences) compareAll(path string, claimed, computed map[string]string) {
	if maps.Equal(claimed, computed) {
		return
	}
	keys := maps.Clone(computed)
	if keys == nil {
		keys = map[string]string{}
	}
	maps.Copy(keys, claimed)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		d.compare(joined(path, key), claimed[key], computed[key])
	}
}

func lineAt(lines []claimedLine, i int) claimedLine {
	if i < len(lines) {
		return lines[i]
	}
	return claimedLine{}
}
