package permits

import (
	"context"
	"errors"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// sweepEvery is how soon it is recorded that a permit has run out. The cards look at the clock themselves.
const sweepEvery = time.Second

// movesCompanies reports whether permits and requests may have lost their point by an entry: a company has another
// owner or is gone, or an owner came back.
func movesCompanies(e journal.Entry) bool {
	switch e.Verb {
	case crm.OwnerChanged, crm.RecordRemoved:
		return e.Subject.Kind == crm.KindCompany.String()
	}
	return e.Verb == staff.UserChanged
}

// Run ends what has run out or lost its point, until the context ends.
func (b *Registry) Run(ctx context.Context) error {
	return jobs.RunAll(ctx,
		jobs.Loop{Name: "ending permits that ran out", Every: sweepEvery, Log: b.log, Do: b.endOver},
		jobs.Loop{Name: "ending permits of changed companies", Every: time.Hour, Wake: b.wake, Log: b.log, Do: b.Sweep},
	)
}

// endOver looks at the permits in memory, and at the tables only when one of
// them has run out.
func (b *Registry) endOver(ctx context.Context) error {
	held, err := b.Held(ctx)
	if err != nil {
		return err
	}
	now := b.db.Clock()
	for _, r := range held.latest {
		if !r.runs(now) {
			return b.Sweep(ctx)
		}
	}
	return nil
}

// Sweep ends permits whose time is over, whose company has another owner or is gone, and closes open requests that such
// a change has answered.
func (b *Registry) Sweep(ctx context.Context) error {
	tx := b.db.Read(ctx)
	held, err := permits.List(tx, running(), oldestFirst())
	if err != nil {
		return err
	}
	waiting, err := asks.List(tx, open(), oldestFirst())
	if err != nil {
		return err
	}
	briefs, err := crm.FindBriefs(tx, companiesOf(held, waiting))
	if err != nil {
		return err
	}
	org, err := b.roster.Org(ctx)
	if err != nil {
		return err
	}
	now := b.db.Clock().UTC()
	stale := map[int64]bool{}
	for _, r := range held {
		if _, ended := r.ending(briefs[r.CompanyID], now); ended {
			stale[r.CompanyID] = true
		}
	}
	for _, r := range waiting {
		if r.pointless(org, briefs[r.CompanyID]) {
			stale[r.CompanyID] = true
		}
	}
	for company := range stale {
		if err := b.sweepCompany(ctx, company); err != nil {
			return err
		}
	}
	return nil
}

func companiesOf(permits []*permitRow, asks []*askRow) (ids []int64) {
	seen := map[int64]bool{}
	add := func(id int64) {
		if !seen[id] {
			seen[id], ids = true, append(ids, id)
		}
	}
	for _, r := range permits {
		add(r.CompanyID)
	}
	for _, r := range asks {
		add(r.CompanyID)
	}
	return ids
}

// sweepCompany is Sweep for one company, in a transaction that holds it.
func (b *Registry) sweepCompany(ctx context.Context, id int64) error {
	return b.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := crm.LockCompany(tx, id); err != nil && !isGone(err) {
			return err // of a company that is gone nothing can change any more
		}
		briefs, err := crm.FindBriefs(tx, []int64{id})
		if err != nil {
			return err
		}
		org, err := b.roster.OrgIn(tx)
		if err != nil {
			return err
		}
		a := &act{b, b.journal.Act(tx, access.System()), org, briefs[id]}
		return a.sweep(id)
	})
}

func (a *act) sweep(id int64) error {
	held, err := permits.List(a.Tx, running().And(ofCompany(id)), oldestFirst())
	if err != nil {
		return err
	}
	for _, r := range held {
		why, ended := r.ending(a.company, a.Tx.Now())
		if !ended {
			continue
		}
		at := store.MomentOf(a.Tx.Now())
		if why == Over {
			at = r.Until
		}
		if err := a.end(r, at, why); err != nil {
			return err
		}
	}
	waiting, err := asks.List(a.Tx, open().And(ofCompany(id)), oldestFirst())
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if !r.pointless(a.org, a.company) {
			continue
		}
		if err := a.close(r, AskDone, ""); err != nil {
			return err
		}
	}
	return nil
}

func isGone(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind == fault.KindMissing
}

// ending returns why a running permit has to end; false when it has not.
func (r *permitRow) ending(company crm.Brief, at time.Time) (Ending, bool) {
	switch {
	case company.ID == 0 || company.Removed:
		return CompanyRemoved, true
	case company.OwnerID != r.OwnerID:
		return OwnerChanged, true
	case !r.runs(at):
		return Over, true
	}
	return "", false
}

// pointless reports whether an open request was answered by what happened meanwhile: its company is gone, has the owner
// that was requested, or is the agent's own; or the owner who had left is back.
func (r *askRow) pointless(org *staff.Org, company crm.Brief) bool {
	switch {
	case company.ID == 0 || company.Removed:
		return true
	case r.Kind == AskPermit:
		return company.OwnerID == 0 || company.OwnerID == r.AgentID
	case r.Kind == AskOwnerLeft:
		if owner := org.User(company.OwnerID); owner != nil && owner.Active {
			return true
		}
	}
	return company.OwnerID != r.OwnerID
}
