package rules

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A Book is everything that the points of one cycle follow from, and so lets
// anyone compute them again. Its JSON form is described in docs/rules.md.
type Book struct {
	Kind  BookKind
	Rules *RuleSet
	Year  int
	Units []BookUnit

	Indicators []Indicator // of an assessment: code, area, track, max and categories count

	Questions    []string // of an evaluation, from here on (E7)
	AnswerPoints map[string]Points
	Channels     map[string]Channel
	Thresholds   map[string]Points
	Ballots      []Ballot
	Tally        Tally             // of ballots that are kept elsewhere, in place of Ballots; such a book is not written
	Excluded     []json.RawMessage // ballots left out, each an object with its reason

	// What an exported book says of itself; nothing is computed from it.
	Cycle          string
	Extension      *Extension // A16
	ApprovedDigest string

	claims *claims // the results that the book came with

	vague map[int]bool // the indicators of which it could not be read for whom they are
}

// BookKind says what a book is of.
type BookKind string

// The kinds of books.
const (
	AssessmentBook BookKind = "assessment"
	EvaluationBook BookKind = "evaluation"
)

// BookUnit is an assessed or evaluated unit.
type BookUnit struct {
	Code     string
	Name     string
	Category string

	Scores      map[string][]Points // by indicator, one entry an assessor; nil in an evaluation
	Adjustments []Adjustment
}

// Adjustment is how often a clause applies to a unit (A10, A11).
type Adjustment struct {
	Clause string
	Count  int64
}

// Channel is how much a channel of an evaluation weighs, and how many of its
// ballots a unit needs (E10).
type Channel struct {
	Weight     string `json:"weight"` // a decimal; the weights of a book sum to 1
	MinBallots int64  `json:"min_ballots"`
}

// Ballot is one voter's answers on one unit, by question. A question may be
// left out. Ballots with the same answers may share them: do not change them.
type Ballot struct {
	Unit    string
	Channel string
	Answers map[string]string
}

// maxCount bounds how often clauses may apply to one unit, and how many
// ballots may be asked for: beyond any use, and far from overflow.
const maxCount = 100_000_000_000_000

// lastYear is the last year that a book may be of.
const lastYear = 9999

// unlimited stands for a maximum that could not be read, so that the points
// below it are not refused too.
const unlimited Points = math.MaxInt64

// ReadBook reads a book and refuses it with every fault at once, as Faults. An
// error that is not Faults is the reader's.
func ReadBook(in io.Reader, lib Library) (*Book, error) {
	r := &bookReading{reading: newReading(in), book: &Book{vague: map[int]bool{}}, answers: map[string]map[string]string{}}
	present := r.readBook(lib)
	r.end()
	switch {
	case errors.Is(r.err, errBroken):
		return nil, r.faults
	case r.err != nil:
		return nil, r.err
	}
	faults := slices.Concat(r.faults, r.book.fieldFaults(present))
	faults = append(faults, faults.beside(r.book.Faults())...)
	if len(faults) > 0 {
		return nil, faults
	}
	return r.book, nil
}

// notSummed are the fields of an element that a judgement of its whole list
// does not ask: how its codes read changes no sum and no coverage, and how many
// ballots a channel needs changes no weight.
var notSummed = regexp.MustCompile(`^(indicators\[\d+\]\.code|channels\..*\.min_ballots)$`)

// beside is those of the other faults that do not merely follow from one of
// these: a list whose element could not be read has no sum worth judging.
func (f Faults) beside(other Faults) Faults {
	under, at := map[string]bool{}, map[string]bool{}
	for _, fault := range f {
		if fault.apart {
			continue
		}
		at[fault.Path] = true
		if notSummed.MatchString(fault.Path) {
			continue
		}
		for path := range ancestors(fault.Path) {
			under[path] = true
		}
	}
	var beside Faults
	for _, fault := range other {
		follows := under[fault.Path]
		for path := range ancestors(fault.Path) {
			follows = follows || at[path]
		}
		if !follows {
			beside = append(beside, fault)
		}
	}
	return beside
}

// ancestors are the path itself and the paths above it.
func ancestors(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for at := len(path); at > 0; at = strings.LastIndexAny(path[:at], ".[") {
			if !yield(path[:at]) {
				return
			}
		}
	}
}

// bookReading reads the fields of a book into it.
type bookReading struct {
	*reading
	book    *Book
	answers map[string]map[string]string // of ballots, by their raw JSON
}

// readBook reads the outermost object and returns its keys.
func (r *bookReading) readBook(lib Library) map[string]bool {
	b := r.book
	return r.object(func(key string) {
		switch key {
		case "kind":
			b.Kind = r.readKind()
		case "rule_set":
			b.Rules = r.readRuleSet(lib)
		case "year":
			b.Year = int(r.integer(1, lastYear))
		case "indicators":
			r.array(func(int) { b.Indicators = append(b.Indicators, r.readIndicator()) })
		case "units":
			r.array(func(int) { b.Units = append(b.Units, r.readUnit()) })
		case "cycle":
			b.Cycle = r.text()
		case "extension":
			b.Extension = r.readExtension()
		case "digest":
			b.ApprovedDigest = r.text()
		case "results":
			b.claims = r.readClaims()
		default:
			r.readEvaluationField(key)
		}
	}, "kind", "rule_set", "year", "units")
}

func (r *bookReading) readKind() BookKind {
	kind := BookKind(r.text())
	if kind != AssessmentBook && kind != EvaluationBook {
		r.fault("unknown kind %q", shortened(string(kind)))
	}
	return kind
}

func (r *bookReading) readRuleSet(lib Library) *RuleSet {
	before := len(r.faults)
	id := r.text()
	set, ok := lib.RuleSet(id)
	if !ok && len(r.faults) == before {
		r.fault("unknown rule set %q; known are %s", shortened(id), strings.Join(lib.IDs(), ", "))
	}
	return set
}

func (r *bookReading) readIndicator() Indicator {
	indicator := Indicator{Max: unlimited}
	r.object(func(key string) {
		switch key {
		case "code":
			indicator.Code = r.text()
		case "area":
			indicator.Area = r.text()
		case "track":
			indicator.Track = r.text()
		case "max":
			if points, ok := r.points(maxDigits); ok {
				indicator.Max = points
			}
		case "categories":
			before := len(r.faults)
			indicator.Categories = r.texts()
			if len(r.faults) > before {
				r.book.vague[len(r.book.Indicators)] = true
			}
		default:
			r.unknown()
		}
	}, "code", "area", "track", "max")
	return indicator
}

func (r *bookReading) readUnit() BookUnit {
	var unit BookUnit
	r.object(func(key string) {
		switch key {
		case "code":
			unit.Code = r.text()
		case "name":
			unit.Name = r.text()
		case "category":
			unit.Category = r.text()
		case "scores":
			unit.Scores = make(map[string][]Points, len(r.book.Indicators))
			r.table(func(code string) { unit.Scores[code] = r.pointsList() })
		case "adjustments":
			unit.Adjustments = []Adjustment{}
			r.array(func(int) { unit.Adjustments = append(unit.Adjustments, r.readAdjustment()) })
		default:
			r.unknown()
		}
	}, "code", "name", "category")
	return unit
}

func (r *bookReading) readAdjustment() Adjustment {
	adjustment := Adjustment{Count: 1}
	r.object(func(key string) {
		switch key {
		case "clause":
			adjustment.Clause = r.text()
		case "count":
			adjustment.Count = r.integer(1, maxCount)
		default:
			r.unknown()
		}
	}, "clause", "count")
	return adjustment
}

// readExtension reads the document that extended the rules, with its date or
// as its number alone.
func (r *bookReading) readExtension() *Extension {
	extension := new(Extension)
	if r.json.PeekKind() == jsontext.KindString {
		extension.Document = r.text()
		return extension
	}
	r.object(func(key string) {
		switch key {
		case "document":
			extension.Document = r.text()
		case "date":
			extension.Date = Day(r.text())
		default:
			r.unknown()
		}
	}, "document")
	return extension
}
