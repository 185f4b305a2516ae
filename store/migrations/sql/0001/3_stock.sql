CREATE TABLE warehouses (
    code   text PRIMARY KEY,
    name   text NOT NULL,
    region text NOT NULL,
    city   text NOT NULL
);

CREATE TABLE products (
    sku          text PRIMARY KEY,
    title        text NOT NULL,
    barcode      text NOT NULL,
    weight_g     integer NOT NULL CHECK (weight_g >= 0),
    volume_cm3   integer NOT NULL CHECK (volume_cm3 >= 0),
    fragile      boolean NOT NULL,
    category     text NOT NULL,
    safety_stock integer NOT NULL CHECK (safety_stock >= 0)
);
CREATE INDEX products_barcode ON products (barcode);

CREATE TABLE stock_items (
    warehouse text NOT NULL REFERENCES warehouses,
    sku       text NOT NULL REFERENCES products,
    on_hand   integer NOT NULL,
    reserved  integer NOT NULL,
    PRIMARY KEY (warehouse, sku),
    CONSTRAINT stock_never_oversold CHECK (0 <= reserved AND reserved <= on_hand)
) WITH (fillfactor = 70);
CREATE INDEX stock_items_sku ON stock_items (sku, warehouse);

-- Goods without lots stand in the lot '' of their bin.
CREATE TABLE stock_lots (
    warehouse  text NOT NULL,
    sku        text NOT NULL,
    lot        text NOT NULL,
    bin        text NOT NULL,
    on_hand    integer NOT NULL CHECK (on_hand >= 0),
    expires_on date,
    PRIMARY KEY (warehouse, sku, lot),
    FOREIGN KEY (warehouse, sku) REFERENCES stock_items
);

CREATE TABLE reservations (
    order_no  text NOT NULL REFERENCES orders,
    warehouse text NOT NULL,
    sku       text NOT NULL,
    quantity  integer NOT NULL CHECK (quantity > 0),
    state     text NOT NULL CHECK (state IN ('held', 'released', 'shipped')),
    PRIMARY KEY (order_no, warehouse, sku),
    FOREIGN KEY (warehouse, sku) REFERENCES stock_items
);
CREATE INDEX reservations_held ON reservations (warehouse, sku) WHERE state = 'held';

CREATE TABLE stock_ledger (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse      text NOT NULL,
    sku            text NOT NULL,
    on_hand_delta  integer NOT NULL,
    reserved_delta integer NOT NULL,
    order_no       text,
    key            text NOT NULL UNIQUE,
    at             timestamptz NOT NULL,
    why            text NOT NULL
);
CREATE INDEX stock_ledger_sku ON stock_ledger (warehouse, sku, id);
