package rules

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// readEvaluationField reads a field that only an evaluation's book has.
func (r *bookReading) readEvaluationField(key string) {
	b := r.book
	switch key {
	case "questions":
		b.Questions = r.texts()
	case "answer_points":
		b.AnswerPoints = r.pointsTable()
	case "channels":
		b.Channels = map[string]Channel{}
		r.object(func(id string) { b.Channels[id] = r.readChannel() })
	case "thresholds":
		b.Thresholds = r.pointsTable()
	case "ballots":
		r.array(func(int) { b.Ballots = append(b.Ballots, r.readBallot()) })
	case "excluded":
		r.array(func(int) { b.Excluded = append(b.Excluded, r.readExcluded()) })
	default:
		r.unknown()
	}
}

func (r *bookReading) readChannel() Channel {
	channel := Channel{MinBallots: 1}
	r.object(func(key string) {
		switch key {
		case "weight":
			channel.Weight = r.text()
		case "min_ballots":
			channel.MinBallots = r.integer(1, maxCount)
		default:
			r.unknown()
		}
	}, "weight", "min_ballots")
	return channel
}

func (r *bookReading) readBallot() Ballot {
	var ballot Ballot
	r.object(func(key string) {
		switch key {
		case "unit":
			ballot.Unit = r.text()
		case "channel":
			ballot.Channel = r.text()
		case "answers":
			ballot.Answers = r.readAnswers()
		default:
			r.unknown()
		}
	}, "unit", "channel", "answers")
	return ballot
}

// readAnswers reads the answers of a ballot. There are few ways to answer and
// many ballots: answers that were read before are not read again.
func (r *bookReading) readAnswers() map[string]string {
	const most = 1 << 16
	if !r.is(jsontext.KindBeginObject, "an object") {
		return nil
	}
	raw := r.value()
	if answers, ok := r.answers[string(raw)]; ok || r.err != nil {
		return answers
	}
	inner := r.within(raw)
	answers := map[string]string{}
	inner.table(func(question string) { answers[question] = inner.text() })
	r.faults = append(r.faults, inner.faults...)
	if len(inner.faults) == 0 && len(r.answers) < most {
		r.answers[string(raw)] = answers
	}
	return answers
}

// readExcluded reads a ballot that was left out. What identifies it is the
// exporter's; it needs a reason.
func (r *bookReading) readExcluded() json.RawMessage {
	if !r.is(jsontext.KindBeginObject, "an object") {
		return nil
	}
	raw := slices.Clone(r.value())
	if r.err != nil {
		return nil
	}
	inner := r.within(raw)
	inner.object(func(key string) {
		if key != "reason" {
			inner.anything()
		} else if reason := inner.text(); strings.TrimSpace(reason) == "" {
			inner.fault("empty")
		}
	}, "reason")
	r.faults = append(r.faults, inner.faults...)
	return json.RawMessage(raw)
}
