package permits

import (
	"context"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
	"callhue/rules"
	"callhue/staff"
)

// Permit lets an agent work with a company for a while.
type Permit struct {
	ID        int64        `json:"id"`
	Agent     crm.Named    `json:"agent"`
	Company   crm.Named    `json:"company"`
	Owner     crm.Named    `json:"owner"` // of the company when it was granted; it ends when that changes
	From      store.Moment `json:"from"`
	Until     store.Moment `json:"until"` // exclusive
	By        crm.Named    `json:"by"`
	Reason    string       `json:"reason"`
	AskID     int64        `json:"ask_id"` // 0: granted without a request
	EndedAt   store.Moment `json:"ended_at" null:"it runs"`
	EndedBy   *crm.Named   `json:"ended_by"`
	EndReason Ending       `json:"end_reason"` // "" while it runs
}

// Ending is why a permit ended.
type Ending string

// The ways in which a permit ends.
const (
	Over           Ending = "over"            // its time
	Taken          Ending = "taken"           // by a user who may grant one
	Replaced       Ending = "replaced"        // by the next one
	OwnerChanged   Ending = "owner_changed"   // the head of the owner before granted it
	CompanyRemoved Ending = "company_removed" // or merged into another
)

// Values lists the endings, for the API reference.
func (Ending) Values() []string {
	return []string{"", string(Over), string(Taken), string(Replaced), string(OwnerChanged), string(CompanyRemoved)}
}

// NewPermit is the input for a permit.
type NewPermit struct {
	AgentID   int64  `json:"agent_id"`
	CompanyID int64  `json:"company_id"`
	Hours     int    `json:"hours"` // 1 to 168
	Reason    string `json:"reason,omitempty"`
}

const (
	maxHours  = 7 * 24
	maxReason = 500
)

// Grant grants a permit. Only a head of the company's owner, at any level or by a deputy, and an administrator may, and
// never for themselves: permit_forbidden, which the journal keeps. It takes the place of a permit that the agent still
// has for the company, and answers their open request for one. Further faults: what is wrong with the input; not_found;
// permit_not_needed when the agent may work with the company anyway; company_without_owner.
func (b *Registry) Grant(ctx context.Context, by *access.User, in NewPermit) (given Permit, err error) {
	if err := in.check(); err != nil {
		return given, err
	}
	err = b.write(ctx, by, in.CompanyID, func(a *act) error {
		asked, err := askByKey(a.Tx, openKey(AskPermit, in.AgentID, in.CompanyID))
		if err != nil {
			return err
		}
		ask := int64(0)
		if asked != nil {
			ask = asked.ID
		}
		row, err := a.grant(in, ask)
		if err != nil {
			return err
		}
		given = row.permit(a.org, a.company.Name)
		a.Tx.Answer(given)
		if asked == nil {
			return nil
		}
		asked.PermitID, asked.OwnerID = row.ID, a.company.OwnerID
		return a.close(asked, AskGranted, in.Reason)
	})
	return given, err
}

// check gathers what is wrong with the input.
func (in NewPermit) check() error {
	var wrong *fault.Error
	if in.AgentID <= 0 {
		wrong = wrong.And("agent_id", "required")
	}
	if in.CompanyID <= 0 {
		wrong = wrong.And("company_id", "required")
	}
	if code := hoursFault(in.Hours); code != "" {
		wrong = wrong.And("hours", code)
	}
	if code := text.Check(in.Reason, maxReason); code != "" {
		wrong = wrong.And("reason", code)
	}
	return wrong.OrNil()
}

func hoursFault(hours int) string {
	if hours < 1 || hours > maxHours {
		return "out_of_range"
	}
	return ""
}

// grant grants a permit inside the transaction that holds its company; ask is the request that it answers, or 0.
func (a *act) grant(in NewPermit, ask int64) (*permitRow, error) {
	if in.AgentID == a.User.ID || !mayPermit(a.org, a.User.ID, a.company.OwnerID, a.Tx.Now()) {
		if a.company.OwnerID == 0 && a.org.IsAdmin(a.User.ID) {
			return nil, fault.Conflict("company_without_owner") // everyone may work with it
		}
		return nil, a.refuse("permit", "permit_forbidden", in)
	}
	agent := a.org.User(in.AgentID)
	switch {
	case agent == nil || !agent.Active:
		return nil, fault.Invalid("agent_id", "unknown_user")
	case a.helps(in.AgentID):
		return nil, fault.Conflict("permit_not_needed")
	}
	list, err := runningOf(a.Tx, in.AgentID, in.CompanyID)
	if err != nil {
		return nil, err
	}
	now := store.MomentOf(a.Tx.Now())
	for _, before := range list {
		if err := a.end(before, now, Replaced); err != nil {
			return nil, err
		}
	}
	row := &permitRow{
		AgentID:   in.AgentID,
		CompanyID: in.CompanyID,
		OwnerID:   a.company.OwnerID,
		From:      now,
		Until:     now.Add(time.Duration(in.Hours) * time.Hour),
		ByID:      a.User.ID,
		Reason:    in.Reason,
		AskID:     ask,
	}
	if err := permits.Insert(a.Tx, row); err != nil {
		return nil, err
	}
	return row, a.recordPermit(PermitGranted, row)
}

// helps reports whether an agent may work with the company without a permit.
func (a *act) helps(agent int64) bool {
	switch a.org.Relation(agent, a.company.OwnerID, a.company.Team, a.Tx.Now()) {
	case rules.Own, rules.Team, rules.Deputy:
		return true
	}
	return false
}

// recordPermit appends what became of a permit to the journal: about its agent, for the department of the owner.
func (a *act) recordPermit(verb journal.Verb, row *permitRow) error {
	return a.Record(journal.Entry{
		Verb:    verb,
		Team:    a.org.DepartmentOf(row.OwnerID),
		Subject: journal.Ref{Kind: "user", ID: row.AgentID},
		Client:  journal.Ref{Kind: crm.KindCompany.String(), ID: row.CompanyID},
	}, row.permit(a.org, a.company.Name))
}

// end ends a permit at a moment; one that has ended already stays as it is.
func (a *act) end(row *permitRow, at store.Moment, why Ending) error {
	row.EndedAt, row.EndedBy, row.EndReason = at, a.User.ID, why
	found, err := endPermit(a.Tx, row)
	if err != nil || !found {
		return err
	}
	return a.recordPermit(PermitEnded, row)
}

// End ends a permit now. The users who may grant one for the company and the one who granted this one may; others get
// permit_forbidden. One that has ended is the conflict permit_ended.
func (b *Registry) End(ctx context.Context, by *access.User, id int64) error {
	row, err := permits.Find(b.db.Read(ctx), id)
	if err != nil {
		return err
	}
	return b.write(ctx, by, row.CompanyID, func(a *act) error {
		a.Tx.Answer(nil)
		row, err := permits.Find(a.Tx, id)
		if err != nil {
			return err
		}
		if row.ByID != by.ID && !mayPermit(a.org, by.ID, a.company.OwnerID, a.Tx.Now()) {
			return a.refuse("end_permit", "permit_forbidden", map[string]any{"permit_id": id})
		}
		if !row.runs(a.Tx.Now()) {
			return fault.Conflict("permit_ended")
		}
		return a.end(row, store.MomentOf(a.Tx.Now()), Taken)
	})
}

// runs reports whether a permit has begun, and has neither run out nor been ended.
func (r *permitRow) runs(at time.Time) bool {
	now := store.MomentOf(at)
	return r.EndedAt == 0 && now >= r.From && now < r.Until
}

// permit returns the row as the API shows it.
func (r *permitRow) permit(org *staff.Org, company string) Permit {
	return Permit{
		ID:        r.ID,
		Agent:     *personIn(org, r.AgentID),
		Company:   crm.Named{ID: r.CompanyID, Name: company},
		Owner:     *personIn(org, r.OwnerID),
		From:      r.From,
		Until:     r.Until,
		By:        *personIn(org, r.ByID),
		Reason:    r.Reason,
		AskID:     r.AskID,
		EndedAt:   r.EndedAt,
		EndedBy:   personIn(org, r.EndedBy),
		EndReason: r.EndReason,
	}
}
