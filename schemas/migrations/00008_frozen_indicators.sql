-- +goose Up

-- Once a cycle runs none is added either: it would be a weight that nobody scores (A8(3)).
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION indicators_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cycles c WHERE c.cycle_id = COALESCE(OLD.cycle_id, NEW.cycle_id) AND c.state <> 'draft') THEN
        RAISE EXCEPTION 'the scheme is frozen' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'scheme_frozen';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
-- +goose StatementEnd
CREATE TRIGGER indicators_added AFTER INSERT ON indicators
    FOR EACH ROW EXECUTE FUNCTION indicators_are_frozen();

-- +goose Down
DROP TRIGGER indicators_added ON indicators;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION indicators_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cycles c WHERE c.cycle_id = OLD.cycle_id AND c.state <> 'draft') THEN
        RAISE EXCEPTION 'the scheme is frozen' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'scheme_frozen';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
-- +goose StatementEnd
