package crm

import (
	"cmp"
	"slices"

	"callhue/internal/store"
)

// Reached is one way from a number to a record and the company behind it: the
// facts of a verdict. For a number on the do-not-call list nothing else is set. Users and
// statuses are ids, which the caller has in memory. Times are ms.
type Reached struct {
	Kind      Kind
	ID        int64
	CompanyID int64 // 0: none; for a company its own id
	Since     int64 // when this number came to lead to this company
	Name      string
	Owner     int64
	Changed   int64 // of a lead, as Created and Finished
	Created   int64
	Finished  bool // a lead that is not open any more
	Primary   bool // the company is the contact's primary one

	CompanyName     string
	CompanyOwner    int64
	CompanyStatus   int64
	CompanyContact  int64 // when the owner's side was last in touch with it; 0 for never
	CompanyGuarded  int64 // since when it is protected for its owner
	CompanyStatusAt int64 // since when it has its status
	CompanyTeam     []int64

	DoNotCall *Listed
}

// MostReached is how many numbers Reach accepts at once.
const MostReached = 64

// reachFor has a query for some counts of numbers, so that each is prepared
// once; a count in between takes the next one.
var reachFor = []struct {
	numbers int
	query   string
}{{1, ReachSQL(1)}, {4, ReachSQL(4)}, {16, ReachSQL(16)}, {MostReached, ReachSQL(MostReached)}}

// Reach returns everything that some numbers lead to, in one round trip and by
// number: the do-not-call list first, then companies, contacts and leads, each by
// id, a contact once for each of its companies. A key is phone.Number.Key; 0 leads nowhere.
// This is the query of every call; at most MostReached keys.
func Reach(tx *store.Tx, keys ...int64) (map[int64][]Reached, error) {
	i := 0
	for len(keys) > reachFor[i].numbers {
		i++
	}
	args := make([]any, 2*reachFor[i].numbers)
	for n := range reachFor[i].numbers {
		key := keys[min(n, len(keys)-1)] // the last one again: it changes nothing
		args[n], args[n+reachFor[i].numbers] = key, key
	}
	return reached(tx, reachFor[i].query, args)
}

// reached reads the rows of a query of ReachSQL's columns, by number.
func reached(tx *store.Tx, query string, args []any) (map[int64][]Reached, error) {
	found := map[int64][]Reached{}
	var key int64
	var row Reached
	var team, semantics string
	into := []any{&key, &row.Kind, &row.ID, &row.Since, &row.Primary, &row.Name, &row.Owner, &semantics, &row.Changed,
		&row.Created,
		&row.CompanyID, &row.CompanyName, &row.CompanyOwner, &row.CompanyStatus, &team, &row.CompanyContact,
		&row.CompanyGuarded, &row.CompanyStatusAt}
	err := tx.Each(query, args, func(scan func(dest ...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if row.Kind == 0 {
			found[key] = append(found[key], Reached{DoNotCall: &Listed{Reason: row.Name, Since: row.Since,
				Until: row.Changed}})
			return nil
		}
		row.Finished = row.Kind == KindLead && Semantics(semantics) != Open
		row.CompanyTeam = idsIn(team)
		if row.CompanyGuarded == 0 {
			row.CompanyGuarded = row.CompanyStatusAt
		}
		found[key] = append(found[key], row)
		return nil
	})
	for _, rows := range found {
		slices.SortFunc(rows, byRecord)
	}
	return found, err
}

func byRecord(a, b Reached) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), cmp.Compare(a.CompanyID, b.CompanyID))
}
