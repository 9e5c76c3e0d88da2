-- permits/: for a while an agent may work with a colleague's company as if it were
-- his own. owner_id is the owner whose head gave it: it counts for no other one.
CREATE TABLE IF NOT EXISTS permits (
  id ID,
  agent_id BIGINT NOT NULL,
  company_id BIGINT NOT NULL,
  owner_id BIGINT NOT NULL,
  from_at BIGINT NOT NULL,
  till_at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  ask_id BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  ended_by BIGINT NOT NULL,
  ended_why VARCHAR(20) NOT NULL,
  INDEX permits_running (ended_at, id),
  INDEX permits_by_agent (agent_id, id),
  INDEX permits_by_company (company_id, id)
);

-- What is asked of heads. open_key is set while an ask is open, and unique: one
-- of a kind per agent and company.
CREATE TABLE IF NOT EXISTS asks (
  id ID,
  kind VARCHAR(20) NOT NULL,
  state VARCHAR(10) NOT NULL,
  open_key VARCHAR(80) NULL,
  company_id BIGINT NOT NULL,
  owner_id BIGINT NOT NULL,
  agent_id BIGINT NOT NULL,
  call_id BIGINT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  answer VARCHAR(500) NOT NULL,
  permit_id BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  decided_by BIGINT NOT NULL,
  UNIQUE (open_key),
  INDEX asks_by_state (state, id),
  INDEX asks_by_agent (agent_id, id),
  INDEX asks_by_company (company_id, id)
);
