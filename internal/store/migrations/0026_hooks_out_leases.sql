-- outhooks: who attends to a subscription is a lease of internal/jobs.
ALTER TABLE hooks_out DROP COLUMN lease_by;
ALTER TABLE hooks_out DROP COLUMN lease_till;
