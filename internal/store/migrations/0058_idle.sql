-- crm/, statuses/: protection that fades. contact_at is when the side of a company's owner was last in touch with it, 0 for
-- never; guarded_at since when it is protected for this owner, 0 for status_at. red_since is when a status of the directory
-- became red, 0 where it always was. Talks of owners with their companies before this version are taken from the cards.
ALTER TABLE companies ADD COLUMN contact_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE companies ADD COLUMN guarded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE statuses ADD COLUMN red_since BIGINT NOT NULL DEFAULT 0;
UPDATE companies SET guarded_at = (SELECT MAX(o.since) FROM ownerships o WHERE o.kind = 1 AND o.record_id = companies.id)
  WHERE EXISTS (SELECT 1 FROM ownerships o WHERE o.kind = 1 AND o.record_id = companies.id AND o.since > companies.status_at);
UPDATE companies SET contact_at = COALESCE((SELECT MAX(c.ended_at) FROM cards c
    WHERE c.client_kind = 'company' AND c.client_id = companies.id AND c.agent_id = companies.owner_id
    AND c.answered_at > 0 AND c.ended_at >= c.answered_at + 10000), 0)
  WHERE owner_id <> 0 AND id IN (SELECT client_id FROM cards WHERE client_kind = 'company' AND answered_at > 0);

-- Companies whose owners were warned that the protection will fade: once for each last contact.
CREATE TABLE IF NOT EXISTS idle_warnings (
  company_id BIGINT NOT NULL PRIMARY KEY,
  touched_at BIGINT NOT NULL,
  warned_at BIGINT NOT NULL
);
