package store

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/ballots"
)

// The tally against a count by hand of the sealed example, and the index that follows from it.
func TestBallotsAreTallied(t *testing.T) {
	t.Parallel()
	b, _, _ := sealed(t)
	book, err := b.EvaluationTally(t.Context(), b.bundle.cycle(t, b.cycle), b.set, b.rules, WithoutExcluded)
	must(t, err)
	text, err := json.Marshal(book.Tally)
	must(t, err)
	want := `{"C01":{` +
		`"public":{"ballots":7,"times":{"1":{"content":{"dissatisfied":1,"satisfied":4},"other":{"satisfied":1}},` +
		`"3":{"content":{"dissatisfied":1},"other":{"basically_satisfied":1},"timeliness":{"dissatisfied":1}}}},` +
		`"representative":{"ballots":1,"times":{"1":{"content":{"basically_satisfied":1}}}}},` +
		`"E01":{"public":{"ballots":1,"times":{"7":{"channels":{"satisfied":1},"content":{"satisfied":1},"other":{"satisfied":1},"requests":{"satisfied":1},"service":{"satisfied":1},"systems":{"satisfied":1},"timeliness":{"satisfied":1}}}},` +
		`"representative":{"ballots":2,"times":{"1":{"content":{"basically_satisfied":1,"dissatisfied":1}}}}}}`
	is(t, "the tally", string(text), want)
	// C01: the public's (5 × 100 + 60/3) / 7 and the representative's 60 by halves; E01: 100 and (60 + 0) / 2.
	results := book.Compute().Evaluated
	is(t, "the index of C01", results[0].Index.String(), "67.14")
	is(t, "the index of E01", results[1].Index.String(), "65.00")

	whole, err := b.EvaluationBook(t.Context(), b.bundle.cycle(t, b.cycle), b.set, b.rules)
	must(t, err)
	is(t, "ballots of the book", len(whole.Ballots), 11)
	is(t, "its digest", whole.Digest(), book.Digest())
	is(t, "its faults", len(whole.Faults()), 0)
}

func TestNothingIsTalliedBeforeTheSealing(t *testing.T) {
	t.Parallel()
	b := openBox(t)
	_, err := b.EvaluationTally(t.Context(), b.bundle.cycle(t, b.cycle), b.set, b.rules, WithoutExcluded)
	fails(t, err, Refused, "the ballots of pingliang/2025/evaluation are not sealed yet (E8(3))")
	_, err = b.EvaluationBook(t.Context(), b.bundle.cycle(t, b.cycle), b.set, b.rules)
	fails(t, err, Refused, "the ballots of pingliang/2025/evaluation are not sealed yet (E8(3))")
}

// What is published has the sealed root, with one comment that a person published, and of few only the hashes.
func TestTheListAsItIsPublished(t *testing.T) {
	t.Parallel()
	b, _, root := sealed(t)
	execute(t, b.db, `UPDATE sealed_ballots SET comment_published = true WHERE comment = '窗口排队时间长'`)
	var list bytes.Buffer
	encoder := json.NewEncoder(&list)
	must(t, b.EachLine(t.Context(), b.bundle.cycle(t, b.cycle), b.form(), func(line ballots.Line) error { return encoder.Encode(line) }))
	read, err := ballots.ReadList(strings.NewReader(list.String()))
	must(t, err)
	must(t, read.Check(11, root.Hash))
	is(t, "hidden", read.Hidden, 4)
	is(t, "comments", strings.Count(list.String(), `"comment":"窗口排队时间长","comment_nonce":`), 1)
	is(t, "nonces", strings.Count(list.String(), `"comment_nonce"`), 1)
	is(t, "commitments", strings.Count(list.String(), `"comment_hash"`), 2)
	is(t, "of a survey", strings.Count(list.String(), `"survey":1`), 2)
}
