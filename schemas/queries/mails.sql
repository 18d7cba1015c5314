-- name: MailInsert :one
INSERT INTO mails (cycle_id, key, kind, article, unit, person, recipient, data, shared, obligation, scheduled, message_id)
VALUES (@cycle_id::bigint, @key::text, @kind::text, @article::text, @unit::text, @person::text, @recipient::text, @data::jsonb,
    @shared::text, @obligation::text, sqlc.narg(scheduled)::timestamptz, @message_id::text)
ON CONFLICT (cycle_id, key) DO NOTHING
RETURNING mail_id;

-- name: MailShare :exec
INSERT INTO mail_shared (cycle_id, key, data, attachment_name, attachment)
VALUES (@cycle_id::bigint, @key::text, @data::jsonb, @attachment_name::text, @attachment::bytea)
ON CONFLICT (cycle_id, key) DO NOTHING;

-- name: MailShared :one
SELECT * FROM mail_shared WHERE cycle_id = @cycle_id::bigint AND key = @key::text;

-- name: MailClaim :many
UPDATE mails SET state = 'sending', claim = @claim::uuid, claimed_until = @until::timestamptz, attempts = attempts + 1
WHERE mail_id IN (
    SELECT m.mail_id FROM mails m
    WHERE m.cycle_id = @cycle_id::bigint
      AND (m.state = 'queued' OR (m.state = 'sending' AND (m.claimed_until < @now::timestamptz OR m.claim = @claim::uuid)))
      AND m.not_before <= @now::timestamptz
    ORDER BY m.mail_id LIMIT @size::int FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: MailWithdraw :execrows
UPDATE mails SET state = 'withdrawn', claim = NULL
WHERE cycle_id = @cycle_id::bigint AND mail_id = @mail_id::bigint AND state = 'sending' AND claim = @claim::uuid;

-- name: MailNeedless :many
-- Which of these mails remind of what is open no more. What is open is told as by the Due… queries below; with a day, only
-- what is due by then.
SELECT m.mail_id FROM mails m JOIN cycles c ON c.cycle_id = m.cycle_id CROSS JOIN LATERAL (SELECT
    split_part(m.obligation, '/', 2) AS whose, COALESCE(NULLIF(split_part(m.obligation, '/', 3), '')::date, 'infinity') AS due) o
WHERE m.cycle_id = @cycle_id::bigint AND m.mail_id = ANY(@mail_ids::bigint[]) AND m.obligation <> ''
    AND (c.state = 'cancelled' OR NOT CASE split_part(m.obligation, '/', 1)
        WHEN 'report' THEN EXISTS (SELECT FROM assessments a
            WHERE a.cycle_id = m.cycle_id AND a.unit = o.whose AND a.report_due <= o.due
            AND a.state IN ('reporting', 'review') AND a.generation = 1
            AND NOT EXISTS (SELECT FROM reports r WHERE r.cycle_id = a.cycle_id AND r.unit = a.unit AND r.state = 'submitted'))
        WHEN 'review' THEN EXISTS (SELECT FROM sheets s JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
            WHERE s.cycle_id = m.cycle_id AND s.assessor = o.whose AND s.state = 'open' AND a.review_due <= o.due)
        WHEN 'approval' THEN EXISTS (SELECT FROM proposals p
            WHERE p.cycle_id = m.cycle_id AND p.number::text = o.whose AND p.state = 'open' AND p.due <= o.due)
        WHEN 'rectification' THEN EXISTS (SELECT FROM rectifications r
            WHERE r.cycle_id = m.cycle_id AND r.unit = o.whose AND r.state IN ('ordered', 'measures', 'sent_back') AND r.due <= o.due)
        WHEN 'invitation' THEN EXISTS (SELECT FROM representative_units r JOIN evaluations e ON e.cycle_id = r.cycle_id
            WHERE r.cycle_id = m.cycle_id AND r.number::text = o.whose AND NOT r.used AND e.window_state = 'open')
        ELSE true END);

-- name: MailWithdrawObligation :many
UPDATE mails SET state = 'withdrawn'
WHERE cycle_id = @cycle_id::bigint AND state = 'queued'
    AND (obligation = @obligation::text OR starts_with(obligation, @obligation::text || '/'))
RETURNING *;

-- name: MailSendingObligation :one
SELECT EXISTS (SELECT FROM mails WHERE cycle_id = @cycle_id::bigint AND state = 'sending' AND claimed_until > @now::timestamptz
    AND (obligation = @obligation::text OR starts_with(obligation, @obligation::text || '/')));

-- name: MailSent :many
UPDATE mails SET state = 'sent', claim = NULL, answer = ''
WHERE cycle_id = @cycle_id::bigint AND state = 'sending'
    AND (mail_id, claim) IN (SELECT unnest(@mail_ids::bigint[]), unnest(@claims::uuid[]))
RETURNING mail_id;

-- name: MailRefused :execrows
UPDATE mails SET state = 'refused', claim = NULL, answer = @answer::text
WHERE cycle_id = @cycle_id::bigint AND mail_id = @mail_id::bigint AND state = 'sending' AND claim = @claim::uuid;

-- What was refused at an old address goes to the owner's new one: a person's letters, or a unit's own. It keeps its
-- Message-ID, under which nobody has got it.
-- name: MailRedirect :many
UPDATE mails SET state = 'queued', recipient = @email::text, answer = '', not_before = 'epoch'
WHERE cycle_id = @cycle_id::bigint AND state = 'refused' AND recipient = @old::text
    AND person = @person::text AND (@person::text <> '' OR unit = @unit::text)
RETURNING *;

-- name: MailRetry :exec
UPDATE mails SET state = 'queued', claim = NULL, answer = @answer::text, not_before = @not_before::timestamptz
WHERE cycle_id = @cycle_id::bigint AND mail_id = @mail_id::bigint AND state = 'sending' AND claim = @claim::uuid;

-- name: MailOpenCount :one
SELECT count(*) FROM mails WHERE cycle_id = @cycle_id::bigint AND state IN ('queued', 'sending');

-- name: MailStateCount :many
SELECT kind, state, count(*) AS mails FROM mails WHERE cycle_id = @cycle_id::bigint GROUP BY kind, state ORDER BY kind, state;

-- name: MailList :many
SELECT mail_id, key, kind, unit, person, recipient, state, attempts, answer, message_id FROM mails
WHERE cycle_id = @cycle_id::bigint ORDER BY mail_id;

-- name: RefusedAddressInsert :execrows
INSERT INTO refused_addresses (cycle_id, address, answer) VALUES (@cycle_id::bigint, @address::text, @answer::text)
ON CONFLICT DO NOTHING;

-- name: RefusedAddressList :many
SELECT address, answer FROM refused_addresses WHERE cycle_id = @cycle_id::bigint ORDER BY address;

-- name: RefusedAddressClear :exec
DELETE FROM refused_addresses WHERE cycle_id = @cycle_id::bigint AND address = @address::text;

-- name: DueReports :many
SELECT a.unit, a.report_due FROM assessments a
WHERE a.cycle_id = @cycle_id::bigint AND a.state IN ('reporting', 'review') AND a.generation = 1
    AND NOT EXISTS (SELECT FROM reports r WHERE r.cycle_id = a.cycle_id AND r.unit = a.unit AND r.state = 'submitted')
ORDER BY a.unit;

-- name: DueSheets :many
SELECT s.assessor, s.unit, a.review_due FROM sheets s JOIN assessments a ON a.cycle_id = s.cycle_id AND a.unit = s.unit
WHERE s.cycle_id = @cycle_id::bigint AND s.state = 'open' ORDER BY s.assessor, a.review_due, s.unit;

-- name: DueRectifications :many
SELECT unit, number, due, state FROM rectifications
WHERE cycle_id = @cycle_id::bigint AND state IN ('ordered', 'measures', 'sent_back') ORDER BY unit, due, number;

-- name: MailReminded :many
SELECT DISTINCT kind, unit, person FROM mails
WHERE cycle_id = @cycle_id::bigint AND scheduled IS NOT NULL AND state = 'sent';

-- name: MailRemindedByHand :many
-- The units that were reminded by hand on a day; the key names it.
SELECT DISTINCT unit FROM mails
WHERE cycle_id = @cycle_id::bigint AND kind = 'reminder_by_hand' AND starts_with(key, 'reminder_by_hand/' || @day::text || '/')
ORDER BY unit;

-- name: LedgerPage :many
SELECT m.mail_id, m.kind, m.article, m.unit, m.person, m.recipient, m.state, m.attempts, m.answer, m.message_id,
    COALESCE((SELECT min(j.at) FROM journal j WHERE j.cycle_id = m.cycle_id AND j.event IN ('mail_queued', 'mail_sent', 'mail_refused')
        AND substring(j.data from '"message_id":"([^"]+)"') = m.message_id), 'epoch')::timestamptz AS queued,
    COALESCE((SELECT max(j.at) FROM journal j WHERE j.cycle_id = m.cycle_id AND j.event IN ('mail_sent', 'mail_refused')
        AND substring(j.data from '"message_id":"([^"]+)"') = m.message_id), 'epoch')::timestamptz AS settled
FROM (
    SELECT * FROM mails l
    WHERE l.cycle_id = @cycle_id::bigint AND (@state::text = '' OR l.state = @state::text) AND (@kind::text = '' OR l.kind = @kind::text)
        AND (@text::text = '' OR l.recipient ILIKE @text::text OR l.answer ILIKE @text::text OR l.unit = ANY(@units::text[]) OR l.person = ANY(@people::text[]))
    ORDER BY l.mail_id DESC LIMIT @most::int OFFSET @skip::int) m
ORDER BY m.mail_id DESC;

-- name: LedgerCount :many
SELECT m.kind, m.state, count(*) AS mails FROM mails m
WHERE m.cycle_id = @cycle_id::bigint
    AND (@text::text = '' OR m.recipient ILIKE @text::text OR m.answer ILIKE @text::text OR m.unit = ANY(@units::text[]) OR m.person = ANY(@people::text[]))
GROUP BY m.kind, m.state ORDER BY m.kind, m.state;
