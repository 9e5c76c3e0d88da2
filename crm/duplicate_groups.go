package crm

import (
	"cmp"
	"maps"
	"slices"

	"callhue/internal/store"
)

// A group is the records that have a key in common. There are groups of companies, of contacts, of leads with the
// contacts and companies that have their number or e-mail, and (groupOfAll) of all records with a number.
const groupOfAll Kind = 0

// The strengths of groups. A group of fewer signs has the sort of its key as its strength.
const (
	strongest    = 0 // two records have two keys in common
	covered      = 8 // a stronger key says the same of all of its records
	notAnyLonger = 9 // no two of its records may be duplicates: a person said it, or they are linked
)

// maxShown is how many records of a group are shown and compared with each other.
const maxShown = 50

// keySet is keys by their sorts.
type keySet map[keySort]map[int64]bool

func newKeySet() keySet { return keySet{keyNumber: {}, keyEmail: {}, keyName: {}} }

// add adds a key, if records are compared by keys of its sort.
func (s keySet) add(sort keySort, value int64) {
	if values := s[sort]; values != nil {
		values[value] = true
	}
}

// groupRow is a group as it is stored.
type groupRow struct {
	Kind     Kind    `db:"kind"`
	Sort     keySort `db:"sort"`
	Value    int64   `db:"value"`
	Strength int     `db:"strength"`
	Total    int64   `db:"total"`
}

type groupID struct {
	kind  Kind
	sort  keySort
	value int64
}

func (r groupRow) id() groupID { return groupID{r.Kind, r.Sort, r.Value} }

// has reports whether records of a kind belong to a group.
func (g groupID) has(kind Kind) bool {
	return g.kind == groupOfAll || g.kind == KindLead || g.kind == kind
}

// regroup brings the groups of some keys up to date, and the leads that have a number of a company.
func regroup(tx *store.Tx, touched keySet, counts counts) error {
	for _, sort := range []keySort{keyNumber, keyEmail, keyName} {
		for values := range slices.Chunk(slices.Sorted(maps.Keys(touched[sort])), 500) {
			if err := regroupSort(tx, sort, values, counts); err != nil {
				return err
			}
		}
	}
	return nil
}

func regroupSort(tx *store.Tx, sort keySort, values []int64, counts counts) error {
	totals, err := keyTotals(tx, sort, values)
	if err != nil {
		return err
	}
	perKey := map[int64]map[Kind]int64{}
	for _, t := range totals {
		if perKey[t.Value] == nil {
			perKey[t.Value] = map[Kind]int64{}
		}
		perKey[t.Value][t.Kind] = t.N
	}
	want := map[groupID]groupRow{}
	for value, of := range perKey {
		for _, g := range groupsOf(sort, value, of) {
			want[g.id()] = g
		}
	}
	if err := judge(tx, want); err != nil {
		return err
	}
	have, err := groupRows(tx, sort, values)
	if err != nil {
		return err
	}
	if err := storeGroups(tx, have, want, counts); err != nil || sort != keyNumber {
		return err
	}
	var suspect []int64
	for value, of := range perKey {
		if of[KindLead] > 0 && of[KindCompany]+of[KindContact] > 0 {
			suspect = append(suspect, value)
		}
	}
	return regroupLeads(tx, values, suspect, counts)
}

// groupsOf returns the groups of a key from how many records of each kind have it.
func groupsOf(sort keySort, value int64, of map[Kind]int64) (list []groupRow) {
	add := func(kind Kind, total int64) {
		list = append(list, groupRow{kind, sort, value, int(sort), total})
	}
	for _, kind := range []Kind{KindCompany, KindContact} {
		if of[kind] > 1 {
			add(kind, of[kind])
		}
	}
	all := of[KindCompany] + of[KindContact] + of[KindLead]
	if all < 2 {
		return list
	}
	if sort == keyNumber {
		add(groupOfAll, all)
	}
	if of[KindLead] > 0 && sort != keyName { // many leads have a name like "Request"
		add(KindLead, all)
	}
	return list
}

// storeGroups replaces groups.
func storeGroups(tx *store.Tx, have []groupRow, want map[groupID]groupRow, counts counts) error {
	for _, old := range have {
		next, found := want[old.id()]
		switch {
		case !found:
			if err := removeGroup(tx, old.id()); err != nil {
				return err
			}
			if old.Kind == groupOfAll {
				counts[keyValue{old.Sort, 0}]--
			}
		case next != old:
			if err := changeGroup(tx, next); err != nil {
				return err
			}
		}
		delete(want, old.id())
	}
	var rows [][]any
	for _, g := range want {
		rows = append(rows, []any{int64(g.Kind), int64(g.Sort), g.Value, g.Strength, g.Total})
		if g.Kind == groupOfAll {
			counts[keyValue{g.Sort, 0}]++
		}
	}
	return insertRows(tx, duplicateGroupsTable, rows)
}

// regroupLeads brings the leads with a number of a company up to date. suspect are those of the numbers that leads and
// others have.
func regroupLeads(tx *store.Tx, numbers, suspect []int64, counts counts) error {
	have, err := leadsOfCompaniesSeen(tx, numbers)
	if err != nil {
		return err
	}
	want, err := leadsOfCompaniesNow(tx, suspect)
	if err != nil {
		return err
	}
	gone, added := without(have, want), without(want, have)
	if len(gone)+len(added) == 0 {
		return nil
	}
	var leads []int64
	for _, v := range slices.Concat(gone, added) {
		leads = append(leads, v.ID)
	}
	before, err := countLeadsOfCompanies(tx, leads)
	if err != nil {
		return err
	}
	for _, v := range gone {
		if err := removeKey(tx, KindLead, v.ID, keyLeadOfCompany, v.Value); err != nil {
			return err
		}
	}
	var rows [][]any
	for _, v := range added {
		rows = append(rows, []any{int64(KindLead), v.ID, int64(keyLeadOfCompany), v.Value, int64(1)})
	}
	if err := insertRows(tx, recordKeysTable, rows); err != nil {
		return err
	}
	after, err := countLeadsOfCompanies(tx, leads)
	counts.add(keyLeadOfCompany, 0, after-before)
	return err
}

// without returns the values of a list that are not in another one.
func without(list, other []recordValue) (rest []recordValue) {
	in := make(map[recordValue]bool, len(other))
	for _, v := range other {
		in[v] = true
	}
	for _, v := range list {
		if !in[v] {
			rest = append(rest, v)
		}
	}
	return rest
}

// ---- how strong a group is

// judge sets the strengths of groups; large ones keep that of their sort.
func judge(tx *store.Tx, groups map[groupID]groupRow) error {
	small := map[keySort][]int64{}
	for id, g := range groups {
		if id.kind != groupOfAll && g.Total <= maxShown {
			small[id.sort] = append(small[id.sort], id.value)
		}
	}
	members := map[keyValue][]recordKey{}
	var all []recordKey
	for sort, values := range small {
		rows, err := recordsWithKeys(tx, sort, distinct(values))
		if err != nil {
			return err
		}
		for _, r := range rows {
			key := keyValue{r.Sort, r.Value}
			members[key] = append(members[key], recordKey{r.Kind, r.ID})
			all = append(all, recordKey{r.Kind, r.ID})
		}
	}
	about, err := comparisonOf(tx, all)
	if err != nil {
		return err
	}
	for id, g := range groups {
		if id.kind == groupOfAll || g.Total > maxShown {
			continue
		}
		var of []recordKey
		for _, r := range members[keyValue{id.sort, id.value}] {
			if id.has(r.kind) {
				of = append(of, r)
			}
		}
		g.Strength = about.strength(id, of)
		groups[id] = g
	}
	return nil
}

// recordPair is two records, the lower one first.
type recordPair struct{ a, b recordKey }

func pairOf(a, b recordKey) recordPair {
	if a.compare(b) > 0 {
		a, b = b, a
	}
	return recordPair{a, b}
}

func (r recordKey) compare(other recordKey) int {
	return cmp.Or(cmp.Compare(r.kind, other.kind), cmp.Compare(r.id, other.id))
}

// comparison is what records have in common.
type comparison struct {
	keys      map[recordKey][]recordValue // sorted by sort
	dismissed map[recordPair]bool         // a person said that they are no duplicates
	linked    map[recordPair]bool         // a lead and its contact or company
}

func comparisonOf(tx *store.Tx, records []recordKey) (c comparison, err error) {
	c = comparison{map[recordKey][]recordValue{}, map[recordPair]bool{}, map[recordPair]bool{}}
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		var ids []int64
		for _, r := range records {
			if r.kind == kind {
				ids = append(ids, r.id)
			}
		}
		slices.Sort(ids)
		for part := range slices.Chunk(slices.Compact(ids), 500) {
			if err := c.read(tx, kind, part); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

func (c comparison) read(tx *store.Tx, kind Kind, ids []int64) error {
	keys, err := comparedKeys(tx, kind, ids)
	if err != nil {
		return err
	}
	for _, v := range keys {
		at := recordKey{kind, v.ID}
		c.keys[at] = append(c.keys[at], v)
	}
	pairs, err := dismissedPairs(tx, kind, ids)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		c.dismissed[p.pair()] = true
	}
	if kind != KindLead {
		return nil
	}
	leads, err := linksOfLeads(tx, ids)
	for _, l := range leads {
		c.linked[pairOf(recordKey{KindLead, l.ID}, recordKey{KindContact, l.Contact})] = true
		c.linked[pairOf(recordKey{KindLead, l.ID}, recordKey{KindCompany, l.Company})] = true
	}
	return err
}

// open reports whether two records may be duplicates in a group of a kind.
func (c comparison) open(kind Kind, a, b recordKey) bool {
	if kind == KindLead && a.kind != KindLead && b.kind != KindLead {
		return false
	}
	pair := pairOf(a, b)
	return !c.dismissed[pair] && !c.linked[pair]
}

// common returns how many sorts of keys two records have in common.
func (c comparison) common(a, b recordKey) (n int) {
	for _, sort := range []keySort{keyNumber, keyEmail, keyName} {
		if slices.ContainsFunc(c.keys[a], func(v recordValue) bool {
			return v.Sort == sort && c.has(b, sort, v.Value)
		}) {
			n++
		}
	}
	return n
}

func (c comparison) has(r recordKey, sort keySort, value int64) bool {
	return slices.ContainsFunc(c.keys[r], func(v recordValue) bool { return v.Sort == sort && v.Value == value })
}

// strength returns how strong a group of these records is.
func (c comparison) strength(group groupID, records []recordKey) int {
	open, several := false, false
	for i, a := range records {
		for _, b := range records[:i] {
			if c.open(group.kind, a, b) {
				open, several = true, several || c.common(a, b) > 1
			}
		}
	}
	switch {
	case !open:
		return notAnyLonger
	case c.coveredBy(group.sort, records):
		return covered
	case several:
		return strongest
	}
	return int(group.sort)
}

// coveredBy reports whether all records have a key of a stronger sort in common.
func (c comparison) coveredBy(sort keySort, records []recordKey) bool {
	return slices.ContainsFunc(c.keys[records[0]], func(v recordValue) bool {
		if v.Sort >= sort {
			return false
		}
		for _, r := range records[1:] {
			if !c.has(r, v.Sort, v.Value) {
				return false
			}
		}
		return true
	})
}
