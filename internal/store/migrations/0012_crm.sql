-- crm/: what became of a record that was merged into another one. A chain is kept
-- short: into_id is always a record that was not merged itself.
CREATE TABLE IF NOT EXISTS merges (
  kind INT NOT NULL,
  record_id BIGINT NOT NULL,
  into_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  PRIMARY KEY (kind, record_id),
  INDEX merges_into (kind, into_id)
);

-- Since when a record has its present owner; a record that is not here has had
-- him since it was added.
CREATE TABLE IF NOT EXISTS ownerships (
  kind INT NOT NULL,
  record_id BIGINT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (kind, record_id)
);
