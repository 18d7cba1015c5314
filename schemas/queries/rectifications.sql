-- name: RectificationInsert :exec
INSERT INTO rectifications (cycle_id, unit, number, due) VALUES (@cycle_id::bigint, @unit::text, @number::int, @due::date);

-- name: RectificationNext :one
SELECT (COALESCE(max(number), 0) + 1)::int FROM rectifications WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text;

-- name: RectificationGet :one
SELECT * FROM rectifications WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND number = @number::int;

-- name: RectificationList :many
SELECT * FROM rectifications WHERE cycle_id = @cycle_id::bigint ORDER BY unit, number;

-- name: RectificationState :exec
UPDATE rectifications SET state = @state::text WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND number = @number::int;

-- name: RectificationOrder :exec
UPDATE rectifications SET state = 'ordered', due = @due::date WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND number = @number::int;

-- name: RectificationOverview :many
SELECT r.unit, r.number, r.state, r.due, r.sent_back, u.name, u.category,
    count(p.position)::int AS problems, COALESCE(sum(p.lost), 0)::bigint AS lost, (count(*) FILTER (WHERE p.repeated))::int AS repeated
FROM rectifications r
JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
LEFT JOIN problems p ON p.cycle_id = r.cycle_id AND p.unit = r.unit AND p.rectification = r.number
WHERE r.cycle_id = @cycle_id::bigint
GROUP BY r.unit, r.number, r.state, r.due, r.sent_back, u.name, u.category, u.position
ORDER BY u.position, r.number;

-- name: FilingInsert :one
INSERT INTO rectification_filings (cycle_id, unit, rectification, filing, kind, content, filed_by, filed_at)
SELECT @cycle_id::bigint, @unit::text, @rectification::int, COALESCE(max(filing), 0) + 1, @kind::text, @content::text, @person::text, @at::timestamptz
FROM rectification_filings WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int
RETURNING filing;

-- name: FilingList :many
SELECT * FROM rectification_filings
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int ORDER BY filing;

-- name: FilingCount :one
SELECT count(*) FROM rectification_filings
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND kind = @kind::text;

-- name: FilingEvidenceInsert :exec
INSERT INTO rectification_evidence (cycle_id, unit, rectification, filing, position, name, link, sha256, size)
SELECT @cycle_id::bigint, @unit::text, @rectification::int, @filing::int, unnest(@positions::int[]), unnest(@names::text[]),
    unnest(@links::text[]), unnest(@sha256s::text[]), unnest(@sizes::bigint[]);

-- name: FilingEvidenceList :many
SELECT * FROM rectification_evidence
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int ORDER BY filing, position;

-- name: FilingDraftList :many
SELECT * FROM rectification_drafts
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int ORDER BY kind;

-- name: FilingDraftOpen :exec
INSERT INTO rectification_drafts (cycle_id, unit, rectification, kind, content)
VALUES (@cycle_id::bigint, @unit::text, @rectification::int, @kind::text, '')
ON CONFLICT DO NOTHING;

-- name: FilingDraftLock :one
SELECT * FROM rectification_drafts
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND kind = @kind::text FOR UPDATE;

-- name: FilingDraftSave :exec
UPDATE rectification_drafts SET content = @content::text, evidence = @evidence::jsonb
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND kind = @kind::text;

-- name: FilingDraftClear :exec
DELETE FROM rectification_drafts
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND kind = @kind::text;

-- name: RectificationSendBack :exec
UPDATE rectifications SET state = 'sent_back', sent_back = sent_back + 1, reason = @reason::text
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND number = @number::int;

-- name: RectificationDue :exec
UPDATE rectifications SET due = @due::date WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND number = @number::int;

-- name: RectificationMoveDue :many
UPDATE rectifications SET due = @due::date
WHERE cycle_id = @cycle_id::bigint AND number = 0 AND state NOT IN ('accepted', 'ended') AND due < @due::date
RETURNING unit, state;

-- name: RectificationOpenCount :one
SELECT count(*) FROM rectifications WHERE cycle_id = @cycle_id::bigint AND state NOT IN ('accepted', 'ended');

-- name: RectificationDraftCount :one
SELECT count(*) FROM rectifications WHERE cycle_id = @cycle_id::bigint AND state = 'draft';

-- name: ProblemInsert :exec
INSERT INTO problems (cycle_id, unit, rectification, position, indicator, lost, problem, method, repeated)
VALUES (@cycle_id::bigint, @unit::text, @rectification::int, @position::int, @indicator::text, @lost::bigint, @problem::text, @method::text, @repeated::boolean);

-- name: ProblemInsertAll :exec
INSERT INTO problems (cycle_id, unit, rectification, position, indicator, lost, problem, method, repeated)
SELECT @cycle_id::bigint, unnest(@units::text[]), 0, unnest(@positions::int[]), unnest(@indicators::text[]), unnest(@lost::bigint[]),
    unnest(@problems::text[]), unnest(@methods::text[]), unnest(@repeated::boolean[]);

-- name: ProblemList :many
SELECT * FROM problems WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int ORDER BY position;

-- name: ProblemOfUnits :many
SELECT sqlc.embed(p), COALESCE(i.content, '')::text AS content FROM problems p
JOIN rectifications r ON r.cycle_id = p.cycle_id AND r.unit = p.unit AND r.number = p.rectification
LEFT JOIN indicators i ON i.cycle_id = p.cycle_id AND i.code = p.indicator
WHERE p.cycle_id = @cycle_id::bigint AND (r.state = 'draft') = @drafted::boolean
    AND (COALESCE(cardinality(@units::text[]), 0) = 0 OR p.unit = ANY(@units::text[]))
ORDER BY p.unit, p.rectification, p.position;

-- name: ProblemEdit :execrows
UPDATE problems SET problem = @problem::text
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND position = @position::int;

-- name: ProblemNext :one
SELECT (COALESCE(max(position), 0) + 1)::int FROM problems
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int;

-- name: ProblemRemove :one
DELETE FROM problems
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND position = @position::int
RETURNING indicator, lost;

-- name: ProblemLoss :exec
UPDATE problems SET lost = @lost::bigint
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND position = (
    SELECT min(first.position) FROM problems first WHERE first.cycle_id = @cycle_id::bigint AND first.unit = @unit::text
        AND first.rectification = @rectification::int AND first.indicator = @indicator::text);

-- name: ProblemNumber :exec
UPDATE problems SET position = numbered.number
FROM (SELECT p.position, row_number() OVER (ORDER BY p.position) AS number FROM problems p
    WHERE p.cycle_id = @cycle_id::bigint AND p.unit = @unit::text AND p.rectification = @rectification::int) AS numbered
WHERE problems.cycle_id = @cycle_id::bigint AND problems.unit = @unit::text AND problems.rectification = @rectification::int
    AND problems.position = numbered.position AND problems.position <> numbered.number;

-- name: ProblemRecheck :execrows
UPDATE problems SET recheck = @method::text, recheck_by = @person::text, seen = @seen::text
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND position = @position::int;

-- name: ProblemYearBefore :many
SELECT DISTINCT p.unit, p.indicator FROM problems p
JOIN cycles c ON c.cycle_id = p.cycle_id
JOIN rectifications r ON r.cycle_id = p.cycle_id AND r.unit = p.unit AND r.number = p.rectification
WHERE c.authority = @authority::text AND c.year = @year::int AND c.rehearsal = 0 AND c.state <> 'cancelled'
    AND p.indicator <> '' AND r.state <> 'draft';

-- name: ViolationInsert :exec
INSERT INTO violations (violation_id, cycle_id, unit, facts, evidence, severity, recorded_by)
VALUES (@violation_id::uuid, @cycle_id::bigint, @unit::text, @facts::text, @evidence::text, @severity::text, @recorded_by::text);

-- name: ViolationGet :one
SELECT * FROM violations WHERE cycle_id = @cycle_id::bigint AND violation_id = @violation_id::uuid;

-- name: ViolationList :many
SELECT * FROM violations WHERE cycle_id = @cycle_id::bigint AND (@unit::text = '' OR unit = @unit::text);

-- name: ConsequenceInsert :one
INSERT INTO consequences (cycle_id, number, unit, kind, basis, rectification, violation_id)
SELECT @cycle_id::bigint, COALESCE(max(number), 0) + 1, @unit::text, @kind::text, @basis::text, sqlc.narg(rectification)::int, sqlc.narg(violation_id)::uuid
FROM consequences WHERE cycle_id = @cycle_id::bigint
RETURNING number;

-- name: ConsequenceGet :one
SELECT * FROM consequences WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: ConsequenceOpenOf :one
SELECT * FROM consequences
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND rectification = @rectification::int AND state = 'proposed'
ORDER BY number LIMIT 1;

-- name: ConsequenceList :many
SELECT * FROM consequences WHERE cycle_id = @cycle_id::bigint ORDER BY number;

-- name: ConsequenceDecide :exec
UPDATE consequences SET state = @state::text, decided_by = @person::text, reason = @reason::text, due = sqlc.narg(due)::date,
    interview = @interview::jsonb, deduction_note = @deduction_note::text, organ = @organ::text
WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: ConsequenceOpenCount :one
SELECT count(*) FROM consequences WHERE cycle_id = @cycle_id::bigint AND state = 'proposed';

-- What follows from violations: what a rectification has proposed is its own.
-- name: ConsequenceUndecidedCount :one
SELECT count(*) FROM consequences WHERE cycle_id = @cycle_id::bigint AND state = 'proposed' AND rectification IS NULL;

-- name: TaskOpen :execrows
INSERT INTO tasks (cycle_id, key, kind, role, person, unit, due, detail, opened_at)
VALUES (@cycle_id::bigint, @key::text, @kind::text, @role::text, @person::text, @unit::text, sqlc.narg(due)::date, @detail::text, @at::timestamptz)
ON CONFLICT (cycle_id, key) DO UPDATE SET state = 'open', done_at = NULL, due = EXCLUDED.due, detail = EXCLUDED.detail
    WHERE tasks.state = 'done';

-- name: TaskDone :many
UPDATE tasks SET state = 'done', done_at = @at::timestamptz, note = @note::text
WHERE cycle_id = @cycle_id::bigint AND key = @key::text AND state = 'open'
RETURNING *;

-- What is done is not known for its day any more: it may come up again.
-- name: TaskForget :exec
UPDATE tasks SET due = NULL WHERE cycle_id = @cycle_id::bigint AND key = @key::text AND state = 'done';

-- name: TaskDue :exec
UPDATE tasks SET due = @due::date WHERE cycle_id = @cycle_id::bigint AND key = @key::text AND state = 'open';

-- name: TaskList :many
SELECT * FROM tasks WHERE cycle_id = @cycle_id::bigint AND (@state::text = '' OR state = @state::text) ORDER BY opened_at, key;

-- name: TaskGet :one
SELECT * FROM tasks WHERE cycle_id = @cycle_id::bigint AND key = @key::text;

-- name: TaskMine :many
(SELECT * FROM tasks WHERE cycle_id = @cycle_id::bigint AND state = 'open'
    AND (role = @role::text OR (role = '' AND (person = @login::text OR (unit <> '' AND unit = @unit::text)))))
UNION ALL
(SELECT * FROM tasks WHERE cycle_id = @cycle_id::bigint AND state = 'done'
    AND (role = @role::text OR (role = '' AND (person = @login::text OR (unit <> '' AND unit = @unit::text))))
    ORDER BY done_at DESC LIMIT @most::int);
