package rules

import (
	"cmp"
	"math/big"
)

// EvaluationResult is the outcome of one evaluated unit (E10).
type EvaluationResult struct {
	Code    string         `json:"code"`
	Ballots map[string]int `json:"ballots"` // by channel
	Index   *Points        `json:"index"`   // nil if a channel has too few ballots
	Grade   string         `json:"grade"`
	Rank    *int           `json:"rank"` // nil where Index is
}

// mean is the exact mean of the ballots, in hundredths.
func (t *ChannelTally) mean(points map[string]Points) *big.Rat {
	sum := new(big.Rat)
	for answered, questions := range t.Times {
		worth := new(big.Int)
		for _, answers := range questions {
			for answer, times := range answers {
				worth.Add(worth, new(big.Int).Mul(big.NewInt(times), big.NewInt(int64(points[answer]))))
			}
		}
		sum.Add(sum, new(big.Rat).SetFrac(worth, big.NewInt(int64(answered))))
	}
	return sum.Quo(sum, new(big.Rat).SetInt64(int64(t.Ballots)))
}

// evaluate computes the index of each unit: the channels' means by weight,
// rounded once; from it grade and rank (E10).
func (b *Book) evaluate() Results {
	results := Results{kind: b.Kind, Evaluated: make([]EvaluationResult, len(b.Units))}
	for _, channel := range b.Rules.Evaluation.Channels {
		if _, ok := b.Channels[channel.ID]; ok {
			results.channels = append(results.channels, channel.ID)
		}
	}
	tallies := b.tally()
	for i, unit := range b.Units {
		results.Evaluated[i] = b.evaluateUnit(unit, tallies[unit.Code])
	}
	rankEvaluated(results.Evaluated)
	return results
}

func (b *Book) evaluateUnit(unit BookUnit, tallies map[string]*ChannelTally) EvaluationResult {
	result := EvaluationResult{Code: unit.Code, Ballots: map[string]int{}, Grade: b.Rules.Evaluation.Insufficient.ID}
	enough := true
	for id, channel := range b.Channels {
		result.Ballots[id] = tallies[id].Ballots
		enough = enough && int64(tallies[id].Ballots) >= channel.MinBallots
	}
	if !enough {
		return result
	}
	exact := new(big.Rat)
	for id, channel := range b.Channels {
		exact.Add(exact, new(big.Rat).Mul(channel.weight(), tallies[id].mean(b.AnswerPoints)))
	}
	index := halfUp(exact)
	result.Index, result.Grade = &index, b.evaluationGrade(index)
	return result
}

// evaluationGrade is the first grade whose threshold the index reaches, else
// the last.
func (b *Book) evaluationGrade(index Points) string {
	grades := b.Rules.Evaluation.Grades
	last := len(grades) - 1
	for _, grade := range grades[:last] {
		if index >= b.Thresholds[grade.ID] {
			return grade.ID
		}
	}
	return grades[last].ID
}

// rankEvaluated ranks by index; units without one have no rank.
func rankEvaluated(results []EvaluationResult) {
	index := func(i int) Points {
		if results[i].Index == nil {
			return -1
		}
		return *results[i].Index
	}
	compare := func(a, b int) int { return cmp.Compare(index(b), index(a)) }
	var ranks ranking
	for _, i := range ascending(len(results), compare) {
		if results[i].Index != nil {
			rank := ranks.next(i, compare)
			results[i].Rank = &rank
		}
	}
}
