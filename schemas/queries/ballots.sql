-- The sealed list: made once from the box when the window is closed, then only read.

-- name: SealGet :one
SELECT * FROM seals WHERE cycle_id = @cycle_id::bigint;

-- name: SealInsert :exec
INSERT INTO seals (cycle_id, size, root, checkpoint, public_key)
VALUES (@cycle_id::bigint, @size::bigint, @root::bytea, @checkpoint::text, @public_key::text);

-- name: SealTileInsert :exec
INSERT INTO seal_tiles (cycle_id, level, number, hashes) VALUES (@cycle_id::bigint, @level::int, @number::bigint, @hashes::bytea);

-- name: SealTileGet :one
SELECT hashes FROM seal_tiles WHERE cycle_id = @cycle_id::bigint AND level = @level::int AND number = @number::bigint;

-- name: SealedBallotInsertAll :exec
INSERT INTO sealed_ballots (cycle_id, position, receipt, unit, channel, hall, survey, answers, comment, nonce, hash, network, seconds, at)
SELECT @cycle_id::bigint, b.position, b.receipt, b.unit, b.channel, b.hall, b.survey, b.answers, b.comment, b.nonce, b.hash,
    nullif(b.network, ''), nullif(b.seconds, -1), to_timestamp(nullif(b.at, 0))
FROM (SELECT unnest(@positions::bigint[]) AS position, unnest(@receipts::bytea[]) AS receipt, unnest(@units::text[]) AS unit,
    unnest(@channels::text[]) AS channel, unnest(@halls::text[]) AS hall, unnest(@surveys::int[]) AS survey,
    unnest(@answers::text[]) AS answers, unnest(@comments::text[]) AS comment, unnest(@nonces::bytea[]) AS nonce,
    unnest(@hashes::bytea[]) AS hash, unnest(@networks::bytea[]) AS network, unnest(@seconds::int[]) AS seconds, unnest(@ats::bigint[]) AS at) b;

-- A unit's channel with fewer ballots than that: their answers would be known by who is known to have answered (E10).
-- name: SealedBallotHide :exec
UPDATE sealed_ballots s SET few = true
FROM (SELECT unit, channel FROM sealed_ballots WHERE cycle_id = @cycle_id::bigint GROUP BY unit, channel HAVING count(*) < @least::int) f
WHERE s.cycle_id = @cycle_id::bigint AND s.unit = f.unit AND s.channel = f.channel;

-- name: BallotClear :execrows
DELETE FROM ballots WHERE cycle_id = @cycle_id::bigint;

-- All rows are written anew, in random order and by one transaction: neither tells when a link was used.
-- name: RepresentativeUnitShuffle :exec
WITH old AS (DELETE FROM representative_units WHERE cycle_id = @cycle_id::bigint RETURNING *)
INSERT INTO representative_units (cycle_id, number, unit, used) SELECT cycle_id, number, unit, used FROM old ORDER BY gen_random_uuid();

-- name: SealedBallotPage :many
SELECT s.position, s.unit, s.channel, s.answers FROM sealed_ballots s
WHERE s.cycle_id = @cycle_id::bigint AND s.position >= @first::bigint
    AND NOT EXISTS (SELECT FROM excluded_ballots e WHERE e.cycle_id = s.cycle_id AND e.position = s.position)
ORDER BY s.position LIMIT @most::int;

-- The answers of many ballots in one text: they are all of one length, and a million small rows would take longer.
-- name: SealedBallotTally :many
SELECT s.unit, s.channel, string_agg(s.answers, '')::text AS answers FROM sealed_ballots s
WHERE s.cycle_id = @cycle_id::bigint AND s.position >= @first::bigint AND s.position < @beyond::bigint
    AND (@excluded::boolean OR NOT EXISTS (SELECT FROM excluded_ballots e WHERE e.cycle_id = s.cycle_id AND e.position = s.position))
GROUP BY s.unit, s.channel;

-- name: ExclusionList :many
SELECT position, reason, decided_by FROM excluded_ballots WHERE cycle_id = @cycle_id::bigint ORDER BY position;

-- name: ExclusionInsertAll :execrows
INSERT INTO excluded_ballots (cycle_id, position, reason, decided_by)
SELECT @cycle_id::bigint, s.position, @reason::text, @decided_by::text FROM sealed_ballots s
WHERE s.cycle_id = @cycle_id::bigint AND s.position = ANY(@positions::bigint[])
ON CONFLICT DO NOTHING;

-- Ballots about one unit from one network, each within a moment of the one before. A hall's come from one network by nature.
-- name: FindingBursts :many
WITH marked AS (
    SELECT s.position, s.unit, s.network, s.at,
        s.at - lag(s.at) OVER (PARTITION BY s.unit, s.network ORDER BY s.at, s.position) <= make_interval(secs => @gap::float8) AS follows
    FROM sealed_ballots s WHERE s.cycle_id = @cycle_id::bigint AND s.network IS NOT NULL AND s.at IS NOT NULL AND s.hall = ''
), bursts AS (
    SELECT m.*, count(*) FILTER (WHERE m.follows IS NOT TRUE) OVER (PARTITION BY m.unit, m.network ORDER BY m.at, m.position) AS burst FROM marked m
)
SELECT b.unit, array_agg(b.position ORDER BY b.position)::bigint[] AS positions, count(e.position) AS excluded, min(b.at)::timestamptz AS since, max(b.at)::timestamptz AS until
FROM bursts b LEFT JOIN excluded_ballots e ON e.cycle_id = @cycle_id::bigint AND e.position = b.position
GROUP BY b.unit, b.network, b.burst HAVING count(*) >= @least::int
ORDER BY count(*) DESC, b.unit, min(b.position);

-- name: FindingComments :many
SELECT s.unit, btrim(s.comment)::text AS comment, array_agg(s.position ORDER BY s.position)::bigint[] AS positions, count(e.position) AS excluded
FROM sealed_ballots s LEFT JOIN excluded_ballots e ON e.cycle_id = s.cycle_id AND e.position = s.position
WHERE s.cycle_id = @cycle_id::bigint AND length(btrim(s.comment)) >= @length::int
GROUP BY s.unit, btrim(s.comment) HAVING count(*) >= @least::int
ORDER BY count(*) DESC, s.unit, min(s.position);

-- name: FindingHaste :many
SELECT s.unit, array_agg(s.position ORDER BY s.position)::bigint[] AS positions, count(e.position) AS excluded
FROM sealed_ballots s LEFT JOIN excluded_ballots e ON e.cycle_id = s.cycle_id AND e.position = s.position
WHERE s.cycle_id = @cycle_id::bigint AND s.seconds < @seconds::int
GROUP BY s.unit ORDER BY count(*) DESC, s.unit;

-- name: SealedBallotForget :exec
UPDATE sealed_ballots SET network = NULL, seconds = NULL, at = NULL
WHERE cycle_id = @cycle_id::bigint AND position >= @first::bigint AND position < @beyond::bigint
    AND (network IS NOT NULL OR seconds IS NOT NULL OR at IS NOT NULL);

-- name: SealedBallotLines :many
SELECT * FROM sealed_ballots WHERE cycle_id = @cycle_id::bigint AND position >= @first::bigint ORDER BY position LIMIT @most::int;
