-- name: JournalAppend :exec
INSERT INTO journal (cycle_id, seq, at, event, unit, person, article, data, hash)
SELECT @cycle_id::bigint, seq, @at::timestamptz, event, unit, person, article, data, hash
FROM (SELECT unnest(@seqs::bigint[]) AS seq, unnest(@events::text[]) AS event, unnest(@units::text[]) AS unit, unnest(@persons::text[]) AS person, unnest(@articles::text[]) AS article, unnest(@datas::text[]) AS data, unnest(@hashes::bytea[]) AS hash) AS line
ORDER BY seq;

-- name: JournalPage :many
SELECT * FROM journal WHERE cycle_id = @cycle_id::bigint AND seq > @after::bigint ORDER BY seq LIMIT @size::int;

-- name: JournalCount :many
SELECT event, count(*) AS lines FROM journal WHERE cycle_id = @cycle_id::bigint GROUP BY event ORDER BY event;

-- name: JournalOlder :many
SELECT j.seq, j.at, j.event, j.unit, j.person, j.article, j.data FROM journal j
WHERE j.cycle_id = @cycle_id::bigint AND j.seq < @before::bigint
    AND (@event::text = '' OR j.event = @event::text) AND (@unit::text = '' OR j.unit = @unit::text)
    AND (@person::text = '' OR j.person = @person::text) AND (@article::text = '' OR j.article = @article::text OR j.article LIKE @article::text || '(%')
    AND (@text::text = '' OR j.data LIKE @text::text OR j.unit = ANY(@units::text[]) OR j.person = ANY(@people::text[]))
    AND j.at >= @since::timestamptz AND j.at < @until::timestamptz
ORDER BY j.seq DESC LIMIT @most::int;

-- name: JournalNewer :many
SELECT j.seq, j.at, j.event, j.unit, j.person, j.article, j.data FROM journal j
WHERE j.cycle_id = @cycle_id::bigint AND j.seq > @after::bigint
    AND (@event::text = '' OR j.event = @event::text) AND (@unit::text = '' OR j.unit = @unit::text)
    AND (@person::text = '' OR j.person = @person::text) AND (@article::text = '' OR j.article = @article::text OR j.article LIKE @article::text || '(%')
    AND (@text::text = '' OR j.data LIKE @text::text OR j.unit = ANY(@units::text[]) OR j.person = ANY(@people::text[]))
    AND j.at >= @since::timestamptz AND j.at < @until::timestamptz
ORDER BY j.seq ASC LIMIT @most::int;
-- name: JournalOfEvents :many
SELECT * FROM journal
WHERE cycle_id = @cycle_id::bigint AND event = ANY(@events::text[]) AND (@unit::text = '' OR unit IN ('', @unit::text)) ORDER BY seq;
