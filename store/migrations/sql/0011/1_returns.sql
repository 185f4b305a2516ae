-- Returns and exchanges (R16): written by the case's own workflow only, step by step (store/returns.py).
ALTER TABLE products ADD COLUMN returnable boolean NOT NULL DEFAULT true;

CREATE TABLE returns (
    case_no      text PRIMARY KEY REFERENCES cases,
    order_no     text NOT NULL REFERENCES orders,
    reason       text NOT NULL,
    wish         text NOT NULL,
    state        text NOT NULL,
    findings     jsonb NOT NULL,
    liable       text NOT NULL,
    worth        bigint NOT NULL CHECK (worth >= 0),
    postage      bigint NOT NULL CHECK (postage >= 0),
    rma_no       text UNIQUE,
    due_at       timestamptz,
    warehouse    text,
    received_at  timestamptz,
    inspected_at timestamptz,
    opened_at    timestamptz NOT NULL
);
CREATE INDEX returns_order ON returns (order_no);

CREATE TABLE return_lines (
    case_no  text NOT NULL REFERENCES returns,
    line_no  integer NOT NULL,
    sku      text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (case_no, line_no)
);

CREATE TABLE return_grades (
    case_no  text NOT NULL,
    line_no  integer NOT NULL,
    grade    text NOT NULL CHECK (grade IN ('resell', 'second', 'scrap')),
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (case_no, line_no, grade),
    FOREIGN KEY (case_no, line_no) REFERENCES return_lines
);

-- Goods that came back and are not for sale as new: beside the stock, never counted in it.
CREATE TABLE quarantine (
    warehouse text NOT NULL REFERENCES warehouses,
    sku       text NOT NULL REFERENCES products,
    grade     text NOT NULL CHECK (grade IN ('second', 'scrap')),
    on_hand   integer NOT NULL CHECK (on_hand >= 0),
    PRIMARY KEY (warehouse, sku, grade)
);

CREATE TABLE quarantine_ledger (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse text NOT NULL,
    sku       text NOT NULL,
    grade     text NOT NULL,
    delta     integer NOT NULL,
    case_no   text NOT NULL,
    key       text NOT NULL UNIQUE,
    at        timestamptz NOT NULL
);
