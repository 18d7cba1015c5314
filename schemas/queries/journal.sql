-- name: JournalAppend :exec
INSERT INTO journal (cycle_id, seq, at, event, unit, person, article, data, hash)
SELECT @cycle_id::bigint, seq, @at::timestamptz, event, unit, person, article, data, hash
FROM (SELECT unnest(@seqs::bigint[]) AS seq, unnest(@events::text[]) AS event, unnest(@units::text[]) AS unit, unnest(@persons::text[]) AS person, unnest(@articles::text[]) AS article, unnest(@datas::text[]) AS data, unnest(@hashes::bytea[]) AS hash) AS line
ORDER BY seq;

-- name: JournalPage :many
SELECT * FROM journal WHERE cycle_id = @cycle_id::bigint AND seq > @after::bigint ORDER BY seq LIMIT @size::int;

-- name: JournalCount :many
SELECT event, count(*) AS lines FROM journal WHERE cycle_id = @cycle_id::bigint GROUP BY event ORDER BY event;

-- name: JournalOfEvents :many
SELECT * FROM journal
WHERE cycle_id = @cycle_id::bigint AND event = ANY(@events::text[]) AND (@unit::text = '' OR unit IN ('', @unit::text)) ORDER BY seq;
