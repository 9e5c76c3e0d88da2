package calls

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

// AcknowledgeInput is what a head writes about an incident; the version is the
// one that he has read.
type AcknowledgeInput struct {
	ID      int64  `path:"id" json:"-"`
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

func (d *Tracker) acknowledge(r *web.Request, in AcknowledgeInput) (Incident, error) {
	return d.Acknowledge(r.Context(), r.User, in)
}

// Acknowledge closes an incident with a reason. That is for the heads of its
// agent or owner and for admins, but never for the agent himself; others are
// refused with acknowledge_forbidden, and the journal keeps it. An incident that
// a user may not see is missing; one that somebody has dealt with is stale.
func (d *Tracker) Acknowledge(ctx context.Context, by *access.User, in AcknowledgeInput) (done Incident, err error) {
	in.Reason = fault.Tidy(in.Reason)
	if code := fault.InRequired(in.Reason, 500); code != "" {
		return done, fault.Invalid("reason", code)
	}
	err = d.Journal.Write(ctx, d.DB, by, func(a *journal.Act) error {
		tx := a.Tx
		org, err := d.Roster.OrgIn(tx)
		if err != nil {
			return err
		}
		row, err := findIncident(tx, in.ID)
		if err != nil {
			return err
		}
		if !sightOf(org, asOf(org, by)).sees(row) {
			return fault.Missing("incident")
		}
		if !mayAcknowledge(org, by.ID, row) {
			return mayNotAcknowledge(a, row)
		}
		row.AcknowledgedAt, row.AcknowledgedBy, row.AcknowledgedWhy, row.Version = store.Millis(tx.Now()), by.ID, in.Reason, in.Version+1
		if err := store.Changed(saveAcknowledgement(tx, row)); err != nil {
			return err
		}
		policy, err := d.activePolicy(tx)
		if err != nil {
			return err
		}
		done = row.incident(org)
		return d.tellIncident(tx, org, row, incidentNews{journal.IncidentAcknowledged, by.ID, policy.Notify})
	})
	return done, err
}

// asOf is a user with the roles that he has in this picture of the staff: the
// session knows those of when the request began.
func asOf(org *staff.Org, user *access.User) *access.User {
	now := *user
	if u := org.User(user.ID); u != nil {
		now.Roles = u.Roles
	}
	return &now
}

func mayAcknowledge(org *staff.Org, user int64, row *incidentRow) bool {
	u := org.User(user)
	if u == nil || !u.Active || user == row.AgentID {
		return false
	}
	return slices.Contains(u.Roles, access.Admin) || org.IsHeadOf(user, row.AgentID) || org.IsHeadOf(user, row.OwnerID)
}

func mayNotAcknowledge(a *journal.Act, row *incidentRow) error {
	return a.Refuse(fault.Forbidden("acknowledge_forbidden"), journal.Entry{Team: a.User.Department,
		Subject: journal.Ref{Kind: "incident", ID: row.ID}, Client: journal.Ref{Kind: "company", ID: row.CompanyID}},
		map[string]any{"deed": "acknowledge", "name": row.CompanyName})
}
