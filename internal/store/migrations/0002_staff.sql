-- staff/: us. parent_id, head_id, department_id are 0 where there is none.
CREATE TABLE IF NOT EXISTS departments (
  id ID,
  name VARCHAR(200) NOT NULL,
  parent_id BIGINT NOT NULL,
  head_id BIGINT NOT NULL,
  kind VARCHAR(20) NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS users (
  id ID,
  login VARCHAR(100) NOT NULL,
  name VARCHAR(200) NOT NULL,
  roles VARCHAR(100) NOT NULL,
  department_id BIGINT NOT NULL,
  language VARCHAR(5) NOT NULL,
  active INT NOT NULL,
  dismissed_at BIGINT NOT NULL,
  password VARCHAR(200) NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (login)
);

-- What a PBX or CRM calls a user. source is the source's name; an extension
-- counts in every source and has the source ''. value is folded to lower case.
CREATE TABLE IF NOT EXISTS identities (
  id ID,
  source VARCHAR(100) NOT NULL,
  value VARCHAR(200) NOT NULL,
  user_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (source, value),
  INDEX identities_by_user (user_id)
);

CREATE TABLE IF NOT EXISTS deputies (
  id ID,
  user_id BIGINT NOT NULL,
  deputy_id BIGINT NOT NULL,
  from_at BIGINT NOT NULL,
  till_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  INDEX deputies_by_user (user_id),
  INDEX deputies_by_deputy (deputy_id)
);

-- Secrets are stored as SHA-256: of a session cookie, an API token, a one-time
-- sign-in link, a ticket of the live stream.
CREATE TABLE IF NOT EXISTS keys_of_users (
  id ID,
  kind VARCHAR(10) NOT NULL,
  hash VARCHAR(64) NOT NULL,
  user_id BIGINT NOT NULL,
  name VARCHAR(200) NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  UNIQUE (hash),
  INDEX keys_by_user (user_id, kind),
  INDEX keys_by_end (expires_at)
);

-- Changes of the organisation come one after the other: each one first takes
-- the next number here, and so waits for the one before it on every database.
CREATE TABLE IF NOT EXISTS staff_turns (
  name VARCHAR(20) NOT NULL,
  turn BIGINT NOT NULL,
  PRIMARY KEY (name)
);
