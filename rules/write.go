package rules

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// A jsonLine is JSON in the making. Members keep the order in which they are
// given, as people compare these files.
type jsonLine []byte

// separate puts a comma where something precedes on the same level.
func (j *jsonLine) separate() {
	if len(*j) == 0 {
		return
	}
	switch (*j)[len(*j)-1] {
	case '{', '[', ' ': // the first of its level, or the value of a key
	default:
		*j = append(*j, ", "...)
	}
}

func (j *jsonLine) open(bracket byte) {
	j.separate()
	*j = append(*j, bracket)
}

func (j *jsonLine) close(bracket byte) { *j = append(*j, bracket) }

func (j *jsonLine) key(name string) {
	j.text(name)
	*j = append(*j, ": "...)
}

func (j *jsonLine) text(text string) {
	j.separate()
	*j = appendQuoted(*j, text)
}

func (j *jsonLine) textField(name, text string) {
	j.key(name)
	j.text(text)
}

func (j *jsonLine) points(p Points) {
	j.separate()
	*j = append(p.appendTo(append(*j, '"')), '"')
}

func (j *jsonLine) pointsField(name string, p Points) {
	j.key(name)
	j.points(p)
}

func (j *jsonLine) numberField(name string, number int64) {
	j.key(name)
	*j = strconv.AppendInt(*j, number, 10)
}

func (j *jsonLine) raw(text []byte) {
	j.separate()
	*j = append(*j, text...)
}

// writeList writes a list, each element on a line of its own.
func writeList[T any](out *bufio.Writer, list []T, write func(j *jsonLine, element *T)) {
	out.WriteString("[\n") // an error stays with the writer until it is flushed
	var line jsonLine
	for i := range list {
		line = line[:0]
		write(&line, &list[i])
		out.Write(line)
		if i < len(list)-1 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
	}
	out.WriteByte(']')
}

// Write writes the results as JSON, a unit a line.
func (r Results) Write(to io.Writer) error {
	out := bufio.NewWriter(to)
	r.write(out)
	out.WriteByte('\n')
	if err := out.Flush(); err != nil {
		return fmt.Errorf("couldn't write results: %w", err)
	}
	return nil
}

// MarshalJSON gives what Write writes.
func (r Results) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	err := r.Write(&text)
	return text.Bytes(), err
}

func (r Results) write(out *bufio.Writer) {
	out.WriteString(`{"units": `)
	if r.kind == EvaluationBook {
		writeList(out, r.Evaluated, func(j *jsonLine, e *EvaluationResult) { e.write(j, r.channels) })
	} else {
		writeList(out, r.Units, func(j *jsonLine, u *UnitResult) { u.write(j) })
	}
	out.WriteByte('}')
}

func (r *UnitResult) write(j *jsonLine) {
	j.open('{')
	j.textField("code", r.Code)
	j.pointsField("base", r.Base)
	j.pointsField("bonus", r.Bonus)
	j.pointsField("deduction", r.Deduction)
	j.pointsField("total", r.Total)
	j.textField("grade", r.Grade)
	j.numberField("rank", int64(r.Rank))
	j.numberField("category_rank", int64(r.CategoryRank))
	j.key("explanation")
	j.open('[')
	for _, line := range r.Explanation {
		j.open('{')
		j.textField("article", line.Article)
		j.textField("text", line.Text)
		j.pointsField("points", line.Points)
		j.close('}')
	}
	j.close(']')
	j.close('}')
}

func (r *EvaluationResult) write(j *jsonLine, channels []string) {
	j.open('{')
	j.textField("code", r.Code)
	j.key("ballots")
	j.open('{')
	for _, channel := range channels {
		j.numberField(channel, int64(r.Ballots[channel]))
	}
	j.close('}')
	j.key("index")
	if r.Index == nil {
		j.raw([]byte("null"))
	} else {
		j.points(*r.Index)
	}
	j.textField("grade", r.Grade)
	if r.Rank == nil {
		j.key("rank")
		j.raw([]byte("null"))
	} else {
		j.numberField("rank", int64(*r.Rank))
	}
	j.close('}')
}

// Write writes the book as JSON, with its results.
func (b *Book) Write(to io.Writer) error {
	out := bufio.NewWriter(to)
	b.write(out, b.Compute())
	if err := out.Flush(); err != nil {
		return fmt.Errorf("couldn't write the book: %w", err)
	}
	return nil
}

func (b *Book) write(out *bufio.Writer, results Results) {
	out.Write(b.head())
	if b.Kind == EvaluationBook {
		b.writeEvaluation(out)
	} else {
		out.WriteString(",\n\"indicators\": ")
		writeList(out, b.Indicators, writeIndicator)
		of := applicable(b.Indicators, distinct(b.Units, func(u BookUnit) string { return u.Category }))
		out.WriteString(",\n\"units\": ")
		writeList(out, b.Units, func(j *jsonLine, u *BookUnit) { u.write(j, b.Indicators, of[u.Category]) })
	}
	out.WriteString(",\n\"results\": ")
	results.write(out)
	out.WriteString("}\n")
}

// head is the beginning of the book, what it is of and under which rules.
func (b *Book) head() []byte {
	var j jsonLine
	j.open('{')
	j.textField("kind", string(b.Kind))
	j.textField("rule_set", b.Rules.ID)
	j.numberField("year", int64(b.Year))
	if b.Cycle != "" {
		j.textField("cycle", b.Cycle)
	}
	if b.Extension != nil {
		j.key("extension")
		j.open('{')
		j.textField("document", b.Extension.Document)
		j.textField("date", string(b.Extension.Date))
		j.close('}')
	}
	if b.ApprovedDigest != "" {
		j.textField("digest", b.ApprovedDigest)
	}
	return j
}

func writeIndicator(j *jsonLine, i *Indicator) {
	j.open('{')
	j.textField("code", i.Code)
	j.textField("area", i.Area)
	j.textField("track", i.Track)
	j.pointsField("max", i.Max)
	if len(i.Categories) > 0 {
		j.key("categories")
		writeTexts(j, i.Categories)
	}
	j.close('}')
}

func writeTexts(j *jsonLine, texts []string) {
	j.open('[')
	for _, text := range texts {
		j.text(text)
	}
	j.close(']')
}

func (u *BookUnit) writeHead(j *jsonLine) {
	j.open('{')
	j.textField("code", u.Code)
	j.textField("name", u.Name)
	j.textField("category", u.Category)
}

func (u *BookUnit) write(j *jsonLine, indicators []Indicator, own []int) {
	u.writeHead(j)
	j.key("scores")
	j.open('{')
	for _, i := range own {
		j.key(indicators[i].Code)
		j.open('[')
		for _, p := range u.Scores[indicators[i].Code] {
			j.points(p)
		}
		j.close(']')
	}
	j.close('}')
	j.key("adjustments")
	j.open('[')
	for _, adjustment := range u.Adjustments {
		j.open('{')
		j.textField("clause", adjustment.Clause)
		j.numberField("count", adjustment.Count)
		j.close('}')
	}
	j.close(']')
	j.close('}')
}

// writeEvaluation writes what only an evaluation's book has.
func (b *Book) writeEvaluation(out *bufio.Writer) {
	grades := b.Rules.Evaluation.Grades.IDs()
	var j jsonLine
	j.key("questions")
	writeTexts(&j, b.Questions)
	j.key("answer_points")
	writePointsTable(&j, b.AnswerPoints, grades)
	j.key("channels")
	j.open('{')
	for _, id := range slices.Sorted(maps.Keys(b.Channels)) {
		j.key(id)
		j.open('{')
		j.textField("weight", b.Channels[id].Weight)
		j.numberField("min_ballots", b.Channels[id].MinBallots)
		j.close('}')
	}
	j.close('}')
	j.key("thresholds")
	writePointsTable(&j, b.Thresholds, grades[:len(grades)-1])
	out.WriteString(",\n")
	out.Write(j)
	out.WriteString(",\n\"units\": ")
	writeList(out, b.Units, func(j *jsonLine, u *BookUnit) { u.writeHead(j); j.close('}') })
	out.WriteString(",\n\"ballots\": ")
	writeList(out, b.Ballots, func(j *jsonLine, ballot *Ballot) { ballot.write(j) })
	if len(b.Excluded) > 0 {
		out.WriteString(",\n\"excluded\": ")
		writeList(out, b.Excluded, func(j *jsonLine, excluded *json.RawMessage) { j.raw(*excluded) })
	}
}

func writePointsTable(j *jsonLine, points map[string]Points, words []string) {
	j.open('{')
	for _, word := range words {
		j.pointsField(word, points[word])
	}
	j.close('}')
}

func (b *Ballot) write(j *jsonLine) {
	j.open('{')
	j.textField("unit", b.Unit)
	j.textField("channel", b.Channel)
	j.key("answers")
	j.open('{')
	for _, question := range slices.Sorted(maps.Keys(b.Answers)) {
		j.textField(question, b.Answers[question])
	}
	j.close('}')
	j.close('}')
}
