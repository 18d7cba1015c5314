package office

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// proposed is a proposal's book with what it computes to.
type proposed struct {
	book    *rules.Book
	results rules.Results
	// at is where a unit stands in both, and in what follows.
	at map[string]int
	// points are a unit's by indicator, areas by content area; rest are the lines of its explanation that no indicator
	// has.
	points [][]rules.IndicatorPoints
	areas  [][]rules.AreaPoints
	rest   [][]rules.Line
}

func compute(book *rules.Book) *proposed {
	n := len(book.Units)
	p := &proposed{
		book: book, results: book.Compute(), at: make(map[string]int, n),
		points: make([][]rules.IndicatorPoints, n), areas: make([][]rules.AreaPoints, n), rest: make([][]rules.Line, n),
	}
	for i := range book.Units {
		unit := &book.Units[i]
		p.at[unit.Code] = i
		p.points[i], p.areas[i] = book.IndicatorPoints(unit), book.AreaPoints(unit)
		p.rest[i] = p.results.Units[i].Explanation[len(p.points[i]):]
	}
	return p
}

// shelfSpace is how many books a process keeps at hand; one of 500 units weighs some 10 MB.
const shelfSpace = 8

// shelf keeps the books of the proposals that were looked at last: a proposal's book never changes, and reading it is
// what a page of results costs. Nobody may change what lies on it.
type shelf struct {
	mu    sync.Mutex
	books []shelved
}

type shelved struct {
	cycle    int64
	number   int32
	computed *proposed
}

func (s *shelf) find(cycle int64, number int32) *proposed {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.books, func(b shelved) bool { return b.cycle == cycle && b.number == number })
	if at < 0 {
		return nil
	}
	found := s.books[at]
	s.books = append(slices.Delete(s.books, at, at+1), found)
	return found.computed
}

func (s *shelf) put(book shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.books) >= shelfSpace {
		s.books = slices.Delete(s.books, 0, 1)
	}
	s.books = append(s.books, book)
}

// proposedBook is a proposal's book, from the shelf if it was looked at before.
func (d *Desk) proposedBook(ctx context.Context, number int32) (*proposed, error) {
	if found := d.shelf.find(d.Cycle.CycleID, number); found != nil {
		return found, nil
	}
	row, err := d.Store.ProposalGet(ctx, query.ProposalGetParams{CycleID: d.Cycle.CycleID, Number: number})
	if store.IsMissing(err) {
		return nil, noProposal(number)
	}
	if err != nil {
		return nil, err
	}
	book, err := rules.ReadBook(strings.NewReader(row.Book), d.Rules)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the book of proposal %d of %s: %w", number, store.CycleName(d.Cycle), err)
	}
	computed := compute(book)
	d.shelf.put(shelved{cycle: d.Cycle.CycleID, number: number, computed: computed})
	return computed, nil
}

func noProposal(number int32) error { return store.Missing(fmt.Sprintf("no proposal %d", number)) }
