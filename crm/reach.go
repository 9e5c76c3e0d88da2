package crm

import "callhue/store"

// Reached is one way from a number to a record and the company behind it: the
// facts that a verdict stands on. Users and statuses are ids; whoever asks has
// both in memory. Times are ms.
type Reached struct {
	Kind      Kind
	ID        int64
	CompanyID int64 // 0: none; for a company its own id
	Since     int64 // when this number came to lead to this company
	Name      string
	Owner     int64
	Changed   int64
	Created   int64
	Finished  bool // a lead that is not open any more
	Primary   bool // the company is the contact's primary one

	CompanyName   string
	CompanyOwner  int64
	CompanyStatus int64
	CompanyTeam   []int64
}

// Reach gives everything that a number leads to, in one round trip: companies
// first, then contacts, then leads, each by id, a contact once for each of its
// companies. key is phone.Number.Key; 0 leads nowhere. This is the query of
// every call.
func Reach(tx *store.Tx, key int64) ([]Reached, error) {
	if key == 0 {
		return nil, nil
	}
	var all []Reached
	err := tx.Each(ReachSQL, []any{key}, func(scan func(dest ...any) error) error {
		var found, company, contact, lead Reached
		var entity int64
		var teamIDs, semantics string
		err := scan(&found.Kind, &entity, &found.Since, &found.Primary,
			&company.ID, &company.Name, &company.Owner, &found.CompanyStatus, &teamIDs, &company.Changed, &company.Created,
			&contact.ID, &contact.Name, &contact.Owner, &contact.Changed, &contact.Created,
			&lead.ID, &lead.Name, &lead.Owner, &lead.Changed, &lead.Created, &semantics)
		if err != nil {
			return err
		}
		self := &company
		switch found.Kind {
		case KindContact:
			self = &contact
		case KindLead:
			self = &lead
		}
		if self.ID != entity {
			return nil // removed
		}
		found.ID, found.Name, found.Owner, found.Changed, found.Created = self.ID, self.Name, self.Owner, self.Changed, self.Created
		found.Finished = found.Kind == KindLead && Semantics(semantics) != Open
		found.CompanyID, found.CompanyName, found.CompanyOwner = company.ID, company.Name, company.Owner
		found.CompanyTeam = idsIn(teamIDs)
		all = append(all, found)
		return nil
	})
	return all, err
}
