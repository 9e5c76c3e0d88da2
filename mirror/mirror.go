// Package mirror keeps a copy of another CRM's records here, so that a call is
// coloured by whose client that CRM says it is.
//
// A Portal is a connected CRM, asked in its own language by mirror/bitrix24 and
// mirror/amocrm; none of what it is asked changes a record there. The Mirror brings
// everything in once, a page in one transaction, then what the CRM tells of and
// what it forgot to tell, and remembers which of our records is which of theirs.
// It is called by webhooks, which knows the sources, and writes through crm and
// staff as everybody does: who may not change an owner or a status here does not
// get around it by changing it there.
//
// Read next: portal.go (what a CRM is asked), record.go (what it answers).
package mirror
