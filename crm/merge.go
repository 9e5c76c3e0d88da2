package crm

import (
	"context"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// Merge names the records of one kind that are merged into another.
type Merge struct {
	FromIDs []int64 `json:"from_ids"`         // they are gone afterwards
	Reason  string  `json:"reason,omitempty"` // for the journal
	Version int64   `json:"version"`          // of the record that stays

	Fields MergeFields `json:"fields,omitzero"`
}

// MergeFields chooses whose value a field of the record that stays has: the id of one of the records, 0 for the rule.
// The strictest status and the older of two links always win.
type MergeFields struct {
	Name  int64 `json:"name,omitempty"`  // by rule: that of the record that stays
	Owner int64 `json:"owner,omitempty"` // by rule: the one with the oldest ownership
	Post  int64 `json:"post,omitempty"`  // of contacts; by rule: the first that is not empty
}

// maxMerge is how many records are merged into one at a time.
const maxMerge = 20

// records are what is linked to the merged ones.
type linkedRecords struct{ contacts, leads []int64 }

// holdLinked holds what is linked, in the order of every write: contacts before
// leads. What is gone already needs no holding.
func (a *act) lockLinked(r linkedRecords) error {
	for _, of := range []struct {
		kind Kind
		ids  []int64
	}{{KindContact, r.contacts}, {KindLead, r.leads}} {
		for part := range slices.Chunk(distinct(of.ids), 1000) {
			if _, err := lock(a.Tx, of.kind, part...); err != nil {
				return err
			}
		}
	}
	return nil
}

// merging is one record on its way to become several.
type merger struct {
	*act
	kind   Kind
	into   int64
	from   []int64
	lines  []phoneLine
	emails []string
	keys   []int64 // numbers whose lookup changes

	snapshot  mergeSnapshot
	operation int64 // what it is stored as
}

// merging holds the records, all in one order, and refuses what cannot be merged.
func (a *act) startMerge(kind Kind, into int64, from []int64) (*merger, error) {
	if err := checkMerge(into, from); err != nil {
		return nil, err
	}
	all := slices.Sorted(slices.Values(append([]int64{into}, from...)))
	n, err := lock(a.Tx, kind, all...)
	if err != nil {
		return nil, err
	}
	if n != int64(len(all)) {
		if err := lockOne(a.Tx, kind, into); err != nil {
			return nil, err
		}
		return nil, fault.Invalid("from_ids", "unknown")
	}
	return &merger{act: a, kind: kind, into: into, from: from}, nil
}

func checkMerge(into int64, from []int64) error {
	switch {
	case len(from) == 0:
		return fault.Invalid("from_ids", "required")
	case len(from) > maxMerge:
		return fault.Invalid("from_ids", "too_many")
	case slices.Contains(from, into):
		return fault.Invalid("from_ids", "itself")
	}
	return nil
}

// prepare checks the version and gathers the phones and e-mails of all.
func (m *merger) prepare(in Merge, before base) (reason string, err error) {
	if err := m.version(in.Version, before.Version); err != nil {
		return "", err
	}
	reason = m.Text("reason", in.Reason, maxReason)
	if err := m.gather(); err != nil {
		return "", err
	}
	return reason, m.check()
}

// gather joins the phones and e-mails of all records.
func (m *merger) gather() error {
	for _, id := range append([]int64{m.into}, m.from...) {
		lines, err := linesAt(m.Tx, m.kind, id)
		if err != nil {
			return err
		}
		mail, err := emailsAt(m.Tx, m.kind, id)
		if err != nil {
			return err
		}
		if id == m.into {
			m.snapshot.Before.Lines, m.snapshot.Before.Emails = slices.Clone(lines), slices.Clone(mail)
		}
		m.lines, m.emails = joinPhones(m.lines, lines), joinEmails(m.emails, mail)
	}
	if len(m.lines) > maxPhones {
		m.Invalid("phones", "too_many")
	}
	if len(m.emails) > maxEmails {
		m.Invalid("emails", "too_many")
	}
	return nil
}

// joinPhones adds phones to others: a number that is there already keeps its
// spelling, and the older of the two times. Two extensions of a number are two phones.
func joinPhones(lines, more []phoneLine) []phoneLine {
	for _, l := range more {
		if at := slices.IndexFunc(lines, l.isSamePhone); at >= 0 {
			lines[at].Since = min(lines[at].Since, l.Since)
			continue
		}
		l.Place = len(lines)
		lines = append(lines, l)
	}
	return lines
}

// isSamePhone reports whether two spellings lead to the same telephone; what could not be read must be spelled alike.
func (l phoneLine) isSamePhone(other phoneLine) bool {
	return l.Key == other.Key && l.Extension == other.Extension && (l.Key != 0 || l.Raw == other.Raw)
}

func joinEmails(mail, more []string) []string {
	for _, e := range more {
		if !slices.ContainsFunc(mail, func(had string) bool { return strings.EqualFold(had, e) }) {
			mail = append(mail, e)
		}
	}
	return mail
}

// joinTies adds links to others; of two to one company the older one counts.
func joinCompanyLinks(links, more []companyLink) []companyLink {
	for _, t := range more {
		if at := slices.IndexFunc(links, func(had companyLink) bool { return had.Company == t.Company }); at >= 0 {
			links[at].At = min(links[at].At, t.At)
		} else {
			links = append(links, t)
		}
	}
	return links
}

// oldestOwner sets the owner with the oldest ownership, and returns since when. No owner counts as the
// youngest.
func (m *merger) oldestOwner(after *base, all []base) (since int64, err error) {
	known, err := ownersSince(m.Tx, m.kind, append([]int64{m.into}, m.from...))
	if err != nil {
		return 0, err
	}
	m.snapshot.Before.OwnerSince = known[m.into]
	found := false
	for _, r := range all {
		at := ownedSince(known, r)
		if r.OwnerID != 0 && (!found || at < since) {
			after.OwnerID, since, found = r.OwnerID, at, true
		}
	}
	return since, nil
}

func ownedSince(known map[int64]int64, r base) int64 {
	if at, changed := known[r.ID]; changed {
		return at
	}
	return r.CreatedAt
}

// finish stores what the record that stays has of all of them, takes the others
// away and remembers where they went.
func (m *merger) finish(links []companyLink, ownerSince int64) error {
	if err := replaceLines(m.Tx, m.kind, m.into, m.lines); err != nil {
		return err
	}
	if err := replaceEmails(m.Tx, m.kind, m.into, m.emails); err != nil {
		return err
	}
	for _, id := range m.from {
		if err := m.reindexed(m.kind, id, nil, nil); err != nil {
			return err
		}
		if err := remove(m.Tx, m.kind, id, m.now(), m.User.ID); err != nil {
			return err
		}
	}
	if err := m.reindexed(m.kind, m.into, m.lines, links); err != nil {
		return err
	}
	slices.Sort(m.keys)
	m.keys = slices.Compact(m.keys)
	if err := moveExternalIDs(m.Tx, m.kind, m.into, m.from); err != nil {
		return err
	}
	if err := putOwnerSince(m.Tx, m.kind, m.into, ownerSince); err != nil {
		return err
	}
	if err := addMerges(m.Tx, m.kind, m.into, m.from, m.now(), m.User.ID); err != nil {
		return err
	}
	m.snapshot.After.Lines, m.snapshot.After.Emails, m.snapshot.After.Links = m.lines, m.emails, links
	m.snapshot.After.OwnerSince = ownerSince
	return m.storeOperation()
}

func (m *merger) recordOwner(before, after base, reason string) error {
	if before.OwnerID == after.OwnerID {
		return nil
	}
	return m.recordEntry(OwnerChanged, m.kind, m.into, after.OwnerID,
		map[string]any{"name": after.Name, "changed": ownerChange(before, after), "reason": reason})
}

func (m *merger) recordMerge(gone, kept base, words map[string]any) error {
	org, err := m.org()
	if err != nil {
		return err
	}
	words["name"], words["owner"], words["into"], words["into_name"], words["numbers"] = gone.Name, gone.OwnerID,
		kept.ID, kept.Name, m.keys
	words["merge"] = m.operation // for its undo
	return m.Record(journal.Entry{Team: org.DepartmentOf(kept.OwnerID), Verb: RecordMerged,
		Subject: journal.Ref{Kind: m.kind.String(), ID: gone.ID},
		Client:  journal.Ref{Kind: m.kind.String(), ID: kept.ID}}, words)
}

// inOrder reads the rows of a merge: that of the record that stays first, the
// others as they were named.
func readInOrder[Row any](m *merger, read func(*store.Tx,
	[]int64) ([]Row, error), idOf func(Row) int64) ([]Row, error) {
	ids := append([]int64{m.into}, m.from...)
	rows, err := read(m.Tx, ids)
	slices.SortFunc(rows, func(a, b Row) int { return slices.Index(ids, idOf(a)) - slices.Index(ids, idOf(b)) })
	return rows, err
}

func basesOf[Row any](rows []Row, of func(Row) base) []base {
	list := make([]base, len(rows))
	for i, r := range rows {
		list[i] = of(r)
	}
	return list
}

// Absorbed returns the records that were merged into one: what happened to them is
// its history too.
func (b *Records) FindMerged(ctx context.Context, kind Kind, id int64) ([]int64, error) {
	return findMerged(b.db.Read(ctx), kind, id)
}
