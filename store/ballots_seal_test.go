package store

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// box is a bundle with an open evaluation of the units C01 and E01, and the public's side of it.
type box struct {
	*bundle
	public *Public
	cycle  int64
	set    DataSet
	rules  *rules.RuleSet
	signer ballots.Signer
	votes  int
}

func openBox(t *testing.T) *box {
	t.Helper()
	b := &box{bundle: setup(t), rules: pingliang(t)}
	secret, _, err := ballots.NewKey()
	must(t, err)
	b.signer, err = ballots.NewSigner(secret)
	must(t, err)
	in := smallEvaluation()
	plan := in.DataSet.Evaluation
	plan.SurveysIn = "public"
	plan.AnswerPoints = map[string]rules.Points{"satisfied": 10000, "basically_satisfied": 6000, "dissatisfied": 0}
	plan.Thresholds = map[string]rules.Points{"satisfied": 8500, "basically_satisfied": 6000}
	plan.Channels = map[string]rules.Channel{"public": {Weight: "0.5", MinBallots: 1}, "representative": {Weight: "0.5", MinBallots: 1}}
	in.Questions = plan.Asked(b.rules)
	b.set = in.DataSet
	b.cycle, err = b.ImportDataSet(t.Context(), in)
	must(t, err)
	execute(t, connect(t, b.url), `UPDATE cycles SET state = 'running', phase = 'window'`, `UPDATE evaluations SET window_state = 'open'`,
		`UPDATE representatives SET token_hash = sha256(convert_to('link' || number || '/' || cycle_id, 'UTF8'))`)
	b.public, err = OpenPublic(t.Context(), Config{URL: b.url})
	must(t, err)
	t.Cleanup(func() { must(t, b.public.Close()) })
	return b
}

// cast puts so many ballots about a unit into the box; those of the invited come from the representatives in their order.
func (b *box) cast(t *testing.T, unit, answers string, times int, change ...func(*Vote)) []Vote {
	t.Helper()
	var cast []Vote
	for range times {
		b.votes++
		one := vote(b.cycle, b.votes)
		one.Unit, one.Answers, one.Network = unit, answers, fmt.Append(nil, "network", b.votes)
		for _, change := range change {
			change(&one)
		}
		casts(t, b.public, one, CastDone)
		cast = append(cast, one)
	}
	return cast
}

func (b *box) castInvited(t *testing.T, number int, unit, answers string) {
	t.Helper()
	b.votes++
	one := vote(b.cycle, b.votes)
	one.Unit, one.Answers = unit, answers
	outcome, err := b.public.CastInvited(t.Context(), linkHash(number, b.cycle), one)
	must(t, err)
	is(t, "the outcome", outcome, CastDone)
}

func october(day int) calendar.Date { return calendar.Date{Year: 2025, Month: time.October, Day: day} }

func (b *box) close(t *testing.T) {
	t.Helper()
	execute(t, connect(t, b.url), `UPDATE evaluations SET window_state = 'closed'`)
}

func (b *box) form() ballots.Form { return EvaluationForm(b.set, b.rules) }

func (b *box) seal(t *testing.T, key string) (ballots.Root, error) {
	t.Helper()
	var root ballots.Root
	err := b.do(t, b.cycle, key, func(change *Change) (err error) {
		root, err = change.SealBallots(Sealing{Form: b.form(), Signer: b.signer, SurveysIn: b.set.Evaluation.SurveysIn})
		return err
	})
	return root, err
}

// sealed is the box after six ballots of the public, one with a comment, three of representatives and two of a survey.
func sealed(t *testing.T) (*box, []Vote, ballots.Root) {
	t.Helper()
	b := openBox(t)
	cast := b.cast(t, "C01", "1000000", 4)
	cast = append(cast, b.cast(t, "C01", "3300002", 1, func(v *Vote) { v.Comment, v.Seconds = "窗口排队时间长", 40 })...)
	cast = append(cast, b.cast(t, "E01", "1111111", 1, func(v *Vote) { v.Hall = "H1" })...)
	b.castInvited(t, 1, "C01", "2000000")
	b.castInvited(t, 1, "E01", "2000000")
	b.castInvited(t, 2, "E01", "3000000")
	var number int
	must(t, b.Do(t.Context(), Step{Cycle: b.cycle, Key: "survey", At: beginning}, &number, func(change *Change) (err error) {
		number, err = change.ImportSurvey(Survey{
			Agency: "统计局", From: october(20), To: october(24), Sample: "电话随机访问", SHA256: strings.Repeat("0", 64),
			Ballots: []rules.SurveyBallot{
				{Unit: "C01", Answers: map[string]string{"other": "satisfied"}, Comment: "好"},
				{Unit: "C01", Answers: map[string]string{"content": "dissatisfied"}},
			},
		}, "admin")
		return err
	}))
	b.close(t)
	root, err := b.seal(t, "seal")
	must(t, err)
	return b, cast, root
}

// rows are those of the sealed list.
func (b *box) rows(t *testing.T) []query.SealedBallot {
	t.Helper()
	result, err := connect(t, b.url).QueryContext(t.Context(), `SELECT position, receipt, unit, channel, hall, survey, answers, comment, nonce, hash, few, network, seconds, at
		FROM sealed_ballots ORDER BY position`)
	must(t, err)
	defer result.Close()
	var rows []query.SealedBallot
	for result.Next() {
		var r query.SealedBallot
		must(t, result.Scan(&r.Position, &r.Receipt, &r.Unit, &r.Channel, &r.Hall, &r.Survey, &r.Answers, &r.Comment, &r.Nonce, &r.Hash, &r.Few, &r.Network, &r.Seconds, &r.At))
		rows = append(rows, r)
	}
	must(t, result.Err())
	return rows
}

// Every ballot is in the list once, as it was cast, and the root is that of the list's leaves, made again from its rows.
func TestBallotsAreSealed(t *testing.T) {
	t.Parallel()
	b, cast, root := sealed(t)
	rows := b.rows(t)
	is(t, "the size", root.Size, 11)
	is(t, "rows", len(rows), 11)
	is(t, "left in the box", count(t, b.db, `SELECT count(*) FROM ballots`), 0)
	byReceipt := map[string]query.SealedBallot{}
	var leaves []tlog.Hash
	for i, row := range rows {
		is(t, "the position", row.Position, int64(i))
		byReceipt[string(row.Receipt)] = row
		answers, err := b.form().Decode(row.Answers)
		must(t, err)
		leaf := ballots.Ballot{
			Receipt: ballots.Receipt(row.Receipt), Unit: row.Unit, Channel: row.Channel, Hall: row.Hall, Survey: int(row.Survey),
			Answers: answers, Commitment: ballots.Commit(row.Nonce, row.Comment),
		}
		hash, err := leaf.Hash()
		must(t, err)
		is(t, "the leaf's hash", bytes.Equal(hash[:], row.Hash), true)
		leaves = append(leaves, hash)
	}
	is(t, "receipts", len(byReceipt), 11)
	for _, v := range cast {
		row := byReceipt[string(v.Receipt[:])]
		is(t, "a ballot as it was cast", fmt.Sprint(row.Unit, row.Channel, row.Hall, row.Survey, row.Answers, row.Comment, string(row.Network)),
			fmt.Sprint(v.Unit, "public", v.Hall, 0, v.Answers, v.Comment, string(v.Network)))
	}
	is(t, "seconds and time", count(t, b.db, `SELECT count(*) FROM sealed_ballots WHERE seconds = 40 AND at > now() - interval '1 hour' AND comment <> ''`), 1)
	is(t, "the root", root.Hash, treeHash(t, leaves))
	is(t, "surveyed", count(t, b.db, `SELECT count(*) FROM sealed_ballots WHERE survey = 1 AND channel = 'public' AND unit = 'C01'
		AND (answers = '0000001' AND comment = '好' OR answers = '3000000') AND network IS NULL AND seconds IS NULL AND at IS NULL`), 2)
	is(t, "nonces", count(t, b.db, `SELECT count(*) FROM sealed_ballots WHERE length(nonce) = CASE WHEN comment = '' THEN 0 ELSE 16 END`), 11)
	is(t, "a known nonce", len(b.names(t, `SELECT DISTINCT encode(nonce, 'hex') FROM sealed_ballots WHERE comment <> ''`)), 2)
}

// treeHash is the root of leaves, by the library's own storage.
func treeHash(t *testing.T, leaves []tlog.Hash) tlog.Hash {
	t.Helper()
	var kept []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, i := range indexes {
			hashes = append(hashes, kept[i])
		}
		return hashes, nil
	})
	for i, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(i), leaf, reader)
		must(t, err)
		kept = append(kept, more...)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), reader)
	must(t, err)
	return root
}

// The root is signed and in the journal; sealing again, by another act, changes nothing.
func TestSealingAgain(t *testing.T) {
	t.Parallel()
	b, _, root := sealed(t)
	again, err := b.seal(t, "seal again")
	must(t, err)
	is(t, "the root", again, root)
	is(t, "rows", len(b.rows(t)), 11)
	seal, err := b.SealGet(t.Context(), query.SealGetParams{CycleID: b.cycle})
	must(t, err)
	is(t, "the key", seal.PublicKey, b.signer.Public)
	opened, err := ballots.OpenCheckpoint(seal.Checkpoint, seal.PublicKey)
	must(t, err)
	is(t, "what is signed", opened, ballots.Root{Log: "kaoping/pingliang/2025/evaluation", Size: 11, Hash: root.Hash})
	var told []JournalLine
	for _, line := range b.lines(t, b.cycle) {
		if line.Event == "ballots_sealed" {
			told = append(told, line)
		}
	}
	is(t, "lines", len(told), 1)
	is(t, "the line", fmt.Sprint(told[0].Article, told[0].Data["root"], told[0].Data["size"]), fmt.Sprint("E9", root.Hash.String(), 11))
}

func TestSealingAnOpenWindow(t *testing.T) {
	t.Parallel()
	b := openBox(t)
	b.cast(t, "C01", "1000000", 1)
	_, err := b.seal(t, "seal")
	fails(t, err, Refused, "the window is not closed: ballots still come in (E8(3))")
	is(t, "in the box", count(t, b.db, `SELECT count(*) FROM ballots`), 1)
}

func TestSealingNothing(t *testing.T) {
	t.Parallel()
	b := openBox(t)
	b.close(t)
	root, err := b.seal(t, "seal")
	must(t, err)
	is(t, "the root", root.Hash.String(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
}

// Another evaluation's box stays open: a rehearsal's is sealed alone, under a name of its own.
func TestSealingARehearsalAlone(t *testing.T) {
	t.Parallel()
	b := openBox(t)
	b.cast(t, "C01", "1000000", 1)
	rehearsal := evaluation(t, b.bundle, 3)
	casts(t, b.public, vote(rehearsal, 1), CastDone)
	b.close(t)
	var root ballots.Root
	must(t, b.do(t, rehearsal, "seal", func(change *Change) (err error) {
		root, err = change.SealBallots(Sealing{Form: ballots.Form{Questions: []string{"content", "other"}, Answers: b.form().Answers}, Signer: b.signer})
		return err
	}))
	is(t, "the log", fmt.Sprint(root.Log, root.Size), "kaoping/rehearsal/3/pingliang/2025/evaluation1")
	is(t, "the real one's box", count(t, b.db, fmt.Sprintf(`SELECT count(*) FROM ballots WHERE cycle_id = %d`, b.cycle)), 1)
}

// Where a channel of a unit has fewer than five ballots, only their hashes will be listed (E10).
func TestFewBallotsAreHidden(t *testing.T) {
	t.Parallel()
	b, _, _ := sealed(t)
	is(t, "hidden", fmt.Sprint(b.names(t, `SELECT concat_ws(' ', unit, channel, count(*)) FROM sealed_ballots WHERE few GROUP BY unit, channel ORDER BY 1`)),
		"[C01 representative 1 E01 public 1 E01 representative 2]")
	// Five are enough: four of the box and one of a survey.
	five := openBox(t)
	five.cast(t, "C01", "1000000", 5)
	five.close(t)
	_, err := five.seal(t, "seal")
	must(t, err)
	is(t, "hidden of five", count(t, five.db, `SELECT count(*) FROM sealed_ballots WHERE few`), 0)
}

// Before the sealing, whoever reads everything sees that a link's use and a ballot are of one transaction; after it, all rows
// of both tables are of one, in orders that have nothing to do with each other, and who answered is still known.
func TestNothingLinksARepresentativeToHisBallot(t *testing.T) {
	t.Parallel()
	const invited = 40
	b := openBox(t)
	owner := connect(t, b.url)
	execute(t, owner, fmt.Sprintf(`INSERT INTO representatives (cycle_id, number, name, kind, email, token_hash)
		SELECT %[1]d, n, '代表', 'expert', 'r@example.com', sha256(convert_to('link' || n || '/' || %[1]d, 'UTF8')) FROM generate_series(3, %[2]d) n`, b.cycle, invited),
		fmt.Sprintf(`INSERT INTO representative_units (cycle_id, number, unit) SELECT %d, n, 'C01' FROM generate_series(3, %d) n`, b.cycle, invited))
	for number := 3; number < invited; number++ {
		b.castInvited(t, number, "C01", "1000000")
	}
	// inOrder tells a table's rows as they lie on the disk.
	inOrder := func(column, table string) string {
		return b.names(t, fmt.Sprintf(`SELECT string_agg(%s, ' ' ORDER BY ctid) FROM %s`, column, table))[0]
	}
	cast := inOrder("encode(receipt, 'hex')", "ballots")
	links := inOrder("number || unit", "representative_units WHERE used")
	const linked = `SELECT count(*) FROM %s s JOIN representative_units u ON u.xmin = s.xmin AND u.used`
	is(t, "linked before", count(t, owner, fmt.Sprintf(linked, "ballots")), invited-3)
	b.close(t)
	_, err := b.seal(t, "seal")
	must(t, err)
	is(t, "transactions of both tables", count(t, owner, `SELECT count(DISTINCT x) FROM (SELECT xmin::text AS x FROM sealed_ballots UNION ALL SELECT xmin::text FROM representative_units) all_rows`), 1)
	is(t, "who answered", count(t, owner, `SELECT count(*) FROM representative_units WHERE used`), invited-3)
	is(t, "who did not", count(t, owner, `SELECT count(*) FROM representative_units WHERE NOT used`), 4)
	if inOrder("encode(receipt, 'hex')", "sealed_ballots") == cast {
		t.Error("the list is in the order in which the ballots came")
	}
	if now := inOrder("number || unit", "representative_units WHERE used"); now == links {
		t.Errorf("the links are in the order of their use: %s", now)
	}
	is(t, "times, networks", count(t, owner, `SELECT count(*) FROM sealed_ballots WHERE at IS NOT NULL OR network IS NOT NULL OR seconds IS NOT NULL`), 0)
}

// More ballots than one batch or page holds, and than one tile of the log.
func TestSealingManyBallots(t *testing.T) {
	t.Parallel()
	const many = 2*ballotPage + 300
	b := openBox(t)
	execute(t, connect(t, b.url), fmt.Sprintf(`INSERT INTO ballots (receipt, cycle_id, unit, channel, hall, answers, comment, at)
		SELECT substr(sha256(convert_to(n::text, 'UTF8')), 1, 10), %d, 'C01', 'public', '', '1000000', '', now() FROM generate_series(1, %d) n`, b.cycle, many))
	b.close(t)
	root, err := b.seal(t, "seal")
	must(t, err)
	var leaves []tlog.Hash
	for _, row := range b.rows(t) {
		leaves = append(leaves, tlog.Hash(row.Hash))
	}
	is(t, "leaves", len(leaves), many)
	is(t, "the root", root.Hash, treeHash(t, leaves))
	is(t, "distinct", count(t, b.db, `SELECT count(DISTINCT receipt) FROM sealed_ballots`), many)
	book, err := b.EvaluationBook(t.Context(), b.bundle.cycle(t, b.cycle), b.set, b.rules)
	must(t, err)
	is(t, "ballots of the book", len(book.Ballots), many)
	lines := 0
	must(t, b.EachLine(t.Context(), b.bundle.cycle(t, b.cycle), b.form(), func(ballots.Line) error { lines++; return nil }))
	is(t, "lines of the list", lines, many)
	tally, err := b.EvaluationTally(t.Context(), b.bundle.cycle(t, b.cycle), b.set, b.rules, WithoutExcluded)
	must(t, err)
	is(t, "ballots of the tally", tally.Tally.Ballots(), many)
	must(t, b.do(t, b.cycle, "forget", func(change *Change) error { return change.ForgetTraces() }))
	is(t, "traces left", count(t, b.db, `SELECT count(*) FROM sealed_ballots WHERE at IS NOT NULL`), 0)
}

// What is deleted from the box was sealed before, or nothing happens at all.
func TestABallotThatIsNotSealedStays(t *testing.T) {
	t.Parallel()
	b := openBox(t)
	b.cast(t, "C01", "1000000", 1)
	execute(t, connect(t, b.url), fmt.Sprintf(`CREATE FUNCTION slip() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
		INSERT INTO ballots (receipt, cycle_id, unit, channel, hall, answers, comment) VALUES ('receipt-02', %d, 'C01', 'public', '', '1000000', '');
		RETURN NULL; END $$`, b.cycle), `CREATE TRIGGER slip AFTER INSERT ON sealed_ballots EXECUTE FUNCTION slip()`)
	b.close(t)
	_, err := b.seal(t, "seal")
	if want := "couldn't seal the ballots of kaoping/pingliang/2025/evaluation: 2 ballots were in the box, 1 were sealed"; fmt.Sprint(err) != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	is(t, "in the box", count(t, b.db, `SELECT count(*) FROM ballots`), 1)
	is(t, "sealed", count(t, b.db, `SELECT count(*) FROM sealed_ballots`), 0)
}
