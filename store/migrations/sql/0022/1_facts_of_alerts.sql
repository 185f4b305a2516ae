-- The facts in the sentence of an alert, so that it can be said in another language than the text:
-- numbers, codes, SKUs and times, never personal data. Empty: the alert is older than this column.
ALTER TABLE alerts ADD COLUMN facts jsonb NOT NULL DEFAULT '{}';

-- Why the system opened a case, in the same way; a person's own words have no code.
ALTER TABLE cases ADD COLUMN reason_code text NOT NULL DEFAULT '', ADD COLUMN reason_facts jsonb NOT NULL DEFAULT '{}';
