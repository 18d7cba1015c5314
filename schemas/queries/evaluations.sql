-- name: EvaluationPut :exec
INSERT INTO evaluations (cycle_id, publish_on, open_on, close_on, results_due)
VALUES (@cycle_id::bigint, @publish_on::date, @open_on::date, @close_on::date, @results_due::date)
ON CONFLICT (cycle_id) DO UPDATE SET publish_on = EXCLUDED.publish_on, open_on = EXCLUDED.open_on,
    close_on = EXCLUDED.close_on, results_due = EXCLUDED.results_due;

-- name: EvaluationGet :one
SELECT * FROM evaluations WHERE cycle_id = @cycle_id::bigint;

-- Whoever counts on the window's state holds it until he has written.
-- name: EvaluationLock :one
SELECT * FROM evaluations WHERE cycle_id = @cycle_id::bigint FOR SHARE;

-- name: EvaluationDates :exec
UPDATE evaluations SET publish_on = @publish_on::date, open_on = @open_on::date, close_on = @close_on::date,
    results_due = @results_due::date WHERE cycle_id = @cycle_id::bigint;

-- name: EvaluationProvince :exec
UPDATE evaluations SET province_ended = @ended::date, province_note = @note::text WHERE cycle_id = @cycle_id::bigint;

-- name: EvaluationWindow :exec
UPDATE evaluations SET window_state = @window_state::text WHERE cycle_id = @cycle_id::bigint;

-- name: EvaluationPublish :exec
UPDATE evaluations SET publishing = @publishing::text, published = @ballots::boolean WHERE cycle_id = @cycle_id::bigint;

-- name: EvaluationQuestionClear :exec
DELETE FROM evaluation_questions WHERE cycle_id = @cycle_id::bigint;

-- name: EvaluationQuestionInsertAll :exec
INSERT INTO evaluation_questions (cycle_id, position, question, wording)
SELECT @cycle_id::bigint, unnest(@positions::int[]), unnest(@questions::text[]), unnest(@wordings::text[]);

-- name: EvaluationQuestionList :many
SELECT * FROM evaluation_questions WHERE cycle_id = @cycle_id::bigint ORDER BY position;

-- name: RepresentativeClear :exec
DELETE FROM representatives WHERE cycle_id = @cycle_id::bigint;

-- name: RepresentativeInsertAll :exec
INSERT INTO representatives (cycle_id, number, name, kind, email)
SELECT @cycle_id::bigint, unnest(@numbers::int[]), unnest(@names::text[]), unnest(@kinds::text[]), unnest(@emails::text[]);

-- name: RepresentativeUnitInsertAll :exec
INSERT INTO representative_units (cycle_id, number, unit)
SELECT @cycle_id::bigint, unnest(@numbers::int[]), unnest(@units::text[]);

-- name: RepresentativeList :many
SELECT r.*, count(u.unit) AS asked, count(u.unit) FILTER (WHERE u.used) AS answered
FROM representatives r LEFT JOIN representative_units u USING (cycle_id, number)
WHERE r.cycle_id = @cycle_id::bigint GROUP BY r.cycle_id, r.number ORDER BY r.number;

-- name: RepresentativeUnitList :many
SELECT r.number, r.unit, r.used, u.name FROM representative_units r JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
WHERE r.cycle_id = @cycle_id::bigint ORDER BY r.number, u.position;

-- name: RepresentativeInvite :exec
UPDATE representatives SET token = @token::text, token_hash = sha256(convert_to(@token::text, 'UTF8'))
WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: RepresentativeEmail :one
SELECT email FROM representatives WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: RepresentativeSetEmail :exec
UPDATE representatives SET email = @email::text WHERE cycle_id = @cycle_id::bigint AND number = @number::int;

-- name: RepresentativeTell :many
UPDATE representatives r SET told = true
WHERE r.cycle_id = @cycle_id::bigint AND NOT r.told
    AND EXISTS (SELECT FROM representative_units u WHERE u.cycle_id = r.cycle_id AND u.number = r.number AND u.used)
RETURNING r.number, r.kind;

-- name: RepresentativeForget :exec
UPDATE representatives SET token = '' WHERE cycle_id = @cycle_id::bigint;

-- name: SurveyInsert :one
INSERT INTO surveys (cycle_id, number, agency, from_day, to_day, sample, sha256, imported_by)
SELECT @cycle_id::bigint, COALESCE(max(number), 0) + 1, @agency::text, @from_day::date, @to_day::date, @sample::text, @sha256::text, @imported_by::text
FROM surveys WHERE cycle_id = @cycle_id::bigint
RETURNING number;

-- name: SurveyFind :one
SELECT number FROM surveys WHERE cycle_id = @cycle_id::bigint AND sha256 = @sha256::text;

-- name: SurveyBallotInsertAll :exec
INSERT INTO survey_ballots (cycle_id, survey, position, unit, answers, comment)
SELECT @cycle_id::bigint, @survey::int, unnest(@positions::int[]), unnest(@units::text[]), unnest(@answers::text[])::jsonb, unnest(@comments::text[]);

-- name: SurveyList :many
SELECT s.*, (SELECT count(*) FROM survey_ballots b WHERE b.cycle_id = s.cycle_id AND b.survey = s.number) AS ballots
FROM surveys s WHERE s.cycle_id = @cycle_id::bigint ORDER BY s.number;

-- name: EvaluationResultInsert :exec
INSERT INTO evaluation_results (cycle_id, number, unit, score, grade, rank, result)
VALUES (@cycle_id::bigint, @number::int, @unit::text, sqlc.narg(score)::bigint, @grade::text, sqlc.narg(rank)::int, @result::jsonb);

-- name: EvaluationResultList :many
SELECT r.*, u.name, u.category, u.position FROM evaluation_results r JOIN units u ON u.cycle_id = r.cycle_id AND u.code = r.unit
WHERE r.cycle_id = @cycle_id::bigint AND r.number = @number::int ORDER BY r.rank NULLS LAST, u.position;
