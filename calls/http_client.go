package calls

import (
	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/journal"
)

func (d *Tracker) client(r *web.Request, in ClientInput) (ClientPage, error) {
	kind, err := crm.KindOf(in.Kind)
	if err != nil {
		return ClientPage{}, fault.Missing("page")
	}
	c := ClientPage{}
	if c.Client, err = d.recordOf(r.Context(), kind, in.ID); err != nil {
		return ClientPage{}, err
	}
	_, scope, err := d.scopeOf(r.Context(), r.User)
	if err != nil {
		return ClientPage{}, err
	}
	theirs, err := d.relates(r.Context(), scope, r.User.ID, kind, in.ID)
	if err != nil {
		return ClientPage{}, err
	}
	if c.Related, err = d.around(r.Context(), kind, in.ID, callsOfClient(scope, theirs)); err != nil {
		return ClientPage{}, err
	}
	past, err := d.Records.FindMerged(r.Context(), kind, in.ID)
	if err != nil {
		return ClientPage{}, err
	}
	c.History, err = journal.List(d.DB.Read(r.Context()), journal.History{
		Client:  journal.Ref{Kind: kind.String(), ID: in.ID},
		Past:    past,
		Without: []journal.Verb{CardShown, CardChanged, CardClosed},
		Of:      historyOf(scope, theirs, c.Client.Owner),
		Limit:   historyOfClient,
	})
	return c, err
}
