-- name: AccountGet :one
SELECT * FROM accounts WHERE account_id = @account_id::bigint;

-- name: AccountFind :one
SELECT * FROM accounts WHERE authority = @authority::text AND rehearsing = @rehearsing::boolean AND login = @login::text;

-- name: AccountByLogin :many
SELECT * FROM accounts
WHERE login = @login::text AND (@authority::text = '' OR authority = @authority::text)
ORDER BY rehearsing, authority LIMIT @most::int;

-- name: AccountAuthorityKnown :one
SELECT EXISTS (SELECT FROM accounts WHERE authority = @authority::text);

-- name: AccountPut :one
INSERT INTO accounts (authority, login, email, administers)
VALUES (@authority::text, @login::text, @email::text, @administers::boolean)
ON CONFLICT (authority, rehearsing, login) DO UPDATE SET email = EXCLUDED.email, administers = accounts.administers OR EXCLUDED.administers
RETURNING *;

-- name: AccountPutRehearsing :exec
INSERT INTO accounts (authority, rehearsing, login, password, email)
SELECT @authority::text, true, unnest(@logins::text[]), unnest(@passwords::text[]), unnest(@emails::text[])
ON CONFLICT (authority, rehearsing, login) DO UPDATE SET password = EXCLUDED.password, email = EXCLUDED.email,
    must_change = false, epoch = accounts.epoch + 1, failures = 0, locked_until = NULL;

-- name: AccountSetEmail :exec
UPDATE accounts SET email = @email::text WHERE account_id = @account_id::bigint;

-- name: AccountSetPassword :one
UPDATE accounts SET password = @password::text, must_change = false, epoch = epoch + 1, failures = 0, locked_until = NULL
WHERE account_id = @account_id::bigint AND epoch = @epoch::int
RETURNING *;

-- name: AccountMustChange :exec
UPDATE accounts SET must_change = true WHERE account_id = @account_id::bigint;

-- name: AccountEndSessions :exec
UPDATE accounts SET epoch = epoch + 1 WHERE account_id = @account_id::bigint;

-- name: AccountLock :one
SELECT * FROM accounts WHERE account_id = @account_id::bigint FOR NO KEY UPDATE;

-- name: AccountSetFailures :exec
UPDATE accounts SET failures = @failures::int, locked_until = sqlc.narg(locked_until)::timestamptz
WHERE account_id = @account_id::bigint;

-- name: AccountCycles :many
SELECT c.* FROM cycles c
WHERE c.authority = @authority::text AND c.kind = 'assessment' AND (c.rehearsal > 0 OR NOT @rehearsing::boolean)
  AND (@administers::boolean OR EXISTS (
    SELECT FROM people p JOIN cycles o USING (cycle_id)
    WHERE p.login = @login::text AND p.replaced_by = '' AND o.authority = c.authority AND (o.rehearsal > 0 OR NOT @rehearsing::boolean)
      AND (o.cycle_id = c.cycle_id OR p.role = 'admin')))
ORDER BY c.state = 'cancelled', c.rehearsal > 0, c.year DESC, c.rehearsal DESC, c.cycle_id DESC;

-- name: AccountAdministers :one
SELECT EXISTS (
    SELECT FROM people p JOIN cycles c USING (cycle_id)
    WHERE p.login = @login::text AND p.replaced_by = '' AND p.role = 'admin' AND c.authority = @authority::text AND c.rehearsal = 0);

-- name: InvitationInsert :exec
INSERT INTO invitations (token_hash, account_id, purpose, expires_at)
VALUES (@token_hash::bytea, @account_id::bigint, @purpose::text, @expires_at::timestamptz);

-- name: InvitationGet :one
SELECT sqlc.embed(a), i.purpose FROM invitations i JOIN accounts a USING (account_id)
WHERE i.token_hash = @token_hash::bytea AND i.used_at IS NULL AND i.expires_at > @at::timestamptz;

-- name: InvitationUse :execrows
UPDATE invitations SET used_at = @at::timestamptz
WHERE token_hash = @token_hash::bytea AND used_at IS NULL AND expires_at > @at::timestamptz;

-- name: InvitationVoid :exec
UPDATE invitations SET used_at = @at::timestamptz WHERE account_id = @account_id::bigint AND used_at IS NULL;

-- name: AccessInsert :exec
INSERT INTO access_log (account_id, login, authority, cycle_id, event, detail, address)
VALUES (sqlc.narg(account_id)::bigint, @login::text, @authority::text, sqlc.narg(cycle_id)::bigint, @event::text, @detail::text, @address::text);

-- name: AccessList :many
SELECT * FROM access_log WHERE authority = @authority::text AND access_id < @before::bigint
ORDER BY access_id DESC LIMIT @most::int;

-- name: SessionSweep :exec
DELETE FROM sessions WHERE token IN (
    SELECT token FROM sessions WHERE expiry < now() ORDER BY expiry LIMIT 1000 FOR UPDATE SKIP LOCKED);
