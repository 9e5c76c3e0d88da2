-- webhooks/: administrators who are on their way to an account's page of consent.
-- hash is SHA-256 of the state with which they come back.
CREATE TABLE IF NOT EXISTS consents (
  hash VARCHAR(64) NOT NULL,
  source_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  PRIMARY KEY (hash)
);
