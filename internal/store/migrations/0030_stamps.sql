-- calls: what happened is dated by the clock of the source and, in the columns here, by ours
-- (negative where the source sent no time); said is the talk that the
-- source reports, in ms: 0 for no report, -1 for no talk.
ALTER TABLE calls ADD COLUMN started_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN answered_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN ended_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN said BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN answered_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN ended_seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN red_seen BIGINT NOT NULL DEFAULT 0;
UPDATE calls SET started_seen = started_at, answered_seen = answered_at, ended_seen = ended_at;
UPDATE cards SET answered_seen = answered_at, ended_seen = ended_at, red_seen = red_at;
