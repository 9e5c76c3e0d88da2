-- importexport: imports over the API. state: uploaded, checking, ready, running, stopped, done, failed, undoing, undone.
-- size and bytes_done are of the file; undone and kept count what an undo took back and what it had to leave;
-- undo_below is where it stands: it takes added records back from the highest id down.
ALTER TABLE imports ADD COLUMN state VARCHAR(20) NOT NULL DEFAULT 'done';
ALTER TABLE imports ADD COLUMN dropped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN bytes_done BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN error VARCHAR(60) NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN undone BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN kept BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN undone_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN undo_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN undo_below BIGINT NOT NULL DEFAULT 0;
UPDATE imports SET state = 'stopped' WHERE done_at = 0;

-- How an uploaded file is to be read: where it is stored, what its user decided (options), what was recognised (format)
-- and what the dry run found (trial), as JSON.
CREATE TABLE IF NOT EXISTS import_plans (
  import_id BIGINT NOT NULL PRIMARY KEY,
  stored VARCHAR(500) NOT NULL,
  options MEDIUMTEXT NOT NULL,
  format MEDIUMTEXT NOT NULL,
  trial MEDIUMTEXT NOT NULL
);

-- The records that an import has added, as ranges of ids: one row for a batch.
CREATE TABLE IF NOT EXISTS import_added (
  import_id BIGINT NOT NULL,
  first_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL,
  PRIMARY KEY (import_id, first_id)
);

-- The records that an import has changed, with what it changed as {field: {from, to}} and the version after it; also
-- added ones that a later row of the file changed, and those that an undo had to keep, with the reason.
-- state: 0 stands, 1 undone, 2 kept.
CREATE TABLE IF NOT EXISTS import_rows (
  import_id BIGINT NOT NULL,
  record_id BIGINT NOT NULL,
  added INT NOT NULL,
  version BIGINT NOT NULL,
  changes MEDIUMTEXT NOT NULL,
  state INT NOT NULL,
  reason VARCHAR(200) NOT NULL,
  PRIMARY KEY (import_id, record_id)
);
