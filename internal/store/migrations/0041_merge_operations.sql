-- crm: the merges of the last 30 days, and what the records were before (JSON), so that they can be undone. from_ids is a
-- JSON array. Snapshots go with the person that they are about.
CREATE TABLE IF NOT EXISTS merge_operations (
  id ID,
  kind INT NOT NULL,
  into_id BIGINT NOT NULL,
  from_ids VARCHAR(500) NOT NULL,
  at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  undone_at BIGINT NOT NULL,
  undone_by BIGINT NOT NULL,
  snapshot MEDIUMTEXT NOT NULL,
  INDEX merge_operations_into (kind, into_id, id),
  INDEX merge_operations_by_time (at)
);
