package incidents

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// AcknowledgeInput is what a head writes about an incident; the version is the one that they have read.
type AcknowledgeInput struct {
	ID      int64  `path:"id" json:"-"`
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

// maxReason is the longest reason of a head, in characters.
const maxReason = 500

// Acknowledge closes an incident with a reason. Heads of its agent or owner may do that, and admins, but never the
// agent of the incident; the journal keeps a refusal. Faults: invalid "reason", "not_found" for an incident that the
// user may not see, "acknowledge_forbidden", "stale_version" for one that another head has closed.
func (r *Registry) Acknowledge(ctx context.Context, by *access.User, in AcknowledgeInput) (closed Incident, err error) {
	err = r.journal.Write(ctx, r.db, by, func(a *journal.Act) error {
		reason := a.Required("reason", in.Reason, maxReason)
		if err := a.Check(); err != nil {
			return err
		}
		org, err := r.roster.OrgIn(a.Tx)
		if err != nil {
			return err
		}
		row, err := table.Find(a.Tx, in.ID)
		if err != nil {
			return err
		}
		if !sees(org.ScopeOf(by, a.Tx.Now()), row) {
			return fault.Missing("incident")
		}
		if !mayAcknowledge(org, by.ID, row) {
			return refuseAcknowledge(a, row)
		}
		if row.Version != in.Version || row.AcknowledgedAt != 0 {
			return fault.Stale()
		}
		row.AcknowledgedAt, row.AcknowledgedBy, row.AcknowledgedWhy = store.MomentOf(a.Tx.Now()), by.ID, reason
		if err := table.Update(a.Tx, row); err != nil {
			return err
		}
		closed = row.incident(org)
		a.Tx.Answer(closed)
		return r.record(a.Tx, org, row, Acknowledged, by.ID)
	})
	return closed, err
}

func mayAcknowledge(org *staff.Org, user int64, row *incidentRow) bool {
	u := org.User(user)
	if u == nil || !u.Active || user == row.AgentID {
		return false
	}
	return slices.Contains(u.Roles, access.Admin) || org.IsHeadOf(user, row.AgentID) || org.IsHeadOf(user, row.OwnerID)
}

func refuseAcknowledge(a *journal.Act, row *incidentRow) error {
	return a.Refuse(fault.Forbidden("acknowledge_forbidden"), journal.Entry{
		Team:    a.User.Department,
		Subject: journal.Ref{Kind: "incident", ID: row.ID},
		Client:  journal.Ref{Kind: crm.KindCompany.String(), ID: row.CompanyID},
	}, map[string]any{"action": "acknowledge", "name": row.CompanyName})
}
