-- deliveries/: those who are told what happens. secrets is sealed. One process at a
-- time attends to a subscription: lease_by, until lease_till. Every entry of the
-- journal older than taken_at, less the minute that a transaction may take, has
-- its delivery; entries before starts_at are none of its business.
CREATE TABLE IF NOT EXISTS hooks_out (
  id ID,
  name VARCHAR(100) NOT NULL,
  url VARCHAR(2000) NOT NULL,
  verbs TEXT NOT NULL,
  secrets TEXT NOT NULL,
  active INT NOT NULL,
  off_why VARCHAR(40) NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  starts_at BIGINT NOT NULL,
  taken_at BIGINT NOT NULL,
  paused_till BIGINT NOT NULL,
  lease_by VARCHAR(40) NOT NULL,
  lease_till BIGINT NOT NULL,
  UNIQUE (name)
);

-- One entry of the journal on its way to one subscription. Those of one lane (a
-- client, or what it happened to) go one after the other.
CREATE TABLE IF NOT EXISTS hook_deliveries (
  id ID,
  hook_id BIGINT NOT NULL,
  entry_id BIGINT NOT NULL,
  entry_at BIGINT NOT NULL,
  verb VARCHAR(40) NOT NULL,
  lane VARCHAR(60) NOT NULL,
  state VARCHAR(10) NOT NULL,
  attempts INT NOT NULL,
  due_at BIGINT NOT NULL,
  tried_at BIGINT NOT NULL,
  status INT NOT NULL,
  ms BIGINT NOT NULL,
  error VARCHAR(40) NOT NULL,
  detail TEXT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (hook_id, entry_id),
  INDEX hook_deliveries_by_lane (hook_id, state, lane, entry_id),
  INDEX hook_deliveries_by_due (hook_id, state, due_at)
);
