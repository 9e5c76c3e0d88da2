package webhooks

import (
	"context"
	"sync"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// Syncer is what this room needs of mirror: *crmsync.Syncer.
type Syncer interface {
	Run(ctx context.Context, s crmsync.Source)
	Enqueue(ctx context.Context, source int64, changes []crmsync.Change) error
	TokenStore(source int64, name string) crmsync.TokenStore
	Sync(ctx context.Context, source int64) (crmsync.Sync, error)
	RemoveSource(tx *store.Tx, source int64) error
}

// crmLink is our connection to a CRM: its records are mirrored, and it is told of
// calls. Of several processes one does it, see mirror.
type crmLink struct {
	door   *Receiver
	source *liveSource
	portal crmsync.Portal
	wrong  error // why there is no portal: settings that lead nowhere
}

func newCRMLink(d *Receiver, source *liveSource) link {
	l := &crmLink{door: d, source: source}
	l.portal, l.wrong = d.newPortal(source)
	return l
}

// run attends to the CRM until the context ends.
func (l *crmLink) run(ctx context.Context) {
	if l.wrong != nil {
		l.door.opt.Log.Error("a CRM cannot be connected to: change the settings of its source", "source", l.source.Name, "error", l.wrong)
		<-ctx.Done()
		return
	}
	var tells sync.WaitGroup
	defer tells.Wait()
	tells.Go(func() { l.door.opt.Notifier.Run(ctx, l.callLogSource()) })
	l.door.opt.Syncer.Run(ctx, crmsync.Source{ID: l.source.ID, Name: l.source.Name, Portal: l.portal, Plan: l.source.origin.Plan})
}

// standing is what mirror says, in one word.
func (l *crmLink) standing(ctx context.Context) (Standing, error) {
	if l.wrong != nil {
		return Standing{LinkFailed, fault.Of(l.wrong).Key}, nil
	}
	now, err := l.door.opt.Syncer.Sync(ctx, l.source.ID)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{State: LinkConnecting}
	switch now.State {
	case "importing", "following":
		s.State = LinkConnected
	case "not_installed":
		s.State = LinkNotInstalled
	case "failed":
		s.State = LinkFailed
		if now.Error != nil {
			s.Why = now.Error.Code
		}
	}
	return s, nil
}

// newPortal makes the client of a CRM from the settings of its source; it asks
// nothing yet.
func (d *Receiver) newPortal(source *liveSource) (crmsync.Portal, error) {
	switch {
	case d.opt.Syncer == nil:
		return nil, fault.Conflict("no_mirror")
	case source.dialect == nil || source.dialect.portal == nil:
		return nil, fault.Conflict("no_crm")
	}
	return source.dialect.portal(d, source)
}

// alone refuses a second source for a CRM that is mirrored already: each of them would
// bring all of its records, and hear every call of it. before are the settings that a
// source has had; what it leads to already stays.
func (d *Receiver) alone(tx *store.Tx, s Source, before map[string]string) error {
	dialect := d.dialects[s.Dialect]
	if dialect == nil || dialect.crm == nil || before != nil && dialect.crm(before) == dialect.crm(s.Settings) {
		return nil
	}
	rows, err := sourceRows(tx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		other, err := row.source()
		if err != nil {
			return err
		}
		if other.ID != s.ID && other.Dialect == s.Dialect && dialect.crm(other.Settings) == dialect.crm(s.Settings) {
			return fault.Invalid("settings."+dialect.needs[0], "connected_elsewhere")
		}
	}
	return nil
}

// portalOf gives the client of a source: that of its link, which knows how much was
// asked of late, or one of its own where this process has no link.
func (d *Receiver) portalOf(source *liveSource) (crmsync.Portal, error) {
	if l, ok := d.links.find(source.ID).(*crmLink); ok && l.source.Version == source.Version && l.portal != nil {
		return l.portal, nil
	}
	return d.newPortal(source)
}

// enqueueChanges passes on what a CRM reports; it is stored before the CRM is
// answered.
func (d *Receiver) enqueueChanges(ctx context.Context, c *call) error {
	switch {
	case d.opt.Syncer == nil:
		return nil
	case c.heard.Installed:
		return d.installByEvent(ctx, c)
	case c.heard.Uninstalled:
		return d.dropToken(ctx, c.source)
	case len(c.heard.Changes) > 0:
		return d.opt.Syncer.Enqueue(ctx, c.source.ID, c.heard.Changes)
	}
	return nil
}

// dropToken removes the token that a CRM has taken back.
func (d *Receiver) dropToken(ctx context.Context, source *liveSource) error {
	grants := d.opt.Syncer.TokenStore(source.ID, source.Name)
	stored, err := grants.Token(ctx)
	if err != nil || stored.Version == 0 {
		return err
	}
	_, err = grants.SaveToken(ctx, crmsync.Token{Account: stored.Account, Version: stored.Version})
	return err
}
