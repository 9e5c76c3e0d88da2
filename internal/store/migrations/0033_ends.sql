-- calls: why an agent's telephone rang in vain ('' for a talk, or where that is not known), and whether the end of a
-- call was not seen: 1 where it was made up for.
ALTER TABLE cards ADD COLUMN unanswered VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN end_unknown INT NOT NULL DEFAULT 0;
