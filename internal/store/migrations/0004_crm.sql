-- crm/: them. search is folded text; team_ids is a JSON array of user ids;
-- owner_id, status_id, company_id … are 0 where there is none. holds counts
-- the times a transaction took the row for itself before it read it.
CREATE TABLE IF NOT EXISTS companies (
  id ID,
  name VARCHAR(300) NOT NULL,
  search TEXT NOT NULL,
  owner_id BIGINT NOT NULL,
  team_ids VARCHAR(1100) NOT NULL,
  status_id BIGINT NOT NULL,
  status_at BIGINT NOT NULL,
  status_by BIGINT NOT NULL,
  version BIGINT NOT NULL,
  holds BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL,
  INDEX companies_by_owner (owner_id, id),
  INDEX companies_by_status (status_id, id)
);

CREATE TABLE IF NOT EXISTS contacts (
  id ID,
  name VARCHAR(300) NOT NULL,
  post VARCHAR(200) NOT NULL,
  search TEXT NOT NULL,
  owner_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  holds BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL,
  INDEX contacts_by_owner (owner_id, id)
);

-- A contact's companies in their order; the first is the primary one.
CREATE TABLE IF NOT EXISTS contact_companies (
  contact_id BIGINT NOT NULL,
  company_id BIGINT NOT NULL,
  place INT NOT NULL,
  linked_at BIGINT NOT NULL,
  PRIMARY KEY (contact_id, company_id),
  INDEX contacts_of_company (company_id, contact_id)
);

-- linked_at is when the lead got its company, 0 without one. A converted lead
-- counts only through what it became: it has no rows in numbers.
CREATE TABLE IF NOT EXISTS leads (
  id ID,
  title VARCHAR(300) NOT NULL,
  name VARCHAR(300) NOT NULL,
  search TEXT NOT NULL,
  source VARCHAR(100) NOT NULL,
  owner_id BIGINT NOT NULL,
  stage VARCHAR(50) NOT NULL,
  semantics VARCHAR(10) NOT NULL,
  contact_id BIGINT NOT NULL,
  company_id BIGINT NOT NULL,
  linked_at BIGINT NOT NULL,
  converted_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  holds BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL,
  INDEX leads_by_owner (owner_id, id),
  INDEX leads_by_company (company_id, id),
  INDEX leads_by_contact (contact_id, id)
);

-- Phones and e-mails as people typed them. kind of record: 1 company,
-- 2 contact, 3 lead. number_key is phone.Number.Key: E.164, or minus the raw
-- digits, or 0. since is when this number came to this record.
CREATE TABLE IF NOT EXISTS phones (
  id ID,
  kind INT NOT NULL,
  entity_id BIGINT NOT NULL,
  place INT NOT NULL,
  raw VARCHAR(100) NOT NULL,
  number_key BIGINT NOT NULL,
  extension VARCHAR(20) NOT NULL,
  phone_kind VARCHAR(20) NOT NULL,
  since BIGINT NOT NULL,
  INDEX phones_of_record (kind, entity_id, place)
);

CREATE TABLE IF NOT EXISTS emails (
  id ID,
  kind INT NOT NULL,
  entity_id BIGINT NOT NULL,
  place INT NOT NULL,
  address VARCHAR(254) NOT NULL,
  INDEX emails_of_record (kind, entity_id, place),
  INDEX emails_by_address (address)
);

-- The index of a call: which records a number reaches, and through them which
-- companies. One row for each (record, company); company_id is 0 where the
-- record has none. since is the age of the link: the later of "number put on
-- the record" and "record linked to the company". is_primary marks a contact's
-- primary company.
CREATE TABLE IF NOT EXISTS numbers (
  number_key BIGINT NOT NULL,
  kind INT NOT NULL,
  entity_id BIGINT NOT NULL,
  company_id BIGINT NOT NULL,
  since BIGINT NOT NULL,
  is_primary INT NOT NULL,
  PRIMARY KEY (number_key, kind, entity_id, company_id),
  INDEX numbers_of_record (kind, entity_id)
);
