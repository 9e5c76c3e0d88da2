-- calls/: a call's life as its events told it, and the card per agent. final is 1
-- once the end of the whole call was told, not only that of its last leg.
CREATE TABLE IF NOT EXISTS calls (
  id ID,
  source VARCHAR(100) NOT NULL,
  call_id VARCHAR(250) NOT NULL,
  direction VARCHAR(3) NOT NULL,
  state VARCHAR(10) NOT NULL,
  result VARCHAR(20) NOT NULL,
  number_raw VARCHAR(100) NOT NULL,
  number_kind VARCHAR(10) NOT NULL,
  number_key BIGINT NOT NULL,
  extension VARCHAR(20) NOT NULL,
  line VARCHAR(100) NOT NULL,
  started_at BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  duration BIGINT NOT NULL,
  recording_url VARCHAR(1000) NOT NULL,
  note VARCHAR(2000) NOT NULL,
  final INT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (source, call_id),
  INDEX calls_by_time (started_at, id),
  INDEX calls_by_number (number_key, id),
  INDEX calls_open (ended_at, started_at)
);

-- One card per (call, agent). agent_name is what the PBX said; agent_id is 0
-- for an agent nobody knows. hung_up is 1 once the PBX told the end of this
-- agent's part, not only that a colleague answered. card is the contract's Card as it was shown last.
CREATE TABLE IF NOT EXISTS cards (
  id ID,
  call_id BIGINT NOT NULL,
  agent_key VARCHAR(200) NOT NULL,
  agent_id BIGINT NOT NULL,
  agent_name VARCHAR(200) NOT NULL,
  state VARCHAR(10) NOT NULL,
  color VARCHAR(10) NOT NULL,
  why VARCHAR(50) NOT NULL,
  policy BIGINT NOT NULL,
  client_kind VARCHAR(20) NOT NULL,
  client_id BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  hung_up INT NOT NULL,
  card MEDIUMTEXT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (call_id, agent_key),
  INDEX cards_by_agent (agent_id, ended_at, id),
  INDEX cards_by_client (client_kind, client_id, id),
  INDEX cards_by_color (color, ended_at, id)
);

-- Events already heard: a repeated one changes nothing.
CREATE TABLE IF NOT EXISTS call_events (
  source VARCHAR(100) NOT NULL,
  call_id VARCHAR(250) NOT NULL,
  leg VARCHAR(100) NOT NULL,
  agent VARCHAR(200) NOT NULL,
  kind VARCHAR(20) NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (source, call_id, leg, agent, kind),
  INDEX call_events_by_time (at)
);
