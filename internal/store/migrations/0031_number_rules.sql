-- webhooks/sources: the rules by which the numbers of a source are rewritten before they are read, a JSON list.
ALTER TABLE sources ADD COLUMN rules TEXT;
UPDATE sources SET rules = '[]';
