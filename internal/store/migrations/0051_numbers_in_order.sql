-- crm/: on SQLite the rows of numbers stand in the order of their key, as they do on MySQL: a lookup descends one tree
-- instead of two, and the table takes half the room.
/* SQLite */ CREATE TABLE IF NOT EXISTS numbers_in_order (
  number_key BIGINT NOT NULL,
  kind INT NOT NULL,
  entity_id BIGINT NOT NULL,
  company_id BIGINT NOT NULL,
  since BIGINT NOT NULL,
  is_primary INT NOT NULL,
  PRIMARY KEY (number_key, kind, entity_id, company_id)
) WITHOUT ROWID;
/* SQLite */ INSERT INTO numbers_in_order (number_key, kind, entity_id, company_id, since, is_primary)
  SELECT number_key, kind, entity_id, company_id, since, is_primary FROM numbers
  ORDER BY number_key, kind, entity_id, company_id;
/* SQLite */ DROP TABLE numbers;
/* SQLite */ ALTER TABLE numbers_in_order RENAME TO numbers;
/* SQLite */ CREATE INDEX numbers_of_record ON numbers (kind, entity_id);
