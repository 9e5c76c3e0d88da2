package calls

import (
	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/journal"
)

func (d *Tracker) client(r *web.Request, in ClientInput) (Client, error) {
	kind, err := crm.KindOf(in.Kind)
	if err != nil {
		return Client{}, fault.Missing("page")
	}
	c := Client{}
	if c.Client, err = d.recordOf(r.Context(), kind, in.ID); err != nil {
		return Client{}, err
	}
	if c.Related, err = d.around(r.Context(), kind, in.ID); err != nil {
		return Client{}, err
	}
	without := []journal.Verb{CardShown, CardChanged, CardClosed}
	org, err := d.Roster.Org(r.Context())
	if err != nil {
		return Client{}, err
	}
	if owner := c.Client.Owner; !r.User.Has(access.Heads...) && !r.User.Has(access.Service) &&
		(owner == nil || owner.ID != r.User.ID && !org.IsHeadOf(r.User.ID, owner.ID)) {
		without = append(without[:len(without):len(without)], incidents.Recorded, incidents.Acknowledged)
	}
	past, err := d.Records.FindMerged(r.Context(), kind, in.ID)
	if err != nil {
		return Client{}, err
	}
	c.History, err = journal.List(d.DB.Read(r.Context()), journal.History{Client: journal.Ref{Kind: kind.String(), ID: in.ID}, Past: past,
		Without: without, Limit: historyOfClient})
	return c, err
}
