-- +goose Up

-- Who may sign in. A cycle's people say what somebody may do there; the account says only that it is he.
CREATE TABLE accounts (
    account_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority    text NOT NULL CHECK (authority ~ '^[A-Za-z0-9._-]{1,32}$'),
    rehearsing   boolean NOT NULL DEFAULT false,
    login        text NOT NULL CHECK (login ~ '^[A-Za-z0-9._-]{1,32}$'),
    password     text NOT NULL DEFAULT '' CHECK (password = '' OR password LIKE '$argon2id$%'),
    must_change  boolean NOT NULL DEFAULT false,
    epoch        integer NOT NULL DEFAULT 1 CHECK (epoch > 0),
    administers  boolean NOT NULL DEFAULT false CHECK (NOT (administers AND rehearsing)),
    email        text NOT NULL DEFAULT '' CHECK (email !~ '[[:cntrl:]]'),
    failures     integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until timestamptz,
    UNIQUE (authority, rehearsing, login)
);
COMMENT ON COLUMN accounts.rehearsing IS 'Opens rehearsals only: its password is handed around, and hashed cheaply';
COMMENT ON COLUMN accounts.login IS 'As in people; a person keeps his account from year to year';
COMMENT ON COLUMN accounts.password IS 'argon2id as a PHC string; empty until an invitation is redeemed';
COMMENT ON COLUMN accounts.must_change IS 'An initial password: nothing else can be done before it is changed';
COMMENT ON COLUMN accounts.epoch IS 'A session carries the one that it began in; growing it ends all sessions';
COMMENT ON COLUMN accounts.administers IS 'May import and start years of this authority where no cycle lists him yet';
COMMENT ON COLUMN accounts.failures IS 'Wrong passwords since the last right one';
COMMENT ON COLUMN accounts.locked_until IS 'Real time; until then no password is even looked at';
CREATE INDEX accounts_login ON accounts (login);

-- As github.com/alexedwards/scs/postgresstore reads and writes it.
CREATE TABLE sessions (
    token  text PRIMARY KEY,
    data   bytea NOT NULL,
    expiry timestamptz NOT NULL
);
COMMENT ON COLUMN sessions.token IS 'As the session manager keeps it: hashed, if it is told to';
CREATE INDEX sessions_expiry ON sessions (expiry);

-- Mailed links that set a password: each works once, and only for a while.
CREATE TABLE invitations (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('invite', 'reset')),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
COMMENT ON COLUMN invitations.token_hash IS 'SHA-256; the token itself stands in the link alone';
COMMENT ON COLUMN invitations.used_at IS 'Redeemed, or overtaken by a newer link or password';
CREATE INDEX invitations_open ON invitations (account_id) WHERE used_at IS NULL;

-- Logins, and reads of what is somebody else's. It is no journal: its owner, though not the application, may delete
-- what is older than such data may be kept.
CREATE TABLE access_log (
    access_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    account_id bigint REFERENCES accounts,
    login      text NOT NULL DEFAULT '',
    authority  text NOT NULL DEFAULT '',
    cycle_id   bigint REFERENCES cycles,
    event      text NOT NULL CHECK (event IN
                 ('login', 'login_failed', 'logout', 'password_changed', 'invited', 'reset', 'report_read', 'evidence_read',
                  'sheet_read', 'results_read', 'journal_read', 'book_read', 'admin_read')),
    detail     text NOT NULL DEFAULT '',
    address    text NOT NULL DEFAULT ''
);
COMMENT ON COLUMN access_log.at IS 'The server''s time, in a rehearsal too';
COMMENT ON COLUMN access_log.login IS 'As typed at a failed login, if it has the form of one: else it may be a password';
COMMENT ON COLUMN access_log.address IS 'The client''s network address; empty for the command line';
CREATE INDEX access_log_authority ON access_log (authority, access_id);
CREATE INDEX access_log_account ON access_log (account_id, access_id);

-- The files of a data set that an administrator is putting together: one that is corrected replaces itself alone.
CREATE TABLE data_set_files (
    authority   text NOT NULL,
    name        text NOT NULL CHECK (name IN ('units', 'people', 'scheme', 'indicators', 'holidays')),
    file        text NOT NULL CHECK (file <> ''),
    content     bytea NOT NULL,
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (authority, name)
);
COMMENT ON COLUMN data_set_files.file IS 'Its name where it came from';

ALTER TABLE cycles ADD simulated boolean NOT NULL DEFAULT false CHECK (NOT simulated OR rehearsal > 0);
COMMENT ON COLUMN cycles.simulated IS 'A rehearsal whose people are simulated by a worker, started from the portal';

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kaoping_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, data_set_files TO kaoping_app;
        GRANT SELECT, INSERT, UPDATE ON accounts, invitations TO kaoping_app;
        GRANT SELECT, INSERT ON access_log TO kaoping_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO kaoping_app;
    END IF;
END $$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE cycles DROP simulated;
DROP TABLE data_set_files, access_log, invitations, sessions, accounts;
