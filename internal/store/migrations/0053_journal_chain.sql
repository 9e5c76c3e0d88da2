-- journal/: the chain that seals the entries, so that damage and tampering are found.
CREATE TABLE IF NOT EXISTS journal_blocks (
  id BIGINT NOT NULL PRIMARY KEY,
  last_id BIGINT NOT NULL,
  entries INT NOT NULL,
  digests MEDIUMTEXT NOT NULL,
  hash VARCHAR(64) NOT NULL,
  mac VARCHAR(64) NOT NULL,
  at BIGINT NOT NULL
);

-- What was erased from entries, and which ones went with their subjects.
CREATE TABLE IF NOT EXISTS journal_gone (
  entry_id BIGINT NOT NULL PRIMARY KEY,
  dropped INT NOT NULL,
  details_then VARCHAR(64) NOT NULL,
  details_now VARCHAR(64) NOT NULL,
  mac VARCHAR(64) NOT NULL
);

-- Up to which entry the next block may reach, and since when that is known.
CREATE TABLE IF NOT EXISTS journal_marks (
  id BIGINT NOT NULL PRIMARY KEY,
  entry_id BIGINT NOT NULL,
  at BIGINT NOT NULL
);
