package rules

import (
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// evaluationFaults are those of an evaluation's book beyond its units.
func (b *Book) evaluationFaults() Faults {
	var faults Faults
	for i, unit := range b.Units {
		if unit.Scores != nil {
			faults.add(indexed("units", i)+".scores", "unknown field in a book of kind %s", b.Kind)
		}
		if unit.Adjustments != nil {
			faults.add(indexed("units", i)+".adjustments", "unknown field in a book of kind %s", b.Kind)
		}
	}
	if b.Rules == nil {
		return faults
	}
	faults = append(faults, b.questionFaults()...)
	grades := b.Rules.Evaluation.Grades.IDs()
	faults.under("answer_points", fallingFaults(b.AnswerPoints, grades))
	faults.under("thresholds", fallingFaults(b.Thresholds, grades[:len(grades)-1]))
	faults.under("channels", b.channelFaults())
	return append(faults, b.ballotFaults()...)
}

// questionFaults want the questions that the rules prescribe (E7), each once.
func (b *Book) questionFaults() Faults {
	var faults Faults
	codes := bookCodes{}
	for i, question := range b.Questions {
		faults = append(faults, codes.faults(indexed("questions", i), question)...)
	}
	for _, question := range b.Rules.Evaluation.Questions {
		if !codes[question.ID] {
			faults.add("questions", "%s is missing (%s)", question.ID, question.Article)
		}
	}
	return faults
}

// fallingFaults want points for each of the words and for no other, the first
// above the second and none above the one before.
func fallingFaults(points map[string]Points, words []string) Faults {
	var faults Faults
	for i, word := range words {
		p, ok := points[word]
		if !ok {
			faults.add(word, "missing")
			continue
		}
		if i == 0 {
			continue
		}
		before, ok := points[words[i-1]]
		if ok && (p > before || p == before && i == 1) {
			faults.add(words[i-1], "%s is not above %s, %s", before.Short(), word, p.Short())
		}
	}
	for _, word := range slices.Sorted(maps.Keys(points)) {
		if !slices.Contains(words, word) {
			faults.add(word, "unknown; known are %s", strings.Join(words, ", "))
		}
	}
	return faults
}

var weightForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.[0-9]{1,1000})?$`)

// decimal is all of a number that has an end.
func decimal(number *big.Rat) string {
	digits, _ := number.FloatPrec()
	return number.FloatString(digits)
}

// weight is the channel's weight, nil if it is not a decimal.
func (c Channel) weight() *big.Rat {
	if !weightForm.MatchString(c.Weight) {
		return nil
	}
	weight, _ := new(big.Rat).SetString(c.Weight)
	return weight
}

// channelFaults want channels that the rules know (E9), whose weights sum to 1.
func (b *Book) channelFaults() Faults {
	var faults Faults
	sum, readable := new(big.Rat), true
	for _, id := range slices.Sorted(maps.Keys(b.Channels)) {
		channel := b.Channels[id]
		if !b.Rules.Evaluation.Channels.Has(id) {
			faults.add(id, "unknown channel; known are %s", strings.Join(b.Rules.Evaluation.Channels.IDs(), ", "))
		}
		if channel.MinBallots < 1 || channel.MinBallots > maxCount {
			faults.add(id+".min_ballots", "%d is not a whole number from 1 to %d", channel.MinBallots, maxCount)
		}
		if weight := channel.weight(); weight != nil {
			sum.Add(sum, weight)
		} else {
			faults.add(id+".weight", "%q is not a decimal such as 0.6", shortened(channel.Weight))
			readable = false
		}
	}
	if readable && sum.Cmp(big.NewRat(1, 1)) != 0 {
		faults.add("", "the weights sum to %s, not to 1", decimal(sum))
	}
	return faults
}

func (b *Book) ballotFaults() Faults {
	var faults Faults
	units, questions := map[string]bool{}, map[string]bool{}
	for _, unit := range b.Units {
		units[unit.Code] = true
	}
	for _, question := range b.Questions {
		questions[question] = true
	}
	for i, ballot := range b.Ballots {
		path := indexed("ballots", i)
		if !units[ballot.Unit] {
			faults.add(path+".unit", "unknown unit %q", shortened(ballot.Unit))
		}
		if _, ok := b.Channels[ballot.Channel]; !ok {
			faults.add(path+".channel", "unknown channel %q", shortened(ballot.Channel))
		}
		faults.under(path, b.answerFaults(ballot, questions))
	}
	return faults
}

// answerFaults want at least one answer, and only answers and questions that
// the book has (E9, E10).
func (b *Book) answerFaults(ballot Ballot, questions map[string]bool) Faults {
	var faults Faults
	if len(ballot.Answers) == 0 {
		faults.add("answers", "no question is answered")
	}
	sound := true
	for question, answer := range ballot.Answers {
		_, known := b.AnswerPoints[answer]
		sound = sound && known && questions[question]
	}
	if sound {
		return faults
	}
	for _, question := range slices.Sorted(maps.Keys(ballot.Answers)) {
		path := keyed("answers", question)
		if !questions[question] {
			faults.add(path, "unknown question")
		}
		answer := ballot.Answers[question]
		if _, known := b.AnswerPoints[answer]; !known {
			faults.add(path, "unknown answer %q", shortened(answer))
		}
	}
	return faults
}
