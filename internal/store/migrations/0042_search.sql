-- crm/: what records are found by. A row of search_words is a word of a record as crm.searchText has it, of weight 0 where
-- it is the whole name; ends is the last ten digits of a number, the last one first. search_backlog is what was stored
-- before this version and has no rows yet: the records of a kind above next_id up to last_id.
CREATE TABLE IF NOT EXISTS search_words (
  kind INT NOT NULL,
  word VARCHAR(32) NOT NULL,
  weight INT NOT NULL,
  entity_id BIGINT NOT NULL,
  PRIMARY KEY (kind, word, weight, entity_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS search_ends (
  kind INT NOT NULL,
  ends BIGINT NOT NULL,
  entity_id BIGINT NOT NULL,
  PRIMARY KEY (kind, ends, entity_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS search_backlog (
  kind INT NOT NULL PRIMARY KEY,
  next_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL
);
INSERT INTO search_backlog (kind, next_id, last_id)
  SELECT 1, 0, last FROM (SELECT MAX(id) AS last FROM companies) newest
  WHERE last > 0 AND NOT EXISTS (SELECT 1 FROM search_backlog WHERE kind = 1);
INSERT INTO search_backlog (kind, next_id, last_id)
  SELECT 2, 0, last FROM (SELECT MAX(id) AS last FROM contacts) newest
  WHERE last > 0 AND NOT EXISTS (SELECT 1 FROM search_backlog WHERE kind = 2);
INSERT INTO search_backlog (kind, next_id, last_id)
  SELECT 3, 0, last FROM (SELECT MAX(id) AS last FROM leads) newest
  WHERE last > 0 AND NOT EXISTS (SELECT 1 FROM search_backlog WHERE kind = 3);
