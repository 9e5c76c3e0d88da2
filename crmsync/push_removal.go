package crmsync

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// Removal is what became of a record that a system has removed.
type Removal struct {
	RecordID  int64      `json:"id"`
	Removed   bool       `json:"removed"`   // false: it stays, for another system that knows it or for a decision
	Conflicts []Conflict `json:"conflicts"` // the removal, where it waits for a decision
}

// HTTPStatus implements web.Statused: 202 where a decision is waited for, else 200.
func (r Removal) HTTPStatus() int {
	if len(r.Conflicts) > 0 {
		return 202
	}
	return 200
}

// pushRemoval removes the record of a system, or forgets its id if another system knows the record too. Fault:
// not_found.
func (s *Syncer) pushRemoval(ctx context.Context, by *access.User, at Place) (Removal, error) {
	system, err := s.findSystem(ctx, at.System)
	if err != nil {
		return Removal{}, err
	}
	at.System, at.ID = system.Name, text.Tidy(at.ID)
	for try := 1; ; try++ {
		out, err := s.tryRemoval(ctx, by, system, at)
		if !fault.Is(err, fault.KindConflict) || fault.Of(err).Key != "stale_version" || try == maxPushTries {
			return out, err
		}
	}
}

func (s *Syncer) tryRemoval(ctx context.Context, by *access.User, system *System, at Place) (out Removal, err error) {
	p := &push{Syncer: s, by: by, system: system, place: at}
	tx := s.DB.Read(ctx)
	if p.ourID, err = p.find(tx); err != nil {
		return out, err
	}
	if p.ourID == 0 {
		return out, fault.Missing(at.Kind.String())
	}
	present, err := existing(tx, at.Kind, []int64{p.ourID})
	if err != nil {
		return out, err
	}
	links, err := linksOf(tx, system.source(), at.Kind, []string{at.ID})
	if err != nil {
		return out, err
	}
	p.refused = refusedIn(links[at.ID].Snapshot)
	var held crm.Locks
	if len(present) > 0 {
		if held, err = heldFor(tx, at.Kind, p.ourID, change{Part: partRemoval}); err != nil {
			return out, err
		}
	}
	err = s.Records.Batch(ctx, by, held, func(all *crm.Batch) error {
		out = Removal{RecordID: p.ourID, Conflicts: []Conflict{}}
		if found, err := p.find(all.Tx); err != nil || found != p.ourID {
			return orStale(err)
		}
		b := all.For(crm.ExternalID{System: at.System, ID: at.ID}, system.Master)
		if len(present) > 0 {
			if err := p.remove(ctx, b, &out); err != nil {
				return err
			}
		}
		if len(out.Conflicts) == 0 {
			if err := p.forget(all.Tx); err != nil {
				return err
			}
		}
		all.Tx.Answer(out)
		return nil
	})
	return out, err
}

// remove removes the record unless another system knows it; a refusal becomes a conflict.
func (p *push) remove(ctx context.Context, b *crm.Batch, out *Removal) error {
	known, err := crm.FindExternalIDs(b.Tx, p.place.Kind, []int64{p.ourID})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known[p.ourID], func(e crm.ExternalID) bool {
		return e.System != crm.ImportSystem && (e.System != p.place.System || e.ID != p.place.ID)
	}) {
		return nil
	}
	why, fatal := b.Remove(p.place.Kind, p.ourID)
	switch {
	case fatal != nil:
		return fatal
	case why == nil:
		out.Removed = true
		return nil
	case !fault.Is(why, fault.KindForbidden):
		return why
	}
	c := change{Part: partRemoval}
	if err := p.recordRefusal(b.Tx, c, fault.Of(why).Key, ""); err != nil {
		return err
	}
	p.refused[partRemoval] = c.text()
	err = putLink(b.Tx, p.system.source(), linkRow{Kind: int64(p.place.Kind), TheirID: p.place.ID, OurID: p.ourID,
		Snapshot: refusedText(p.refused)})
	if err != nil {
		return err
	}
	p.result = PushResult{}
	err = p.listConflicts(ctx, b.Tx, map[part]string{partRemoval: c.text()})
	out.Conflicts = p.result.Conflicts
	return err
}

// forget removes everything that is stored of the system's id.
func (p *push) forget(tx *store.Tx) error {
	if err := dropConflicts(tx, p.system.source(), p.place.Kind, p.place.ID); err != nil {
		return err
	}
	if err := dropLink(tx, p.system.source(), p.place.Kind, p.place.ID); err != nil {
		return err
	}
	return crm.RemoveExternalIDs(tx, p.place.Kind, p.place.System, []string{p.place.ID})
}
