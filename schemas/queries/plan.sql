-- name: UnitUpsert :exec
INSERT INTO units (cycle_id, code, position, name, category, email, telephone)
SELECT @cycle_id::bigint, unnest(@codes::text[]), unnest(@positions::int[]), unnest(@names::text[]), unnest(@categories::text[]), unnest(@emails::text[]), unnest(@telephones::text[])
ON CONFLICT (cycle_id, code) DO UPDATE SET position = EXCLUDED.position, name = EXCLUDED.name,
    category = EXCLUDED.category, email = EXCLUDED.email, telephone = EXCLUDED.telephone;

-- name: UnitDeleteOthers :exec
DELETE FROM units WHERE cycle_id = @cycle_id::bigint AND NOT code = ANY(@codes::text[]);

-- name: UnitList :many
SELECT * FROM units WHERE cycle_id = @cycle_id::bigint ORDER BY position;

-- name: UnitGet :one
SELECT * FROM units WHERE cycle_id = @cycle_id::bigint AND code = @code::text;

-- name: UnitSetEmail :exec
UPDATE units SET email = @email::text WHERE cycle_id = @cycle_id::bigint AND code = @code::text;

-- name: PersonInsert :exec
INSERT INTO people (cycle_id, login, name, role, unit, email, group_kinds, areas)
VALUES (@cycle_id::bigint, @login::text, @name::text, @role::text, @unit::text, @email::text, @group_kinds::text[], @areas::text[]);

-- name: PersonClear :exec
DELETE FROM people WHERE cycle_id = @cycle_id::bigint;

-- name: PersonGet :one
SELECT * FROM people WHERE cycle_id = @cycle_id::bigint AND login = @login::text;

-- name: PersonSetEmail :exec
UPDATE people SET email = @email::text WHERE cycle_id = @cycle_id::bigint AND login = @login::text;

-- name: PersonList :many
SELECT * FROM people WHERE cycle_id = @cycle_id::bigint ORDER BY role, login;

-- name: PersonByRole :many
SELECT * FROM people WHERE cycle_id = @cycle_id::bigint AND role = @role::text ORDER BY login;

-- name: IndicatorInsert :exec
INSERT INTO indicators (cycle_id, code, position, area, track, max_points, content, criteria, methods, judges, categories)
VALUES (@cycle_id::bigint, @code::text, @position::int, @area::text, @track::text, @max_points::bigint, @content::text, @criteria::text,
    @methods::text[], @judges::text, @categories::text[]);

-- name: IndicatorClear :exec
DELETE FROM indicators WHERE cycle_id = @cycle_id::bigint;
