-- What the public's role asks: views and functions, no table but its own secret.

-- name: PublicSecret :one
SELECT secret FROM public_secrets;

-- name: PublicEvaluationFind :one
SELECT * FROM public_evaluations
WHERE authority = @authority::text AND year = @year::int AND (@rehearsal::int = 0 OR rehearsal = @rehearsal::int)
ORDER BY rehearsal = 0 DESC, rehearsal DESC
LIMIT 1;

-- name: PublicUnitList :many
SELECT code, name, category FROM public_units WHERE cycle_id = @cycle_id::bigint ORDER BY position;

-- name: PublicQuestionList :many
SELECT question, wording FROM public_questions WHERE cycle_id = @cycle_id::bigint ORDER BY position;

-- name: PublicHallGet :one
SELECT code, name, pin_hash FROM public_halls WHERE cycle_id = @cycle_id::bigint AND code = @code::text;

-- name: PublicInvited :many
SELECT i.cycle_id::bigint AS cycle_id, i.name::text AS name, i.unit::text AS unit, i.used::boolean AS used FROM invited(@link::bytea) i;

-- name: PublicCastInvited :one
SELECT ballot_cast_invited(@link::bytea, @cycle_id::bigint, @receipt::bytea, @unit::text, @answers::text, @comment::text)::text;

-- name: PublicSeal :one
SELECT size, root, checkpoint, public_key FROM public_seals WHERE cycle_id = @cycle_id::bigint;

-- name: PublicTile :one
SELECT hashes FROM public_tiles WHERE cycle_id = @cycle_id::bigint AND level = @level::int AND number = @number::bigint;

-- name: PublicBallotList :many
SELECT position, hash, few, coalesce(receipt, '')::bytea AS receipt, coalesce(unit, '')::text AS unit, coalesce(channel, '')::text AS channel,
    coalesce(hall, '')::text AS hall, coalesce(survey, 0)::int AS survey, coalesce(answers, '')::text AS answers,
    coalesce(comment, '')::text AS comment, coalesce(nonce, '')::bytea AS nonce, coalesce(comment_published, false)::boolean AS comment_published
FROM public_ballots
WHERE cycle_id = @cycle_id::bigint AND position >= @first::bigint
ORDER BY position LIMIT @most::int;

-- name: PublicBallotFind :one
SELECT * FROM ballot_found(@cycle_id::bigint, @receipt::bytea);
