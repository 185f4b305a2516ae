-- The board (R33): sums by hour and channel. A change of a row appends its share to board_deltas, in the
-- same transaction and without waiting for anybody; folding moves shares into board_cells. Both together
-- are the truth at every moment.

-- The steps of the way that an order of the happy path passes; domain.board says the same, and a test
-- holds the two together. 0 is no step forward.
CREATE FUNCTION board_stage(status text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE status
        WHEN 'awaiting_payment' THEN 1
        WHEN 'paid' THEN 2
        WHEN 'manual_review' THEN 2
        WHEN 'approved' THEN 3
        WHEN 'picking' THEN 3
        WHEN 'packed' THEN 4
        WHEN 'partly_shipped' THEN 4
        WHEN 'shipped' THEN 5
        WHEN 'partly_signed' THEN 5
        WHEN 'signed' THEN 6
        WHEN 'archived' THEN 7
        ELSE 0
    END::smallint
$$;

-- How long a parcel may be under way to be on time, by the promised speed; again as domain.board has it.
CREATE FUNCTION board_promise(speed text) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE speed WHEN 'same_day' THEN interval '24 hours' WHEN 'express' THEN interval '48 hours'
        ELSE interval '120 hours' END
$$;

CREATE TABLE board_deltas (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour    timestamptz NOT NULL,
    channel text NOT NULL,
    measure text NOT NULL,
    key     text NOT NULL,
    number  bigint NOT NULL,
    seconds bigint NOT NULL
);

CREATE TABLE board_cells (
    hour    timestamptz NOT NULL,
    channel text NOT NULL,
    measure text NOT NULL,
    key     text NOT NULL,
    number  bigint NOT NULL,
    seconds bigint NOT NULL,
    PRIMARY KEY (hour, channel, measure, key)
);

ALTER TABLE orders ADD COLUMN stage smallint NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN status_since timestamptz;

CREATE FUNCTION board_place_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.stage := greatest(1, board_stage(NEW.status));
        NEW.status_since := NEW.updated_at;
    ELSIF NEW.status <> OLD.status THEN
        NEW.stage := greatest(OLD.stage, board_stage(NEW.status));
        NEW.status_since := NEW.updated_at;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER board_place_order BEFORE INSERT OR UPDATE OF status ON orders
    FOR EACH ROW EXECUTE FUNCTION board_place_order();

-- Stages and early ends count where the order was placed; the time in a status counts where it ended.
CREATE FUNCTION board_count_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before smallint := 0;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.status = OLD.status THEN
            RETURN NULL;
        END IF;
        before := OLD.stage;
        INSERT INTO board_deltas (hour, channel, measure, key, number, seconds) VALUES (
            date_trunc('hour', NEW.updated_at), NEW.channel, 'in_status', OLD.status, 1,
            greatest(0, extract(epoch FROM NEW.updated_at - coalesce(OLD.status_since, NEW.updated_at)))
        );
    END IF;
    INSERT INTO board_deltas (hour, channel, measure, key, number, seconds)
    SELECT date_trunc('hour', NEW.placed_at), NEW.channel, 'reached', step::text, 1, 0
    FROM generate_series(before + 1, NEW.stage) AS passed (step);
    IF NEW.status IN ('cancelled', 'rejected', 'intercepted') THEN
        INSERT INTO board_deltas (hour, channel, measure, key, number, seconds)
        VALUES (date_trunc('hour', NEW.placed_at), NEW.channel, 'ended_early', NEW.status, 1, 0);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER board_count_order AFTER INSERT OR UPDATE OF status ON orders
    FOR EACH ROW EXECUTE FUNCTION board_count_order();

CREATE FUNCTION board_channel(number text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT channel FROM orders WHERE order_no = number), '')
$$;

CREATE FUNCTION board_count_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO board_deltas (hour, channel, measure, key, number, seconds) VALUES (
        date_trunc('hour', coalesce(NEW.ended_at, NEW.due_at)), board_channel(NEW.order_no),
        'clock_' || NEW.state, NEW.deadline, 1, 0
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER board_count_clock AFTER UPDATE OF state ON deadlines
    FOR EACH ROW WHEN (OLD.state IN ('running', 'stopped') AND NEW.state IN ('met', 'passed', 'waived'))
    EXECUTE FUNCTION board_count_clock();

CREATE FUNCTION board_count_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO board_deltas (hour, channel, measure, key, number, seconds) VALUES (
        date_trunc('hour', NEW.opened_at), board_channel(NEW.order_no), 'case', NEW.kind, 1, 0
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER board_count_case AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION board_count_case();

CREATE FUNCTION board_count_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    placed orders;
BEGIN
    SELECT * INTO placed FROM orders WHERE order_no = NEW.order_no;
    IF OLD.handed_over_at IS NULL AND NEW.handed_over_at IS NOT NULL THEN
        INSERT INTO board_deltas (hour, channel, measure, key, number, seconds) VALUES (
            date_trunc('hour', NEW.handed_over_at), placed.channel, 'handed_over', NEW.carrier, 1, 0
        );
    END IF;
    IF OLD.signed_at IS NULL AND NEW.signed_at IS NOT NULL AND NEW.handed_over_at IS NOT NULL THEN
        INSERT INTO board_deltas (hour, channel, measure, key, number, seconds) VALUES (
            date_trunc('hour', NEW.signed_at), placed.channel,
            CASE WHEN NEW.signed_at <= NEW.handed_over_at + board_promise(placed.promised_speed)
                THEN 'delivered_on_time' ELSE 'delivered_late' END,
            NEW.carrier, 1, greatest(0, extract(epoch FROM NEW.signed_at - NEW.handed_over_at))
        );
    END IF;
    IF OLD.state <> 'problem' AND NEW.state = 'problem' THEN
        INSERT INTO board_deltas (hour, channel, measure, key, number, seconds) VALUES (
            date_trunc('hour', coalesce(NEW.last_event_at, NEW.handed_over_at, NEW.booked_at)), placed.channel,
            'parcel_problem', NEW.carrier, 1, 0
        );
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER board_count_parcel AFTER UPDATE OF state, handed_over_at, signed_at ON parcels
    FOR EACH ROW WHEN (NEW.carrier IS NOT NULL) EXECUTE FUNCTION board_count_parcel();

-- What was recorded before there was a board, as far as the rows tell it.
UPDATE orders SET stage = greatest(1, board_stage(status)), status_since = updated_at;
DELETE FROM board_deltas;
INSERT INTO board_deltas (hour, channel, measure, key, number, seconds)
SELECT date_trunc('hour', placed_at), channel, 'reached', step::text, count(*), 0
FROM orders, generate_series(1, stage) AS passed (step) GROUP BY 1, 2, 4;
INSERT INTO board_deltas (hour, channel, measure, key, number, seconds)
SELECT date_trunc('hour', placed_at), channel, 'ended_early', status, count(*), 0
FROM orders WHERE status IN ('cancelled', 'rejected', 'intercepted') GROUP BY 1, 2, 4;

-- Parcels by state, the longest silent first.
CREATE INDEX parcels_by_silence
    ON parcels (state, (coalesce(last_event_at, handed_over_at, booked_at, 'epoch'::timestamptz)), parcel_no);
