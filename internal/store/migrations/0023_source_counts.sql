-- webhooks/: how many requests of a source came to what, by the hour (its beginning,
-- ms); hour 0 counts since ever. last_at is when the last of them came.
CREATE TABLE IF NOT EXISTS source_counts (
  source_id BIGINT NOT NULL,
  hour BIGINT NOT NULL,
  outcome VARCHAR(12) NOT NULL,
  requests BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, hour, outcome),
  INDEX source_counts_by_hour (hour)
);
