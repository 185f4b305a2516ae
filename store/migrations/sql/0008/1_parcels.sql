-- An order's goods of one SKU can leave in several parcels: what is held and what has left stand side by side.
ALTER TABLE reservations ADD COLUMN shipped integer NOT NULL DEFAULT 0 CHECK (shipped >= 0);
ALTER TABLE reservations DROP CONSTRAINT reservations_quantity_check;
UPDATE reservations SET shipped = quantity, quantity = 0 WHERE state = 'shipped';
ALTER TABLE reservations ADD CONSTRAINT reservations_quantity_check
    CHECK (quantity > 0 AND state <> 'shipped' OR quantity = 0 AND state = 'shipped' AND shipped > 0);
