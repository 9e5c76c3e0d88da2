-- importexport/: erasures of persons that are under way, sealed; a row is gone when its erasure is finished.
CREATE TABLE IF NOT EXISTS erasures (
  id ID,
  at BIGINT NOT NULL,
  state MEDIUMTEXT NOT NULL
);
