package public

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/store"
)

// publish seals the ballots and publishes them, as the workflow does when a person has decided so.
func (b *bundle) publish(t *testing.T) {
	t.Helper()
	cycle, err := b.Find(t.Context(), "pingliang/2025/evaluation", 0)
	stage.Must(t, err)
	set, err := b.Store.DataSet(t.Context(), cycle)
	stage.Must(t, err)
	ruleSet, _ := b.Rules.RuleSet(cycle.RuleSet)
	secret, _, err := ballots.NewKey()
	stage.Must(t, err)
	signer, err := ballots.NewSigner(secret)
	stage.Must(t, err)
	var root ballots.Root
	stage.Must(t, b.Store.Do(t.Context(), store.Step{Cycle: b.cycle, Key: "seal", At: *b.clock.Load()}, &root, func(change *store.Change) (err error) {
		root, err = change.SealBallots(store.Sealing{Form: store.EvaluationForm(set, ruleSet), Signer: signer, SurveysIn: set.Evaluation.SurveysIn})
		return err
	}))
	b.execute(t, `UPDATE evaluations SET published = true`)
	b.pass(freshFor)
}

// What is published is what was sealed: the list has the signed root, and each voter finds the ballot with its proof; of
// ballots with too few beside them anybody else sees the hash alone.
func TestThePublishedList(t *testing.T) {
	t.Parallel()
	b := opened(t, nil)
	var receipts []string
	for i := range 6 {
		sent := of("C01")
		if i == 0 {
			sent.Comment = "<b>窗口</b>"
		}
		receipts = append(receipts, b.browser(t).send(t, sent).wants(t, http.StatusCreated).receipt(t))
	}
	alone := b.browser(t).send(t, of("C02")).wants(t, http.StatusCreated).receipt(t)
	b.window(t, "closed")
	b.publish(t)
	anybody := b.browser(t)
	anybody.get(t, at).wants(t, http.StatusOK, "评议票清单")
	lines := anybody.get(t, at+"/ballots.jsonl").wants(t, http.StatusOK).body
	if strings.Contains(lines, alone) || strings.Contains(lines, "窗口") || strings.Count(lines, "\n") != 7 {
		t.Errorf("the list is\n%s", lines)
	}
	listing, err := ballots.ReadList(strings.NewReader(lines))
	stage.Must(t, err)
	signed := anybody.get(t, at+"/checkpoint").wants(t, http.StatusOK).body
	root, err := ballots.OpenCheckpoint(signed, anybody.get(t, at+"/key").wants(t, http.StatusOK).body)
	stage.Must(t, err)
	stage.Must(t, listing.Check(root.Size, root.Hash))
	for i, receipt := range append(receipts, alone) {
		var shown proven
		stage.Must(t, json.Unmarshal([]byte(anybody.get(t, at+"/proof/"+strings.ToLower(receipt)).wants(t, http.StatusOK).body), &shown))
		hash, err := shown.Ballot.Hash()
		stage.Must(t, err)
		stage.Must(t, tlog.CheckRecord(tlog.RecordProof(shown.Proof), root.Size, root.Hash, shown.Index, hash))
		if shown.Ballot.Receipt.String() != receipt || shown.Checkpoint != signed || (i == 0) != (shown.Ballot.Comment == "<b>窗口</b>") {
			t.Errorf("ballot %d is %+v", i, shown)
		}
		anybody.get(t, fmt.Sprintf("%s/receipt?code=%s", at, receipt)).wants(t, http.StatusOK, receipt, "满意")
	}
	anybody.get(t, at+"/receipt?code="+receipts[0]).wants(t, http.StatusOK, "&lt;b&gt;窗口&lt;/b&gt;")
	for _, forged := range []string{"0000-0000-0000-0000", "ZZZZ-ZZZZ-ZZZZ-ZZZZ"} {
		anybody.get(t, at+"/proof/"+forged).wants(t, http.StatusNotFound, "No ballot")
		anybody.get(t, at+"/receipt?code="+forged).wants(t, http.StatusNotFound, "没有该回执编号")
	}
	anybody.get(t, at+"/receipt?code=short").wants(t, http.StatusUnprocessableEntity, "16位")
}
