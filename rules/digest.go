package rules

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// Digest is what an approval approves (A8(6)): the SHA-256, in hexadecimal, of
// what the book computes from and of the results. It does not depend on the
// order of units, indicators or assessors, nor on the wording of explanations,
// nor on what the book says of itself. Ballots count as they are tallied, so a
// million of them need not be read one by one.
func (b *Book) Digest() string {
	canonical := b.canonical()
	results := canonical.Compute()
	for i := range results.Units {
		results.Units[i].Explanation = nil
	}
	hash := sha256.New()
	out := bufio.NewWriter(hash)
	canonical.write(out, results)
	if b.Kind == EvaluationBook {
		_ = json.NewEncoder(out).Encode(canonical.Tally) // maps of numbers are always written
	}
	_ = out.Flush() // a hash takes everything
	return hex.EncodeToString(hash.Sum(nil))
}

// canonical is the same book with all lists in order.
func (b *Book) canonical() *Book {
	c := *b
	c.Cycle, c.Extension, c.ApprovedDigest, c.Excluded = "", nil, "", nil
	c.Indicators = sorted(b.Indicators, func(i Indicator) string { return i.Code })
	for i := range c.Indicators {
		c.Indicators[i].Categories = slices.Sorted(slices.Values(c.Indicators[i].Categories))
	}
	c.Units = sorted(b.Units, func(u BookUnit) string { return u.Code })
	for i := range c.Units {
		c.Units[i] = c.Units[i].canonical()
	}
	c.Questions = slices.Sorted(slices.Values(b.Questions))
	if b.Kind == EvaluationBook {
		c.Tally, c.Ballots = b.tally(), nil
	}
	return &c
}

// canonical is the same unit with the assessors' points in order, and one
// adjustment a clause.
func (u BookUnit) canonical() BookUnit {
	scores := make(map[string][]Points, len(u.Scores))
	for code, points := range u.Scores {
		scores[code] = slices.Sorted(slices.Values(points))
	}
	counts := map[string]int64{}
	for _, adjustment := range u.Adjustments {
		counts[adjustment.Clause] += adjustment.Count
	}
	u.Scores, u.Adjustments = scores, nil
	for _, clause := range slices.Sorted(maps.Keys(counts)) {
		u.Adjustments = append(u.Adjustments, Adjustment{Clause: clause, Count: counts[clause]})
	}
	return u
}

// sorted is a copy of a list in the order of its keys, each made once.
func sorted[T any](list []T, key func(T) string) []T {
	type keyed struct {
		key     string
		element T
	}
	pairs := make([]keyed, len(list))
	for i, element := range list {
		pairs[i] = keyed{key(element), element}
	}
	slices.SortStableFunc(pairs, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	ordered := make([]T, len(list))
	for i, pair := range pairs {
		ordered[i] = pair.element
	}
	return ordered
}
