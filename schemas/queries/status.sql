-- name: StatusUnits :one
SELECT count(*) FROM units WHERE cycle_id = @cycle_id::bigint;

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

-- name: YearUnits :many
SELECT u.code, u.name, u.category, u.telephone, COALESCE(a.state, '')::text AS state, COALESCE(a.generation, 0)::int AS generation,
    a.report_due, a.review_due, COALESCE(r.state, '')::text AS report, COALESCE(r.late, false)::boolean AS late,
    COALESCE(r.revision, 0)::int AS revision, COALESCE(s.sheets, 0)::int AS sheets, COALESCE(s.open, 0)::int AS sheets_open,
    COALESCE(m.reminded, 0)::int AS reminded, COALESCE(t.calls, 0)::int AS calls,
    COALESCE(c.state, '')::text AS rectification, c.due AS rectification_due
FROM units u
LEFT JOIN assessments a ON a.cycle_id = u.cycle_id AND a.unit = u.code
LEFT JOIN (SELECT DISTINCT ON (x.unit) x.unit, x.state, x.late, x.revision FROM reports x
    WHERE x.cycle_id = @cycle_id::bigint ORDER BY x.unit, x.revision DESC) r ON r.unit = u.code
LEFT JOIN (SELECT x.unit, count(*) AS sheets, count(*) FILTER (WHERE x.state <> 'submitted') AS open FROM sheets x
    WHERE x.cycle_id = @cycle_id::bigint GROUP BY x.unit) s ON s.unit = u.code
LEFT JOIN (SELECT x.unit, count(DISTINCT x.scheduled) + count(DISTINCT regexp_replace(x.key, '/[^/]*$', '')) FILTER (WHERE x.scheduled IS NULL) AS reminded FROM mails x
    WHERE x.cycle_id = @cycle_id::bigint AND x.state = 'sent' AND x.kind = ANY(@reminders::text[]) GROUP BY x.unit) m ON m.unit = u.code
LEFT JOIN (SELECT x.unit, count(*) AS calls FROM tasks x
    WHERE x.cycle_id = @cycle_id::bigint AND x.state = 'open' AND x.kind = ANY(@calls::text[]) GROUP BY x.unit) t ON t.unit = u.code
LEFT JOIN (SELECT DISTINCT ON (x.unit) x.unit, x.state, x.due FROM rectifications x
    WHERE x.cycle_id = @cycle_id::bigint AND x.state <> 'draft'
    ORDER BY x.unit, (x.state IN ('accepted', 'ended')), x.due, x.number) c ON c.unit = u.code
WHERE u.cycle_id = @cycle_id::bigint ORDER BY u.position;

-- name: YearAssessors :many
SELECT p.login, p.name, p.email, count(s.unit) AS sheets, count(s.unit) FILTER (WHERE s.state = 'submitted') AS submitted,
    count(s.unit) FILTER (WHERE s.state = 'open') AS open, (min(a.review_due) FILTER (WHERE s.state = 'open'))::date AS due,
    (SELECT count(*) FROM mails m WHERE m.cycle_id = p.cycle_id AND m.person = p.login AND m.kind = 'review_reminder' AND m.state = 'sent') AS reminded
FROM people p
JOIN sheets s ON s.cycle_id = p.cycle_id AND s.assessor = p.login
JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
WHERE p.cycle_id = @cycle_id::bigint
GROUP BY p.cycle_id, p.login, p.name, p.email ORDER BY min(a.review_due) FILTER (WHERE s.state = 'open'), p.login;

-- name: YearEvents :many
SELECT event, min(at)::timestamptz AS first, max(at)::timestamptz AS last, count(DISTINCT unit) AS units FROM journal
WHERE cycle_id = @cycle_id::bigint
    AND event IN ('cycle_started', 'bulletin_issued', 'feedback_issued', 'proposal_made', 'cycle_closed', 'cycle_cancelled')
GROUP BY event;

-- name: YearNotices :one
SELECT count(*) AS notices, count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'refused') AS refused FROM mails
WHERE cycle_id = @cycle_id::bigint AND kind = 'notice';

-- name: SchemeVersionList :many
SELECT * FROM scheme_versions WHERE cycle_id = @cycle_id::bigint ORDER BY version;
