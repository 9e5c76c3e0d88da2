-- webhooks/: the PBXs and CRMs that speak to us. secrets is sealed.
CREATE TABLE IF NOT EXISTS sources (
  id ID,
  name VARCHAR(100) NOT NULL,
  dialect VARCHAR(30) NOT NULL,
  secrets TEXT NOT NULL,
  settings TEXT NOT NULL,
  country VARCHAR(2) NOT NULL,
  area VARCHAR(10) NOT NULL,
  active INT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (name)
);

-- The last requests of a source, secrets masked.
CREATE TABLE IF NOT EXISTS source_log (
  id ID,
  source_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  status INT NOT NULL,
  refused VARCHAR(100) NOT NULL,
  understood TEXT NOT NULL,
  request TEXT NOT NULL,
  INDEX source_log_by_source (source_id, id)
);
