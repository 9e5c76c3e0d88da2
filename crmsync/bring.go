package crmsync

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// house is by whom a batch is run; the deeds in it have doers of their own.
var house = &access.User{Roles: access.Admins}

// attempt is some records of one kind on their way in. It may be begun again: what
// it finds out stays in it.
type attempt struct {
	*work
	translator
	kind  crm.Kind
	first bool // the whole import brings this kind in for the first time
	items []*item
	held  crm.Held
	wants []missingRef
	came  came
}

// item is one record on its way.
type item struct {
	record  Record
	link    *linkRow // nil when it is met for the first time
	before  *seen
	now     seen
	theirs  state
	wrong   []fault.Field // what had to be made to fit
	ours    int64         // 0: it is not here
	differs bool          // something of it is waiting for somebody's decision
	matched bool          // it was here before it was linked
}

type missingRef struct{ of, by Ref }

// importBatch takes records as they are there now, each of them taken or refused by
// itself, in one transaction with the place where the work is and with what also
// writes. Whom they refer to is brought before them.
func (w *work) importBatch(ctx context.Context, kind crm.Kind, list []Record, also func(tx *store.Tx) error) error {
	list = lastOfEach(list)
	if err := w.precede(ctx, kind, list); err != nil {
		return err
	}
	const tries = 5
	for try := 1; ; try++ {
		a, err := w.attempt(ctx, kind, list)
		if err != nil {
			return err
		}
		counts, whole := w.counts.with(kind, came{}), w.whole
		err = w.Records.Batch(ctx, house, a.held, func(b *crm.Batch) error {
			a.came = came{}
			if err := a.write(b); err != nil {
				return err
			}
			w.counts = counts.with(kind, a.came)
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
		w.counts, w.whole = counts, whole
		if again := fault.Of(err).Key; try == tries || again != "stale_version" && again != "record_exists" {
			return err
		}
	}
}

// longestID is how long an id of theirs may be, in bytes.
const longestID = 100

// lastOfEach gives the last of records that come twice: a page may have one that
// was changed while it was being read. Ids that cannot be any are left out.
func lastOfEach(list []Record) (last []Record) {
	at := map[string]int{}
	for _, r := range list {
		if r.ID == "" || len(r.ID) > longestID {
			continue
		}
		r.CompanyIDs = slices.DeleteFunc(slices.Clone(r.CompanyIDs), func(id string) bool { return id == "" || len(id) > longestID })
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

// with gives a tally with something added.
func (t tally) with(kind crm.Kind, more came) tally {
	sum := tally{}
	for k, c := range t {
		one := *c
		sum[k] = &one
	}
	sum.of(kind).Added += more.Added
	sum.of(kind).Changed += more.Changed
	return sum
}

// attempt finds out what is known of some records.
func (w *work) attempt(ctx context.Context, kind crm.Kind, list []Record) (*attempt, error) {
	tx := w.DB.Read(ctx)
	a := &attempt{work: w, kind: kind, first: !w.whole.Complete[kind]}
	ids := make([]string, len(list))
	for i, r := range list {
		r.Kind, ids[i] = kind, r.ID
		a.items = append(a.items, &item{record: r})
	}
	links, err := w.where(tx, kind, ids)
	if err != nil {
		return nil, err
	}
	differ, err := differingIDs(tx, w.source.ID, kind, ids)
	if err != nil {
		return nil, err
	}
	for _, i := range a.items {
		i.differs = slices.Contains(differ, i.record.ID)
		if link, known := links[i.record.ID]; known {
			before, err := seenOf(link.Seen)
			if err != nil {
				return nil, err
			}
			i.link, i.before, i.ours = &link, &before, link.OurID
			before.Kind, before.ID = kind, i.record.ID
		}
	}
	for _, next := range []func(context.Context, *store.Tx) error{a.translate, a.match, a.hold} {
		if err := next(ctx, tx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// where gives the links of some records as they lead now: to what ours was merged
// into, and to 0 where it was removed here.
func (w *work) where(tx *store.Tx, kind crm.Kind, ids []string) (map[string]linkRow, error) {
	links, err := linksOf(tx, w.source.ID, kind, ids)
	if err != nil || len(links) == 0 {
		return links, err
	}
	var ours []int64
	for _, l := range links {
		ours = append(ours, l.OurID)
	}
	there, err := presentOf(tx, kind, ours)
	if err != nil {
		return nil, err
	}
	into, err := crm.WentInto(tx, kind, without(ours, there))
	if err != nil {
		return nil, err
	}
	var heirs []int64
	for _, id := range into {
		heirs = append(heirs, id)
	}
	alive, err := presentOf(tx, kind, heirs)
	if err != nil {
		return nil, err
	}
	there = append(there, alive...)
	for id, l := range links {
		if heir := into[l.OurID]; heir != 0 {
			l.OurID = heir
		}
		if !slices.Contains(there, l.OurID) {
			l.OurID = 0
		}
		links[id] = l
	}
	return links, nil
}

func presentOf(tx *store.Tx, kind crm.Kind, ids []int64) (there []int64, err error) {
	for part := range slices.Chunk(ids, 200) {
		some, err := crm.Present(tx, kind, part)
		if err != nil {
			return nil, err
		}
		there = append(there, some...)
	}
	return there, nil
}

// terms are those of this moment, with the places of what some records refer to.
func (w *work) terms(ctx context.Context, tx *store.Tx, companies, contacts []string) (t translator, err error) {
	t = translator{source: w.source.Name, mapping: w.mapping, stages: w.known.Stages, theirs: w.source.Plan, ours: w.Plan, now: tx.Now()}
	if t.org, err = w.Roster.Org(ctx); err != nil {
		return t, err
	}
	if t.set, err = w.Directory.Set(ctx); err != nil {
		return t, err
	}
	if t.company, err = w.places(tx, crm.KindCompany, companies); err != nil {
		return t, err
	}
	t.contact, err = w.places(tx, crm.KindContact, contacts)
	return t, err
}

func (w *work) places(tx *store.Tx, kind crm.Kind, ids []string) (map[string]place, error) {
	links, err := w.where(tx, kind, ids)
	if err != nil {
		return nil, err
	}
	places := make(map[string]place, len(links))
	for id, l := range links {
		s, err := seenOf(l.Seen)
		if err != nil {
			return nil, err
		}
		places[id] = place{l.OurID, s.Created}
	}
	return places, nil
}

// translate puts every record into our words, and remembers what could not be.
func (a *attempt) translate(ctx context.Context, tx *store.Tx) (err error) {
	var companies, contacts []string
	for _, i := range a.items {
		companies = append(companies, i.record.CompanyIDs...)
		contacts = append(contacts, i.record.ContactID)
		if i.before != nil {
			companies = append(companies, i.before.CompanyIDs...)
			contacts = append(contacts, i.before.ContactID)
		}
	}
	if a.translator, err = a.work.terms(ctx, tx, distinct(companies), distinct(contacts)); err != nil {
		return err
	}
	for _, i := range a.items {
		i.now = a.remember(i.record, i.before, i.before == nil && a.first)
		i.theirs, i.wrong = a.faceOf(i.now)
		by := Ref{a.kind, i.record.ID}
		for _, id := range without(i.record.CompanyIDs, i.now.CompanyIDs) {
			a.wants = append(a.wants, missingRef{Ref{crm.KindCompany, id}, by})
		}
		if i.record.ContactID != i.now.ContactID {
			a.wants = append(a.wants, missingRef{Ref{crm.KindContact, i.record.ContactID}, by})
		}
	}
	return nil
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// match finds the records that are here already, although nobody linked them: they
// have the name and one of the numbers. One that is linked is another record.
func (a *attempt) match(_ context.Context, tx *store.Tx) error {
	var keys []int64
	for _, i := range a.items {
		if i.link == nil {
			keys = append(keys, a.keys(i.theirs)...)
		}
	}
	slices.Sort(keys)
	known := map[int64][]crm.Twin{}
	var ids []int64
	for part := range slices.Chunk(slices.Compact(keys), 200) {
		twins, err := crm.Twins(tx, a.kind, part)
		if err != nil {
			return err
		}
		for _, t := range twins {
			known[t.Key] = append(known[t.Key], t)
			ids = append(ids, t.ID)
		}
	}
	linked, err := linksTo(tx, a.work.source.ID, a.kind, ids)
	if err != nil {
		return err
	}
	taken := map[int64]bool{}
	for _, l := range linked {
		taken[l.OurID] = true
	}
	for _, i := range a.items {
		if i.link == nil {
			a.matchOne(i, known, taken)
		}
	}
	return nil
}

func (a *attempt) matchOne(i *item, known map[int64][]crm.Twin, taken map[int64]bool) {
	name := store.Fold(i.theirs.Name)
	if a.kind == crm.KindLead {
		name = store.Fold(i.theirs.Title)
	}
	for _, key := range a.keys(i.theirs) {
		for _, t := range known[key] {
			if store.Fold(t.Name) == name && !taken[t.ID] {
				i.ours, i.matched, taken[t.ID] = t.ID, true, true
				i.now = a.remember(i.record, nil, false)
				return
			}
		}
	}
}

func (t translator) keys(f state) (keys []int64) {
	for _, p := range f.Phones {
		if key := t.ours.Parse(p.Value).Key(); key > 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

// hold lists what is going to be changed or linked to.
func (a *attempt) hold(context.Context, *store.Tx) error {
	var own []int64
	for _, i := range a.items {
		if i.idle() {
			continue
		}
		if i.ours != 0 {
			own = append(own, i.ours)
		}
		a.held.Companies = append(a.held.Companies, i.theirs.Companies...)
		if i.theirs.Contact != 0 {
			a.held.Contacts = append(a.held.Contacts, i.theirs.Contact)
		}
		if i.theirs.Status != "" {
			a.held.Statuses = append(a.held.Statuses, i.theirs.Status)
		}
	}
	switch a.kind {
	case crm.KindCompany:
		a.held.Companies = append(a.held.Companies, own...)
	case crm.KindContact:
		a.held.Contacts = append(a.held.Contacts, own...)
	case crm.KindLead:
		a.held.Leads = own
	}
	return nil
}

// idle says that nothing is to be done for a record but to note that it was seen.
func (i *item) idle() bool {
	return i.link != nil && (i.link.OurID == 0 || !i.differs && i.before.same(i.now) && i.link.Gone == 0)
}
