-- crm: what other systems call our records. kind of record: 1 company, 2 contact, 3 lead. The system "import" holds the
-- codes of imported files. url is the record's page there, '' where it is not known. (SYSTEM alone is a reserved word
-- of MySQL 8.)
CREATE TABLE IF NOT EXISTS external_ids (
  kind INT NOT NULL,
  system_name VARCHAR(40) NOT NULL,
  external_id VARCHAR(190) NOT NULL,
  record_id BIGINT NOT NULL,
  url VARCHAR(500) NOT NULL,
  PRIMARY KEY (kind, system_name, external_id),
  INDEX external_ids_of_record (kind, record_id)
);

-- The codes move there. MySQL commits at every statement: after a crash the table of codes may be gone already.
CREATE TABLE IF NOT EXISTS codes (
  kind INT NOT NULL,
  code VARCHAR(190) NOT NULL,
  record_id BIGINT NOT NULL,
  PRIMARY KEY (kind, code)
);
INSERT INTO external_ids (kind, system_name, external_id, record_id, url)
  SELECT kind, 'import', code, record_id, '' FROM codes c WHERE NOT EXISTS (SELECT 1 FROM external_ids e
    WHERE e.kind = c.kind AND e.system_name = 'import' AND e.external_id = c.code);
DROP TABLE codes;
