-- proposals: changes that lower protection and wait for a second administrator. changed, body and effect are JSON: what
-- people read, what the package of the kind reads again, and the dry run of that moment. secret is the hash of a password
-- of a new user, '' once it is decided.
CREATE TABLE IF NOT EXISTS proposals (
  id ID,
  kind VARCHAR(20) NOT NULL,
  subject_kind VARCHAR(20) NOT NULL,
  subject_id BIGINT NOT NULL,
  name VARCHAR(200) NOT NULL,
  lowers VARCHAR(500) NOT NULL,
  changed MEDIUMTEXT NOT NULL,
  body MEDIUMTEXT NOT NULL,
  secret VARCHAR(300) NOT NULL,
  effect MEDIUMTEXT NOT NULL,
  state VARCHAR(20) NOT NULL,
  proposed_by BIGINT NOT NULL,
  proposed_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  decided_by BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  confirmation VARCHAR(20) NOT NULL,
  reason VARCHAR(500) NOT NULL,
  INDEX proposals_by_state (state, id)
);
-- staff: when a user last lost the role of an administrator.
ALTER TABLE users ADD COLUMN admin_until BIGINT NOT NULL DEFAULT 0;
