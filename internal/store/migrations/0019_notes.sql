-- calls/: how often the note of a call was written; whoever writes it can say which
-- one he has read.
ALTER TABLE calls ADD COLUMN note_version BIGINT NOT NULL DEFAULT 0;
