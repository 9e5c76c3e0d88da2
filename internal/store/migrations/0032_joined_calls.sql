-- calls: what other sources than the leading one call a call; one source names a call once.
CREATE TABLE IF NOT EXISTS call_aliases (
  source VARCHAR(100) NOT NULL,
  call_id VARCHAR(250) NOT NULL,
  lead_id BIGINT NOT NULL,
  PRIMARY KEY (source, call_id),
  UNIQUE (lead_id, source)
);

-- The call that began last under a name which two sources may share: an id, or an agent with a number and a direction.
-- lead_id is 0 only within the transaction that adds the row.
CREATE TABLE IF NOT EXISTS call_claims (
  name VARCHAR(300) NOT NULL PRIMARY KEY,
  lead_id BIGINT NOT NULL DEFAULT 0,
  at BIGINT NOT NULL,
  INDEX call_claims_by_time (at)
);
ALTER TABLE calls ADD COLUMN also VARCHAR(500) NOT NULL DEFAULT '';
