-- statuses/: changes of the directory come one after the other, and a status is
-- not removed beside a company that gets it: each one first takes the next number
-- of its name here, and so waits for the one before it on every database.
CREATE TABLE IF NOT EXISTS statuses_turns (
  name VARCHAR(60) NOT NULL,
  turn BIGINT NOT NULL,
  PRIMARY KEY (name)
);
