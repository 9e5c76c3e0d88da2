package crm

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// The undo of a merge. The merged records come back with their ids, phones with their dates, e-mails, links, status and
// owner. The record that stayed gets back what it had before, as far as nothing changed since: a field that was changed
// since the merge, a number or link that was added since, stay; what was taken off since is not put on again. Rights
// are those of the merge, asked of the records as they are now and as they will be; and no number comes back to a
// company so old that a protected company of others would lose its precedence.

// mergeUndo is the undo of a merge in progress.
type mergeUndo struct {
	*merger
	op       *mergeOperation
	why      string
	restored []int64 // companies that come back
}

// UndoMerge undoes a merge. Faults: not_found; merge_forbidden; the conflicts already_undone, undo_expired,
// merged_again (with the id of the other merge's record: undo that one first) and record_gone.
func (b *Records) UndoMerge(ctx context.Context, by *access.User, id int64, reason string) (done MergeInfo, err error) {
	op, err := mergeOperations.Find(b.db.Read(ctx), id)
	if err != nil {
		return done, err
	}
	var snapshot mergeSnapshot
	if err := json.Unmarshal([]byte(op.Snapshot), &snapshot); err != nil {
		return done, fault.Internal(err)
	}
	err = b.write(ctx, by, func(a *act) error {
		u, err := a.startUndo(*op, snapshot)
		if err != nil {
			return err
		}
		u.why = a.Text("reason", reason, maxReason)
		if err := a.check(); err != nil {
			return err
		}
		if op.Kind == KindCompany {
			err = u.companies()
		} else {
			err = u.contacts()
		}
		if err != nil {
			return err
		}
		v, err := a.view()
		if err != nil {
			return err
		}
		infos, err := v.mergeInfos([]*mergeOperation{u.op})
		if err == nil {
			done = infos[0]
			a.Tx.Answer(done)
		}
		return err
	})
	return done, err
}

// startUndo locks the records of a merge, those that are gone too, and refuses what cannot be undone.
func (a *act) startUndo(op mergeOperation, s mergeSnapshot) (*mergeUndo, error) {
	m := &merger{act: a, kind: op.Kind, into: op.IntoID, from: idsIn(op.FromIDs), snapshot: s, operation: op.ID}
	if op.Kind == KindContact {
		companies := companiesIn(slices.Concat(s.Before.Links, s.After.Links))
		if _, err := lock(a.Tx, KindCompany, distinct(companies)...); err != nil {
			return nil, err
		}
	}
	if err := lockWithRemoved(a.Tx, op.Kind, append([]int64{m.into}, m.from...)); err != nil {
		return nil, err
	}
	var linked linkedRecords
	for id := range s.Contacts {
		linked.contacts = append(linked.contacts, id)
	}
	for id := range s.Leads {
		linked.leads = append(linked.leads, id)
	}
	slices.Sort(linked.contacts)
	slices.Sort(linked.leads)
	if err := a.lockLinked(linked); err != nil {
		return nil, err
	}
	op.UndoneAt, op.UndoneBy = store.MomentOf(a.Tx.Now()), a.User.ID
	fresh, err := markUndone(a.Tx, &op)
	switch {
	case err != nil:
		return nil, err
	case !fresh:
		return nil, fault.Conflict("already_undone")
	case a.Tx.Now().Sub(op.At.Time()) > undoDays:
		return nil, fault.Conflict("undo_expired")
	}
	return &mergeUndo{merger: m, op: &op}, a.mergedStill(m)
}

// mergedStill refuses an undo when the record that stayed is gone, or merged itself.
func (a *act) mergedStill(m *merger) error {
	if _, err := versionOf(a.Tx, m.kind, m.into); err != nil {
		err = withMergedInto(a.Tx, m.kind, m.into, err)
		if into := fault.Of(err).Args["merged_into"]; into != nil {
			return fault.Conflict("merged_again").With("merged_into", into)
		}
		if fault.Is(err, fault.KindMissing) {
			return fault.Conflict("record_gone")
		}
		return err
	}
	into := map[int64]int64{}
	if err := findMergedInto(a.Tx, m.kind, m.from, into); err != nil {
		return err
	}
	for _, id := range m.from {
		if into[id] != m.into {
			return fault.Conflict("record_gone")
		}
	}
	return nil
}

func (u *mergeUndo) restoreBase(row *base) {
	was, merged := u.snapshot.Before, u.snapshot.After
	if row.Name == merged.Name {
		row.Name = was.Name
	}
	if row.OwnerID == merged.OwnerID {
		row.OwnerID = was.OwnerID
	}
}

// restoreLines returns the record that stayed to its own phones and e-mails.
func (u *mergeUndo) restoreLines(kind Kind) error {
	lines, err := linesAt(u.Tx, kind, u.into)
	if err != nil {
		return err
	}
	emails, err := emailsAt(u.Tx, kind, u.into)
	if err != nil {
		return err
	}
	was, merged := u.snapshot.Before, u.snapshot.After
	for _, line := range lines {
		then := slices.IndexFunc(merged.Lines, line.isSamePhone)
		unchanged := then >= 0 && merged.Lines[then].Since == line.Since
		had := slices.IndexFunc(was.Lines, line.isSamePhone)
		if had >= 0 && unchanged {
			line.Since = was.Lines[had].Since
		}
		if had >= 0 || !unchanged {
			line.Place = len(u.lines)
			u.lines = append(u.lines, line)
		}
	}
	for _, address := range emails {
		same := func(other string) bool { return strings.EqualFold(other, address) }
		if slices.ContainsFunc(was.Emails, same) || !slices.ContainsFunc(merged.Emails, same) {
			u.emails = append(u.emails, address)
		}
	}
	if err := replaceLines(u.Tx, kind, u.into, u.lines); err != nil {
		return err
	}
	return replaceEmails(u.Tx, kind, u.into, u.emails)
}

// restoreRecord brings a merged record back, with its numbers. sameOwner: the companies that were merged have one
// owner.
func (u *mergeUndo) restoreRecord(row base, links []companyLink, sameOwner bool) error {
	if err := bringBack(u.Tx, u.kind, row.ID, u.now(), u.User.ID); err != nil {
		return err
	}
	lines, err := linesAt(u.Tx, u.kind, row.ID)
	if err != nil {
		return err
	}
	if sameOwner {
		u.restored = append(u.restored, row.ID)
	}
	return u.reindexGuarded(u.kind, row.ID, lines, links)
}

// reindexGuarded updates the rows of the index of a record. It refuses what would make a company's link older than that
// of a protected company of others; a company that comes back to the owner of the one that stayed may be as old as
// that.
func (u *mergeUndo) reindexGuarded(kind Kind, id int64, lines []phoneLine, links []companyLink) error {
	t, err := u.indexChange(kind, id, lines, links)
	if err != nil {
		return err
	}
	for _, l := range slices.Concat(t.added, t.changed) {
		if l.Company == 0 || l.Since >= u.now() {
			continue
		}
		younger, err := u.outrankedBy(l)
		if err != nil {
			return err
		}
		if slices.Contains(u.restored, l.Company) {
			oldest, err := oldestLinks(u.Tx, l.Key, max(l.Kind, KindContact))
			if err != nil {
				return err
			}
			if since, found := oldest[u.into]; found && since <= l.Since {
				continue
			}
		}
		younger = slices.DeleteFunc(younger, func(company int64) bool {
			return u.kind == KindCompany && (company == u.into || slices.Contains(u.from, company))
		})
		if err := u.authorizeAll(outrank, younger, []int64{l.Key}); err != nil {
			return err
		}
	}
	u.keys = append(u.keys, t.keys()...)
	return t.store(u.Tx)
}

// forgetMerge undoes where the records went, what other systems call them, and since when the one that stayed has its
// owner.
func (u *mergeUndo) forgetMerge(kept base) error {
	slices.Sort(u.keys)
	u.keys = slices.Compact(u.keys)
	if kept.OwnerID == u.snapshot.After.OwnerID {
		known, err := ownersSince(u.Tx, u.kind, []int64{u.into})
		if err != nil {
			return err
		}
		if known[u.into] == u.snapshot.After.OwnerSince {
			if err := putOwnerSince(u.Tx, u.kind, u.into, orCreated(u.snapshot.Before.OwnerSince, kept)); err != nil {
				return err
			}
		}
	}
	for _, row := range u.snapshot.ExternalIDs {
		if err := returnExternalID(u.Tx, u.kind, row, u.into); err != nil {
			return err
		}
	}
	return removeMerges(u.Tx, u.kind, u.into, u.from, u.snapshot.Merged)
}

func orCreated(since int64, r base) int64 {
	if since == 0 {
		return r.CreatedAt
	}
	return since
}

// recordUndo records that a record is back.
func (u *mergeUndo) recordUndo(back, kept base) error {
	org, err := u.org()
	if err != nil {
		return err
	}
	return u.Record(journal.Entry{Team: org.DepartmentOf(back.OwnerID), Verb: MergeUndone,
		Subject: journal.Ref{Kind: u.kind.String(), ID: back.ID},
		Client:  journal.Ref{Kind: u.kind.String(), ID: kept.ID}},
		map[string]any{"name": back.Name, "from_name": kept.Name, "owner": back.OwnerID, "merge": u.op.ID,
			"numbers": u.keys, "reason": u.why})
}

func sortedKeys[V any](of map[int64]V) []int64 {
	keys := make([]int64, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
