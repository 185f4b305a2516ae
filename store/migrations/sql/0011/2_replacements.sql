-- Linked replacement orders (R16, R13, R15, R24): one for each remedy of a case, numbered within its order.
ALTER TABLE orders ADD COLUMN replaces text REFERENCES orders;
ALTER TABLE orders ADD COLUMN for_case text;

CREATE TABLE replacements (
    order_no       text NOT NULL REFERENCES orders,
    number         integer NOT NULL,
    replacement_no text NOT NULL UNIQUE,
    key            text NOT NULL UNIQUE,
    case_no        text NOT NULL REFERENCES cases,
    at             timestamptz NOT NULL,
    PRIMARY KEY (order_no, number)
);

-- What carried a case's settlement out: the replacement's number, the coupon's id, minor units given back.
ALTER TABLE cases ADD COLUMN remedy jsonb NOT NULL DEFAULT '{}';
CREATE INDEX orders_replaces ON orders (replaces) WHERE replaces IS NOT NULL;
