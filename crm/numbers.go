package crm

import (
	"cmp"
	"slices"

	"callhue/internal/store"
	"callhue/phone"
)

// phoneLine is a stored phone of a record.
type phoneLine struct {
	Place     int    `db:"place"`
	Raw       string `db:"raw"`
	Key       int64  `db:"number_key"`
	Extension string `db:"extension"`
	Kind      string `db:"phone_kind"`
	Since     int64  `db:"since"`
}

// companyLink is a company that a record is linked to, and since when.
type companyLink struct {
	Company int64 `db:"company_id"`
	At      int64 `db:"linked_at"`
}

// numberRow is a row of the number index: a number leads to a company (0 for none) through a
// record.
type numberRow struct {
	Key     int64 `db:"number_key"`
	Kind    Kind  `db:"kind"`
	Entity  int64 `db:"entity_id"`
	Company int64 `db:"company_id"`
	Since   int64 `db:"since"`
	Primary bool  `db:"is_primary"`
}

// parsePhones parses phones as people typed them. A number that the record had before, in any
// spelling, keeps its date; a new one gets now.
func parsePhones(read func(string) phone.Number, phones []Phone, had []phoneLine, now int64) []phoneLine {
	since := func(l phoneLine) int64 {
		found := now
		for _, old := range had {
			if old.Key == l.Key && (l.Key != 0 || old.Raw == l.Raw) {
				found = min(found, old.Since)
			}
		}
		return found
	}
	lines := make([]phoneLine, len(phones))
	for i, p := range phones {
		n := read(p.Value)
		l := phoneLine{Place: i, Raw: p.Value, Key: n.Key(), Extension: n.Extension, Kind: p.Kind}
		l.Since = since(l)
		lines[i] = l
	}
	return lines
}

// numberRowsOf returns the index rows that a record must have, by number and company. A company
// leads to itself; a record without a company has a row too. A row is as old as the later of two
// dates: the number was added to the record, the record was linked to the company.
func numberRowsOf(kind Kind, id int64, lines []phoneLine, links []companyLink) []numberRow {
	switch {
	case kind == KindCompany:
		links = []companyLink{{Company: id}}
	case len(links) == 0:
		links = []companyLink{{}}
	}
	var rows []numberRow
	for _, l := range lines {
		if l.Key == 0 {
			continue
		}
		for i, t := range links {
			rows = append(rows, numberRow{Key: l.Key, Kind: kind, Entity: id, Company: t.Company,
				Since: max(l.Since, t.At), Primary: kind == KindContact && i == 0 && t.Company != 0})
		}
	}
	slices.SortFunc(rows, func(a, b numberRow) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Company, b.Company), cmp.Compare(a.Since, b.Since))
	})
	// A number that occurs twice on a record counts from the first date.
	return slices.CompactFunc(rows, sameRow)
}

func sameRow(a, b numberRow) bool { return a.Key == b.Key && a.Company == b.Company }

// indexChange is how the index rows of one record change.
type indexChange struct {
	added, removed []numberRow // rows to insert and to delete
	changed        []numberRow // rows whose date or primary mark changes
}

// keys returns the numbers whose lookup changes.
func (t indexChange) keys() []int64 {
	keys := []int64{}
	for _, l := range slices.Concat(t.added, t.removed, t.changed) {
		keys = append(keys, l.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// compareIndex compares existing rows with required ones.
func compareIndex(have, want []numberRow) indexChange {
	var t indexChange
	for _, w := range want {
		i := slices.IndexFunc(have, func(h numberRow) bool { return sameRow(h, w) })
		switch {
		case i < 0:
			t.added = append(t.added, w)
		case have[i] != w:
			t.changed = append(t.changed, w)
		}
	}
	for _, h := range have {
		if !slices.ContainsFunc(want, func(w numberRow) bool { return sameRow(h, w) }) {
			t.removed = append(t.removed, h)
		}
	}
	return t
}

// index updates the rows of a contact or lead and returns the change, if guardLinks allows it.
func (a *act) index(kind Kind, id int64, lines []phoneLine, links []companyLink) (indexChange, error) {
	t, err := a.indexChange(kind, id, lines, links)
	if err != nil {
		return indexChange{}, err
	}
	if err := a.guardLinks(t); err != nil {
		return indexChange{}, err
	}
	return t, t.store(a.Tx)
}

// reindex is index without the guard, for changes that were authorised already.
func (a *act) reindex(kind Kind, id int64, lines []phoneLine, links []companyLink) (indexChange, error) {
	t, err := a.indexChange(kind, id, lines, links)
	if err != nil {
		return indexChange{}, err
	}
	return t, t.store(a.Tx)
}

// indexChange compares the index rows of a record with its phones and links.
func (a *act) indexChange(kind Kind, id int64, lines []phoneLine, links []companyLink) (indexChange, error) {
	have, err := numberRowsIn(a.Tx, kind, id)
	return compareIndex(have, numberRowsOf(kind, id, lines, links)), err
}

func (t indexChange) store(tx *store.Tx) error {
	for _, l := range t.removed {
		if err := removeNumberRow(tx, l); err != nil {
			return err
		}
	}
	for _, l := range t.changed {
		if err := changeNumberRow(tx, l); err != nil {
			return err
		}
	}
	return insertRows(tx, numbersTable, numberValues(t.added))
}

func numberValues(list []numberRow) [][]any {
	rows := make([][]any, len(list))
	for i, l := range list {
		rows[i] = []any{l.Key, int64(l.Kind), l.Entity, l.Company, l.Since, l.Primary}
	}
	return rows
}

// FindNumberKeys returns the numbers that a record can be called by.
func FindNumberKeys(tx *store.Tx, kind Kind, id int64) ([]int64, error) {
	lines, err := linesAt(tx, kind, id)
	if err != nil {
		return nil, err
	}
	var keys []int64
	for _, l := range lines {
		if l.Key > 0 && !slices.Contains(keys, l.Key) {
			keys = append(keys, l.Key)
		}
	}
	return keys, nil
}
