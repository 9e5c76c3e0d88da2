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
	"callhue/journal"
)

// attempt is one attempt to write a batch. What it resolves stays in it and not in the drafts, so
// the batch can be tried again.
type attempt struct {
	*run
	tx           *store.Tx // for reading before the write transaction
	drafts       []*draft
	refusals     []*Refusal   // by row, nil for valid ones
	match        []int64      // record of each row, 0 for a new one
	named        []bool       // rows that are recognised by their code: the name of the record becomes theirs
	newCodes     []bool       // rows whose code no record has yet
	sameAs       []int        // index of an earlier row that is the same new record, -1 for none
	removedCodes []string     // codes of records that no longer exist
	notes        [][]*Refusal // what was dropped of each row
	warnings     []*Refusal   // of the rows that were written
	unknown      []string     // owners who are no users, one for each row
	locks        crm.Locks
	progress     importRow
	added        []int64 // ids of the new records, by row
	touched      []int64 // ids of the records of the rows, 0 for refused ones
	changed      map[int64]journal.Changes
	changing     journal.Changes // of the row that is being written
	newFaults    []*Refusal
}

func (r *run) newAttempt(drafts []*draft) (*attempt, error) {
	n := len(drafts)
	a := &attempt{run: r, tx: r.db.Read(r.ctx), drafts: drafts, refusals: make([]*Refusal, n), match: make([]int64, n),
		sameAs: make([]int, n), named: make([]bool, n), newCodes: make([]bool, n), notes: make([][]*Refusal, n)}
	for i, d := range drafts {
		a.refusals[i], a.sameAs[i] = d.refusal, -1
	}
	for _, resolve := range []func() error{a.resolvePeople, a.resolveLinks, a.matchByCode, a.matchByNumber,
		a.matchByName,
		a.collectLocks} {
		if err := resolve(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *attempt) refuse(i int, f field, code string) {
	if a.refusals[i] == nil {
		a.refusals[i] = a.drafts[i].newRefusal(f, code)
	}
}

// eachValid calls f for the rows without a refusal.
func (a *attempt) eachValid(f func(i int, d *draft)) {
	for i, d := range a.drafts {
		if a.refusals[i] == nil {
			f(i, d)
		}
	}
}

// matchByCode matches rows whose code is known from an earlier file or from an export of this
// installation.
func (a *attempt) matchByCode() error {
	var codes []string
	a.eachValid(func(_ int, d *draft) {
		if a.kind == Leads && d.code == "" {
			d.code = d.fingerprint()
		}
		if d.code != "" {
			codes = append(codes, d.code)
		}
	})
	known, err := a.findByCode(a.kind, codes)
	if err != nil {
		return err
	}
	first := map[string]int{}
	a.eachValid(func(i int, d *draft) {
		if d.code == "" {
			return
		}
		a.match[i] = known[d.code]
		a.named[i], a.newCodes[i] = a.match[i] != 0, a.match[i] == 0
		if at, twice := first[d.code]; twice {
			a.sameAs[i], a.named[i], a.newCodes[i] = at, true, false
		} else {
			first[d.code] = i
		}
	})
	return nil
}

// findByCode returns the records of codes. A code with the tag of this installation contains the id
// itself. Codes of removed records are collected in removedCodes.
func (a *attempt) findByCode(kind Kind, codes []string) (map[string]int64, error) {
	known, err := findByCodes(a.tx, kind, codes)
	if err != nil || len(codes) == 0 {
		return known, err
	}
	var ids []int64
	for _, id := range known {
		ids = append(ids, id)
	}
	for _, code := range codes {
		if id := a.ownID(code); id != 0 {
			known[code] = id
			ids = append(ids, id)
		}
	}
	existing, err := inChunks(ids, func(part []int64) ([]int64,
		error) {
		return crm.FindExisting(a.tx, kind.recordKind(), part)
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(existing)
	for code, id := range known {
		if _, found := slices.BinarySearch(existing, id); !found {
			delete(known, code)
			if kind == a.kind {
				a.removedCodes = append(a.removedCodes, code)
			}
		}
	}
	return known, nil
}

// inChunks queries long lists in chunks: the cost of an argument list grows faster than its length.
func inChunks[In, Out any](all []In, ask func([]In) ([]Out, error)) (found []Out, err error) {
	const most = 200
	for chunk := range slices.Chunk(all, most) {
		answer, err := ask(chunk)
		if err != nil {
			return nil, err
		}
		found = append(found, answer...)
	}
	return found, nil
}

// ownID returns the id in a code that this installation exported, 0 for other codes.
func (r *run) ownID(code string) int64 {
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

// fingerprint replaces the code of a lead without one. After conversion the lead's numbers no
// longer lead to it, and the same file must not add it again.
func (d *draft) fingerprint() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %v %q", store.Fold(d.title), store.Fold(d.name), d.keys, d.emails))
	return "=" + hex.EncodeToString(sum[:16])
}

// matchByNumber matches rows by number and name, in the database or among earlier rows of the batch. A code that is not
// known yet does not outweigh both: every export of a phone gives new codes. Leads are no people, and one person may
// have asked twice: one with another code is another lead.
func (a *attempt) matchByNumber() error {
	var keys []int64
	a.eachValid(func(i int, d *draft) {
		if a.match[i] == 0 && a.sameAs[i] < 0 {
			keys = append(keys, d.keys...)
		}
	})
	slices.Sort(keys)
	found, err := inChunks(slices.Compact(keys), func(part []int64) ([]crm.NumberMatch,
		error) {
		return crm.FindByNumbers(a.tx, a.kind.recordKind(), part)
	})
	if err != nil {
		return err
	}
	known := make(map[int64][]numberedName, len(found))
	var ids []int64
	for _, t := range found {
		known[t.Key] = append(known[t.Key], numberedName{t.ID, identityOf(a.kind, t.Name)})
		ids = append(ids, t.ID)
	}
	var coded map[int64]bool
	if a.kind == Leads {
		if coded, err = a.haveCodes(ids); err != nil {
			return err
		}
	}
	names := make([]identity, len(a.drafts))
	first := map[int64][]int{}
	a.eachValid(func(i int, d *draft) {
		names[i] = identityOf(a.kind, d.displayName())
		for _, key := range d.keys {
			if a.match[i] != 0 || a.sameAs[i] >= 0 {
				break
			}
			at := slices.IndexFunc(known[key], func(t numberedName) bool {
				return t.name.same(names[i]) && (a.kind != Leads || d.code == "" || !coded[t.id])
			})
			if at >= 0 {
				a.match[i] = known[key][at].id
				break
			}
			at = slices.IndexFunc(first[key], func(other int) bool {
				free := a.kind != Leads || d.code == "" || a.drafts[other].code == ""
				return free && names[other].same(names[i])
			})
			if at >= 0 {
				a.sameAs[i] = first[key][at]
			}
		}
		for _, key := range d.keys {
			first[key] = append(first[key], i)
		}
	})
	return nil
}

// numberedName is a record that has a number.
type numberedName struct {
	id   int64
	name identity
}

// haveCodes returns the records that have a code.
func (a *attempt) haveCodes(ids []int64) (map[int64]bool, error) {
	coded := map[int64]bool{}
	if len(ids) == 0 {
		return coded, nil
	}
	rows, err := findCodesOf(a.tx, a.kind, ids)
	for _, r := range rows {
		coded[r.Record] = true
	}
	return coded, err
}

// matchByName matches rows without number and code by name alone, among records without a number. The codes of cards
// are no obstacle: a phone makes new ones for each export.
func (a *attempt) matchByName() error {
	var rows []int
	a.eachValid(func(i int, d *draft) {
		if len(d.keys) == 0 && (d.code == "" || a.file.format == formatVCard) && a.match[i] == 0 && a.sameAs[i] < 0 &&
			d.displayName() != "" {
			rows = append(rows, i)
		}
	})
	if len(rows) == 0 {
		return nil
	}
	names, err := a.nameIndex(a.kind)
	if err != nil {
		return err
	}
	var ids []int64
	for _, i := range rows {
		ids = append(ids, names.find(a.drafts[i].displayName())...)
	}
	numbered, err := inChunks(ids, func(part []int64) ([]int64,
		error) {
		return crm.FindNumbered(a.tx, a.kind.recordKind(), part)
	})
	if err != nil {
		return err
	}
	existing, err := inChunks(ids, func(part []int64) ([]int64,
		error) {
		return crm.FindExisting(a.tx, a.kind.recordKind(), part)
	})
	if err != nil {
		return err
	}
	first := map[string]int{}
	for _, i := range rows {
		name := a.drafts[i].displayName()
		spelled := store.Fold(name)
		if at, twice := first[spelled]; twice {
			a.sameAs[i] = at
			continue
		}
		first[spelled] = i
		for _, id := range names.find(name) {
			if slices.Contains(existing, id) && !slices.Contains(numbered, id) {
				a.match[i] = id
				break
			}
		}
	}
	return nil
}

// displayName returns the name of the record as lists show it.
func (d *draft) displayName() string { return cmp.Or(d.title, d.name) }

// collectLocks lists the records that the batch changes or links to.
func (a *attempt) collectLocks() error {
	var records []int64
	a.eachValid(func(i int, d *draft) {
		if a.match[i] != 0 {
			records = append(records, a.match[i])
		}
		a.locks.Companies = append(a.locks.Companies, d.companyIDs...)
		if d.contactID != 0 {
			a.locks.Contacts = append(a.locks.Contacts, d.contactID)
		}
		if d.status != "" && a.kind == Companies {
			a.locks.Statuses = append(a.locks.Statuses, d.status)
		}
	})
	switch a.kind {
	case Companies:
		a.locks.Companies = append(a.locks.Companies, records...)
	case Contacts:
		a.locks.Contacts = append(a.locks.Contacts, records...)
	case Leads:
		a.locks.Leads = records
	}
	return nil
}
