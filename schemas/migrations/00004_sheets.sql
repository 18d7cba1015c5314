-- +goose Up

-- A sheet is saved as one goes (A8(6)): what is typed is kept before it is complete, and counts for nothing until then.
ALTER TABLE scores
    ADD COLUMN draft_points bigint,
    ADD COLUMN counts integer[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT scores_draft CHECK (draft_points IS NULL OR points IS NULL AND draft_points BETWEEN 0 AND max_points),
    ADD CONSTRAINT scores_counts CHECK (0 <= ALL (counts));
COMMENT ON COLUMN scores.draft_points IS 'Points as typed while their reason or their check is incomplete; then they become points';
COMMENT ON COLUMN scores.counts IS 'How often each deduction that the criteria name was counted, in their order; empty if the points are free';
CREATE INDEX scores_assessor ON scores (cycle_id, assessor, indicator);

ALTER TABLE sheets ADD COLUMN marked text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN sheets.marked IS 'The indicators for which the sheet was reopened, as they were then; empty for all';

-- +goose Down
ALTER TABLE sheets DROP COLUMN marked;
DROP INDEX scores_assessor;
ALTER TABLE scores DROP COLUMN draft_points, DROP COLUMN counts;
