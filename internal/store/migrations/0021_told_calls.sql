-- telling/: our calls as a connected CRM knows them. call_id is ours, their_id the
-- CRM's, empty until it has given one; number_key is kept only until then. shown are
-- the CRM's users before whom the call stands, as JSON.
CREATE TABLE IF NOT EXISTS told_calls (
  id ID,
  source_id BIGINT NOT NULL,
  call_id BIGINT NOT NULL,
  their_id VARCHAR(250) NOT NULL,
  number_key BIGINT NOT NULL,
  state VARCHAR(12) NOT NULL,
  shown TEXT NOT NULL,
  attempts INT NOT NULL,
  due_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (source_id, call_id),
  INDEX told_calls_by_theirs (their_id),
  INDEX told_calls_by_due (source_id, state, due_at)
);

-- Which process tells a CRM of calls, and until when.
CREATE TABLE IF NOT EXISTS tellers (
  source_id BIGINT NOT NULL,
  lease_by VARCHAR(40) NOT NULL,
  lease_till BIGINT NOT NULL,
  PRIMARY KEY (source_id)
);
