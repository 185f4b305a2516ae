-- A message that nobody could forward for two weeks is parked: before people, and no longer tried by itself.
ALTER TABLE inbox ADD COLUMN parked_at timestamptz;
ALTER TABLE inbox DROP CONSTRAINT inbox_state_check;
ALTER TABLE inbox ADD CONSTRAINT inbox_state_check
    CHECK (state IN ('received', 'forwarded', 'refused', 'parked') AND (state = 'parked') = (parked_at IS NOT NULL));
CREATE INDEX inbox_parked ON inbox (parked_at) WHERE state = 'parked';
