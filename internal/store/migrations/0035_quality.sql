-- crm: the records that were written and that the follower of data quality has not looked at yet: all of a kind from one
-- id to another. What many records at once leave behind is bulk, and is taken after what single writes do. Every
-- transaction only adds rows here.
CREATE TABLE IF NOT EXISTS record_changes (
  id ID,
  kind INT NOT NULL,
  first_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL,
  bulk INT NOT NULL,
  INDEX record_changes_in_order (bulk, id)
);

-- What a record is compared, listed and counted by (crm/quality_keys.go says which sorts there are), as the follower
-- found it. n is how many of it there are.
CREATE TABLE IF NOT EXISTS record_keys (
  kind INT NOT NULL,
  record_id BIGINT NOT NULL,
  sort INT NOT NULL,
  value BIGINT NOT NULL,
  n INT NOT NULL,
  PRIMARY KEY (kind, record_id, sort, value),
  INDEX record_keys_by_value (sort, value, kind, record_id)
);

-- How much there is of a sort and value. The follower alone writes here, so that no two transactions want one row.
CREATE TABLE IF NOT EXISTS record_counts (
  sort INT NOT NULL,
  value BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (sort, value)
);

-- The keys that several records have: those of a kind, leads with all others, or (kind 0) any. strength orders the
-- groups, see crm/duplicate_groups.go.
CREATE TABLE IF NOT EXISTS duplicate_groups (
  kind INT NOT NULL,
  sort INT NOT NULL,
  value BIGINT NOT NULL,
  strength INT NOT NULL,
  total INT NOT NULL,
  PRIMARY KEY (kind, sort, value),
  INDEX duplicate_groups_in_order (kind, strength, sort, value)
);

-- Pairs of records that a person has called no duplicates; the lower kind and id stands first.
CREATE TABLE IF NOT EXISTS not_duplicates (
  id ID,
  kind INT NOT NULL,
  record_id BIGINT NOT NULL,
  other_kind INT NOT NULL,
  other_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  UNIQUE (kind, record_id, other_kind, other_id),
  INDEX not_duplicates_of_other (other_kind, other_id)
);

-- All records that are there are looked at once.
INSERT INTO record_changes (kind, first_id, last_id, bulk) SELECT 1, 1, MAX(id), 1 FROM companies HAVING MAX(id) > 0;
INSERT INTO record_changes (kind, first_id, last_id, bulk) SELECT 2, 1, MAX(id), 1 FROM contacts HAVING MAX(id) > 0;
INSERT INTO record_changes (kind, first_id, last_id, bulk) SELECT 3, 1, MAX(id), 1 FROM leads HAVING MAX(id) > 0;
