-- crm/: numbers that must not be called. till_at is 0 for good; search is folded
-- text. One entry for each number.
CREATE TABLE IF NOT EXISTS do_not_call (
  id ID,
  number_key BIGINT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  search TEXT NOT NULL,
  since_at BIGINT NOT NULL,
  till_at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  UNIQUE (number_key)
);
