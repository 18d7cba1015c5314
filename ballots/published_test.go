package ballots

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
)

// evaluation is a list of six ballots about one unit with its signed root and its book, as they are published.
type evaluation struct {
	list, book, checkpoint, key string
	root                        Root
}

func published(t *testing.T, log string, change ...func(*rules.Book)) (evaluation, rules.Library) {
	t.Helper()
	library, err := rules.Load(schemas.Rules)
	must(t, err)
	set, _ := library.RuleSet("pingliang-2022")
	secret, public, err := NewKey()
	must(t, err)
	signer, err := NewSigner(secret)
	must(t, err)
	text, hash := list(t, 6)
	root := Root{Log: log, Size: 6, Hash: hash}
	signed, err := root.Sign(signer)
	must(t, err)
	counted := book()
	counted.Kind, counted.Rules, counted.Year, counted.Cycle = rules.EvaluationBook, set, 2025, "pingliang/2025/evaluation"
	for _, question := range set.Evaluation.Questions {
		counted.Questions = append(counted.Questions, question.ID)
	}
	counted.AnswerPoints = map[string]rules.Points{"satisfied": 10000, "basically_satisfied": 6000, "dissatisfied": 0}
	counted.Thresholds = map[string]rules.Points{"satisfied": 8500, "basically_satisfied": 6000}
	counted.Channels = map[string]rules.Channel{Public: {Weight: "1", MinBallots: 5}}
	counted.Units = []rules.BookUnit{{Code: "C01", Name: "崆峒区人民政府", Category: "county"}}
	counted.ApprovedDigest = counted.Digest()
	for _, change := range change {
		change(counted)
	}
	var written strings.Builder
	must(t, counted.Write(&written))
	return evaluation{list: text, book: written.String(), checkpoint: signed, key: public, root: root}, library
}

func (e evaluation) verify(library rules.Library, journalRoot string) (Report, error) {
	return Published{
		List: strings.NewReader(e.list), Book: strings.NewReader(e.book), Checkpoint: e.checkpoint, Key: e.key, JournalRoot: journalRoot,
	}.Verify(library)
}

func TestWhatIsPublishedIsVerified(t *testing.T) {
	t.Parallel()
	for _, log := range []string{"kaoping/pingliang/2025/evaluation", "kaoping/rehearsal/3/pingliang/2025/evaluation"} {
		e, library := published(t, log)
		report, err := e.verify(library, e.root.Hash.String())
		must(t, err)
		is(t, "the report", report, Report{Root: e.root, Hidden: 1, Counted: 6})
		_, err = e.verify(library, "")
		must(t, err)
	}
}

// Everything that is wrong is told at once, each with where it is.
func TestWhatIsWrongInWhatIsPublished(t *testing.T) {
	t.Parallel()
	e, library := published(t, "kaoping/pingliang/2024/evaluation", func(b *rules.Book) {
		b.Excluded, b.ApprovedDigest = []json.RawMessage{json.RawMessage(`{"index": 9, "reason": "x"}`)}, "00"
	})
	_, err := e.verify(library, "other")
	fails(t, err,
		fmt.Sprintf("journal: the ballots were sealed under other, the checkpoint says %s\n", e.root.Hash),
		"book.json: its digest is ", "approved was 00",
		"book.json: it is of pingliang/2025/evaluation, the checkpoint of kaoping/pingliang/2024/evaluation\n",
		"book.json: excluded[0]: index 9 is not in the list")
	e, library = published(t, "kaoping/pingliang/2025/evaluation")
	e.list = strings.Replace(e.list, `"public"`, `"public","hall":"H1"`, 1)
	_, err = e.verify(library, "")
	fails(t, err, "ballots.jsonl: the list's root is ")
	e.list, e.book, e.key = "{}\n", "{}", "key"
	_, err = e.verify(library, "")
	fails(t, err, "ballots.jsonl:1: this is neither", "\nbook.json: kind: ", "\nbook.json: units: ", "\ncheckpoint: couldn't read the public key")
}
