-- +goose Up

-- What receipts, challenges, devices and networks are made unguessable with; the same for every process.
CREATE TABLE public_secrets (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    secret bytea NOT NULL CHECK (length(secret) = 32)
);
INSERT INTO public_secrets (secret) VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- The box: ballots as they come in, until the window is closed (E9). Nothing here or elsewhere says who cast one. It has
-- no foreign keys: each would lock a row that all ballots share; ballots_cast checks what they would.
CREATE TABLE ballots (
    receipt  bytea PRIMARY KEY CHECK (length(receipt) = 10),
    cycle_id bigint NOT NULL,
    unit     text NOT NULL,
    channel  text NOT NULL CHECK (channel IN ('public', 'representative')),
    hall     text NOT NULL,
    answers  text NOT NULL CHECK (answers ~ '^[0-9]*[1-9][0-9]*$'),
    comment  text NOT NULL CHECK (length(comment) <= 1000),
    device   bytea,
    work     bytea,
    network  bytea,
    seconds  integer CHECK (seconds >= 0),
    at       timestamptz
);
CREATE UNIQUE INDEX ballots_device ON ballots (device) WHERE device IS NOT NULL;
CREATE UNIQUE INDEX ballots_work ON ballots (work) WHERE work IS NOT NULL;
COMMENT ON COLUMN ballots.receipt IS 'Made of the caller''s key: the same key is the same ballot';
COMMENT ON COLUMN ballots.hall IS 'The service hall on whose shared device it was cast (E8(2)); empty elsewhere';
COMMENT ON COLUMN ballots.answers IS 'One digit a question, in the plan''s order: 0 for none, else the answer''s place in the rules';
COMMENT ON COLUMN ballots.device IS 'Keyed hash of cycle, unit and the device''s cookie, or of a hall''s unlocking: one ballot each';
COMMENT ON COLUMN ballots.work IS 'Hash of the proof of work or waiting time that it cost: each pays for one ballot';
COMMENT ON COLUMN ballots.network IS 'Keyed hash of the network it came from; of public ballots only';
COMMENT ON COLUMN ballots.seconds IS 'How long the page was open, where known';
COMMENT ON COLUMN ballots.at IS 'When it came; of public ballots only';

-- The sealed list, in the log's order, which is random (E9).
CREATE TABLE sealed_ballots (
    cycle_id  bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    position  bigint NOT NULL CHECK (position >= 0),
    receipt   bytea NOT NULL CHECK (length(receipt) = 10),
    unit      text NOT NULL,
    channel   text NOT NULL,
    hall      text NOT NULL,
    survey    integer NOT NULL,
    answers   text NOT NULL,
    comment   text NOT NULL,
    nonce     bytea NOT NULL,
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    few       boolean NOT NULL DEFAULT false,
    comment_published boolean NOT NULL DEFAULT false,
    network   bytea,
    seconds   integer,
    at        timestamptz,
    PRIMARY KEY (cycle_id, position)
);
CREATE UNIQUE INDEX sealed_ballots_receipt ON sealed_ballots (receipt);
COMMENT ON COLUMN sealed_ballots.survey IS 'The survey from which it was imported; 0 for none';
COMMENT ON COLUMN sealed_ballots.nonce IS 'Makes the commitment to the comment unguessable; published with the comment';
COMMENT ON COLUMN sealed_ballots.few IS 'Its unit has fewer than five ballots in its channel: only the hash is published (E10)';
COMMENT ON COLUMN sealed_ballots.network IS 'For finding bursts; forgotten with seconds and at once the results are decided';

-- What the list is sealed under; signed at the sealing, where the key is, not where the public comes.
CREATE TABLE seals (
    cycle_id   bigint PRIMARY KEY REFERENCES cycles ON DELETE CASCADE,
    size       bigint NOT NULL CHECK (size >= 0),
    root       bytea NOT NULL CHECK (length(root) = 32),
    checkpoint text NOT NULL,
    public_key text NOT NULL
);
COMMENT ON COLUMN seals.checkpoint IS 'Signed note: the log''s name, its size, its root';

CREATE TABLE seal_tiles (
    cycle_id bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    level    integer NOT NULL,
    number   bigint NOT NULL,
    hashes   bytea NOT NULL,
    PRIMARY KEY (cycle_id, level, number)
);
COMMENT ON TABLE seal_tiles IS 'The Merkle tree in tiles of up to 256 hashes, of which proofs are made';

-- Ballots that a person left out, each with the reason (E10).
CREATE TABLE excluded_ballots (
    cycle_id   bigint NOT NULL,
    position   bigint NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    decided_by text NOT NULL CHECK (decided_by <> ''),
    PRIMARY KEY (cycle_id, position),
    FOREIGN KEY (cycle_id, position) REFERENCES sealed_ballots ON DELETE CASCADE
);

-- Service halls with a shared device on which a member of staff unlocks one ballot at a time (E8(2)).
CREATE TABLE halls (
    cycle_id bigint NOT NULL REFERENCES cycles ON DELETE CASCADE,
    code     text NOT NULL CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
    name     text NOT NULL CHECK (name <> ''),
    pin_hash bytea NOT NULL CHECK (length(pin_hash) = 32),
    PRIMARY KEY (cycle_id, code)
);
COMMENT ON COLUMN halls.pin_hash IS 'Keyed hash of the number with which staff unlock the device';

-- What the public may see of an evaluation.
CREATE VIEW public_evaluations AS
SELECT c.cycle_id, c.authority, c.year, c.rehearsal, c.rule_set, e.open_on, e.close_on, e.window_state, e.published,
    coalesce(d.data_set #>> '{plan,scheme,authority,name}', c.authority) AS office,
    jsonb_build_object('answer_points', d.data_set #> '{evaluation,answer_points}', 'channels', d.data_set #> '{evaluation,channels}',
        'thresholds', d.data_set #> '{evaluation,thresholds}', 'publishes', d.data_set #> '{evaluation,publishes}') AS announced
FROM cycles c JOIN evaluations e USING (cycle_id) JOIN data_sets d USING (cycle_id)
WHERE c.kind = 'evaluation' AND c.state IN ('running', 'closed');

COMMENT ON COLUMN public_evaluations.announced IS 'What is published before the window opens (E8, E10): weights, thresholds, what will be published';

CREATE VIEW public_units AS
SELECT u.cycle_id, u.code, u.position, u.name, u.category FROM units u JOIN public_evaluations USING (cycle_id);

CREATE VIEW public_questions AS
SELECT q.cycle_id, q.position, q.question, q.wording FROM evaluation_questions q JOIN public_evaluations USING (cycle_id);

CREATE VIEW public_halls AS
SELECT h.cycle_id, h.code, h.name, h.pin_hash FROM halls h JOIN public_evaluations USING (cycle_id);

CREATE VIEW public_seals AS
SELECT s.* FROM seals s JOIN evaluations e USING (cycle_id) WHERE e.published;

CREATE VIEW public_tiles AS
SELECT t.* FROM seal_tiles t JOIN evaluations e USING (cycle_id) WHERE e.published;

-- One row a ballot of a published list; of one that has too few beside it only the hash (E10).
CREATE VIEW public_ballots AS
SELECT s.cycle_id, s.position, s.hash, s.few, shown.receipt, shown.unit, shown.channel, shown.hall, shown.survey, shown.answers,
    shown.comment, shown.nonce, shown.comment_published
FROM sealed_ballots s JOIN evaluations e USING (cycle_id)
    LEFT JOIN sealed_ballots shown ON shown.cycle_id = s.cycle_id AND shown.position = s.position AND NOT shown.few
WHERE e.published;

-- Casts ballots of the public, many in one statement and so in one commit: the caller acknowledges them when it returns.
-- Each is answered with cast, again (the same key before), closed, unit (there is none such), answers
-- (not one a question: it could not be sealed), device, work.
-- +goose StatementBegin
CREATE FUNCTION ballots_cast(cycles bigint[], receipts bytea[], units text[], halls text[], answers text[], comments text[],
    devices bytea[], works bytea[], networks bytea[], seconds integer[]) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fresh bytea[];
BEGIN
    -- Closing waits for the ballots under way, and those that come after it see that it is closed.
    PERFORM FROM evaluations e WHERE e.cycle_id = ANY (cycles) ORDER BY e.cycle_id FOR SHARE;
    WITH cast_now AS (
        INSERT INTO ballots (receipt, cycle_id, unit, channel, hall, answers, comment, device, work, network, seconds, at)
        SELECT g.receipt, g.cycle_id, g.unit, 'public', g.hall, g.answers, g.comment, nullif(g.device, ''), nullif(g.work, ''),
            nullif(g.network, ''), nullif(g.seconds, -1), date_trunc('second', clock_timestamp())
        FROM unnest(receipts, cycles, units, halls, answers, comments, devices, works, networks, seconds)
            AS g (receipt, cycle_id, unit, hall, answers, comment, device, work, network, seconds)
        JOIN (SELECT e.cycle_id, (SELECT count(*) FROM evaluation_questions q WHERE q.cycle_id = e.cycle_id) AS questions
            FROM evaluations e WHERE e.cycle_id = ANY (cycles) AND e.window_state = 'open' OFFSET 0)
            AS o ON o.cycle_id = g.cycle_id AND o.questions = length(g.answers)
        JOIN public.units u ON u.cycle_id = g.cycle_id AND u.code = g.unit
        WHERE NOT EXISTS (SELECT FROM sealed_ballots s WHERE s.receipt = g.receipt)
        ORDER BY g.receipt
        ON CONFLICT DO NOTHING
        RETURNING ballots.receipt)
    SELECT array_agg(n.receipt) INTO fresh FROM cast_now n;
    IF cardinality(fresh) = cardinality(receipts) THEN
        RETURN array_fill('cast'::text, ARRAY[cardinality(receipts)]);
    END IF;
    RETURN (
        SELECT array_agg(CASE
            WHEN g.receipt = ANY (fresh) THEN 'cast'
            WHEN EXISTS (SELECT FROM ballots b WHERE b.receipt = g.receipt)
              OR EXISTS (SELECT FROM sealed_ballots s WHERE s.receipt = g.receipt) THEN 'again'
            WHEN NOT EXISTS (SELECT FROM evaluations e WHERE e.cycle_id = g.cycle_id AND e.window_state = 'open') THEN 'closed'
            WHEN NOT EXISTS (SELECT FROM public.units u WHERE u.cycle_id = g.cycle_id AND u.code = g.unit) THEN 'unit'
            WHEN length(g.answers) <> (SELECT count(*) FROM evaluation_questions q WHERE q.cycle_id = g.cycle_id) THEN 'answers'
            WHEN EXISTS (SELECT FROM ballots b WHERE b.device = nullif(g.device, '')) THEN 'device'
            ELSE 'work' END ORDER BY g.place)
        FROM unnest(receipts, cycles, units, answers, devices) WITH ORDINALITY AS g (receipt, cycle_id, unit, answers, device, place));
END $$;
-- +goose StatementEnd

-- Casts the ballot of whoever holds an invitation's link, once for each unit he is asked about: the use of the link and
-- the ballot are committed together and stored apart (E9). Answers as ballots_cast, and link (there is none such), used.
-- +goose StatementBegin
CREATE FUNCTION ballot_cast_invited(link bytea, cycle bigint, receipt bytea, unit text, answers text, comment text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    already boolean;
BEGIN
    PERFORM FROM evaluations e WHERE e.cycle_id = cycle FOR SHARE;
    IF EXISTS (SELECT FROM ballots b WHERE b.receipt = ballot_cast_invited.receipt)
        OR EXISTS (SELECT FROM sealed_ballots s WHERE s.receipt = ballot_cast_invited.receipt) THEN
        RETURN 'again';
    END IF;
    IF NOT EXISTS (SELECT FROM evaluations e WHERE e.cycle_id = cycle AND e.window_state = 'open') THEN
        RETURN 'closed';
    END IF;
    IF length(answers) <> (SELECT count(*) FROM evaluation_questions q WHERE q.cycle_id = cycle) THEN
        RETURN 'answers';
    END IF;
    SELECT ru.used INTO already
    FROM representatives r JOIN representative_units ru USING (cycle_id, number)
    WHERE r.token_hash = link AND r.cycle_id = cycle AND ru.unit = ballot_cast_invited.unit
    FOR UPDATE OF ru;
    IF NOT FOUND THEN
        RETURN CASE WHEN EXISTS (SELECT FROM representatives r WHERE r.token_hash = link AND r.cycle_id = cycle) THEN 'unit' ELSE 'link' END;
    ELSIF already THEN
        -- It may have been used for this very ballot while the row was waited for.
        RETURN CASE WHEN EXISTS (SELECT FROM ballots b WHERE b.receipt = ballot_cast_invited.receipt) THEN 'again' ELSE 'used' END;
    END IF;
    UPDATE representative_units ru SET used = true FROM representatives r
    WHERE r.token_hash = link AND r.cycle_id = cycle AND ru.cycle_id = cycle AND ru.number = r.number AND ru.unit = ballot_cast_invited.unit;
    INSERT INTO ballots (receipt, cycle_id, unit, channel, hall, answers, comment)
    VALUES (receipt, cycle, unit, 'representative', '', answers, comment);
    RETURN 'cast';
END $$;
-- +goose StatementEnd

-- What the holder of an invitation's link is asked about.
-- +goose StatementBegin
CREATE FUNCTION invited(link bytea) RETURNS TABLE (cycle_id bigint, name text, unit text, used boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.cycle_id, r.name, ru.unit, ru.used
    FROM representatives r JOIN representative_units ru USING (cycle_id, number) JOIN units u ON u.cycle_id = r.cycle_id AND u.code = ru.unit
    WHERE r.token_hash = link
    ORDER BY u.position
$$;
-- +goose StatementEnd

-- One ballot of a published list, by its receipt; whoever has that sees it whole.
-- +goose StatementBegin
CREATE FUNCTION ballot_found(cycle bigint, receipt bytea) RETURNS SETOF sealed_ballots
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.* FROM sealed_ballots s JOIN evaluations e USING (cycle_id)
    WHERE s.cycle_id = cycle AND s.receipt = ballot_found.receipt AND e.published
$$;
-- +goose StatementEnd

-- The application reads the box only to seal it, and never changes a sealed ballot. The public's role sees no table but
-- its own secret: views and functions tell it what anybody may know.
REVOKE EXECUTE ON FUNCTION ballots_cast, ballot_cast_invited, invited, ballot_found FROM PUBLIC;
-- +goose StatementBegin
DO $$
BEGIN
    BEGIN
        CREATE ROLE kaoping_public NOLOGIN;
    EXCEPTION
        WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kaoping_app') THEN
        GRANT SELECT, DELETE ON ballots TO kaoping_app;
        GRANT SELECT, INSERT, UPDATE (few, comment_published, network, seconds, at) ON sealed_ballots TO kaoping_app;
        GRANT SELECT, INSERT ON seals, seal_tiles TO kaoping_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON excluded_ballots, halls TO kaoping_app;
        GRANT SELECT ON public_secrets TO kaoping_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kaoping_public') THEN
        GRANT SELECT ON public_secrets, public_evaluations, public_units, public_questions, public_halls,
            public_seals, public_tiles, public_ballots TO kaoping_public;
        GRANT EXECUTE ON FUNCTION ballots_cast, ballot_cast_invited, invited, ballot_found TO kaoping_public;
        BEGIN
            EXECUTE format('GRANT kaoping_public TO %I', current_user);
            GRANT kaoping_public TO kaoping_app;
        EXCEPTION
            WHEN insufficient_privilege OR invalid_grant_operation OR undefined_object THEN NULL;
        END;
    END IF;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION ballot_found, invited, ballot_cast_invited, ballots_cast;
DROP VIEW public_ballots, public_tiles, public_seals, public_halls, public_questions, public_units, public_evaluations;
DROP TABLE halls, excluded_ballots, seal_tiles, seals, sealed_ballots, ballots, public_secrets;
