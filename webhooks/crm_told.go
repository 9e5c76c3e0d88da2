package webhooks

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/crmsync/calllog"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
)

// Notifier is what this room needs of telling: *calllog.Notifier.
type Notifier interface {
	Run(ctx context.Context, s calllog.Source)
	IsEcho(ctx context.Context, theirs string, n phone.Number, rings bool) (bool, error)
	RemoveSource(tx *store.Tx, source int64) error
}

// told is the CRM of a link as telling sees it.
func (l *crmLink) callLogSource() calllog.Source {
	s := calllog.Source{ID: l.source.ID, Name: l.source.Name, Own: l.knowsItself, Refused: l.refused}
	if l.source.Settings[showCallsSetting.Name] == "true" {
		s.Phone, _ = l.portal.(crmsync.Telephony)
	}
	return s
}

// knowsItself says whether a call is of the CRM's own telephony, also through another
// source of the same portal, or only a test.
func (l *crmLink) knowsItself(ctx context.Context, p *calls.Progress) (bool, error) {
	if strings.HasPrefix(p.CallID, trialPrefix) {
		return true, nil
	}
	b, err := l.door.book.Get(ctx)
	if err != nil {
		return false, err
	}
	o := b.byName[p.Source]
	if o == nil || o.ID == l.source.ID {
		return o != nil, nil
	}
	portals := []string{"bitrix24", "bitrix24-sync"}
	if !slices.Contains(portals, o.Dialect) || !slices.Contains(portals, l.source.Dialect) {
		return false, nil
	}
	its := bitrix24Host(o.Settings[bitrix24Portal])
	return its == "" || its == bitrix24Host(l.source.Settings[bitrix24Portal]), nil
}

// refused writes into the source's log what the CRM did not take.
func (l *crmLink) refused(what string, f *fault.Error) {
	l.door.record(&call{q: &Query{Source: l.source.Source, At: l.door.opt.Now().UTC()}, source: l.source,
		trace: func() trace { return trace{method: "TELL", path: what} }}, http.StatusBadGateway, f)
}

// isEcho says whether an event of a portal is of a call that we have told it of.
func (d *Receiver) isEcho(ctx context.Context, o *liveSource, e calls.Event) (bool, error) {
	if d.opt.Notifier == nil || !strings.HasPrefix(e.CallID, externalCall) {
		return false, nil
	}
	return d.opt.Notifier.IsEcho(ctx, e.CallID, o.origin.Plan.Parse(e.Number), e.Kind == calls.Ringing)
}
