-- name: AssessmentInsertAll :exec
INSERT INTO assessments (cycle_id, unit, report_due, review_due)
SELECT cycle_id, code, @report_due::date, @review_due::date FROM units WHERE cycle_id = @cycle_id::bigint;

-- name: AssessmentGet :one
SELECT * FROM assessments WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text;

-- name: AssessmentList :many
SELECT * FROM assessments WHERE cycle_id = @cycle_id::bigint ORDER BY unit;

-- name: AssessmentState :exec
UPDATE assessments SET state = @state::text WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text;

-- name: AssessmentStateAll :exec
UPDATE assessments SET state = @state::text WHERE cycle_id = @cycle_id::bigint;

-- name: AssessmentSpread :exec
UPDATE assessments SET spread = @spread::text WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text;

-- name: AssessmentReportDue :exec
UPDATE assessments SET report_due = @due::date WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text;

-- name: AssessmentReviewDue :exec
UPDATE assessments SET review_due = @due::date WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text;

-- name: AssessmentMoveReportDue :many
UPDATE assessments SET report_due = @due::date
WHERE cycle_id = @cycle_id::bigint AND state <> 'closed' AND report_due < @due::date
    AND NOT EXISTS (SELECT FROM reports r WHERE r.cycle_id = assessments.cycle_id AND r.unit = assessments.unit AND r.state = 'submitted')
RETURNING unit;

-- name: AssessmentMoveReviewDue :many
UPDATE assessments SET review_due = @due::date
WHERE cycle_id = @cycle_id::bigint AND state <> 'closed' AND review_due < @due::date
RETURNING unit;

-- name: AssessmentReopen :exec
UPDATE assessments SET state = 'review', generation = generation + 1, review_due = @review_due::date, spread = ''
WHERE cycle_id = @cycle_id::bigint AND unit = ANY(@units::text[]);

-- name: ReportGet :one
SELECT * FROM reports WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text ORDER BY revision DESC LIMIT 1;

-- name: ReportList :many
SELECT DISTINCT ON (unit) * FROM reports WHERE cycle_id = @cycle_id::bigint ORDER BY unit, revision DESC;

-- name: ReportRevisions :many
SELECT * FROM reports WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text ORDER BY revision;

-- name: ReportOpen :exec
INSERT INTO reports (cycle_id, unit, revision, state) VALUES (@cycle_id::bigint, @unit::text, @revision::int, 'draft')
ON CONFLICT DO NOTHING;

-- name: ReportSubmit :exec
UPDATE reports SET state = 'submitted', submitted_by = @person::text, submitted_at = @at::timestamptz, late = @late::boolean
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int AND state = 'draft';

-- name: ReportReturn :exec
UPDATE reports SET state = 'returned', returned_by = @person::text, reason = @reason::text
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int AND state = 'submitted';

-- name: ReportCopyItems :exec
INSERT INTO report_items (cycle_id, unit, revision, indicator, max_points, statement, self_score)
SELECT cycle_id, unit, revision + 1, indicator, max_points, statement, self_score FROM report_items
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int;

-- name: ReportCopyEvidence :exec
INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, link, sha256, size)
SELECT cycle_id, unit, revision + 1, indicator, position, name, link, sha256, size FROM evidence
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int;

-- name: ReportItemUpsert :exec
INSERT INTO report_items (cycle_id, unit, revision, indicator, max_points, statement, self_score)
SELECT @cycle_id::bigint, @unit::text, @revision::int, unnest(@indicators::text[]), unnest(@max_points::bigint[]),
    unnest(@statements::text[]), unnest(@self_scores::bigint[])
ON CONFLICT (cycle_id, unit, revision, indicator) DO UPDATE SET statement = EXCLUDED.statement, self_score = EXCLUDED.self_score;

-- name: ReportItemList :many
SELECT * FROM report_items WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int ORDER BY indicator;

-- name: ReportItemSave :exec
INSERT INTO report_items (cycle_id, unit, revision, indicator, max_points, statement, self_score)
VALUES (@cycle_id::bigint, @unit::text, @revision::int, @indicator::text, @max_points::bigint, @statement::text, sqlc.narg(self_score)::bigint)
ON CONFLICT (cycle_id, unit, revision, indicator) DO UPDATE SET statement = EXCLUDED.statement, self_score = EXCLUDED.self_score;

-- name: ReportItemBegin :exec
INSERT INTO report_items (cycle_id, unit, revision, indicator, max_points, statement)
VALUES (@cycle_id::bigint, @unit::text, @revision::int, @indicator::text, @max_points::bigint, '')
ON CONFLICT DO NOTHING;

-- name: ReportItemFilled :one
SELECT count(*) FROM report_items
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int AND statement <> '' AND self_score IS NOT NULL;

-- name: EvidenceClear :exec
DELETE FROM evidence WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int
    AND indicator = ANY(@indicators::text[]);

-- name: EvidenceInsert :exec
INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, link, sha256, size)
SELECT @cycle_id::bigint, @unit::text, @revision::int, unnest(@indicators::text[]), unnest(@positions::int[]), unnest(@names::text[]),
    unnest(@links::text[]), unnest(@sha256s::text[]), unnest(@sizes::bigint[]);

-- name: EvidenceAdd :exec
INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, link, sha256, size)
SELECT @cycle_id::bigint, @unit::text, @revision::int, @indicator::text, COALESCE(max(e.position), 0) + 1, @name::text, @link::text,
    @sha256::text, @size::bigint
FROM evidence e
WHERE e.cycle_id = @cycle_id::bigint AND e.unit = @unit::text AND e.revision = @revision::int AND e.indicator = @indicator::text
HAVING count(*) FILTER (WHERE e.link = @link::text AND e.sha256 = @sha256::text) = 0;

-- name: EvidenceRemove :execrows
DELETE FROM evidence
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int AND indicator = @indicator::text
    AND @proof::text <> '' AND (sha256 = @proof::text OR link = @proof::text);

-- name: EvidenceNamed :one
SELECT EXISTS (SELECT FROM evidence e JOIN reports r ON r.cycle_id = e.cycle_id AND r.unit = e.unit AND r.revision = e.revision
    WHERE e.cycle_id = @cycle_id::bigint AND e.unit = @unit::text AND e.sha256 = @sha256::text AND e.sha256 <> '' AND e.name = @name::text
        AND (r.state <> 'draft' OR @drafts::boolean));

-- name: EvidenceList :many
SELECT * FROM evidence WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND revision = @revision::int ORDER BY indicator, position;

-- name: SheetInsertAll :exec
INSERT INTO sheets (cycle_id, unit, assessor, assessor_unit)
SELECT @cycle_id::bigint, a.unit, a.assessor, p.unit
FROM (SELECT unnest(@units::text[]) AS unit, unnest(@assessors::text[]) AS assessor) AS a
JOIN people p ON p.cycle_id = @cycle_id::bigint AND p.login = a.assessor
ON CONFLICT DO NOTHING;

-- name: ScoreInsertAll :exec
INSERT INTO scores (cycle_id, unit, assessor, indicator, max_points)
SELECT @cycle_id::bigint, a.unit, a.assessor, a.indicator, i.max_points
FROM (SELECT unnest(@units::text[]) AS unit, unnest(@assessors::text[]) AS assessor, unnest(@indicators::text[]) AS indicator) AS a
JOIN indicators i ON i.cycle_id = @cycle_id::bigint AND i.code = a.indicator
ON CONFLICT DO NOTHING;

-- name: SheetOpen :exec
UPDATE sheets SET state = 'open' WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND state = 'waiting';

-- name: SheetReopen :many
UPDATE sheets SET state = 'open', remark = @remark::text, marked = '{}',
    assessor = COALESCE(n.login, p.login), assessor_unit = COALESCE(n.unit, p.unit) -- of whoever was replaced, his successor fills it
FROM people p LEFT JOIN people n ON n.cycle_id = p.cycle_id AND n.login = p.replaced_by
WHERE p.cycle_id = sheets.cycle_id AND p.login = sheets.assessor
    AND sheets.cycle_id = @cycle_id::bigint AND sheets.unit = ANY(@units::text[]) AND sheets.state <> 'open'
RETURNING sheets.assessor;

-- name: SheetReopenOne :one
UPDATE sheets SET state = 'open', remark = @remark::text, marked = @marked::text[],
    assessor = COALESCE(n.login, p.login), assessor_unit = COALESCE(n.unit, p.unit)
FROM people p LEFT JOIN people n ON n.cycle_id = p.cycle_id AND n.login = p.replaced_by
WHERE p.cycle_id = sheets.cycle_id AND p.login = sheets.assessor
    AND sheets.cycle_id = @cycle_id::bigint AND sheets.unit = @unit::text AND sheets.assessor = @assessor::text
RETURNING sheets.assessor;

-- name: SheetSubmit :execrows
UPDATE sheets SET state = 'submitted', submissions = submissions + 1
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND assessor = @assessor::text AND state = 'open';

-- name: SheetGet :one
SELECT * FROM sheets WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND assessor = @assessor::text;

-- name: SheetOpenCount :one
SELECT count(*) FROM sheets WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND state <> 'submitted';

-- name: SheetOpenByAssessor :one
SELECT count(*) FROM sheets WHERE cycle_id = @cycle_id::bigint AND assessor = @assessor::text AND state = 'open';

-- name: SheetList :many
SELECT s.*, a.review_due, a.spread, a.generation FROM sheets s JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
WHERE s.cycle_id = @cycle_id::bigint AND (@state::text = '' OR s.state = @state::text)
    AND (@assessor::text = '' OR s.assessor = @assessor::text) ORDER BY a.review_due, s.unit, s.assessor;

-- name: SheetKeep :exec
INSERT INTO sheet_submissions (cycle_id, unit, assessor, author, submission, submitted_at, scores)
SELECT s.cycle_id, s.unit, s.assessor, s.assessor, s.submissions, @at::timestamptz,
    jsonb_agg(jsonb_build_object('indicator', c.indicator, 'points', c.points, 'reason', c.reason, 'method', c.method,
        'place', c.place, 'checked_on', c.checked_on, 'seen', c.seen) ORDER BY c.indicator)
FROM sheets s JOIN scores c USING (cycle_id, unit, assessor)
WHERE s.cycle_id = @cycle_id::bigint AND s.unit = @unit::text AND s.assessor = @assessor::text
GROUP BY s.cycle_id, s.unit, s.assessor, s.submissions;

-- name: ScoreSave :execrows
UPDATE scores SET points = NULLIF(given.points, -1), draft_points = NULLIF(given.draft_points, -1), counts = given.counts::integer[],
    reason = given.reason, method = given.method, place = given.place, checked_on = given.checked_on, seen = given.seen
FROM (SELECT unnest(@indicators::text[]) AS indicator, unnest(@points::bigint[]) AS points, unnest(@draft_points::bigint[]) AS draft_points, unnest(@counts::text[]) AS counts, unnest(@reasons::text[]) AS reason, unnest(@methods::text[]) AS method, unnest(@places::text[]) AS place, unnest(@checked_ons::date[]) AS checked_on, unnest(@seens::text[]) AS seen) AS given
WHERE scores.cycle_id = @cycle_id::bigint AND scores.unit = @unit::text AND scores.assessor = @assessor::text
    AND scores.indicator = given.indicator;

-- name: ScoreSheet :many
SELECT * FROM scores WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND assessor = @assessor::text ORDER BY indicator;

-- name: ScoreUnit :many
SELECT * FROM scores WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text ORDER BY indicator, assessor;

-- name: ScoreCycle :many
SELECT s.unit, s.indicator, s.assessor, s.points FROM scores s
WHERE s.cycle_id = @cycle_id::bigint ORDER BY s.unit, s.indicator, s.assessor;

-- name: ScoreLost :many
SELECT s.unit, s.indicator, s.assessor, s.points, s.max_points, s.reason, s.method FROM scores s
WHERE s.cycle_id = @cycle_id::bigint AND EXISTS (SELECT FROM scores l WHERE l.cycle_id = s.cycle_id AND l.unit = s.unit
    AND l.indicator = s.indicator AND l.points < l.max_points) ORDER BY s.unit, s.indicator, s.assessor;

-- name: SheetSuspend :exec
UPDATE sheets SET state = 'waiting', remark = @remark::text, marked = '{}' WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text;

-- name: SheetLock :one
SELECT * FROM sheets WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND assessor = @assessor::text FOR UPDATE;

-- name: ReportLock :one
SELECT * FROM reports WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text ORDER BY revision DESC LIMIT 1 FOR UPDATE;

-- Sheets for the portal

-- name: SheetQueue :many
SELECT s.unit, u.name, u.category, s.state, s.remark, s.submissions, a.report_due, a.review_due,
    coalesce(r.state, '')::text AS report, coalesce(r.revision, 0)::int AS revision, coalesce(r.late, false)::boolean AS late,
    c.assigned, c.scored
FROM sheets s
JOIN units u ON u.cycle_id = s.cycle_id AND u.code = s.unit
JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
JOIN (SELECT unit, count(*) AS assigned, count(points) AS scored FROM scores
      WHERE cycle_id = @cycle_id::bigint AND assessor = @assessor::text GROUP BY unit) AS c ON c.unit = s.unit
LEFT JOIN (SELECT DISTINCT ON (unit) unit, state, revision, late FROM reports
           WHERE cycle_id = @cycle_id::bigint ORDER BY unit, revision DESC) AS r ON r.unit = s.unit
WHERE s.cycle_id = @cycle_id::bigint AND s.assessor = @assessor::text
ORDER BY a.review_due, u.position;

-- name: SheetProgress :many
SELECT s.assessor, p.name, count(*) AS sheets,
    count(*) FILTER (WHERE s.state = 'waiting') AS waiting, count(*) FILTER (WHERE s.state = 'open') AS open,
    count(*) FILTER (WHERE s.state = 'submitted') AS submitted,
    count(*) FILTER (WHERE s.state = 'open' AND a.review_due < @today::date) AS overdue,
    (min(a.review_due) FILTER (WHERE s.state = 'open'))::date AS review_due,
    sum(c.assigned)::bigint AS assigned, sum(c.scored)::bigint AS scored
FROM sheets s
JOIN people p ON p.cycle_id = s.cycle_id AND p.login = s.assessor
JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
JOIN (SELECT unit, assessor, count(*) AS assigned, count(points) AS scored FROM scores
      WHERE cycle_id = @cycle_id::bigint GROUP BY unit, assessor) AS c ON c.unit = s.unit AND c.assessor = s.assessor
WHERE s.cycle_id = @cycle_id::bigint
GROUP BY s.assessor, p.name ORDER BY overdue DESC, open DESC, s.assessor;

-- name: SheetUnits :many
SELECT u.code, u.name, u.category, a.state, a.review_due, count(*) AS sheets,
    count(*) FILTER (WHERE s.state = 'waiting') AS waiting, count(*) FILTER (WHERE s.state = 'submitted') AS submitted
FROM sheets s
JOIN units u ON u.cycle_id = s.cycle_id AND u.code = s.unit
JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
WHERE s.cycle_id = @cycle_id::bigint
GROUP BY u.code, u.name, u.category, u.position, a.state, a.review_due ORDER BY u.position;

-- name: SheetShow :one
SELECT u.name, u.category, s.state, s.remark, s.marked, s.submissions, a.report_due, a.review_due,
    coalesce(r.state, '')::text AS report, coalesce(r.revision, 0)::int AS revision, coalesce(r.late, false)::boolean AS late
FROM sheets s
JOIN units u ON u.cycle_id = s.cycle_id AND u.code = s.unit
JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
LEFT JOIN LATERAL (SELECT reports.state, reports.revision, reports.late FROM reports
    WHERE reports.cycle_id = s.cycle_id AND reports.unit = s.unit AND reports.state <> 'draft'
    ORDER BY reports.revision DESC LIMIT 1) AS r ON true
WHERE s.cycle_id = @cycle_id::bigint AND s.unit = @unit::text AND s.assessor = @assessor::text;

-- name: SheetNeighbours :one
SELECT near.before::text AS before, near.after::text AS after
FROM (SELECT s.unit, coalesce(lag(s.unit) OVER w, '') AS before, coalesce(lead(s.unit) OVER w, '') AS after
      FROM sheets s
      JOIN units u ON u.cycle_id = s.cycle_id AND u.code = s.unit
      JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
      WHERE s.cycle_id = @cycle_id::bigint AND s.assessor = @assessor::text AND (s.state = 'open' OR s.unit = @unit::text)
      WINDOW w AS (ORDER BY a.review_due, u.position)) AS near
WHERE near.unit = @unit::text;

-- name: SheetIndicators :many
SELECT c.indicator, count(*) AS assigned, count(c.points) AS scored
FROM scores c JOIN sheets s ON s.cycle_id = c.cycle_id AND s.unit = c.unit AND s.assessor = c.assessor
WHERE c.cycle_id = @cycle_id::bigint AND c.assessor = @assessor::text AND s.state = 'open'
GROUP BY c.indicator;

-- name: SheetByIndicator :many
SELECT sqlc.embed(c), u.name, s.remark, (c.indicator = ANY (s.marked))::boolean AS marked, a.review_due,
    coalesce(r.state, '')::text AS report, coalesce(r.revision, 0)::int AS revision, coalesce(r.late, false)::boolean AS late,
    i.statement, coalesce(i.self_score, 0)::bigint AS self_score, count(*) OVER () AS total
FROM scores c
JOIN sheets s ON s.cycle_id = c.cycle_id AND s.unit = c.unit AND s.assessor = c.assessor
JOIN units u ON u.cycle_id = c.cycle_id AND u.code = c.unit
JOIN assessments a ON a.cycle_id = c.cycle_id AND a.unit = c.unit
LEFT JOIN LATERAL (SELECT reports.state, reports.revision, reports.late FROM reports
    WHERE reports.cycle_id = c.cycle_id AND reports.unit = c.unit AND reports.state <> 'draft'
    ORDER BY reports.revision DESC LIMIT 1) AS r ON true
LEFT JOIN report_items i ON i.cycle_id = c.cycle_id AND i.unit = c.unit AND i.revision = r.revision AND i.indicator = c.indicator
WHERE c.cycle_id = @cycle_id::bigint AND c.assessor = @assessor::text AND c.indicator = @indicator::text AND s.state = 'open'
ORDER BY u.position LIMIT @size::int OFFSET @skipped::int;

-- name: EvidenceOfIndicator :many
SELECT e.* FROM evidence e
JOIN (SELECT unnest(@units::text[]) AS unit, unnest(@revisions::int[]) AS revision) AS shown ON shown.unit = e.unit AND shown.revision = e.revision
WHERE e.cycle_id = @cycle_id::bigint AND e.indicator = @indicator::text ORDER BY e.unit, e.position;

-- name: SheetsOfUnit :many
SELECT s.assessor, p.name, s.state, s.remark, count(*) AS assigned, count(c.points) AS scored
FROM sheets s
JOIN people p ON p.cycle_id = s.cycle_id AND p.login = s.assessor
JOIN scores c ON c.cycle_id = s.cycle_id AND c.unit = s.unit AND c.assessor = s.assessor
WHERE s.cycle_id = @cycle_id::bigint AND s.unit = @unit::text
GROUP BY s.assessor, p.name, s.state, s.remark ORDER BY s.assessor;
-- name: PersonOfUnit :many
SELECT * FROM people WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND role IN ('contact', 'head') ORDER BY role, login;

-- name: SheetOfUnit :many
SELECT s.assessor, p.name, s.state, s.submissions, s.remark FROM sheets s
JOIN people p ON p.cycle_id = s.cycle_id AND p.login = s.assessor
WHERE s.cycle_id = @cycle_id::bigint AND s.unit = @unit::text ORDER BY s.assessor;

-- name: RectificationOfUnit :many
SELECT * FROM rectifications WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text ORDER BY number;

-- name: ConsequenceOfUnit :many
SELECT * FROM consequences WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text ORDER BY number;

-- name: MailOfUnit :many
SELECT mail_id, kind, person, recipient, state, attempts, answer, scheduled FROM mails
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text ORDER BY mail_id DESC LIMIT @most::int;

-- name: ResultOfUnit :one
SELECT r.total, r.grade, r.rank, r.category_rank, r.result, u.category, p.corrects, p.reason,
    (SELECT count(*) FROM results o WHERE o.cycle_id = r.cycle_id AND o.number = r.number) AS units,
    (SELECT count(*) FROM results o JOIN units v ON v.cycle_id = o.cycle_id AND v.code = o.unit
        WHERE o.cycle_id = r.cycle_id AND o.number = r.number AND v.category = u.category) AS category_units,
    (SELECT count(*) FROM proposals q WHERE q.cycle_id = r.cycle_id AND q.released AND q.number <= r.number) AS bulletin
FROM results r
JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
JOIN proposals p ON p.cycle_id = r.cycle_id AND p.number = r.number
WHERE r.cycle_id = @cycle_id::bigint AND r.number = @number::int AND r.unit = @unit::text;

-- name: ResultLineSums :many
SELECT line.position::int AS position, sum((line.value ->> 'points')::numeric * 100)::bigint AS points, count(*) AS units
FROM results r
JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
CROSS JOIN LATERAL jsonb_array_elements(r.result -> 'explanation') WITH ORDINALITY AS line(value, position)
WHERE r.cycle_id = @cycle_id::bigint AND r.number = @number::int AND u.category = @category::text AND line.position <= @lines::int
GROUP BY line.position ORDER BY line.position;

-- name: JournalOfNumber :one
SELECT at FROM journal
WHERE cycle_id = @cycle_id::bigint AND event = @event::text AND unit = @unit::text
    AND NULLIF(data, '')::jsonb ->> 'number' = (@number::int)::text
ORDER BY seq DESC LIMIT 1;

-- name: SubmissionInForce :many
SELECT DISTINCT ON (assessor) assessor, scores FROM sheet_submissions
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND submitted_at <= @at::timestamptz
ORDER BY assessor, submission DESC;
