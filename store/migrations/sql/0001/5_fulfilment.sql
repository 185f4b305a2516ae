CREATE TABLE parcels (
    parcel_no      text PRIMARY KEY,
    order_no       text NOT NULL REFERENCES orders,
    warehouse      text NOT NULL REFERENCES warehouses,
    state          text NOT NULL,
    carrier        text,
    tracking_no    text,
    weight_g       integer NOT NULL CHECK (weight_g >= 0),
    value_minor    bigint NOT NULL CHECK (value_minor >= 0),
    insured        boolean NOT NULL,
    packaging      text,
    choice         jsonb,
    booked_at      timestamptz,
    handed_over_at timestamptz,
    signed_at      timestamptz,
    last_event_at  timestamptz,
    UNIQUE (carrier, tracking_no)
);
CREATE INDEX parcels_order ON parcels (order_no);
CREATE INDEX parcels_tracking ON parcels (tracking_no) WHERE tracking_no IS NOT NULL;

CREATE TABLE parcel_lines (
    parcel_no text NOT NULL REFERENCES parcels,
    line_no   integer NOT NULL,
    sku       text NOT NULL,
    quantity  integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (parcel_no, line_no, sku)
);

CREATE TABLE tracking_events (
    parcel_no   text NOT NULL REFERENCES parcels,
    event_id    text NOT NULL,
    at          timestamptz NOT NULL,
    state       text NOT NULL,
    code        text NOT NULL,
    text_sealed bytea,
    PRIMARY KEY (parcel_no, event_id)
);

CREATE TABLE pick_tasks (
    task_no    text PRIMARY KEY,
    order_no   text NOT NULL REFERENCES orders,
    parcel_no  text NOT NULL REFERENCES parcels,
    warehouse  text NOT NULL REFERENCES warehouses,
    state      text NOT NULL CHECK (state IN ('open', 'picking', 'picked', 'packed', 'short', 'cancelled')),
    picker     text,
    rechecker  text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX pick_tasks_order ON pick_tasks (order_no);
CREATE INDEX pick_tasks_list ON pick_tasks (warehouse, state, created_at, task_no);
CREATE INDEX pick_tasks_state ON pick_tasks (state, created_at, task_no);

CREATE TABLE pick_lines (
    task_no    text NOT NULL REFERENCES pick_tasks,
    line_no    integer NOT NULL,
    sku        text NOT NULL,
    lot        text,
    bin        text NOT NULL,
    expires_on date,
    quantity   integer NOT NULL CHECK (quantity > 0),
    picked     integer NOT NULL DEFAULT 0 CHECK (picked >= 0),
    short      integer NOT NULL DEFAULT 0 CHECK (short >= 0),
    PRIMARY KEY (task_no, line_no),
    CONSTRAINT picked_within_quantity CHECK (picked + short <= quantity)
);
CREATE INDEX pick_lines_sku ON pick_lines (sku);

CREATE TABLE scans (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_no  text NOT NULL REFERENCES pick_tasks,
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    bin      text NOT NULL,
    barcode  text NOT NULL,
    lot      text,
    verdict  text NOT NULL CHECK (verdict IN ('right', 'wrong')),
    expected jsonb,
    key      text UNIQUE
);
CREATE INDEX scans_task ON scans (task_no, id);
