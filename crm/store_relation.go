package crm

import (
	"fmt"

	"callhue/internal/store"
	"callhue/journal"
)

// relateClients registers in the journal whose an entry about a client is: its present owner's, and the team's of a
// company.
func relateClients(j *journal.Journal) {
	j.RelateClients(KindCompany.String(), func(s journal.Scope) store.Where {
		whose := store.Or(s.Where().Of("companies.owner_id"), teamHasOneOf(s.Self()))
		return store.Exists("companies", "companies.id = journal.client_id", whose)
	})
	j.RelateClients(KindContact.String(), func(s journal.Scope) store.Where {
		return store.Exists("contacts", "contacts.id = journal.client_id", s.Where().Of("contacts.owner_id"))
	})
	j.RelateClients(KindLead.String(), func(s journal.Scope) store.Where {
		return store.Exists("leads", "leads.id = journal.client_id", s.Where().Of("leads.owner_id"))
	})
}

// teamHasOneOf holds for companies whose team, a JSON array, has one of some users.
func teamHasOneOf(users []int64) store.Where {
	var any []store.Where
	for _, id := range users {
		for _, shape := range []string{"[%d]", "[%d,%%", "%%,%d,%%", "%%,%d]"} {
			any = append(any, store.Condition("companies.team_ids LIKE ?", fmt.Sprintf(shape, id)))
		}
	}
	return store.Or(any...)
}
