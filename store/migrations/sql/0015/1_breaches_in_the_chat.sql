-- Which breaches the group chat has been told of (R25): null, not yet; 'posted'; or why it never will be.
ALTER TABLE alerts ADD COLUMN chat text;

-- What passed before the chat was told of breaches is not told now.
UPDATE alerts SET chat = 'before';

-- T2 only reminds: it is no breach.
CREATE INDEX alerts_for_the_chat ON alerts (id) WHERE chat IS NULL AND kind ~ '^T[0-9]+P?$' AND kind <> 'T2';
