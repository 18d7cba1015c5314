-- +goose Up

-- The public's holidays of a year, as the State Council publishes them; an administrator adds a year.
CREATE TABLE holidays (
    day  date PRIMARY KEY,
    work boolean NOT NULL,
    name text NOT NULL
);
COMMENT ON TABLE holidays IS 'Statutory days off (work = false) and make-up working days (work = true)';

-- One authority, one year (A4, A5). A rehearsal has a number, the real cycle has 0.
CREATE TABLE cycles (
    cycle_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority      text NOT NULL CHECK (authority ~ '^[A-Za-z0-9._-]{1,32}$'),
    year           integer NOT NULL CHECK (year BETWEEN 2000 AND 2999),
    rehearsal      integer NOT NULL DEFAULT 0 CHECK (rehearsal >= 0),
    state          text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'closed', 'cancelled')),
    phase          text NOT NULL DEFAULT 'draft' CHECK (phase IN
                     ('draft', 'notice', 'assessment', 'approval', 'release', 'rectification', 'closed', 'cancelled')),
    rule_set       text NOT NULL,
    clock_real     timestamptz,
    clock_virtual  timestamptz,
    clock_pace     bigint NOT NULL DEFAULT 0 CHECK (clock_pace >= 0),
    released       integer,
    correction     text NOT NULL DEFAULT '',
    journal_seq    bigint NOT NULL DEFAULT 0,
    journal_at     timestamptz,
    journal_hash   bytea NOT NULL DEFAULT ''
);
COMMENT ON COLUMN cycles.clock_pace IS 'Nanoseconds of real time per day of the cycle; 0 is the real clock';
COMMENT ON COLUMN cycles.released IS 'The number of the proposal whose results are in force';
COMMENT ON COLUMN cycles.correction IS 'Why released results are being corrected; the next proposal carries it (A8(7))';
COMMENT ON COLUMN cycles.journal_seq IS 'The last line of the journal; lines are written under the lock of this row';

-- What a cycle is made of, apart from its row, which every transaction of the cycle reads.
CREATE TABLE data_sets (
    cycle_id bigint PRIMARY KEY REFERENCES cycles ON DELETE CASCADE,
    data_set jsonb NOT NULL
);
COMMENT ON COLUMN data_sets.data_set IS 'The plan as imported: scheme, indicators, units, people, holidays; frozen at the start (A8(3))';

-- The year is unique by this row: Temporal forgets closed runs. A cancelled year is free again.
CREATE UNIQUE INDEX cycles_year ON cycles (authority, year, rehearsal) WHERE state <> 'cancelled';

-- Every version of the dates and texts that a person may still change after the start, with the reason (A8(3)).
CREATE TABLE scheme_versions (
    cycle_id          bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    version           integer NOT NULL CHECK (version > 0),
    notice            date NOT NULL,
    self_report_due   date NOT NULL,
    review_due        date NOT NULL,
    approval_due      date NOT NULL,
    rectification_due date NOT NULL,
    reason            text NOT NULL,
    person            text NOT NULL,
    PRIMARY KEY (cycle_id, version),
    CHECK (notice < self_report_due AND self_report_due < review_due
           AND review_due < approval_due AND approval_due < rectification_due)
);

CREATE TABLE units (
    cycle_id  bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    code      text NOT NULL CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
    position  integer NOT NULL,
    name      text NOT NULL CHECK (name <> ''),
    category  text NOT NULL CHECK (category <> ''),
    email     text NOT NULL CHECK (email !~ '[[:cntrl:]]'),
    telephone text NOT NULL,
    PRIMARY KEY (cycle_id, code)
);

CREATE TABLE people (
    cycle_id    bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    login       text NOT NULL CHECK (login ~ '^[A-Za-z0-9._-]{1,32}$'),
    name        text NOT NULL CHECK (name <> ''),
    role        text NOT NULL CHECK (role IN ('admin', 'leader', 'deputy', 'organization_department',
                                              'auditor', 'assessor', 'contact', 'head')),
    unit        text NOT NULL,
    email       text NOT NULL CHECK (email !~ '[[:cntrl:]]'),
    group_kinds text[] NOT NULL DEFAULT '{}',
    areas       text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (cycle_id, login),
    UNIQUE (cycle_id, login, unit)
);
COMMENT ON COLUMN people.unit IS 'The unit of a contact or head; an assessor''s own organisation; empty for others';

CREATE TABLE indicators (
    cycle_id   bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    code       text NOT NULL,
    position   integer NOT NULL,
    area       text NOT NULL,
    track      text NOT NULL,
    max_points bigint NOT NULL CHECK (max_points > 0),
    content    text NOT NULL,
    criteria   text NOT NULL,
    methods    text[] NOT NULL,
    judges     text NOT NULL CHECK (judges IN ('', 'previous_year')),
    categories text[] NOT NULL,
    PRIMARY KEY (cycle_id, code),
    UNIQUE (cycle_id, code, max_points)
);
COMMENT ON COLUMN indicators.max_points IS 'Hundredths of a point';

-- One row a unit: where its assessment stands (A8(5), A8(6)).
CREATE TABLE assessments (
    cycle_id    bigint NOT NULL,
    unit        text NOT NULL,
    generation  integer NOT NULL DEFAULT 1,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'reporting', 'review', 'closed')),
    report_due  date NOT NULL,
    review_due  date NOT NULL,
    spread      text NOT NULL DEFAULT '' CHECK (spread IN ('', 'again', 'third', 'settled')),
    PRIMARY KEY (cycle_id, unit),
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code) ON DELETE CASCADE
);
COMMENT ON COLUMN assessments.generation IS 'Grows by one when the leader returns the unit, or a correction reopens it';
COMMENT ON COLUMN assessments.spread IS 'max_spread exceeded: back to the assessors (again), then to a third (third), then settled';

CREATE TABLE reports (
    cycle_id     bigint NOT NULL,
    unit         text NOT NULL,
    revision     integer NOT NULL CHECK (revision > 0),
    state        text NOT NULL CHECK (state IN ('draft', 'submitted', 'returned')),
    submitted_by text NOT NULL DEFAULT '',
    submitted_at timestamptz,
    late         boolean NOT NULL DEFAULT false,
    returned_by  text NOT NULL DEFAULT '',
    reason       text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, unit, revision),
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code) ON DELETE CASCADE,
    CHECK ((state = 'draft') = (submitted_at IS NULL)),
    CHECK (state <> 'returned' OR reason <> '')
);
CREATE UNIQUE INDEX reports_one_draft ON reports (cycle_id, unit) WHERE state = 'draft';

CREATE TABLE report_items (
    cycle_id   bigint NOT NULL,
    unit       text NOT NULL,
    revision   integer NOT NULL,
    indicator  text NOT NULL,
    max_points bigint NOT NULL,
    statement  text NOT NULL,
    self_score bigint NOT NULL CHECK (self_score >= 0),
    PRIMARY KEY (cycle_id, unit, revision, indicator),
    FOREIGN KEY (cycle_id, unit, revision) REFERENCES reports ON DELETE CASCADE,
    FOREIGN KEY (cycle_id, indicator, max_points) REFERENCES indicators (cycle_id, code, max_points),
    CHECK (self_score <= max_points)
);

CREATE TABLE evidence (
    cycle_id  bigint NOT NULL,
    unit      text NOT NULL,
    revision  integer NOT NULL,
    indicator text NOT NULL,
    position  integer NOT NULL,
    name      text NOT NULL CHECK (name <> ''),
    link      text NOT NULL DEFAULT '',
    sha256    text NOT NULL DEFAULT '',
    size      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (cycle_id, unit, revision, indicator, position),
    FOREIGN KEY (cycle_id, unit, revision, indicator) REFERENCES report_items ON DELETE CASCADE,
    CHECK ((link = '') <> (sha256 = '')),
    CHECK (sha256 = '' OR sha256 ~ '^[0-9a-f]{64}$')
);

-- One sheet: what one assessor scores in one unit. Nobody scores his own organisation (A8(6)).
CREATE TABLE sheets (
    cycle_id      bigint NOT NULL,
    unit          text NOT NULL,
    assessor      text NOT NULL,
    assessor_unit text NOT NULL,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'open', 'submitted')),
    submissions   integer NOT NULL DEFAULT 0,
    remark        text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, unit, assessor),
    FOREIGN KEY (cycle_id, unit) REFERENCES assessments (cycle_id, unit) ON DELETE CASCADE,
    FOREIGN KEY (cycle_id, assessor, assessor_unit) REFERENCES people (cycle_id, login, unit) ON UPDATE CASCADE,
    CONSTRAINT sheets_own_organisation CHECK (assessor_unit <> unit)
);
COMMENT ON COLUMN sheets.remark IS 'Why the sheet was reopened';
CREATE INDEX sheets_assessor ON sheets (cycle_id, assessor, state);

CREATE TABLE scores (
    cycle_id   bigint NOT NULL,
    unit       text NOT NULL,
    assessor   text NOT NULL,
    indicator  text NOT NULL,
    max_points bigint NOT NULL,
    points     bigint CHECK (points >= 0),
    reason     text NOT NULL DEFAULT '',
    method     text NOT NULL DEFAULT '',
    place      text NOT NULL DEFAULT '',
    checked_on date,
    seen       text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, unit, assessor, indicator),
    FOREIGN KEY (cycle_id, unit, assessor) REFERENCES sheets ON DELETE CASCADE,
    FOREIGN KEY (cycle_id, indicator, max_points) REFERENCES indicators (cycle_id, code, max_points),
    CONSTRAINT scores_maximum CHECK (points <= max_points),
    CONSTRAINT scores_reason CHECK (points IS NULL OR points = max_points OR reason <> ''),
    CONSTRAINT scores_check CHECK (points IS NULL OR method <> '')
);
COMMENT ON COLUMN scores.points IS 'Hundredths of a point; null until the assessor gave them';

-- What an assessor submitted, each time; the sheet itself stays editable when it is reopened.
CREATE TABLE sheet_submissions (
    cycle_id     bigint NOT NULL,
    unit         text NOT NULL,
    assessor     text NOT NULL,
    submission   integer NOT NULL,
    submitted_at timestamptz NOT NULL,
    scores       jsonb NOT NULL,
    PRIMARY KEY (cycle_id, unit, assessor, submission),
    FOREIGN KEY (cycle_id, unit, assessor) REFERENCES sheets ON DELETE CASCADE
);

-- Bonus and deduction (A10, A11): counted only when a second person confirmed.
CREATE TABLE adjustments (
    adjustment_id uuid PRIMARY KEY,
    cycle_id      bigint NOT NULL,
    unit          text NOT NULL,
    clause        text NOT NULL,
    bonus         boolean NOT NULL,
    points        bigint NOT NULL CHECK (points > 0),
    occurred_on   date NOT NULL,
    event         text NOT NULL CHECK (event <> ''),
    evidence      text NOT NULL CHECK (evidence <> ''),
    state         text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'rejected')),
    proposed_by   text NOT NULL,
    decided_by    text NOT NULL DEFAULT '',
    reason        text NOT NULL DEFAULT '',
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code),
    UNIQUE (adjustment_id, state),
    CONSTRAINT adjustments_decided CHECK ((state = 'proposed') = (decided_by = '')),
    CONSTRAINT adjustments_second_person CHECK (state <> 'confirmed' OR decided_by <> proposed_by),
    CONSTRAINT adjustments_reason CHECK (state <> 'rejected' OR reason <> '')
);
CREATE UNIQUE INDEX adjustments_event ON adjustments (cycle_id, unit, lower(event)) WHERE state = 'confirmed';
CREATE INDEX adjustments_cycle ON adjustments (cycle_id, unit);

CREATE TABLE proposals (
    cycle_id   bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    number     integer NOT NULL CHECK (number > 0),
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'voided', 'returned', 'approved')),
    digest     text NOT NULL,
    book       text NOT NULL,
    corrects   integer,
    reason     text NOT NULL DEFAULT '',
    due        date NOT NULL,
    decided_by text NOT NULL DEFAULT '',
    office     text NOT NULL DEFAULT '' CHECK (office IN ('', 'leader', 'deputy')),
    comment    text NOT NULL DEFAULT '',
    released   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (cycle_id, number),
    CHECK (state NOT IN ('returned', 'approved') OR (decided_by <> '' AND office <> '')),
    CHECK (NOT released OR state = 'approved')
);
COMMENT ON COLUMN proposals.book IS 'The book with its results, as proposed: what the digest is of';
CREATE UNIQUE INDEX proposals_one_open ON proposals (cycle_id) WHERE state = 'open';

-- What a proposal counted: the foreign key holds that an unconfirmed adjustment never counts (A10).
CREATE TABLE counted_adjustments (
    cycle_id      bigint NOT NULL,
    number        integer NOT NULL,
    adjustment_id uuid NOT NULL,
    state         text NOT NULL DEFAULT 'confirmed' CHECK (state = 'confirmed'),
    PRIMARY KEY (cycle_id, number, adjustment_id),
    FOREIGN KEY (cycle_id, number) REFERENCES proposals ON DELETE CASCADE,
    FOREIGN KEY (adjustment_id, state) REFERENCES adjustments (adjustment_id, state)
);

CREATE TABLE results (
    cycle_id      bigint NOT NULL,
    number        integer NOT NULL,
    unit          text NOT NULL,
    total         bigint NOT NULL CHECK (total BETWEEN 0 AND 10000),
    grade         text NOT NULL,
    rank          integer NOT NULL CHECK (rank > 0),
    category_rank integer NOT NULL CHECK (category_rank > 0),
    result        jsonb NOT NULL,
    comment       text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, number, unit),
    FOREIGN KEY (cycle_id, number) REFERENCES proposals ON DELETE CASCADE,
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code)
);
COMMENT ON COLUMN results.comment IS 'The leader''s comment with which this unit was returned';

-- Rectification (A13): number 0 follows from the results, others from a violation (A14).
CREATE TABLE rectifications (
    cycle_id   bigint NOT NULL,
    unit       text NOT NULL,
    number     integer NOT NULL CHECK (number >= 0),
    state      text NOT NULL DEFAULT 'draft' CHECK (state IN
                 ('draft', 'ordered', 'measures', 'reported', 'sent_back', 'accepted', 'ended')),
    due        date NOT NULL,
    sent_back  integer NOT NULL DEFAULT 0,
    reason     text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, unit, number),
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code) ON DELETE CASCADE
);

-- What a unit filed for a rectification, each time (A13): what was sent back is kept beside what followed it.
CREATE TABLE rectification_filings (
    cycle_id      bigint NOT NULL,
    unit          text NOT NULL,
    rectification integer NOT NULL,
    filing        integer NOT NULL CHECK (filing > 0),
    kind          text NOT NULL CHECK (kind IN ('measures', 'report')),
    content       text NOT NULL CHECK (content <> ''),
    filed_by      text NOT NULL,
    filed_at      timestamptz NOT NULL,
    PRIMARY KEY (cycle_id, unit, rectification, filing),
    FOREIGN KEY (cycle_id, unit, rectification) REFERENCES rectifications (cycle_id, unit, number) ON DELETE CASCADE
);

CREATE TABLE rectification_evidence (
    cycle_id      bigint NOT NULL,
    unit          text NOT NULL,
    rectification integer NOT NULL,
    filing        integer NOT NULL,
    position      integer NOT NULL,
    name          text NOT NULL CHECK (name <> ''),
    link          text NOT NULL DEFAULT '',
    sha256        text NOT NULL DEFAULT '',
    size          bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (cycle_id, unit, rectification, filing, position),
    FOREIGN KEY (cycle_id, unit, rectification, filing) REFERENCES rectification_filings ON DELETE CASCADE,
    CONSTRAINT rectification_evidence_one CHECK ((link = '') <> (sha256 = '')),
    CONSTRAINT rectification_evidence_digest CHECK (sha256 = '' OR sha256 ~ '^[0-9a-f]{64}$')
);

-- What a unit is still typing; filing it is an act, which takes the draft away.
CREATE TABLE rectification_drafts (
    cycle_id      bigint NOT NULL,
    unit          text NOT NULL,
    rectification integer NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('measures', 'report')),
    content       text NOT NULL,
    evidence      jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (cycle_id, unit, rectification, kind),
    FOREIGN KEY (cycle_id, unit, rectification) REFERENCES rectifications (cycle_id, unit, number) ON DELETE CASCADE
);
COMMENT ON COLUMN rectification_drafts.evidence IS 'Links, and files by their digests, in order: name, link, sha256, size';

CREATE TABLE problems (
    cycle_id      bigint NOT NULL,
    unit          text NOT NULL,
    rectification integer NOT NULL,
    position      integer NOT NULL,
    indicator     text NOT NULL DEFAULT '',
    lost          bigint NOT NULL DEFAULT 0 CHECK (lost >= 0),
    problem       text NOT NULL CHECK (problem <> ''),
    method        text NOT NULL CHECK (method <> ''),
    repeated      boolean NOT NULL DEFAULT false,
    recheck       text NOT NULL DEFAULT '',
    recheck_by    text NOT NULL DEFAULT '',
    seen          text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, unit, rectification, position) DEFERRABLE, -- they are numbered anew in one statement
    FOREIGN KEY (cycle_id, unit, rectification) REFERENCES rectifications (cycle_id, unit, number) ON DELETE CASCADE,
    CONSTRAINT problems_recheck_method CHECK (recheck IN ('', method))
);
COMMENT ON COLUMN problems.repeated IS 'The same indicator was a problem of this unit the year before';
COMMENT ON COLUMN problems.recheck IS 'The method of the re-check: the one that found the problem (A13)';

CREATE TABLE violations (
    violation_id uuid PRIMARY KEY,
    cycle_id     bigint NOT NULL,
    unit         text NOT NULL,
    facts        text NOT NULL CHECK (facts <> ''),
    evidence     text NOT NULL CHECK (evidence <> ''),
    severity     text NOT NULL CHECK (severity IN ('ordinary', 'serious', 'disciplinary')),
    recorded_by  text NOT NULL,
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code)
);

CREATE TABLE consequences (
    cycle_id       bigint NOT NULL,
    number         integer NOT NULL CHECK (number > 0),
    unit           text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('interview', 'public_criticism', 'disciplinary_proposal')),
    basis          text NOT NULL CHECK (basis IN ('rectification_overdue', 'sent_back_twice', 'violation')),
    rectification  integer,
    violation_id   uuid REFERENCES violations ON DELETE CASCADE,
    state          text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'imposed', 'waived')),
    decided_by     text NOT NULL DEFAULT '',
    reason         text NOT NULL DEFAULT '',
    due            date,
    interview      jsonb NOT NULL DEFAULT 'null',
    deduction_note text NOT NULL DEFAULT '',
    organ          text NOT NULL DEFAULT '',
    PRIMARY KEY (cycle_id, number),
    FOREIGN KEY (cycle_id, unit) REFERENCES units (cycle_id, code) ON DELETE CASCADE,
    CHECK ((basis = 'violation') = (violation_id IS NOT NULL)),
    CHECK ((basis = 'violation') = (rectification IS NULL)),
    CONSTRAINT consequences_reason CHECK (state = 'proposed' OR (decided_by <> '' AND reason <> '')),
    CONSTRAINT consequences_interview CHECK (state <> 'imposed' OR kind <> 'interview' OR interview <> 'null')
);

CREATE TABLE tasks (
    cycle_id bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    key      text NOT NULL,
    kind     text NOT NULL,
    role     text NOT NULL DEFAULT '',
    person   text NOT NULL DEFAULT '',
    unit     text NOT NULL DEFAULT '',
    due      date,
    detail   text NOT NULL DEFAULT '',
    state    text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')),
    note     text NOT NULL DEFAULT '',
    opened_at timestamptz NOT NULL,
    done_at  timestamptz,
    PRIMARY KEY (cycle_id, key),
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX tasks_open ON tasks (cycle_id) WHERE state = 'open';

-- The mail ledger (A8(4)): queued → sending → sent or refused; withdrawn if its reason went away first.
CREATE TABLE mails (
    mail_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle_id   bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    key        text NOT NULL,
    kind       text NOT NULL,
    article    text NOT NULL,
    unit       text NOT NULL DEFAULT '',
    person     text NOT NULL DEFAULT '',
    recipient  text NOT NULL,
    data       jsonb NOT NULL,
    shared     text NOT NULL DEFAULT '',
    obligation text NOT NULL DEFAULT '',
    scheduled  timestamptz,
    message_id text NOT NULL,
    state      text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'refused', 'withdrawn')),
    attempts   integer NOT NULL DEFAULT 0,
    answer     text NOT NULL DEFAULT '',
    not_before timestamptz NOT NULL DEFAULT 'epoch',
    claim      uuid,
    claimed_until timestamptz,
    UNIQUE (cycle_id, key),
    UNIQUE (message_id),
    CHECK ((state = 'sending') = (claim IS NOT NULL))
);
COMMENT ON COLUMN mails.shared IS 'Key of the part that many mails of one step have in common (mail_shared)';
COMMENT ON COLUMN mails.obligation IS 'What a reminder or an escalation reminds of; who fulfils it withdraws them';
COMMENT ON COLUMN mails.scheduled IS 'The moment that the policy names; a reminder is dropped when that day is over';
COMMENT ON COLUMN mails.not_before IS 'Real time; a temporary answer backs off';
CREATE INDEX mails_open ON mails (cycle_id, mail_id) WHERE state IN ('queued', 'sending');
CREATE INDEX mails_obligation ON mails (cycle_id, obligation) WHERE state IN ('queued', 'sending');
CREATE INDEX mails_kind ON mails (cycle_id, kind);

CREATE TABLE mail_shared (
    cycle_id   bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    key        text NOT NULL,
    data       jsonb NOT NULL,
    attachment_name text NOT NULL DEFAULT '',
    attachment bytea,
    PRIMARY KEY (cycle_id, key)
);

-- Addresses that a server refused for good: nothing more is sent there until somebody changes them.
CREATE TABLE refused_addresses (
    cycle_id bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    address  text NOT NULL,
    answer   text NOT NULL,
    PRIMARY KEY (cycle_id, address)
);

-- Every write's key, made by its caller: what is asked twice is done once (and answered alike).
CREATE TABLE acts (
    cycle_id bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    act_id   text NOT NULL,
    content  jsonb NOT NULL DEFAULT 'null',
    done     boolean NOT NULL DEFAULT false,
    answer   jsonb NOT NULL DEFAULT 'null',
    PRIMARY KEY (cycle_id, act_id)
);
COMMENT ON COLUMN acts.content IS 'Texts of an act that waits in a workflow; payloads carry only its id';

-- The journal: the audit table itself. Hash-chained; nobody changes or deletes a line.
CREATE TABLE journal (
    cycle_id bigint NOT NULL REFERENCES cycles,
    seq      bigint NOT NULL CHECK (seq > 0),
    at       timestamptz NOT NULL,
    event    text NOT NULL,
    unit     text NOT NULL DEFAULT '',
    person   text NOT NULL DEFAULT '',
    article  text NOT NULL DEFAULT '',
    data     text NOT NULL DEFAULT '',
    hash     bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (cycle_id, seq)
);
COMMENT ON COLUMN journal.data IS 'JSON as written: text, so that the hash is of exactly these bytes';
CREATE INDEX journal_event ON journal (cycle_id, event);

-- +goose StatementBegin
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'journal_append_only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

-- +goose StatementBegin
CREATE FUNCTION journal_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last journal;
BEGIN
    SELECT * INTO last FROM journal j WHERE j.cycle_id = NEW.cycle_id AND j.seq = NEW.seq - 1;
    IF NEW.seq > 1 AND (last.seq IS NULL OR last.at > NEW.at) THEN
        RAISE EXCEPTION 'journal line % does not follow the last one', NEW.seq
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'journal_follows';
    END IF;
    IF last.event = 'cycle_closed' THEN
        RAISE EXCEPTION 'nothing is written after the cycle closed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'journal_closed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER journal_chain BEFORE INSERT ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_follows();

-- Once a cycle runs, its indicators stand (A8(3)): weights are never changed under a score.
-- +goose StatementBegin
CREATE FUNCTION indicators_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cycles c WHERE c.cycle_id = OLD.cycle_id AND c.state <> 'draft') THEN
        RAISE EXCEPTION 'the scheme is frozen' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'scheme_frozen';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
-- +goose StatementEnd
CREATE TRIGGER indicators_frozen BEFORE UPDATE OR DELETE ON indicators
    FOR EACH ROW EXECUTE FUNCTION indicators_are_frozen();

-- The application's role: everything a worker needs, and no way to change or delete a line of the journal.
-- +goose StatementBegin
DO $$
BEGIN
    BEGIN
        CREATE ROLE kaoping_app NOLOGIN;
    EXCEPTION
        WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kaoping_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO kaoping_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO kaoping_app;
        REVOKE UPDATE, DELETE, TRUNCATE ON journal FROM kaoping_app;
        BEGIN
            EXECUTE format('GRANT kaoping_app TO %I', current_user);
        EXCEPTION
            WHEN insufficient_privilege OR invalid_grant_operation THEN NULL;
        END;
    END IF;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE journal, acts, refused_addresses, mail_shared, mails, tasks, consequences, violations, problems,
    rectification_drafts, rectification_evidence, rectification_filings, rectifications,
    results, counted_adjustments, proposals, adjustments, sheet_submissions, scores, sheets, evidence, report_items,
    reports, assessments, indicators, people, units, scheme_versions, data_sets, cycles, holidays;
DROP FUNCTION journal_is_append_only, journal_follows, indicators_are_frozen;
