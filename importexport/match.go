package importexport

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/internal/store"
)

// attempt is a batch of rows on its way into the database. It may be begun again:
// what it finds out stays in it and not in the rows.
type attempt struct {
	*run
	tx     *store.Tx // for reading, before the batch
	drafts []*draft
	fails  []*Refusal // of each row, nil for those that are right
	match  []int64    // the record that a row is; 0: a new one
	twin   []int      // the row before it in the batch that is the same new record; -1: none
	gone   []string   // codes of records that were removed
	held   crm.Held
	count  importRow
	added  []int64 // the new records
}

func (r *run) attempt(drafts []*draft) (*attempt, error) {
	n := len(drafts)
	a := &attempt{run: r, tx: r.db.Read(r.ctx), drafts: drafts, fails: make([]*Refusal, n), match: make([]int64, n), twin: make([]int, n)}
	for i, d := range drafts {
		a.fails[i], a.twin[i] = d.fail, -1
	}
	for _, step := range []func() error{a.people, a.links, a.byCode, a.byNumber, a.byName, a.hold} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *attempt) fail(i int, f field, code string) {
	if a.fails[i] == nil {
		a.fails[i] = a.drafts[i].refusal(f, code)
	}
}

// right calls f for the rows that nothing is wrong with so far.
func (a *attempt) right(f func(i int, d *draft)) {
	for i, d := range a.drafts {
		if a.fails[i] == nil {
			f(i, d)
		}
	}
}

// byCode finds the rows whose code is known: from an earlier file, or because the
// record was exported here.
func (a *attempt) byCode() error {
	var codes []string
	a.right(func(_ int, d *draft) {
		if a.kind == Leads && d.code == "" {
			d.code = d.fingerprint()
		}
		if d.code != "" {
			codes = append(codes, d.code)
		}
	})
	known, err := a.records(a.kind, codes)
	if err != nil {
		return err
	}
	first := map[string]int{}
	a.right(func(i int, d *draft) {
		if d.code == "" {
			return
		}
		a.match[i] = known[d.code]
		if at, twice := first[d.code]; twice {
			a.twin[i] = at
		} else {
			first[d.code] = i
		}
	})
	return nil
}

// records gives the records that codes lead to. Codes of ours carry the tag of
// this installation; those of records that are gone are kept in mind.
func (a *attempt) records(kind Kind, codes []string) (map[string]int64, error) {
	known := map[string]int64{}
	if len(codes) == 0 {
		return known, nil
	}
	rows, err := inParts(codes, func(part []string) ([]codeRow, error) { return codesIn(a.tx, kind, part) })
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, r := range rows {
		known[r.Code] = r.Record
		ids = append(ids, r.Record)
	}
	for _, code := range codes {
		if id := a.own(code); id != 0 {
			known[code] = id
			ids = append(ids, id)
		}
	}
	there, err := inParts(ids, func(part []int64) ([]int64, error) { return crm.Present(a.tx, kind.of(), part) })
	if err != nil {
		return nil, err
	}
	slices.Sort(there)
	for code, id := range known {
		if _, found := slices.BinarySearch(there, id); !found {
			delete(known, code)
			if kind == a.kind {
				a.gone = append(a.gone, code)
			}
		}
	}
	return known, nil
}

// inParts asks for many things, some at a time: what a list of arguments costs
// grows faster than it is long.
func inParts[In, Out any](all []In, ask func([]In) ([]Out, error)) (found []Out, err error) {
	const most = 200
	for part := range slices.Chunk(all, most) {
		some, err := ask(part)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// own gives the id of a code that this installation has exported.
func (r *run) own(code string) int64 {
	tag, number, found := strings.Cut(code, ":")
	if !found || r.tag == "" || tag != r.tag {
		return 0
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// fingerprint stands for the code of a lead that has none: once it is converted,
// its numbers do not lead to it any more, and the same file must not bring it
// again.
func (d *draft) fingerprint() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %v %q", store.Fold(d.title), store.Fold(d.name), d.keys, d.emails))
	return "=" + hex.EncodeToString(sum[:16])
}

// byNumber finds the rows whose record is known by one of its numbers and its
// name, in the database or among the rows before it.
func (a *attempt) byNumber() error {
	var keys []int64
	a.right(func(i int, d *draft) {
		if a.match[i] == 0 && a.twin[i] < 0 {
			keys = append(keys, d.keys...)
		}
	})
	slices.Sort(keys)
	twins, err := inParts(slices.Compact(keys), func(part []int64) ([]crm.Twin, error) { return crm.Twins(a.tx, a.kind.of(), part) })
	if err != nil {
		return err
	}
	known := make(map[int64][]crm.Twin, len(twins))
	var ids []int64
	for _, t := range twins {
		known[t.Key] = append(known[t.Key], t)
		ids = append(ids, t.ID)
	}
	coded, err := a.coded(ids)
	if err != nil {
		return err
	}
	first := map[int64][]int{}
	a.right(func(i int, d *draft) {
		if a.match[i] != 0 || a.twin[i] >= 0 {
			return
		}
		name := store.Fold(d.called())
		for _, key := range d.keys {
			at := slices.IndexFunc(known[key], func(t crm.Twin) bool {
				return store.Fold(t.Name) == name && (d.code == "" || !coded[t.ID])
			})
			if at >= 0 {
				a.match[i] = known[key][at].ID
				return
			}
			for _, other := range first[key] {
				before := a.drafts[other]
				if store.Fold(before.called()) == name && (d.code == "" || before.code == "") {
					a.twin[i] = other
					return
				}
			}
		}
		for _, key := range d.keys {
			first[key] = append(first[key], i)
		}
	})
	return nil
}

// coded says which records have a code already: a row with another code is
// another record, however alike they look.
func (a *attempt) coded(ids []int64) (map[int64]bool, error) {
	coded := map[int64]bool{}
	if len(ids) == 0 {
		return coded, nil
	}
	rows, err := inParts(ids, func(part []int64) ([]codeRow, error) { return codesOf(a.tx, a.kind, part) })
	for _, r := range rows {
		coded[r.Record] = true
	}
	return coded, err
}

// byName finds rows without a number and without a code by their name alone,
// among records without a number.
func (a *attempt) byName() error {
	var alone []int
	a.right(func(i int, d *draft) {
		if len(d.keys) == 0 && d.code == "" && a.match[i] == 0 && a.twin[i] < 0 && d.called() != "" {
			alone = append(alone, i)
		}
	})
	if len(alone) == 0 {
		return nil
	}
	names, err := a.register(a.kind)
	if err != nil {
		return err
	}
	var ids []int64
	for _, i := range alone {
		ids = append(ids, names.find(a.drafts[i].called())...)
	}
	some, err := inParts(ids, func(part []int64) ([]int64, error) { return crm.Numbered(a.tx, a.kind.of(), part) })
	if err != nil {
		return err
	}
	there, err := inParts(ids, func(part []int64) ([]int64, error) { return crm.Present(a.tx, a.kind.of(), part) })
	if err != nil {
		return err
	}
	first := map[string]int{}
	for _, i := range alone {
		name := store.Fold(a.drafts[i].called())
		if at, twice := first[name]; twice {
			a.twin[i] = at
			continue
		}
		first[name] = i
		for _, id := range names.find(name) {
			if slices.Contains(there, id) && !slices.Contains(some, id) {
				a.match[i] = id
				break
			}
		}
	}
	return nil
}

// called is what the record of a row is called in lists.
func (d *draft) called() string { return cmp.Or(d.title, d.name) }

// hold lists what the batch is going to change or to lead to.
func (a *attempt) hold() error {
	var records []int64
	a.right(func(i int, d *draft) {
		if a.match[i] != 0 {
			records = append(records, a.match[i])
		}
		a.held.Companies = append(a.held.Companies, d.companyIDs...)
		if d.contactID != 0 {
			a.held.Contacts = append(a.held.Contacts, d.contactID)
		}
		if d.status != "" && a.kind == Companies {
			a.held.Statuses = append(a.held.Statuses, d.status)
		}
	})
	switch a.kind {
	case Companies:
		a.held.Companies = append(a.held.Companies, records...)
	case Contacts:
		a.held.Contacts = append(a.held.Contacts, records...)
	case Leads:
		a.held.Leads = records
	}
	return nil
}
