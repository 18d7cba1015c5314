-- name: PeopleList :many
SELECT sqlc.embed(p), COALESCE(a.account_id, 0)::bigint AS account_id, (COALESCE(a.password, '') <> '')::boolean AS has_password,
    COALESCE(a.locked_until > @now::timestamptz, false)::boolean AS locked,
    EXISTS (SELECT FROM invitations i WHERE i.account_id = a.account_id AND i.used_at IS NULL AND i.expires_at > @now::timestamptz) AS invited
FROM people p
LEFT JOIN accounts a ON a.authority = @authority::text AND a.rehearsing = @rehearsing::boolean AND a.login = p.login
WHERE p.cycle_id = @cycle_id::bigint
ORDER BY p.replaced_by <> '', array_position(ARRAY['admin', 'leader', 'deputy', 'organization_department', 'auditor', 'assessor', 'contact', 'head'], p.role), p.unit, p.login;

-- name: PeopleLastLogins :many
SELECT account_id::bigint AS account_id, max(at)::timestamptz AS at FROM access_log
WHERE account_id = ANY(@account_ids::bigint[]) AND event IN ('login', 'password_changed') GROUP BY account_id; -- a mailed link signs in, too

-- name: PersonReplace :exec
UPDATE people SET replaced_by = @successor::text
WHERE cycle_id = @cycle_id::bigint AND (login = @login::text OR replaced_by = @login::text);

-- name: PersonPredecessors :many
SELECT login FROM people WHERE cycle_id = @cycle_id::bigint AND replaced_by = @login::text ORDER BY login;

-- name: SheetUnitsOf :many
SELECT unit, state FROM sheets WHERE cycle_id = @cycle_id::bigint AND assessor = @assessor::text ORDER BY unit;

-- name: SheetHandOver :execrows
UPDATE sheets SET assessor = @successor::text, assessor_unit = @successor_unit::text
WHERE cycle_id = @cycle_id::bigint AND assessor = @assessor::text AND state <> 'submitted';

-- name: TaskOfPerson :many
SELECT * FROM tasks WHERE cycle_id = @cycle_id::bigint AND state = 'open' AND person = @person::text ORDER BY key;

-- name: ActOnce :execrows
INSERT INTO acts (cycle_id, act_id, done) VALUES (@cycle_id::bigint, @act_id::text, true) ON CONFLICT DO NOTHING;

-- name: AccessSearch :many
SELECT * FROM access_log
WHERE authority = @authority::text AND access_id < @before::bigint AND (@event::text = '' OR event = @event::text)
    AND (@login::text = '' OR login = @login::text)
ORDER BY access_id DESC LIMIT @most::int;
