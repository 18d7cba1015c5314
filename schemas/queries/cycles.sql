-- name: CycleInsert :one
INSERT INTO cycles (authority, year, rehearsal, kind, rule_set, clock_virtual, clock_pace)
VALUES (@authority::text, @year::int, @rehearsal::int, @kind::text, @rule_set::text, sqlc.narg(clock_virtual)::timestamptz, @clock_pace::bigint)
RETURNING cycle_id;

-- name: CycleReplace :exec
UPDATE cycles SET rule_set = @rule_set::text,
    clock_virtual = sqlc.narg(clock_virtual)::timestamptz, clock_pace = @clock_pace::bigint
WHERE cycle_id = @cycle_id::bigint;

-- name: CycleLock :one
SELECT * FROM cycles WHERE cycle_id = @cycle_id::bigint FOR NO KEY UPDATE;

-- name: CycleGet :one
SELECT * FROM cycles WHERE cycle_id = @cycle_id::bigint;

-- name: CycleFind :one
SELECT * FROM cycles
WHERE authority = @authority::text AND year = @year::int AND rehearsal = @rehearsal::int AND kind = @kind::text
ORDER BY state = 'cancelled', cycle_id DESC LIMIT 1;

-- Whoever numbers a rehearsal of the year waits here for the others until they commit.
-- name: RehearsalLock :exec
SELECT pg_advisory_xact_lock(hashtextextended('rehearsal/' || @authority::text || '/' || @year::int, 0));

-- name: CycleNewestRehearsal :one
SELECT COALESCE(max(rehearsal), 0)::int FROM cycles
WHERE authority = @authority::text AND year = @year::int AND (@kind::text = '' OR kind = @kind::text);

-- name: CycleList :many
SELECT cycle_id, authority, year, rehearsal, kind, state, phase FROM cycles ORDER BY authority, year, rehearsal, kind, cycle_id;

-- name: CycleStart :exec
UPDATE cycles SET state = 'running', phase = 'notice', clock_real = sqlc.narg(clock_real)::timestamptz,
    clock_virtual = sqlc.narg(clock_virtual)::timestamptz, clock_pace = @clock_pace::bigint
WHERE cycle_id = @cycle_id::bigint AND state = 'draft';

-- name: CyclePhase :exec
UPDATE cycles SET phase = @phase::text WHERE cycle_id = @cycle_id::bigint;

-- name: CycleEnd :exec
UPDATE cycles SET state = @state::text, phase = @state::text WHERE cycle_id = @cycle_id::bigint;

-- name: CycleRelease :exec
UPDATE cycles SET released = @number::int,
    phase = CASE WHEN released IS NULL THEN 'release' ELSE 'rectification' END
WHERE cycle_id = @cycle_id::bigint;

-- name: CycleJournalAdvance :exec
UPDATE cycles SET journal_seq = @seq::bigint, journal_at = @at::timestamptz, journal_hash = @hash::bytea
WHERE cycle_id = @cycle_id::bigint;

-- name: SchemeVersionInsert :exec
INSERT INTO scheme_versions (cycle_id, version, notice, self_report_due, review_due, approval_due, rectification_due, reason, person)
VALUES (@cycle_id::bigint, @version::int, @notice::date, @self_report_due::date, @review_due::date, @approval_due::date,
    @rectification_due::date, @reason::text, @person::text);

-- name: SchemeVersionLatest :one
SELECT * FROM scheme_versions WHERE cycle_id = @cycle_id::bigint ORDER BY version DESC LIMIT 1;

-- name: SchemeVersionClear :exec
DELETE FROM scheme_versions WHERE cycle_id = @cycle_id::bigint;

-- name: HolidayList :many
SELECT day, work, name FROM holidays ORDER BY day;

-- name: HolidayUpsert :exec
INSERT INTO holidays (day, work, name)
SELECT unnest(@days::date[]), unnest(@works::boolean[]), unnest(@names::text[])
ON CONFLICT (day) DO UPDATE SET work = EXCLUDED.work, name = EXCLUDED.name;

-- name: HolidaySeed :exec
INSERT INTO holidays (day, work, name)
SELECT unnest(@days::date[]), unnest(@works::boolean[]), unnest(@names::text[])
ON CONFLICT (day) DO NOTHING;

-- name: ActAnswer :one
SELECT answer FROM acts WHERE cycle_id = @cycle_id::bigint AND act_id = @act_id::text AND done;

-- name: ActContent :one
SELECT content FROM acts WHERE cycle_id = @cycle_id::bigint AND act_id = @act_id::text;

-- name: ActRequest :exec
INSERT INTO acts (cycle_id, act_id, content) VALUES (@cycle_id::bigint, @act_id::text, @content::jsonb)
ON CONFLICT (cycle_id, act_id) DO NOTHING;

-- name: ActDone :exec
INSERT INTO acts (cycle_id, act_id, done, answer) VALUES (@cycle_id::bigint, @act_id::text, true, @answer::jsonb)
ON CONFLICT (cycle_id, act_id) DO UPDATE SET done = true, answer = EXCLUDED.answer;

-- name: CycleCorrect :exec
UPDATE cycles SET correction = @reason::text WHERE cycle_id = @cycle_id::bigint;

-- name: CycleLatest :one
SELECT * FROM cycles WHERE authority = @authority::text AND rehearsal = 0 AND kind = 'assessment' AND state <> 'cancelled'
ORDER BY year DESC LIMIT 1;

-- name: DataSetPut :exec
INSERT INTO data_sets (cycle_id, data_set) VALUES (@cycle_id::bigint, @data_set::jsonb)
ON CONFLICT (cycle_id) DO UPDATE SET data_set = EXCLUDED.data_set;

-- name: DataSetGet :one
SELECT data_set FROM data_sets WHERE cycle_id = @cycle_id::bigint;
