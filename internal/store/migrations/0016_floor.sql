-- floor/: changes of one month, and of the profiles, come one after the other.
CREATE TABLE IF NOT EXISTS floor_turns (
  name VARCHAR(60) NOT NULL,
  turn BIGINT NOT NULL,
  PRIMARY KEY (name)
);

-- A profile of indicators; what it says is in its versions, which never change.
CREATE TABLE IF NOT EXISTS kpi_profiles (
  id ID,
  name VARCHAR(100) NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (name)
);

CREATE TABLE IF NOT EXISTS kpi_profile_versions (
  profile_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  terms MEDIUMTEXT NOT NULL,
  at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  PRIMARY KEY (profile_id, version)
);

-- Who is measured by which profile. base is his own, in minor units; -1: the
-- profile's.
CREATE TABLE IF NOT EXISTS kpi_holders (
  user_id BIGINT NOT NULL,
  profile_id BIGINT NOT NULL,
  base BIGINT NOT NULL,
  PRIMARY KEY (user_id),
  INDEX kpi_holders_by_profile (profile_id)
);

-- Facts that heads enter; value in ten-thousandths.
CREATE TABLE IF NOT EXISTS kpi_facts (
  id ID,
  month VARCHAR(7) NOT NULL,
  user_id BIGINT NOT NULL,
  indicator VARCHAR(40) NOT NULL,
  value BIGINT NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  UNIQUE (month, user_id, indicator)
);

-- The months that are closed.
CREATE TABLE IF NOT EXISTS kpi_months (
  month VARCHAR(7) NOT NULL,
  closed_at BIGINT NOT NULL,
  closed_by BIGINT NOT NULL,
  PRIMARY KEY (month)
);

-- Every calculation, with the terms and facts that it was made of; closes: the one
-- that a month was closed with.
CREATE TABLE IF NOT EXISTS kpi_results (
  id ID,
  month VARCHAR(7) NOT NULL,
  user_id BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  at BIGINT NOT NULL,
  by_id BIGINT NOT NULL,
  closes INT NOT NULL,
  content MEDIUMTEXT NOT NULL,
  UNIQUE (month, user_id, revision)
);
