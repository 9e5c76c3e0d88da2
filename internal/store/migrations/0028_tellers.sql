-- crmsync/calllog: which process logs calls to a CRM is a lease of internal/jobs.
DROP TABLE IF EXISTS tellers;
