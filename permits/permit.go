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
	ID       int64      `json:"id"`
	Agent    crm.Named  `json:"agent"`
	Company  crm.Named  `json:"company"`
	Owner    crm.Named  `json:"owner"` // for whose company it was given; it ends with him
	From     time.Time  `json:"from"`
	Until    time.Time  `json:"until"` // exclusive
	By       crm.Named  `json:"by"`
	Reason   string     `json:"reason"`
	AskID    int64      `json:"ask_id"` // 0: no one asked
	EndedAt  *time.Time `json:"ended_at"`
	EndedBy  *crm.Named `json:"ended_by"`
	EndedWhy Ending     `json:"end_reason"` // "" while it runs
}

// Ending says why a permit ended.
type Ending string

// The ways in which a permit ends.
const (
	Over           Ending = "over"            // its time
	Taken          Ending = "taken"           // by someone who may give one
	Replaced       Ending = "replaced"        // by the next one
	OwnerChanged   Ending = "owner_changed"   // the head of the owner before gave it
	CompanyRemoved Ending = "company_removed" // or merged into another
)

// Values lists the endings, for the API reference.
func (Ending) Values() []string {
	return []string{"", string(Over), string(Taken), string(Replaced), string(OwnerChanged), string(CompanyRemoved)}
}

// NewPermit is what a permit is made of.
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

// Grant returns a permit. Only a head of the company's owner, at any level, and an
// admin may, and never for himself: permit_forbidden, and the attempt is in the
// journal. It takes the place of a permit that the agent still has for the
// company. Further faults: what is wrong with the input, not_found,
// permit_not_needed for who may work with the company anyway, company_without_owner.
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
			ask = asked.ID // he had asked: this is the answer
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
		return a.settle(asked, AskGranted, in.Reason, by.ID)
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

// grant returns a permit inside the transaction that holds its company.
func (a *act) grant(in NewPermit, ask int64) (*permitRow, error) {
	if in.AgentID == a.User.ID || !mayPermit(a.org, a.User.ID, a.company.OwnerID) {
		if a.company.OwnerID == 0 && a.org.IsAdmin(a.User.ID) {
			return nil, fault.Conflict("company_without_owner") // it is foreign to no one
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
	running, err := runningOf(a.Tx, in.AgentID, in.CompanyID)
	if err != nil {
		return nil, err
	}
	for _, before := range running {
		if err := a.end(before, a.Tx.Now(), Replaced); err != nil {
			return nil, err
		}
	}
	now := a.Tx.Now()
	row := &permitRow{AgentID: in.AgentID, CompanyID: in.CompanyID, OwnerID: a.company.OwnerID, FromAt: store.Millis(now),
		TillAt: store.Millis(now.Add(time.Duration(in.Hours) * time.Hour)), ByID: a.User.ID, Reason: in.Reason, AskID: ask}
	if row.ID, err = insertPermit(a.Tx, row); err != nil {
		return nil, err
	}
	return row, a.note(PermitGranted, row)
}

// helps reports whether an agent may work with the company without a permit.
func (a *act) helps(agent int64) bool {
	switch a.org.Relation(agent, a.company.OwnerID, a.company.Team, a.Tx.Now()) {
	case rules.Own, rules.Team, rules.Deputy:
		return true
	}
	return false
}

// note writes what became of a permit into the journal: about its agent, for the
// department of the owner.
func (a *act) note(verb journal.Verb, row *permitRow) error {
	p := row.permit(a.org, a.company.Name)
	return a.Record(journal.Entry{Verb: verb, Team: a.org.DepartmentOf(row.OwnerID),
		Subject: journal.Ref{Kind: "user", ID: row.AgentID}, Client: journal.Ref{Kind: crm.KindCompany.String(), ID: row.CompanyID}}, p)
}

// end ends a permit at a moment; one that has ended already stays as it is.
func (a *act) end(row *permitRow, at time.Time, why Ending) error {
	row.EndedAt, row.EndedBy, row.EndedWhy = store.Millis(at), a.User.ID, string(why)
	found, err := endPermit(a.Tx, row)
	if err != nil || !found {
		return err
	}
	return a.note(PermitEnded, row)
}

// End ends a permit now: for who may give one for the company, and for who gave
// this one (permit_forbidden). One that has ended is the conflict permit_ended.
func (b *Registry) End(ctx context.Context, by *access.User, id int64) error {
	row, err := permitByID(b.db.Read(ctx), id)
	if err != nil {
		return err
	}
	return b.write(ctx, by, row.CompanyID, func(a *act) error {
		a.Tx.Answer(nil)
		row, err := permitByID(a.Tx, id)
		if err != nil {
			return err
		}
		if row.ByID != by.ID && !mayPermit(a.org, by.ID, a.company.OwnerID) {
			return a.refuse("end_permit", "permit_forbidden", map[string]any{"permit_id": id})
		}
		if !row.runs(a.Tx.Now()) {
			return fault.Conflict("permit_ended")
		}
		return a.end(row, a.Tx.Now(), Taken)
	})
}

// runs reports whether a permit has begun, and has neither run out nor been ended.
func (r *permitRow) runs(at time.Time) bool {
	return r.EndedAt == 0 && store.Millis(at) >= r.FromAt && store.Millis(at) < r.TillAt
}

// permit is the row as people see it.
func (r *permitRow) permit(org *staff.Org, company string) Permit {
	p := Permit{ID: r.ID, Agent: *personIn(org, r.AgentID), Company: crm.Named{ID: r.CompanyID, Name: company}, Owner: *personIn(org, r.OwnerID),
		From: store.Time(r.FromAt), Until: store.Time(r.TillAt), By: *personIn(org, r.ByID), Reason: r.Reason, AskID: r.AskID,
		EndedBy: personIn(org, r.EndedBy), EndedWhy: Ending(r.EndedWhy)}
	if r.EndedAt != 0 {
		at := store.Time(r.EndedAt)
		p.EndedAt = &at
	}
	return p
}
