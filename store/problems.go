package store

import "github.com/kaoping/kaoping/store/query"

// RepeatedProblems are the indicators of units that were problems the year before: found again, they are marked (A13).
func (c *Change) RepeatedProblems() (map[query.ProblemYearBeforeRow]bool, error) {
	before, err := c.ProblemYearBefore(c.Context, query.ProblemYearBeforeParams{Authority: c.Cycle.Authority, Year: c.Cycle.Year - 1})
	if err != nil {
		return nil, err
	}
	repeated := map[query.ProblemYearBeforeRow]bool{}
	for _, problem := range before {
		repeated[problem] = true
	}
	return repeated, nil
}
