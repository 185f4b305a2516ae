-- Which goods a shortage lacks: many orders short of one SKU are one problem of all departments (R9, R26).
ALTER TABLE cases ADD COLUMN skus text[] NOT NULL DEFAULT '{}';
CREATE INDEX cases_short_of ON cases USING gin (skus) WHERE kind = 'shortage' AND closed_at IS NULL;
CREATE INDEX cases_cross_department ON cases (subject) WHERE kind = 'cross_department' AND subject <> '';
