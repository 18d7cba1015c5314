-- +goose Up

-- A report is saved as one types (A8(5)): an item may have its evidence or its statement before its self-score. Who
-- submits must have given it.
ALTER TABLE report_items ALTER COLUMN self_score DROP NOT NULL;
COMMENT ON COLUMN report_items.self_score IS 'Hundredths of a point; null until the unit gave it';

-- Evidence is asked for by its digest, when a file is opened (A8(5)).
CREATE INDEX evidence_file ON evidence (cycle_id, unit, sha256) WHERE sha256 <> '';

-- +goose Down
DROP INDEX evidence_file;
UPDATE report_items SET self_score = 0 WHERE self_score IS NULL;
ALTER TABLE report_items ALTER COLUMN self_score SET NOT NULL;
