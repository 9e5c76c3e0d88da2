package crmsync

import (
	"context"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// pushRoutes returns the routes of other systems that write their records here.
func (s *Syncer) pushRoutes() []web.Route {
	const external = "/by-external/:system/:external_id"
	return []web.Route{
		{Method: "PUT", Path: "/api/v1/companies" + external, Roles: access.Pushers, Others: []int{201, 202},
			Summary: "Add or change the company that another system knows by an id", Do: web.Do(s.putCompany)},
		{Method: "GET", Path: "/api/v1/companies" + external, Roles: access.Pushers,
			Summary: "Get the company that another system knows by an id", Do: web.Do(s.getCompany)},
		{Method: "DELETE", Path: "/api/v1/companies" + external, Roles: access.Pushers, Others: []int{202},
			Summary: "Remove the company that another system knows by an id", Do: web.Do(removing(s, crm.KindCompany))},
		{Method: "PUT", Path: "/api/v1/contacts" + external, Roles: access.Pushers, Others: []int{201, 202},
			Summary: "Add or change the contact that another system knows by an id", Do: web.Do(s.putContact)},
		{Method: "GET", Path: "/api/v1/contacts" + external, Roles: access.Pushers,
			Summary: "Get the contact that another system knows by an id", Do: web.Do(s.getContact)},
		{Method: "DELETE", Path: "/api/v1/contacts" + external, Roles: access.Pushers, Others: []int{202},
			Summary: "Remove the contact that another system knows by an id", Do: web.Do(removing(s, crm.KindContact))},
		{Method: "PUT", Path: "/api/v1/leads" + external, Roles: access.Pushers, Others: []int{201, 202},
			Summary: "Add or change the lead that another system knows by an id", Do: web.Do(s.putLead)},
		{Method: "GET", Path: "/api/v1/leads" + external, Roles: access.Pushers,
			Summary: "Get the lead that another system knows by an id", Do: web.Do(s.getLead)},
		{Method: "DELETE", Path: "/api/v1/leads" + external, Roles: access.Pushers, Others: []int{202},
			Summary: "Remove the lead that another system knows by an id", Do: web.Do(removing(s, crm.KindLead))},
		{Method: "POST", Path: "/api/v1/bulk", Roles: access.Pushers, MaxBody: maxBulkBody,
			Summary: "Do up to 1 000 such operations, with a result for each", Do: web.Do(s.postBulk)},
		{Method: "GET", Path: "/api/v1/external-systems", Roles: access.Admins,
			Summary: "List the systems that write their records here", Do: web.Do(s.getSystems)},
		{Method: "PUT", Path: "/api/v1/external-systems/:name", Roles: access.Admins,
			Summary: "Change how records of a system are linked to, and whether it decides about owners and statuses",
			Do:      web.Do(s.putSystem)},
		{Method: "GET", Path: "/api/v1/external-systems/:name/conflicts", Roles: access.Heads,
			Summary: "List values of a system that were not applied, newest first", Do: web.Do(s.getSystemConflicts)},
		{Method: "POST", Path: "/api/v1/external-systems/:name/conflicts/:conflict/accept", Roles: access.Heads,
			Summary: "Accept the system's value of a conflict", Do: web.Do(s.acceptOfSystem)},
		{Method: "POST", Path: "/api/v1/external-systems/:name/conflicts/:conflict/dismiss", Roles: access.Heads,
			Summary: "Dismiss a conflict and keep the record as it is", Do: web.Do(s.dismissOfSystem)},
	}
}

// externalPlace is a record in the path.
type externalPlace struct {
	System string `path:"system" json:"-"`
	ID     string `path:"external_id" json:"-"`
}

func (p externalPlace) of(kind crm.Kind) Place { return Place{p.System, kind, p.ID} }

type pushCompanyIn struct {
	externalPlace
	PushedCompany
}

type pushContactIn struct {
	externalPlace
	PushedContact
}

type pushLeadIn struct {
	externalPlace
	PushedLead
}

// CompanyPush is a pushed company as it is now.
type CompanyPush struct {
	crm.Company
	PushOutcome
}

// ContactPush is a pushed contact as it is now.
type ContactPush struct {
	crm.Contact
	PushOutcome
}

// LeadPush is a pushed lead as it is now.
type LeadPush struct {
	crm.Lead
	PushOutcome
}

func (s *Syncer) putCompany(r *web.Request, in pushCompanyIn) (out CompanyPush, err error) {
	if err := ifMatch(r, &in.Version); err != nil {
		return out, err
	}
	_, err = s.push(r.Context(), r.User, in.of(crm.KindCompany), in.pushed(), func(b *crm.Batch, p PushResult) error {
		c, err := b.Company(p.RecordID)
		out = CompanyPush{c, p.PushOutcome}
		b.Tx.Answer(out)
		return err
	})
	return out, err
}

func (s *Syncer) putContact(r *web.Request, in pushContactIn) (out ContactPush, err error) {
	if err := ifMatch(r, &in.Version); err != nil {
		return out, err
	}
	_, err = s.push(r.Context(), r.User, in.of(crm.KindContact), in.pushed(), func(b *crm.Batch, p PushResult) error {
		c, err := b.Contact(p.RecordID)
		out = ContactPush{c, p.PushOutcome}
		b.Tx.Answer(out)
		return err
	})
	return out, err
}

func (s *Syncer) putLead(r *web.Request, in pushLeadIn) (out LeadPush, err error) {
	if err := ifMatch(r, &in.Version); err != nil {
		return out, err
	}
	_, err = s.push(r.Context(), r.User, in.of(crm.KindLead), in.pushed(), func(b *crm.Batch, p PushResult) error {
		l, err := b.Lead(p.RecordID)
		out = LeadPush{l, p.PushOutcome}
		b.Tx.Answer(out)
		return err
	})
	return out, err
}

// ifMatch takes the version from the header If-Match, where there is one.
func ifMatch(r *web.Request, version *int64) error {
	header := r.C.Get("If-Match")
	if header == "" || header == "*" {
		return nil
	}
	seen, err := strconv.ParseInt(strings.Trim(header, `"`), 10, 64)
	if err != nil || seen <= 0 {
		return fault.Invalid("If-Match", "wrong_type")
	}
	*version = seen
	return nil
}

func removing(s *Syncer, kind crm.Kind) func(*web.Request, externalPlace) (Removal, error) {
	return func(r *web.Request, in externalPlace) (Removal, error) {
		return s.pushRemoval(r.Context(), r.User, in.of(kind))
	}
}

func (s *Syncer) getCompany(r *web.Request, in externalPlace) (out crm.Company, err error) {
	id, err := s.ourRecord(r.Context(), in.of(crm.KindCompany))
	if err == nil {
		out, err = s.Records.FindCompany(r.Context(), id)
	}
	return out, err
}

func (s *Syncer) getContact(r *web.Request, in externalPlace) (out crm.Contact, err error) {
	id, err := s.ourRecord(r.Context(), in.of(crm.KindContact))
	if err == nil {
		out, err = s.Records.FindContact(r.Context(), id)
	}
	return out, err
}

func (s *Syncer) getLead(r *web.Request, in externalPlace) (out crm.Lead, err error) {
	id, err := s.ourRecord(r.Context(), in.of(crm.KindLead))
	if err == nil {
		out, err = s.Records.FindLead(r.Context(), id)
	}
	return out, err
}

// ourRecord returns our record of a system's. Fault: not_found.
func (s *Syncer) ourRecord(ctx context.Context, at Place) (int64, error) {
	found, err := crm.FindByExternalIDs(s.DB.Read(ctx), at.Kind, strings.ToLower(at.System), []string{at.ID})
	if err == nil && found[at.ID] == 0 {
		err = fault.Missing(at.Kind.String())
	}
	return found[at.ID], err
}

func (s *Syncer) postBulk(r *web.Request, in Bulk) (BulkAnswer, error) {
	return s.bulk(r.Context(), r.User, in)
}

func (s *Syncer) getSystems(r *web.Request, _ web.Nothing) (web.List[*System], error) {
	list, err := s.Systems(r.Context())
	return web.List[*System]{Items: list}, err
}

type systemIn struct {
	Name string `path:"name" json:"-"`
	SystemChange
}

func (s *Syncer) putSystem(r *web.Request, in systemIn) (*System, error) {
	return s.ChangeSystem(r.Context(), r.User, in.Name, in.SystemChange)
}

type systemConflicts struct {
	Name string `path:"name" json:"-"`
	web.Paging
}

func (s *Syncer) getSystemConflicts(r *web.Request, in systemConflicts) (page web.List[Conflict], err error) {
	system, err := s.findSystem(r.Context(), in.Name)
	if err != nil {
		return page, err
	}
	return s.getConflicts(r, listConflicts{oneSource{system.source()}, in.Paging})
}

type systemConflict struct {
	Name     string `path:"name" json:"-"`
	Conflict int64  `path:"conflict" json:"-"`
}

func (s *Syncer) acceptOfSystem(r *web.Request, in systemConflict) (web.Nothing, error) {
	system, err := s.findSystem(r.Context(), in.Name)
	if err != nil {
		return web.Nothing{}, err
	}
	return web.Nothing{}, s.Accept(r.Context(), r.User, system.source(), in.Conflict)
}

func (s *Syncer) dismissOfSystem(r *web.Request, in systemConflict) (web.Nothing, error) {
	system, err := s.findSystem(r.Context(), in.Name)
	if err != nil {
		return web.Nothing{}, err
	}
	return web.Nothing{}, s.dismissAsHead(r.Context(), r.User, system.source(), in.Conflict)
}
