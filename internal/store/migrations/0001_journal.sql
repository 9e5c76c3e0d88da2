-- journal/: everything that happened, written once.
CREATE TABLE IF NOT EXISTS journal (
  id ID,
  at BIGINT NOT NULL,
  actor_id BIGINT NOT NULL,
  team_id BIGINT NOT NULL,
  verb VARCHAR(40) NOT NULL,
  subject_kind VARCHAR(20) NOT NULL,
  subject_id BIGINT NOT NULL,
  client_kind VARCHAR(20) NOT NULL,
  client_id BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  words MEDIUMTEXT NOT NULL,
  INDEX journal_by_time (at),
  INDEX journal_by_subject (subject_kind, subject_id, id),
  INDEX journal_by_client (client_kind, client_id, id),
  INDEX journal_by_actor (actor_id, id),
  INDEX journal_by_verb (verb, id)
);

-- Answers already given to a write that carried an Idempotency-Key.
CREATE TABLE IF NOT EXISTS answers (
  id ID,
  user_id BIGINT NOT NULL,
  repeat_key VARCHAR(200) NOT NULL,
  request VARCHAR(64) NOT NULL,
  at BIGINT NOT NULL,
  status INT NOT NULL,
  body MEDIUMTEXT NOT NULL,
  UNIQUE (user_id, repeat_key),
  INDEX answers_by_time (at)
);
