package rules

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
	for _, unit := range b.Units {
		counts[unit.Code] = UnitCounts{}
		for channel := range b.Channels {
			answers := make(map[string]map[string]int, len(b.Questions))
			for _, question := range b.Questions {
				answers[question] = map[string]int{}
			}
			counts[unit.Code][channel] = ChannelCounts{Answers: answers}
		}
	}
	for _, ballot := range b.Ballots {
		channel := counts[ballot.Unit][ballot.Channel]
		channel.Ballots++
		for question, answer := range ballot.Answers {
			channel.Answers[question][answer]++
		}
		counts[ballot.Unit][ballot.Channel] = channel
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
