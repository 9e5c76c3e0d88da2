-- internal/jobs: what exactly one process may do at a time. holder is a process and
-- a number of its own; turn counts the transactions that relied on the lease, so
-- that they conflict with a takeover on every node of a cluster.
CREATE TABLE IF NOT EXISTS leases (
  name VARCHAR(100) NOT NULL PRIMARY KEY,
  holder VARCHAR(40) NOT NULL,
  until_at BIGINT NOT NULL,
  turn BIGINT NOT NULL
);

-- Work that is due at a moment. slot is 0 for the one job of a key that is set and
-- replaced, otherwise a random number. While a process runs a job, claim names the
-- claim and due_at is its end: a job whose process was killed becomes due by itself.
-- state: waiting or dead; a job that is done has no row. ran_at is the last run of a
-- periodic job.
CREATE TABLE IF NOT EXISTS jobs (
  id ID,
  kind VARCHAR(60) NOT NULL,
  job_key VARCHAR(100) NOT NULL,
  slot BIGINT NOT NULL,
  state VARCHAR(10) NOT NULL,
  due_at BIGINT NOT NULL,
  attempts INT NOT NULL,
  claim VARCHAR(40) NOT NULL,
  payload MEDIUMTEXT NOT NULL,
  error VARCHAR(60) NOT NULL,
  created_at BIGINT NOT NULL,
  ran_at BIGINT NOT NULL,
  UNIQUE (kind, job_key, slot),
  INDEX jobs_by_due (state, kind, due_at)
);
