-- staff/: the own phones of users, in their order. number_key is phone.Number.Key
-- of a readable number. Two users may have the same phone.
CREATE TABLE IF NOT EXISTS user_phones (
  user_id BIGINT NOT NULL,
  place INT NOT NULL,
  number_key BIGINT NOT NULL,
  PRIMARY KEY (user_id, place)
);
