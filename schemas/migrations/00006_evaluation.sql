-- +goose Up

-- The social evaluation is a cycle of its own beside the year's assessment (E5, E6): both have a journal, mails, tasks,
-- proposals. A rehearsal's evaluation has the number of its assessment.
ALTER TABLE cycles ADD kind text NOT NULL DEFAULT 'assessment' CHECK (kind IN ('assessment', 'evaluation'));
DROP INDEX cycles_year;
CREATE UNIQUE INDEX cycles_year ON cycles (authority, year, rehearsal, kind) WHERE state <> 'cancelled';
ALTER TABLE cycles DROP CONSTRAINT cycles_phase_check, ADD CONSTRAINT cycles_phase_check CHECK (
    phase IN ('draft', 'closed', 'cancelled', 'notice', 'approval', 'release')
    OR kind = 'assessment' AND phase IN ('assessment', 'rectification')
    OR kind = 'evaluation' AND phase IN ('published', 'window', 'tally', 'consequences'));

-- What may move or happen of a plan; the plan itself is in the data set, frozen at the start (E8(1)).
CREATE TABLE evaluations (
    cycle_id       bigint PRIMARY KEY REFERENCES cycles ON DELETE CASCADE,
    publish_on     date NOT NULL,
    open_on        date NOT NULL,
    close_on       date NOT NULL,
    results_due    date NOT NULL,
    province_ended date,
    province_note  text NOT NULL DEFAULT '',
    window_state   text NOT NULL DEFAULT 'waiting' CHECK (window_state IN ('waiting', 'open', 'closed')),
    published      boolean NOT NULL DEFAULT false CHECK (NOT published OR window_state = 'closed'),
    publishing     text NOT NULL DEFAULT '' CHECK (publishing IN ('', 'published', 'withheld')),
    CHECK (publish_on < open_on AND open_on <= close_on AND close_on < results_due)
);
COMMENT ON COLUMN evaluations.province_ended IS 'The day on which the province''s evaluation ended, as the administrator recorded it (E6)';
COMMENT ON COLUMN evaluations.window_state IS 'Whether ballots are taken (E9): read by every ballot''s transaction, so that closing waits for those under way';
COMMENT ON COLUMN evaluations.published IS 'The list of ballots, its signed root and the proofs are shown to the public (E8(5))';
COMMENT ON COLUMN evaluations.publishing IS 'What a person decided about publishing the results (E8(5)); empty until he did';

CREATE TABLE evaluation_questions (
    cycle_id bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 0),
    question text NOT NULL CHECK (question ~ '^[A-Za-z0-9._-]{1,32}$'),
    wording  text NOT NULL CHECK (wording <> ''),
    PRIMARY KEY (cycle_id, position),
    UNIQUE (cycle_id, question)
);
COMMENT ON COLUMN evaluation_questions.position IS 'From 0; the order of a ballot''s answers';

-- Who is invited to the representative ballot (E9). Who answered is known; what he answered stands apart from it.
CREATE TABLE representatives (
    cycle_id   bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    number     integer NOT NULL CHECK (number > 0),
    name       text NOT NULL CHECK (name <> ''),
    kind       text NOT NULL CHECK (kind <> ''),
    email      text NOT NULL CHECK (email !~ '[[:cntrl:]]'),
    token      text NOT NULL DEFAULT '',
    token_hash bytea CHECK (length(token_hash) = 32),
    told       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (cycle_id, number),
    UNIQUE (token_hash),
    CHECK (token = '' OR token_hash IS NOT NULL)
);
COMMENT ON COLUMN representatives.token IS 'Of the link, for reminders; empty before the invitation and after the window. Not for the public pages';
COMMENT ON COLUMN representatives.told IS 'The journal tells that the link was used; the sweep that writes it reads no ballot';
COMMENT ON COLUMN representatives.token_hash IS 'SHA-256: what the public pages know a link by';

CREATE TABLE representative_units (
    cycle_id bigint NOT NULL,
    number   integer NOT NULL,
    unit     text NOT NULL,
    used     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (cycle_id, number, unit),
    FOREIGN KEY (cycle_id, number) REFERENCES representatives ON DELETE CASCADE,
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code) ON DELETE CASCADE
);
COMMENT ON COLUMN representative_units.used IS 'Evaluated; when is not kept, and the table is rewritten in random order at the closing';

-- Surveys that others ran (E9): shown apart, counted in a channel, sealed with the ballots.
CREATE TABLE surveys (
    cycle_id    bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number > 0),
    agency      text NOT NULL CHECK (agency <> ''),
    from_day    date NOT NULL,
    to_day      date NOT NULL,
    sample      text NOT NULL CHECK (sample <> ''),
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    imported_by text NOT NULL,
    PRIMARY KEY (cycle_id, number),
    UNIQUE (cycle_id, sha256),
    CHECK (from_day <= to_day)
);
COMMENT ON COLUMN surveys.sample IS 'Who was asked and how, in words';
COMMENT ON COLUMN surveys.sha256 IS 'Of the file: the same is not counted twice';

CREATE TABLE survey_ballots (
    cycle_id bigint NOT NULL,
    survey   integer NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    unit     text NOT NULL,
    answers  jsonb NOT NULL CHECK (answers <> '{}'),
    comment  text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, survey, position),
    FOREIGN KEY (cycle_id, survey) REFERENCES surveys ON DELETE CASCADE,
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code) ON DELETE CASCADE
);
COMMENT ON COLUMN survey_ballots.answers IS 'Answer by question: {"content": "satisfied", …}';

-- What a proposal says of a unit (E10). Its book has no ballots: they are in the sealed list.
CREATE TABLE evaluation_results (
    cycle_id bigint NOT NULL,
    number   integer NOT NULL,
    unit     text NOT NULL,
    score    bigint CHECK (score BETWEEN 0 AND 10000),
    grade    text NOT NULL,
    rank     integer CHECK (rank > 0),
    result   jsonb NOT NULL,
    PRIMARY KEY (cycle_id, number, unit),
    FOREIGN KEY (cycle_id, number) REFERENCES proposals ON DELETE CASCADE,
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code),
    CHECK ((score IS NULL) = (rank IS NULL))
);
COMMENT ON COLUMN evaluation_results.score IS 'The index in hundredths; null where a channel has too few ballots';
COMMENT ON COLUMN evaluation_results.result IS 'The tally behind it: ballots and answers by channel and question';

-- E10: dissatisfied, cheating or a bad effect lead to an interview and public criticism, each decided by a person.
ALTER TABLE violations DROP CONSTRAINT violations_severity_check, ADD CONSTRAINT violations_severity_check
    CHECK (severity IN ('ordinary', 'serious', 'disciplinary', 'cheating', 'bad_effect'));
ALTER TABLE consequences
    DROP CONSTRAINT consequences_basis_check, DROP CONSTRAINT consequences_check, DROP CONSTRAINT consequences_check1,
    ADD CONSTRAINT consequences_basis_check
        CHECK (basis IN ('rectification_overdue', 'sent_back_twice', 'violation', 'dissatisfied')),
    ADD CONSTRAINT consequences_of_violation CHECK ((basis = 'violation') = (violation_id IS NOT NULL)),
    ADD CONSTRAINT consequences_of_rectification
        CHECK ((basis IN ('rectification_overdue', 'sent_back_twice')) = (rectification IS NOT NULL));

ALTER TABLE data_set_files DROP CONSTRAINT data_set_files_name_check, ADD CONSTRAINT data_set_files_name_check CHECK
    (name IN ('units', 'people', 'scheme', 'indicators', 'holidays', 'evaluation', 'invitees', 'evaluation_units'));

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kaoping_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON evaluations, evaluation_questions, representatives, representative_units,
            surveys, survey_ballots, evaluation_results TO kaoping_app;
    END IF;
END $$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE data_set_files DROP CONSTRAINT data_set_files_name_check, ADD CONSTRAINT data_set_files_name_check CHECK
    (name IN ('units', 'people', 'scheme', 'indicators', 'holidays'));
ALTER TABLE consequences
    DROP CONSTRAINT consequences_basis_check, DROP CONSTRAINT consequences_of_violation, DROP CONSTRAINT consequences_of_rectification,
    ADD CONSTRAINT consequences_basis_check CHECK (basis IN ('rectification_overdue', 'sent_back_twice', 'violation')),
    ADD CONSTRAINT consequences_check CHECK ((basis = 'violation') = (violation_id IS NOT NULL)),
    ADD CONSTRAINT consequences_check1 CHECK ((basis = 'violation') = (rectification IS NULL));
ALTER TABLE violations DROP CONSTRAINT violations_severity_check, ADD CONSTRAINT violations_severity_check
    CHECK (severity IN ('ordinary', 'serious', 'disciplinary'));
DROP TABLE evaluation_results, survey_ballots, surveys, representative_units, representatives,
    evaluation_questions, evaluations;
ALTER TABLE cycles DROP CONSTRAINT cycles_phase_check, ADD CONSTRAINT cycles_phase_check CHECK (phase IN
    ('draft', 'notice', 'assessment', 'approval', 'release', 'rectification', 'closed', 'cancelled'));
DROP INDEX cycles_year;
CREATE UNIQUE INDEX cycles_year ON cycles (authority, year, rehearsal) WHERE state <> 'cancelled';
ALTER TABLE cycles DROP kind;
