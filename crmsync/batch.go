package crmsync

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// systemUser runs a batch; each change in it is made in the name of its own author.
var systemUser = &access.User{Roles: access.Admins}

// attempt imports some records of one kind. It may be repeated: its results stay inside it.
type attempt struct {
	*work
	translator
	kind      crm.Kind
	first     bool // the full sync imports this kind for the first time
	items     []*item
	locked    crm.Locks
	missing   []missingRef
	outsiders []string // of their users who own a record and are no agents
	outcome   outcome
}

// item is one record to import.
type item struct {
	record       Record
	link         *linkRow // nil if the record is new
	previous     *snapshot
	current      snapshot
	theirs       state
	invalid      []fault.Field // values that had to be adapted
	ourID        int64         // 0: not here
	hasConflicts bool          // conflicts that wait for a decision
	matched      bool          // it was here before it was linked
}

// missingRef is a record that another one refers to and that is not here yet.
type missingRef struct{ of, by Ref }

// importBatch imports records in one transaction with the progress of the work and with what also writes;
// each record is applied or refused by itself. The records that they refer to are imported first.
func (w *work) importBatch(ctx context.Context, kind crm.Kind, list []Record, also func(tx *store.Tx) error) error {
	list = dedupe(list)
	w.noteReadable(kind, list)
	if err := w.importReferenced(ctx, kind, list); err != nil {
		return err
	}
	const tries = 5
	for try := 1; ; try++ {
		a, err := w.newAttempt(ctx, kind, list)
		if err != nil {
			return err
		}
		counts, full := w.counts.with(kind, outcome{}), w.full
		err = w.Records.Batch(ctx, systemUser, a.locked, func(b *crm.Batch) error {
			a.outcome = outcome{}
			if err := a.write(b); err != nil {
				return err
			}
			w.counts = counts.with(kind, a.outcome)
			if also != nil {
				if err := also(b.Tx); err != nil {
					return err
				}
			}
			return w.save(b.Tx)
		})
		if err == nil {
			return nil
		}
		w.counts, w.full = counts, full
		if again := fault.Of(err).Key; try == tries || again != "stale_version" && again != "record_exists" {
			return err
		}
	}
}

// longestID is the longest id of a CRM that is accepted, in bytes.
const longestID = 100

// dedupe keeps the last version of records that occur twice: a page may contain a record that changed while
// the page was read. It drops invalid ids.
func dedupe(list []Record) (last []Record) {
	at := map[string]int{}
	for _, r := range list {
		if r.ID == "" || len(r.ID) > longestID {
			continue
		}
		r.CompanyIDs = slices.DeleteFunc(
			slices.Clone(r.CompanyIDs),
			func(id string) bool { return id == "" || len(id) > longestID },
		)
		if len(r.ContactID) > longestID {
			r.ContactID = ""
		}
		if len(r.ChangedBy) > longestID {
			r.ChangedBy = ""
		}
		if i, twice := at[r.ID]; twice {
			last[i] = r
			continue
		}
		at[r.ID] = len(last)
		last = append(last, r)
	}
	return last
}

// with returns a copy of the tally with an outcome added.
func (t tally) with(kind crm.Kind, more outcome) tally {
	sum := tally{}
	for k, c := range t {
		one := *c
		sum[k] = &one
	}
	sum.of(kind).Added += more.Added
	sum.of(kind).Changed += more.Changed
	return sum
}

// newAttempt loads what is known about some records and translates them.
func (w *work) newAttempt(ctx context.Context, kind crm.Kind, list []Record) (*attempt, error) {
	tx := w.DB.Read(ctx)
	a := &attempt{work: w, kind: kind, first: !w.full.Complete[kind]}
	ids := make([]string, len(list))
	for i, r := range list {
		r.Kind, ids[i] = kind, r.ID
		a.items = append(a.items, &item{record: r})
	}
	links, err := w.resolveLinks(tx, kind, ids)
	if err != nil {
		return nil, err
	}
	conflicting, err := conflictingIDs(tx, w.source.ID, kind, ids)
	if err != nil {
		return nil, err
	}
	for _, i := range a.items {
		i.hasConflicts = slices.Contains(conflicting, i.record.ID)
		if link, known := links[i.record.ID]; known {
			before, err := parseSnapshot(link.Snapshot)
			if err != nil {
				return nil, err
			}
			i.link, i.previous, i.ourID = &link, &before, link.OurID
			before.Kind, before.ID = kind, i.record.ID
		}
	}
	for _, next := range []func(context.Context, *store.Tx) error{
		a.translate, a.findOutsiders, a.matchAll, a.collectLocks,
	} {
		if err := next(ctx, tx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// resolveLinks returns the links of some records as they are valid now: to the record that ours was merged
// into, and to 0 if ours was removed here.
func (w *work) resolveLinks(tx *store.Tx, kind crm.Kind, ids []string) (map[string]linkRow, error) {
	links, err := linksOf(tx, w.source.ID, kind, ids)
	if err != nil || len(links) == 0 {
		return links, err
	}
	var ours []int64
	for _, l := range links {
		ours = append(ours, l.OurID)
	}
	present, err := existing(tx, kind, ours)
	if err != nil {
		return nil, err
	}
	mergedInto, err := crm.FindMergedInto(tx, kind, without(ours, present))
	if err != nil {
		return nil, err
	}
	var targets []int64
	for _, id := range mergedInto {
		targets = append(targets, id)
	}
	presentTargets, err := existing(tx, kind, targets)
	if err != nil {
		return nil, err
	}
	present = append(present, presentTargets...)
	for id, l := range links {
		if target := mergedInto[l.OurID]; target != 0 {
			l.OurID = target
		}
		if !slices.Contains(present, l.OurID) {
			l.OurID = 0
		}
		links[id] = l
	}
	return links, nil
}

// existing returns those of some records of ours that exist.
func existing(tx *store.Tx, kind crm.Kind, ids []int64) (present []int64, err error) {
	for part := range slices.Chunk(ids, 200) {
		some, err := crm.FindExisting(tx, kind, part)
		if err != nil {
			return nil, err
		}
		present = append(present, some...)
	}
	return present, nil
}

// newTranslator returns a translator as of now, with the references to some companies and contacts
// resolved.
func (w *work) newTranslator(
	ctx context.Context,
	tx *store.Tx,
	companies, contacts []string,
) (t translator, err error) {
	t = translator{
		source:    w.source.Name,
		mapping:   w.mapping,
		stages:    w.portal.Stages,
		theirPlan: w.source.Plan,
		ourPlan:   w.Plan,
		now:       tx.Now(),
	}
	if t.org, err = w.Roster.Org(ctx); err != nil {
		return t, err
	}
	if t.statuses, err = w.Directory.Set(ctx); err != nil {
		return t, err
	}
	if t.companies, err = w.resolveRefs(tx, crm.KindCompany, companies); err != nil {
		return t, err
	}
	t.contacts, err = w.resolveRefs(tx, crm.KindContact, contacts)
	return t, err
}

// resolveRefs returns our records for ids of a CRM; unknown ids are absent.
func (w *work) resolveRefs(tx *store.Tx, kind crm.Kind, ids []string) (map[string]resolvedRef, error) {
	links, err := w.resolveLinks(tx, kind, ids)
	if err != nil {
		return nil, err
	}
	refs := make(map[string]resolvedRef, len(links))
	for id, l := range links {
		s, err := parseSnapshot(l.Snapshot)
		if err != nil {
			return nil, err
		}
		refs[id] = resolvedRef{l.OurID, s.Created}
	}
	return refs, nil
}

// translate translates every record and notes the references that are not here yet.
func (a *attempt) translate(ctx context.Context, tx *store.Tx) (err error) {
	var companies, contacts []string
	for _, i := range a.items {
		companies = append(companies, i.record.CompanyIDs...)
		contacts = append(contacts, i.record.ContactID)
		if i.previous != nil {
			companies = append(companies, i.previous.CompanyIDs...)
			contacts = append(contacts, i.previous.ContactID)
		}
	}
	if a.translator, err = a.work.newTranslator(ctx, tx, distinct(companies), distinct(contacts)); err != nil {
		return err
	}
	for _, i := range a.items {
		i.current = a.snapshotOf(i.record, i.previous, i.previous == nil && a.first)
		i.theirs, i.invalid = a.stateOf(i.current)
		by := Ref{a.kind, i.record.ID}
		for _, id := range without(i.record.CompanyIDs, i.current.CompanyIDs) {
			a.missing = append(a.missing, missingRef{Ref{crm.KindCompany, id}, by})
		}
		if i.record.ContactID != "" && i.record.ContactID != i.current.ContactID {
			a.missing = append(a.missing, missingRef{Ref{crm.KindContact, i.record.ContactID}, by})
		}
	}
	return nil
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// matchAll finds records that are here already without a link, by name and one of the numbers. A linked
// record belongs to another one of theirs.
func (a *attempt) matchAll(_ context.Context, tx *store.Tx) error {
	var keys []int64
	names := map[int64][]string{} // by number, of the records that are not linked
	for _, i := range a.items {
		if i.link != nil {
			continue
		}
		for _, key := range a.phoneKeys(i.theirs) {
			keys = append(keys, key)
			names[key] = append(names[key], a.identityName(i))
		}
	}
	slices.Sort(keys)
	known := map[int64][]crm.NumberMatch{}
	var ids []int64
	for part := range slices.Chunk(slices.Compact(keys), 200) {
		twins, err := crm.FindByNumbers(tx, a.kind, part)
		if err != nil {
			return err
		}
		for _, t := range twins { // many may share a number, few a name too
			same := func(name string) bool { return crm.SameIdentity(t.Name, name) }
			if slices.ContainsFunc(names[t.Key], same) {
				known[t.Key] = append(known[t.Key], t)
				ids = append(ids, t.ID)
			}
		}
	}
	linked, err := linksTo(tx, a.work.source.ID, a.kind, ids)
	if err != nil {
		return err
	}
	taken := map[int64]bool{}
	for _, l := range linked {
		taken[l.OurID] = l.Removed != removedThere // it may come back under another id
	}
	for _, i := range a.items {
		if i.link == nil {
			a.match(i, known, taken)
		}
	}
	return nil
}

// identityName returns the name by which a record is recognised.
func (a *attempt) identityName(i *item) string {
	if a.kind == crm.KindLead {
		return i.theirs.Title
	}
	return i.theirs.Name
}

// match links an item to the first known record with its name that is not taken.
func (a *attempt) match(i *item, known map[int64][]crm.NumberMatch, taken map[int64]bool) {
	name := a.identityName(i)
	for _, key := range a.phoneKeys(i.theirs) {
		for _, t := range known[key] {
			if crm.SameIdentity(t.Name, name) && !taken[t.ID] {
				i.ourID, i.matched, taken[t.ID] = t.ID, true, true
				i.current = a.snapshotOf(i.record, nil, false)
				return
			}
		}
	}
}

// phoneKeys returns the keys of the external numbers of a record.
func (t translator) phoneKeys(s state) (keys []int64) {
	for _, p := range s.Phones {
		if key := t.ourPlan.ParseTyped(p.Value).Key(); key > 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

// collectLocks lists the records that will be changed or linked to.
func (a *attempt) collectLocks(context.Context, *store.Tx) error {
	var own []int64
	for _, i := range a.items {
		if i.unchanged() {
			continue
		}
		if i.ourID != 0 {
			own = append(own, i.ourID)
		}
		a.locked.Companies = append(a.locked.Companies, i.theirs.Companies...)
		if i.theirs.Contact != 0 {
			a.locked.Contacts = append(a.locked.Contacts, i.theirs.Contact)
		}
		if i.theirs.Status != "" {
			a.locked.Statuses = append(a.locked.Statuses, i.theirs.Status)
		}
	}
	switch a.kind {
	case crm.KindCompany:
		a.locked.Companies = append(a.locked.Companies, own...)
	case crm.KindContact:
		a.locked.Contacts = append(a.locked.Contacts, own...)
	case crm.KindLead:
		a.locked.Leads = own
	}
	return nil
}

// unchanged reports whether nothing has to be done for a record but to note that it was read.
func (i *item) unchanged() bool {
	same := !i.hasConflicts && i.current.Unknown == 0 && i.previous != nil && i.previous.equal(i.current)
	return i.link != nil && (i.link.OurID == 0 || same && i.link.Removed == 0)
}
