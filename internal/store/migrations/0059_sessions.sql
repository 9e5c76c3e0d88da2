-- staff: where a session is used, and when it was used last; 0 for one that is older than this column. device is the
-- browser and the system in plain words: the header itself is not stored.
ALTER TABLE keys_of_users ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE keys_of_users ADD COLUMN address VARCHAR(45) NOT NULL DEFAULT '';
ALTER TABLE keys_of_users ADD COLUMN device VARCHAR(100) NOT NULL DEFAULT '';
