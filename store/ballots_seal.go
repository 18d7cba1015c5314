package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Sealing is what the ballots of an evaluation are sealed with.
type Sealing struct {
	Form   ballots.Form
	Signer ballots.Signer
	// SurveysIn is the channel in which surveys run elsewhere count (E9).
	SurveysIn string
}

// EvaluationForm is how the ballots of an evaluation are kept: its plan's questions, the rules' grades (E7, E10).
func EvaluationForm(set DataSet, ruleSet *rules.RuleSet) ballots.Form {
	form := ballots.Form{Answers: ruleSet.Evaluation.Grades.IDs()}
	for _, question := range set.Evaluation.Asked(ruleSet) {
		form.Questions = append(form.Questions, question.ID)
	}
	return form
}

// LogName is how an evaluation's sealed list is called in its checkpoint. A rehearsal's is never taken for the real one.
func LogName(cycle query.Cycle) string {
	if cycle.Rehearsal > 0 {
		return fmt.Sprintf("kaoping/rehearsal/%d/%s", cycle.Rehearsal, CycleName(cycle))
	}
	return "kaoping/" + CycleName(cycle)
}

const (
	// sealBatch is how many ballots are in memory at once.
	sealBatch = 2000
	// listedFrom is how many ballots a unit's channel needs for them to be listed with their answers (E10).
	listedFrom = 5
)

// SealBallots ends the box of an evaluation whose window is closed (E9): its ballots and those of the surveys become a list
// in random order under a signed root, and nothing is left that could link a representative to one of them: the list and
// the table of used links are written anew by this one transaction. A list that is sealed already answers its root.
func (c *Change) SealBallots(with Sealing) (ballots.Root, error) {
	root := ballots.Root{Log: LogName(c.Cycle)}
	kept, err := c.SealGet(c.Context, query.SealGetParams{CycleID: c.Cycle.CycleID})
	if err == nil {
		root.Size, root.Hash = kept.Size, tlog.Hash(kept.Root)
		return root, nil
	}
	if !IsMissing(err) {
		return root, err
	}
	evaluation, err := c.EvaluationLock(c.Context, query.EvaluationLockParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return root, err
	}
	if evaluation.WindowState != "closed" {
		return root, Refuse("the window is not closed: ballots still come in (E8(3))")
	}
	if root.Size, err = c.fillList(with); err != nil {
		return root, fmt.Errorf("couldn't seal the ballots of %s: %w", root.Log, err)
	}
	if root.Hash, err = ballots.Tiles(c.tile).Root(root.Size); err != nil {
		return root, err
	}
	if err := c.SealedBallotHide(c.Context, query.SealedBallotHideParams{CycleID: c.Cycle.CycleID, Least: listedFrom}); err != nil {
		return root, err
	}
	if err := c.RepresentativeUnitShuffle(c.Context, query.RepresentativeUnitShuffleParams{CycleID: c.Cycle.CycleID}); err != nil {
		return root, err
	}
	return root, c.keepSeal(root, with.Signer)
}

func (c *Change) keepSeal(root ballots.Root, signer ballots.Signer) error {
	checkpoint, err := root.Sign(signer)
	if err != nil {
		return err
	}
	c.Record(Line{Event: "ballots_sealed", Article: "E9", Data: map[string]any{"root": root.Hash.String(), "size": root.Size}})
	return c.SealInsert(c.Context, query.SealInsertParams{
		CycleID: c.Cycle.CycleID, Size: root.Size, Root: root.Hash[:], Checkpoint: checkpoint, PublicKey: signer.Public,
	})
}

// tile reads a tile of the log.
func (c *Change) tile(level int, number int64) ([]byte, error) {
	return c.SealTileGet(c.Context, query.SealTileGetParams{CycleID: c.Cycle.CycleID, Level: int32(level), Number: number})
}

// unsealed is a ballot of the box, or of a survey: that one has no receipt yet, and its answers are JSON.
type unsealed struct {
	receipt                               []byte
	unit, channel, hall, answers, comment string
	survey, seconds                       int32
	network                               []byte
	at                                    int64
}

// boxCursor reads everything that is to be sealed in random order; sorting it is the server's, which has a disk for that.
const boxCursor = `DECLARE box NO SCROLL CURSOR FOR SELECT * FROM (
	SELECT receipt, unit, channel, hall, 0, answers, comment, coalesce(network, ''), coalesce(seconds, -1), coalesce(extract(epoch FROM at)::bigint, 0)
	FROM ballots WHERE cycle_id = %[1]d
	UNION ALL
	SELECT '', unit, '', '', survey, answers::text, comment, '', -1, 0
	FROM survey_ballots WHERE cycle_id = %[1]d) AS box ORDER BY gen_random_uuid()`

// fillList moves the ballots of the box into the sealed list, copies those of the surveys, and answers how many there are.
func (c *Change) fillList(with Sealing) (int64, error) {
	if _, err := c.tx.ExecContext(c.Context, fmt.Sprintf(boxCursor, c.Cycle.CycleID)); err != nil {
		return 0, err
	}
	builder := ballots.Builder{Put: c.putTile}
	var position, cast int64
	for {
		batch, err := c.takeFromBox()
		if err != nil {
			return 0, err
		}
		if len(batch) == 0 {
			break
		}
		rows := query.SealedBallotInsertAllParams{CycleID: c.Cycle.CycleID}
		for _, ballot := range batch {
			if ballot.survey == 0 {
				cast++
			} else if err := ballot.fromSurvey(with); err != nil {
				return 0, err
			}
			leaf, err := appendSealed(&rows, position, ballot, with.Form)
			if err != nil {
				return 0, err
			}
			if err := builder.Add(leaf); err != nil {
				return 0, err
			}
			position++
		}
		if err := c.SealedBallotInsertAll(c.Context, rows); err != nil {
			return 0, err
		}
	}
	cleared, err := c.BallotClear(c.Context, query.BallotClearParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return 0, err
	}
	if cleared != cast {
		return 0, fmt.Errorf("%d ballots were in the box, %d were sealed", cleared, cast)
	}
	return builder.Close()
}

func (c *Change) putTile(tile ballots.Tile) error {
	return c.SealTileInsert(c.Context, query.SealTileInsertParams{
		CycleID: c.Cycle.CycleID, Level: int32(tile.Level), Number: tile.Number, Hashes: tile.Hashes,
	})
}

func (c *Change) takeFromBox() ([]unsealed, error) {
	rows, err := c.tx.QueryContext(c.Context, fmt.Sprintf(`FETCH %d FROM box`, sealBatch))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batch []unsealed
	for rows.Next() {
		var b unsealed
		if err := rows.Scan(&b.receipt, &b.unit, &b.channel, &b.hall, &b.survey, &b.answers, &b.comment, &b.network, &b.seconds, &b.at); err != nil {
			return nil, err
		}
		batch = append(batch, b)
	}
	return batch, rows.Err()
}

// fromSurvey gives an imported ballot what one of the box has. Nobody holds its receipt.
func (b *unsealed) fromSurvey(with Sealing) error {
	var answers map[string]string
	if err := json.Unmarshal([]byte(b.answers), &answers); err != nil {
		return err
	}
	receipt := ballots.RandomReceipt()
	b.receipt, b.channel = receipt[:], with.SurveysIn
	digits, err := with.Form.Encode(answers)
	b.answers = digits
	return err
}

// appendSealed adds a row of the sealed list, and answers its leaf's hash.
func appendSealed(rows *query.SealedBallotInsertAllParams, position int64, b unsealed, form ballots.Form) (tlog.Hash, error) {
	answers, err := form.Decode(b.answers)
	if err != nil {
		return tlog.Hash{}, err
	}
	nonce := []byte{}
	if b.comment != "" {
		nonce = ballots.NewNonce()
	}
	leaf, err := ballots.Ballot{
		Receipt: ballots.Receipt(b.receipt), Unit: b.unit, Channel: b.channel, Hall: b.hall, Survey: int(b.survey), Answers: answers,
		Commitment: ballots.Commit(nonce, b.comment),
	}.Hash()
	rows.Positions, rows.Receipts = append(rows.Positions, position), append(rows.Receipts, b.receipt)
	rows.Units, rows.Channels = append(rows.Units, b.unit), append(rows.Channels, b.channel)
	rows.Halls, rows.Surveys = append(rows.Halls, b.hall), append(rows.Surveys, b.survey)
	rows.Answers, rows.Comments = append(rows.Answers, b.answers), append(rows.Comments, b.comment)
	rows.Nonces, rows.Hashes = append(rows.Nonces, nonce), append(rows.Hashes, slices.Clone(leaf[:]))
	rows.Networks, rows.Seconds, rows.Ats = append(rows.Networks, b.network), append(rows.Seconds, b.seconds), append(rows.Ats, b.at)
	return leaf, err
}
