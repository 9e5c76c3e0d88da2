package webhooks

import (
	"context"
	"sync"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// Syncer is what the receiver needs of crmsync: *crmsync.Syncer.
type Syncer interface {
	Run(ctx context.Context, s crmsync.Source)
	Enqueue(ctx context.Context, source int64, changes []crmsync.Change) error
	TokenStore(source int64, name string) crmsync.TokenStore
	Sync(ctx context.Context, source int64) (crmsync.Sync, error)
	RemoveSource(tx *store.Tx, source int64) error
}

// crmLink is our connection to a CRM: its records are synced, and our calls are logged there. Of several processes one
// does it, see crmsync.
type crmLink struct {
	receiver *Receiver
	source   *sources.Live
	client   crmsync.Portal
	wrong    error // why there is no client: settings that cannot be used
}

func newCRMLink(rc *Receiver, source *sources.Live) link {
	l := &crmLink{receiver: rc, source: source}
	l.client, l.wrong = rc.newCRMClient(source)
	return l
}

// run syncs the CRM until the context ends.
func (l *crmLink) run(ctx context.Context) {
	opt := l.receiver.opt
	if l.wrong != nil {
		opt.Log.Error("a CRM cannot be connected to: change the settings of its source",
			"source", l.source.Name, "error", l.wrong)
		<-ctx.Done()
		return
	}
	var callLog sync.WaitGroup
	defer callLog.Wait()
	callLog.Go(func() { opt.Notifier.Run(ctx, l.callLogSource()) })
	opt.Syncer.Run(ctx, crmsync.Source{ID: l.source.ID, Name: l.source.Name, Portal: l.client, Plan: l.source.Origin.Plan})
}

// status returns the state of the sync, in one word.
func (l *crmLink) status(ctx context.Context) (sources.LinkStatus, error) {
	if l.wrong != nil {
		return sources.LinkStatus{State: sources.LinkFailed, Reason: fault.Of(l.wrong).Key}, nil
	}
	now, err := l.receiver.opt.Syncer.Sync(ctx, l.source.ID)
	if err != nil {
		return sources.LinkStatus{}, err
	}
	status := sources.LinkStatus{State: sources.LinkConnecting}
	switch now.State {
	case "importing", "following":
		status.State = sources.LinkConnected
	case "not_installed":
		status.State = sources.LinkNotInstalled
	case "failed":
		status.State = sources.LinkFailed
		if now.Error != nil {
			status.Reason = now.Error.Code
		}
	}
	return status, nil
}

// HasSynced reports whether records of the CRM behind a source are linked to ours already. It is part of
// sources.Runtime.
func (rc *Receiver) HasSynced(ctx context.Context, source int64) (bool, error) {
	if rc.opt.Syncer == nil {
		return false, nil
	}
	now, err := rc.opt.Syncer.Sync(ctx, source)
	return now.Portal != nil, err
}

// syncCRM hands a CRM's changed records to crmsync, and takes up that our application was installed or removed. All of
// it is stored before the CRM is answered.
func (rc *Receiver) syncCRM(ctx context.Context, in *inbound) error {
	switch {
	case rc.opt.Syncer == nil:
		return nil
	case in.parsed.Installed:
		return rc.installByEvent(ctx, in)
	case in.parsed.Uninstalled:
		return rc.dropToken(ctx, in.source)
	case len(in.parsed.Changes) > 0:
		return rc.opt.Syncer.Enqueue(ctx, in.source.ID, in.parsed.Changes)
	}
	return nil
}

// dropToken deletes a token that the CRM has revoked.
func (rc *Receiver) dropToken(ctx context.Context, source *sources.Live) error {
	tokens := rc.opt.Syncer.TokenStore(source.ID, source.Name)
	stored, err := tokens.Token(ctx)
	if err != nil || stored.Version == 0 {
		return err
	}
	_, err = tokens.SaveToken(ctx, crmsync.Token{Account: stored.Account, Version: stored.Version})
	return err
}
