-- statuses/: the directory of company statuses. The key of the default one is
-- 1, of all others NULL: the database itself keeps it the only one.
CREATE TABLE IF NOT EXISTS statuses (
  id ID,
  code VARCHAR(50) NOT NULL,
  name VARCHAR(200) NOT NULL,
  sort INT NOT NULL,
  color VARCHAR(7) NOT NULL,
  card_effect VARCHAR(10) NOT NULL,
  is_protected INT NOT NULL,
  default_key INT NULL,
  is_system INT NOT NULL,
  active INT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (code),
  UNIQUE (default_key)
);
