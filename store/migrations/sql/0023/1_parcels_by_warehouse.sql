-- What belongs to a warehouse is looked for by it; of 200,000 parcels all were read to find the few of a small one.
CREATE INDEX parcels_warehouse ON parcels (warehouse, order_no);
