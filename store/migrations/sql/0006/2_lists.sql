-- Lists, search and counts at a million orders (accident 10). What is rare gets an index of the rare ones only.
CREATE INDEX orders_placed ON orders (placed_at DESC, order_no DESC);
CREATE INDEX orders_due ON orders (due_at, order_no) WHERE due_at IS NOT NULL;
CREATE INDEX orders_held ON orders (recorded_at DESC, order_no DESC) WHERE held IS NOT NULL;
CREATE INDEX orders_risk ON orders (risk, recorded_at DESC, order_no DESC) WHERE risk <> 'none';
CREATE INDEX orders_channel_order_id ON orders (channel_order_id);
CREATE INDEX reservations_warehouse ON reservations (warehouse, order_no);
