package rules

// Tally is all that an evaluation's results follow from, by unit and channel:
// as small for a million ballots as for ten.
type Tally map[string]map[string]*ChannelTally

// ChannelTally counts one channel's ballots about one unit. Times is how often
// each question was answered in each way, by how many questions a ballot
// answers, since it counts as the mean of its answers.
type ChannelTally struct {
	Ballots int                                 `json:"ballots"`
	Times   map[int]map[string]map[string]int64 `json:"times"`
}

// NewTally is that of no ballots.
func (b *Book) NewTally() Tally {
	tally := make(Tally, len(b.Units))
	for _, unit := range b.Units {
		tally[unit.Code] = map[string]*ChannelTally{}
		for channel := range b.Channels {
			tally[unit.Code][channel] = &ChannelTally{Times: map[int]map[string]map[string]int64{}}
		}
	}
	return tally
}

// Ballots is how many were counted.
func (t Tally) Ballots() int {
	sum := 0
	for _, unit := range t {
		for _, channel := range unit {
			sum += channel.Ballots
		}
	}
	return sum
}

// Add counts an answer that stands so many times in ballots with so many answers.
func (t *ChannelTally) Add(answered int, question, answer string, times int64) {
	questions := t.Times[answered]
	if questions == nil {
		questions = map[string]map[string]int64{}
		t.Times[answered] = questions
	}
	if questions[question] == nil {
		questions[question] = map[string]int64{}
	}
	questions[question][answer] += times
}

// tally is the book's own, or counts its ballots.
func (b *Book) tally() Tally {
	if b.Tally != nil {
		return b.Tally
	}
	tally := b.NewTally()
	for _, ballot := range b.Ballots {
		channel := tally[ballot.Unit][ballot.Channel]
		channel.Ballots++
		for question, answer := range ballot.Answers {
			channel.Add(len(ballot.Answers), question, answer, 1)
		}
	}
	return tally
}

// Counts are an evaluation's ballots and answers by unit: what an index is
// shown with.
type Counts map[string]UnitCounts

// UnitCounts are those about one unit, by channel.
type UnitCounts map[string]ChannelCounts

// ChannelCounts are a channel's ballots about one unit, and how often each
// question was answered in each way.
type ChannelCounts struct {
	Ballots int                       `json:"ballots"`
	Answers map[string]map[string]int `json:"answers"`
}

// Counts counts the ballots of an evaluation's book.
func (b *Book) Counts() Counts {
	counts := make(Counts, len(b.Units))
	for unit, channels := range b.tally() {
		counts[unit] = UnitCounts{}
		for channel, tally := range channels {
			counts[unit][channel] = tally.counts(b.Questions)
		}
	}
	return counts
}

func (t *ChannelTally) counts(questions []string) ChannelCounts {
	counts := ChannelCounts{Ballots: t.Ballots, Answers: make(map[string]map[string]int, len(questions))}
	for _, question := range questions {
		counts.Answers[question] = map[string]int{}
	}
	for _, answered := range t.Times {
		for question, answers := range answered {
			for answer, times := range answers {
				counts.Answers[question][answer] += int(times)
			}
		}
	}
	return counts
}

// Answered is how often a question was answered in a way, in all channels.
func (u UnitCounts) Answered(question, answer string) int {
	sum := 0
	for _, channel := range u {
		sum += channel.Answers[question][answer]
	}
	return sum
}
