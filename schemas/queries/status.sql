-- name: StatusAssessments :many
SELECT state, count(*) AS units FROM assessments WHERE cycle_id = @cycle_id::bigint GROUP BY state;

-- name: StatusReports :one
SELECT count(*) FILTER (WHERE state = 'submitted') AS submitted, count(*) FILTER (WHERE state = 'submitted' AND late) AS late
FROM (SELECT DISTINCT ON (unit) state, late FROM reports WHERE cycle_id = @cycle_id::bigint ORDER BY unit, (state = 'draft'), revision DESC) latest;

-- name: StatusSheets :many
SELECT state, count(*) AS sheets FROM sheets WHERE cycle_id = @cycle_id::bigint GROUP BY state;

-- name: StatusRectifications :many
SELECT state, count(*) AS units FROM rectifications WHERE cycle_id = @cycle_id::bigint GROUP BY state;

-- name: StatusMails :many
SELECT state, count(*) AS mails FROM mails WHERE cycle_id = @cycle_id::bigint GROUP BY state;

-- name: StatusTasks :many
SELECT kind, role, count(*) AS tasks, COALESCE(min(due)::text, '')::text AS due FROM tasks
WHERE cycle_id = @cycle_id::bigint AND state = 'open' GROUP BY kind, role ORDER BY kind, role;

-- name: StatusOpenTasks :many
SELECT t.key, t.kind, t.role, t.person, t.unit, COALESCE(t.due::text, '')::text AS due, t.detail,
    COALESCE(u.name, '')::text AS unit_name, COALESCE(u.telephone, '')::text AS telephone
FROM tasks t LEFT JOIN units u ON u.cycle_id = t.cycle_id AND u.code = t.unit
WHERE t.cycle_id = @cycle_id::bigint AND t.state = 'open' ORDER BY t.role = '', t.role, t.kind, t.key;

-- name: StatusOverdue :one
SELECT count(*) FROM assessments a
WHERE a.cycle_id = @cycle_id::bigint AND a.state IN ('reporting', 'review') AND a.generation = 1 AND a.report_due < @today::date
    AND NOT EXISTS (SELECT FROM reports r WHERE r.cycle_id = a.cycle_id AND r.unit = a.unit AND r.state = 'submitted');

-- name: StatusRectificationsOverdue :one
SELECT count(*) FROM rectifications
WHERE cycle_id = @cycle_id::bigint AND state IN ('ordered', 'measures', 'sent_back') AND due < @today::date;
