package crm

import (
	"slices"

	"callhue/internal/store"
)

const (
	// sparse is how many rows of the index a term has at most that is followed through the index. Of what more
	// records have, the newest are found sooner in the table itself.
	sparse = 20_000

	// fewRows is a number of records that are better looked at than intersected.
	fewRows = 500

	checkedAtOnce = 200 // records
)

// search finds the records of one kind that have every term and for which a condition holds.
type search struct {
	tx    *store.Tx
	kind  Kind
	terms []term
	where string
	args  []any
}

// counted is a term with how many rows of the index it has, sparse + 1 for more.
type counted struct {
	term
	rows int
}

// newest returns the newest records below an id, limit of them at most.
func (s search) newest(below int64, limit int) ([]int64, error) {
	if len(s.terms) == 0 {
		return nil, nil
	}
	waiting, err := hasBacklog(s.tx, s.kind)
	if err != nil {
		return nil, err
	}
	if waiting {
		return s.scanOld(below, limit)
	}
	terms, err := s.count()
	if err != nil {
		return nil, err
	}
	if len(terms) == 0 || terms[0].rows > sparse {
		return s.scan(below, limit)
	}
	ids, rest, err := s.intersect(terms, below)
	if err != nil {
		return nil, err
	}
	return s.check(ids, rest, limit)
}

// count counts the rows of the terms that the index has, and returns the rarest first.
func (s search) count() (list []counted, err error) {
	for _, t := range s.terms {
		if !t.indexed() {
			continue
		}
		n, err := countIndexed(s.tx, s.kind, t, sparse+1)
		if err != nil {
			return nil, err
		}
		list = append(list, counted{t, n})
	}
	slices.SortStableFunc(list, func(a, b counted) int { return a.rows - b.rows })
	return list, nil
}

// intersect returns the records that have the rarest terms, the newest first, and the terms that are still to be looked
// for in them.
func (s search) intersect(terms []counted, below int64) (ids []int64, rest []term, err error) {
	if ids, err = indexedIDs(s.tx, s.kind, terms[0].term, below); err != nil {
		return nil, nil, err
	}
	for _, t := range terms[1:] {
		if t.rows > sparse || len(ids) <= fewRows {
			rest = append(rest, t.term)
			continue
		}
		others, err := indexedIDs(s.tx, s.kind, t.term, below)
		if err != nil {
			return nil, nil, err
		}
		ids = slices.DeleteFunc(ids, func(id int64) bool {
			_, found := slices.BinarySearchFunc(others, id, func(a, b int64) int { return int(b - a) })
			return !found
		})
	}
	for _, t := range s.terms {
		if !t.indexed() {
			rest = append(rest, t)
		}
	}
	return ids, rest, nil
}

// check returns the first of some records that have the terms and for which the condition holds.
func (s search) check(ids []int64, terms []term, limit int) (found []int64, err error) {
	where, args := matching(terms)
	args = append(slices.Clone(s.args), args...)
	for part := range slices.Chunk(ids, checkedAtOnce) {
		some, err := recordsAmong(s.tx, s.kind, part, s.where+where, args)
		if err != nil {
			return nil, err
		}
		if found = append(found, some...); len(found) >= limit {
			return found[:limit], nil
		}
	}
	return found, nil
}

// scanOld is scan while records have no rows in the index yet. Their text is of an older form, in which words and
// numbers stand as they were typed.
func (s search) scanOld(below int64, limit int) ([]int64, error) {
	both := slices.Clone(s.terms)
	for i, t := range both {
		both[i].patterns = append(slices.Clone(t.patterns), t.typed)
	}
	s.terms = both
	return s.scan(below, limit)
}

// scan looks through the records themselves, the newest first.
func (s search) scan(below int64, limit int) ([]int64, error) {
	where, args := matching(s.terms)
	args = append(append(slices.Clone(s.args), below), args...)
	return scanRecords(s.tx, s.kind, s.where+" AND id < ?"+where, args, limit)
}

// hasBacklog reports whether records of a kind have no rows in the index yet.
func hasBacklog(tx *store.Tx, kind Kind) (bool, error) {
	rows, err := searchBacklog(tx)
	return slices.ContainsFunc(rows, func(r backlogRow) bool { return r.Kind == kind }), err
}
