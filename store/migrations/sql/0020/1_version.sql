-- How often the sums were made anew: of two answers of the ledger, the higher version is the newer.
ALTER TABLE payments ADD COLUMN version bigint NOT NULL DEFAULT 0;
