-- name: AdjustmentInsert :exec
INSERT INTO adjustments (adjustment_id, cycle_id, unit, clause, bonus, points, occurred_on, event, evidence, proposed_by)
VALUES (@adjustment_id::uuid, @cycle_id::bigint, @unit::text, @clause::text, @bonus::boolean, @points::bigint, @occurred_on::date,
    @event::text, @evidence::text, @proposed_by::text);

-- name: AdjustmentGet :one
SELECT * FROM adjustments WHERE cycle_id = @cycle_id::bigint AND adjustment_id = @adjustment_id::uuid;

-- name: AdjustmentDecide :exec
UPDATE adjustments SET state = @state::text, decided_by = @person::text, reason = @reason::text
WHERE cycle_id = @cycle_id::bigint AND adjustment_id = @adjustment_id::uuid;

-- name: AdjustmentSameEvent :many
SELECT * FROM adjustments
WHERE cycle_id = @cycle_id::bigint AND unit = @unit::text AND lower(event) = lower(@event::text) AND state <> 'rejected';

-- name: AdjustmentList :many
SELECT * FROM adjustments WHERE cycle_id = @cycle_id::bigint ORDER BY unit, clause, occurred_on, event;

-- name: ProposalInsert :exec
INSERT INTO proposals (cycle_id, number, digest, book, corrects, reason, due)
VALUES (@cycle_id::bigint, @number::int, @digest::text, @book::text, sqlc.narg(corrects)::int, @reason::text, @due::date);

-- name: ProposalGet :one
SELECT * FROM proposals WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: ProposalOpen :one
SELECT cycle_id, number, state, digest, corrects, reason, due FROM proposals WHERE cycle_id = @cycle_id::bigint AND state = 'open';

-- name: ProposalLatest :one
SELECT cycle_id, number, state, digest, corrects, reason, due, released FROM proposals
WHERE cycle_id = @cycle_id::bigint ORDER BY number DESC LIMIT 1;

-- name: ProposalDecide :exec
UPDATE proposals SET state = @state::text, decided_by = @person::text, office = @office::text, comment = @comment::text
WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: ProposalReleased :exec
UPDATE proposals SET released = true WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: ProposalDue :exec
UPDATE proposals SET due = @due::date WHERE cycle_id = @cycle_id::bigint AND state = 'open';

-- name: CountedInsert :exec
INSERT INTO counted_adjustments (cycle_id, number, adjustment_id)
SELECT a.cycle_id, @number::int, a.adjustment_id FROM adjustments a WHERE a.cycle_id = @cycle_id::bigint AND a.state = 'confirmed';

-- name: ResultInsert :exec
INSERT INTO results (cycle_id, number, unit, total, grade, rank, category_rank, result)
SELECT @cycle_id::bigint, @number::int, unnest(@units::text[]), unnest(@totals::bigint[]), unnest(@grades::text[]), unnest(@ranks::int[]), unnest(@category_ranks::int[]), unnest(@results::text[])::jsonb;

-- name: ResultComment :execrows
UPDATE results SET comment = @comment::text WHERE cycle_id = @cycle_id::bigint AND number = @number::int AND unit = @unit::text;

-- name: ResultList :many
SELECT r.*, u.name, u.category FROM results r JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
WHERE r.cycle_id = @cycle_id::bigint AND r.number = @number::int ORDER BY r.rank, u.position;

-- name: ProposalVoid :exec
UPDATE proposals SET state = 'voided', comment = @comment::text
WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: ProposalReleasedCount :one
SELECT count(*) FROM proposals WHERE cycle_id = @cycle_id::bigint AND released;

-- name: CountedForget :exec
DELETE FROM counted_adjustments WHERE cycle_id = @cycle_id::bigint AND adjustment_id = @adjustment_id::uuid;

-- name: ProposalHead :one
SELECT p.cycle_id, p.number, p.state, p.digest, p.corrects, p.reason, p.due, p.decided_by, p.office, p.comment, p.released,
    COALESCE(d.name, p.decided_by)::text AS decided_name
FROM proposals p LEFT JOIN people d ON d.cycle_id = p.cycle_id AND d.login = p.decided_by
WHERE p.cycle_id = @cycle_id::bigint AND p.number = @number::int;

-- name: ProposalMoments :many
SELECT j.event, j.at FROM journal j
WHERE j.cycle_id = @cycle_id::bigint AND j.event IN ('proposal_made', 'proposal_voided', 'proposal_returned', 'proposal_approved')
    AND (j.data::jsonb ->> 'number')::int = @number::int;

-- name: ProposalApproved :one
SELECT COALESCE(max(number), 0)::int FROM proposals WHERE cycle_id = @cycle_id::bigint AND state = 'approved';

-- name: ProposalReleases :many
SELECT number FROM proposals WHERE cycle_id = @cycle_id::bigint AND released ORDER BY number;

-- name: ResultRanking :many
SELECT r.unit, u.name, u.category, r.total, r.grade, r.rank, r.category_rank, r.comment
FROM results r JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
WHERE r.cycle_id = @cycle_id::bigint AND r.number = @number::int ORDER BY r.rank, u.position;

-- name: ResultYears :many
SELECT c.year, r.unit, u.name, r.total, r.grade, r.rank, r.category_rank
FROM cycles c JOIN results r ON r.cycle_id = c.cycle_id AND r.number = c.released
JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
WHERE c.authority = @authority::text AND c.rehearsal = 0 AND c.state <> 'cancelled'
    AND c.year BETWEEN @first::int AND @last::int
ORDER BY c.year, r.rank, u.position;

-- name: AdjustmentTable :many
SELECT a.*, u.name AS unit_name, COALESCE(p.name, a.proposed_by)::text AS proposer, COALESCE(d.name, a.decided_by)::text AS decider
FROM adjustments a JOIN units u ON u.cycle_id = a.cycle_id AND u.code = a.unit
LEFT JOIN people p ON p.cycle_id = a.cycle_id AND p.login = a.proposed_by
LEFT JOIN people d ON d.cycle_id = a.cycle_id AND d.login = a.decided_by
WHERE a.cycle_id = @cycle_id::bigint AND (@unit::text = '' OR a.unit = @unit::text) AND (@state::text = '' OR a.state = @state::text)
    AND (@proposer::text = '' OR a.proposed_by = @proposer::text)
ORDER BY a.state <> 'proposed', u.position, a.occurred_on, a.clause, a.adjustment_id;
