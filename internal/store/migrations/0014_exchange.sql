-- exchange/: files that came in. seal stands for the file's content, what its
-- columns mean and who imports it: the same command goes on where it stopped.
-- row_count is how many rows of the file are done; report_size how many bytes of
-- the report of refused rows belong to them.
CREATE TABLE IF NOT EXISTS imports (
  id ID,
  seal VARCHAR(64) NOT NULL,
  file VARCHAR(300) NOT NULL,
  kind VARCHAR(20) NOT NULL,
  user_id BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  added BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  same BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  report_size BIGINT NOT NULL,
  begun_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL,
  UNIQUE (seal)
);

-- What other systems call our records. kind of record: 1 company, 2 contact,
-- 3 lead.
CREATE TABLE IF NOT EXISTS codes (
  kind INT NOT NULL,
  code VARCHAR(190) NOT NULL,
  record_id BIGINT NOT NULL,
  PRIMARY KEY (kind, code),
  INDEX codes_of_record (kind, record_id)
);

-- What this installation calls itself in exported files: the row "installation".
CREATE TABLE IF NOT EXISTS exchange_marks (
  name VARCHAR(40) NOT NULL,
  value VARCHAR(100) NOT NULL,
  PRIMARY KEY (name)
);
