package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/store/query"
)

// notPublished is what there is of a list before a person has decided to publish it (E8(5)).
const notPublished = "the list of ballots is not published"

// Seal is what a published list is sealed under.
func (p *Public) Seal(ctx context.Context, cycle int64) (query.PublicSealRow, error) {
	seal, err := p.queries.PublicSeal(ctx, query.PublicSealParams{CycleID: cycle})
	if errors.Is(err, sql.ErrNoRows) {
		return seal, Missing(notPublished)
	}
	return seal, translate(err)
}

// Tiles are the hashes of a published list, of which proofs are made.
func (p *Public) Tiles(ctx context.Context, cycle int64) ballots.Tiles {
	return func(level int, number int64) ([]byte, error) {
		hashes, err := p.queries.PublicTile(ctx, query.PublicTileParams{CycleID: cycle, Level: int32(level), Number: number})
		return hashes, translate(err)
	}
}

// EachPublished goes through a published list in the log's order, whatever its length.
func (p *Public) EachPublished(ctx context.Context, cycle int64, form ballots.Form, each func(ballots.Line) error) error {
	for first := int64(0); ; first += ballotPage {
		rows, err := p.queries.PublicBallotList(ctx, query.PublicBallotListParams{CycleID: cycle, First: first, Most: ballotPage})
		if err != nil {
			return translate(err)
		}
		for _, row := range rows {
			line, err := lineOf(query.SealedBallot{
				Few: row.Few, Hash: row.Hash, Receipt: row.Receipt, Unit: row.Unit, Channel: row.Channel, Hall: row.Hall, Survey: row.Survey,
				Answers: row.Answers, Comment: row.Comment, Nonce: row.Nonce, CommentPublished: row.CommentPublished,
			}, form)
			if err != nil {
				return err
			}
			if err := each(line); err != nil {
				return err
			}
		}
		if len(rows) < ballotPage {
			return nil
		}
	}
}

// Published finds a ballot of a published list by its receipt, and its place there. Whoever has that sees it whole.
func (p *Public) Published(ctx context.Context, cycle int64, form ballots.Form, receipt ballots.Receipt) (ballots.Line, int64, error) {
	found, err := p.queries.PublicBallotFind(ctx, query.PublicBallotFindParams{CycleID: cycle, Receipt: receipt[:]})
	if errors.Is(err, sql.ErrNoRows) {
		return ballots.Line{}, 0, Missing("no ballot in the list has the receipt " + receipt.String())
	}
	if err != nil {
		return ballots.Line{}, 0, translate(err)
	}
	found.Few, found.CommentPublished = false, found.Comment != ""
	line, err := lineOf(found, form)
	return line, found.Position, err
}
