-- mirror/: the CRMs whose records are kept here as they are there. One process at
-- a time works for a source: lease_by, until lease_till, and only it writes state,
-- faults, whole (how far the whole import is), counts and known. mapping is the
-- admins', granted (sealed) is whoever's that refreshed it last.
CREATE TABLE IF NOT EXISTS mirrors (
  source_id BIGINT NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  state VARCHAR(20) NOT NULL,
  lease_by VARCHAR(40) NOT NULL,
  lease_till BIGINT NOT NULL,
  granted TEXT NOT NULL,
  grant_version BIGINT NOT NULL,
  refused_grant BIGINT NOT NULL,
  mapping MEDIUMTEXT NOT NULL,
  mapping_version BIGINT NOT NULL,
  known MEDIUMTEXT NOT NULL,
  whole TEXT NOT NULL,
  wanted BIGINT NOT NULL,
  counts TEXT NOT NULL,
  error_code VARCHAR(60) NOT NULL,
  error_text TEXT NOT NULL,
  error_at BIGINT NOT NULL,
  tries INT NOT NULL,
  retry_at BIGINT NOT NULL,
  staff_at BIGINT NOT NULL,
  caught_up_at BIGINT NOT NULL
);

-- Which of our records is which of theirs. kind: 1 company, 2 contact, 3 lead,
-- 4 user, 5 department. seen is theirs as it was when we looked last; mark is the
-- whole import that saw it last; gone: 1 removed here, 2 removed there only.
CREATE TABLE IF NOT EXISTS mirror_links (
  source_id BIGINT NOT NULL,
  kind INT NOT NULL,
  their_id VARCHAR(100) NOT NULL,
  our_id BIGINT NOT NULL,
  seen MEDIUMTEXT NOT NULL,
  mark BIGINT NOT NULL,
  checked_at BIGINT NOT NULL,
  gone INT NOT NULL,
  PRIMARY KEY (source_id, kind, their_id),
  INDEX mirror_links_of_ours (kind, our_id),
  INDEX mirror_links_by_check (source_id, kind, checked_at)
);

-- Records that have to be read again. told counts how often we heard of each, so
-- that one that changes while it is being read is read once more.
CREATE TABLE IF NOT EXISTS mirror_changes (
  source_id BIGINT NOT NULL,
  kind INT NOT NULL,
  their_id VARCHAR(100) NOT NULL,
  told BIGINT NOT NULL,
  tries INT NOT NULL,
  due_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, kind, their_id),
  INDEX mirror_changes_by_due (source_id, due_at)
);

-- Who waits for a record that was not there yet: when it comes they are read again.
CREATE TABLE IF NOT EXISTS mirror_wants (
  source_id BIGINT NOT NULL,
  kind INT NOT NULL,
  their_id VARCHAR(100) NOT NULL,
  for_kind INT NOT NULL,
  for_id VARCHAR(100) NOT NULL,
  PRIMARY KEY (source_id, kind, their_id, for_kind, for_id)
);

-- What is otherwise there and stays as it is here until somebody decides.
CREATE TABLE IF NOT EXISTS mirror_differences (
  id ID,
  source_id BIGINT NOT NULL,
  kind INT NOT NULL,
  their_id VARCHAR(100) NOT NULL,
  part VARCHAR(20) NOT NULL,
  our_id BIGINT NOT NULL,
  code VARCHAR(60) NOT NULL,
  ours TEXT NOT NULL,
  theirs TEXT NOT NULL,
  by_id VARCHAR(100) NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (source_id, kind, their_id, part)
);
