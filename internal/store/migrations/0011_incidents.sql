-- calls/: what a talk on a red card would be an incident about. It stays when the
-- card is painted anew. red_at is when the agent first saw it, 0 for never;
-- red_after is how many seconds of talk were allowed then.
ALTER TABLE cards ADD COLUMN red_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN red_company BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN red_name VARCHAR(300) NOT NULL DEFAULT '';
ALTER TABLE cards ADD COLUMN red_owner BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN red_why VARCHAR(50) NOT NULL DEFAULT '';
ALTER TABLE cards ADD COLUMN red_policy BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN red_after BIGINT NOT NULL DEFAULT 0;

-- A red card, and a conversation all the same: once per call and agent. at is when
-- the agent hung up. Number, recording and the company's name are copies: an
-- incident outlives its call and its company. acknowledged_at is 0 while it is
-- open.
CREATE TABLE IF NOT EXISTS incidents (
  id ID,
  call_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  source VARCHAR(100) NOT NULL,
  direction VARCHAR(3) NOT NULL,
  number VARCHAR(100) NOT NULL,
  agent_id BIGINT NOT NULL,
  owner_id BIGINT NOT NULL,
  company_id BIGINT NOT NULL,
  company_name VARCHAR(300) NOT NULL,
  why VARCHAR(50) NOT NULL,
  policy BIGINT NOT NULL,
  talk_seconds BIGINT NOT NULL,
  card_seconds BIGINT NOT NULL,
  recording_url VARCHAR(1000) NOT NULL,
  acknowledged_at BIGINT NOT NULL,
  acknowledged_by BIGINT NOT NULL,
  acknowledged_why VARCHAR(500) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (call_id, agent_id),
  INDEX incidents_by_time (at, id),
  INDEX incidents_by_agent (agent_id, at, id),
  INDEX incidents_by_owner (owner_id, at, id),
  INDEX incidents_by_company (company_id, at, id)
);

-- The call journal by agent, colour and source, each in the order of time: a card
-- knows when its call began.
ALTER TABLE cards ADD COLUMN started_at BIGINT NOT NULL DEFAULT 0;
UPDATE cards SET started_at = (SELECT calls.started_at FROM calls WHERE calls.id = cards.call_id) WHERE started_at = 0;
CREATE INDEX cards_by_agent_time ON cards (agent_id, started_at, call_id);
CREATE INDEX cards_by_color_time ON cards (color, started_at, call_id);
CREATE INDEX calls_by_source_time ON calls (source, started_at, id);
