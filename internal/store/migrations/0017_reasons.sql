-- calls/: why an agent goes on although his card is red, in his words. It stays
-- when the card is painted anew, and stands on the incident that comes of it.
ALTER TABLE cards ADD COLUMN reason VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN reason VARCHAR(500) NOT NULL DEFAULT '';
