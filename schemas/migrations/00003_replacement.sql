-- +goose Up

-- A contact, assessor or leader is replaced in mid-year: his row stays, since what he submitted names him.
ALTER TABLE people ADD COLUMN replaced_by text NOT NULL DEFAULT '';
COMMENT ON COLUMN people.replaced_by IS 'The login of who took over; whoever was replaced has no access any more. Always the one who is there now';

-- A sheet that is not submitted passes to another assessor with its points; what was submitted keeps its author.
ALTER TABLE scores
    DROP CONSTRAINT scores_cycle_id_unit_assessor_fkey,
    ADD CONSTRAINT scores_cycle_id_unit_assessor_fkey
        FOREIGN KEY (cycle_id, unit, assessor) REFERENCES sheets ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE sheet_submissions
    DROP CONSTRAINT sheet_submissions_cycle_id_unit_assessor_fkey,
    ADD CONSTRAINT sheet_submissions_cycle_id_unit_assessor_fkey
        FOREIGN KEY (cycle_id, unit, assessor) REFERENCES sheets ON DELETE CASCADE ON UPDATE CASCADE,
    ADD COLUMN author text NOT NULL DEFAULT '';
UPDATE sheet_submissions SET author = assessor;
ALTER TABLE sheet_submissions ALTER COLUMN author DROP DEFAULT;
COMMENT ON COLUMN sheet_submissions.author IS 'Who submitted it; assessor is whose sheet it is now';

-- When a mail was queued and settled, the journal tells; the ledger finds its lines by the Message-ID.
CREATE INDEX journal_mail ON journal (cycle_id, (substring(data from '"message_id":"([^"]+)"')))
    WHERE event IN ('mail_queued', 'mail_sent', 'mail_refused');

-- +goose Down
DROP INDEX journal_mail;
ALTER TABLE sheet_submissions
    DROP COLUMN author,
    DROP CONSTRAINT sheet_submissions_cycle_id_unit_assessor_fkey,
    ADD CONSTRAINT sheet_submissions_cycle_id_unit_assessor_fkey
        FOREIGN KEY (cycle_id, unit, assessor) REFERENCES sheets ON DELETE CASCADE;
ALTER TABLE scores
    DROP CONSTRAINT scores_cycle_id_unit_assessor_fkey,
    ADD CONSTRAINT scores_cycle_id_unit_assessor_fkey
        FOREIGN KEY (cycle_id, unit, assessor) REFERENCES sheets ON DELETE CASCADE;
ALTER TABLE people DROP COLUMN replaced_by;
