package store

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/store/query"
)

// EachLine calls each with every line of an evaluation's list as it is published, in the list's order: of ballots with too few
// beside them only the hash, of comments those that a person published (E10).
func (s *Store) EachLine(ctx context.Context, cycle query.Cycle, form ballots.Form, each func(ballots.Line) error) error {
	after := query.SealedBallotLinesParams{CycleID: cycle.CycleID, Most: ballotPage}
	for {
		rows, err := s.SealedBallotLines(ctx, after)
		if err != nil {
			return translate(err)
		}
		for _, row := range rows {
			line, err := lineOf(row, form)
			if err != nil {
				return err
			}
			if err := each(line); err != nil {
				return err
			}
			after.First = row.Position + 1
		}
		if len(rows) < ballotPage {
			return nil
		}
	}
}

func lineOf(row query.SealedBallot, form ballots.Form) (ballots.Line, error) {
	if row.Few {
		hash := tlog.Hash(row.Hash)
		return ballots.Line{Hidden: &hash}, nil
	}
	answers, err := form.Decode(row.Answers)
	if err != nil {
		return ballots.Line{}, err
	}
	line := ballots.Line{Ballot: &ballots.Ballot{
		Receipt: ballots.Receipt(row.Receipt), Unit: row.Unit, Channel: row.Channel, Hall: row.Hall, Survey: int(row.Survey),
		Answers: answers, Commitment: ballots.Commit(row.Nonce, row.Comment),
	}}
	if row.CommentPublished {
		line.Comment, line.Nonce = row.Comment, row.Nonce
	}
	return line, nil
}
