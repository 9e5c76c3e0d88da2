-- crmsync: which process works for a source is a lease of internal/jobs.
ALTER TABLE mirrors DROP COLUMN lease_by;
ALTER TABLE mirrors DROP COLUMN lease_till;
