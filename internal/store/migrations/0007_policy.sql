-- calls/: the policy, version by version; the highest one is active. Version 1
-- ships with the program and is in no row. body is JSON.
CREATE TABLE IF NOT EXISTS policies (
  id ID,
  version BIGINT NOT NULL,
  body MEDIUMTEXT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  UNIQUE (version)
);
