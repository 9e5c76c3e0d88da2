-- staff: what an API token is limited to; '' is everything that its user may do.
ALTER TABLE keys_of_users ADD COLUMN scope VARCHAR(40) NOT NULL DEFAULT '';

-- crmsync: the systems that push their records to us. link is the address of a record's page there, with {kind} and
-- {external_id} in it; kinds are their words for our kinds, a JSON object. master: 1 where the system decides about
-- owners and statuses. In the tables of the sync a system is the source with its negative id.
CREATE TABLE IF NOT EXISTS external_systems (
  id ID,
  name VARCHAR(40) NOT NULL,
  link VARCHAR(500) NOT NULL,
  kinds VARCHAR(500) NOT NULL,
  master INT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (name)
);
