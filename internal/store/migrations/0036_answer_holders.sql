-- journal: which request holds an Idempotency-Key. A key without a sign of life of its request for three seconds goes to
-- the next one, and holder keeps the first from writing after all.
ALTER TABLE answers ADD COLUMN holder VARCHAR(40) NOT NULL DEFAULT '';
