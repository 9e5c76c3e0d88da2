package webhooks

import (
	"context"
	"net/http"
	"strings"

	"callhue/calls"
	"callhue/crmsync"
	"callhue/crmsync/calllog"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// Notifier is what the receiver needs of calllog: *calllog.Notifier.
type Notifier interface {
	Run(ctx context.Context, s calllog.Source)
	IsEcho(ctx context.Context, theirs string, n phone.Number, rings bool) (bool, error)
	RemoveSource(tx *store.Tx, source int64) error
}

// callLogSource returns the CRM of a link as calllog sees it.
func (l *crmLink) callLogSource() calllog.Source {
	s := calllog.Source{ID: l.source.ID, Name: l.source.Name, Own: l.isOwnCall, Refused: l.logRefusal}
	if dialects.ShowsCalls(l.source.Settings) {
		s.Phone, _ = l.client.(crmsync.Telephony)
	}
	return s
}

// isOwnCall reports whether a call is of the CRM's own telephony, also through another source of the same portal, or
// only a test: such calls are not logged there.
func (l *crmLink) isOwnCall(ctx context.Context, p *calls.Progress) (bool, error) {
	if strings.HasPrefix(p.CallID, testCallPrefix) {
		return true, nil
	}
	all, err := l.receiver.opt.Sources.Snapshot(ctx)
	if err != nil {
		return false, err
	}
	source := all.ByName[p.Source]
	if source == nil || source.ID == l.source.ID {
		return source != nil, nil
	}
	if !isBitrix24(source) || !isBitrix24(l.source) {
		return false, nil
	}
	host := dialects.Bitrix24SettingsOf(source.Settings).Host()
	return host == "" || host == dialects.Bitrix24SettingsOf(l.source.Settings).Host(), nil
}

func isBitrix24(source *sources.Live) bool {
	name := source.Source.Dialect
	return name == dialects.Bitrix24 || name == dialects.Bitrix24Sync
}

// logRefusal adds to the source's log what the CRM did not accept.
func (l *crmLink) logRefusal(what string, f *fault.Error) {
	l.receiver.logRequest(&inbound{
		req:    &dialects.Request{Source: l.source.Name, At: l.receiver.opt.Now().UTC()},
		source: l.source,
		head:   func() requestHead { return requestHead{method: "TELL", path: what} },
	}, http.StatusBadGateway, f)
}

// isEcho reports whether an event of a portal is of a call that we have logged there.
func (rc *Receiver) isEcho(ctx context.Context, source *sources.Live, e calls.Event) (bool, error) {
	if rc.opt.Notifier == nil || !dialects.IsExternalCall(e.CallID) {
		return false, nil
	}
	return rc.opt.Notifier.IsEcho(ctx, e.CallID, source.Origin.Plan.Parse(e.Number), e.Kind == calls.Ringing)
}
