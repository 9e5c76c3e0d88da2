package permits

import (
	"context"
	"fmt"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
	"callhue/staff"
)

// AskKind says what is asked for.
type AskKind string

// The kinds of ask.
const (
	AskPermit    AskKind = "permit"     // an agent wants to work with a colleague's company for a while
	AskAssign    AskKind = "assign"     // an agent wants a company to get an owner
	AskOwnerLeft AskKind = "owner_left" // the house saw a protected company whose owner has left
)

// Values lists the kinds, for the API reference.
func (AskKind) Values() []string {
	return []string{string(AskPermit), string(AskAssign), string(AskOwnerLeft)}
}

// AskState says how far an ask is.
type AskState string

// The states of an ask.
const (
	AskOpen    AskState = "open"
	AskGranted AskState = "granted"
	AskRefused AskState = "refused"
	AskDone    AskState = "done" // settled without a yes or no: taken back, dealt with, or without a point by now
)

// Values lists the states, for the API reference.
func (AskState) Values() []string {
	return []string{string(AskOpen), string(AskGranted), string(AskRefused), string(AskDone)}
}

// Ask is something that someone who may should decide.
type Ask struct {
	ID        int64      `json:"id"`
	Kind      AskKind    `json:"kind"`
	State     AskState   `json:"state"`
	Company   crm.Named  `json:"company"`
	Owner     *crm.Named `json:"owner"`   // of the company: now, while it is open; then, once it is decided
	Agent     *crm.Named `json:"agent"`   // who asks; null for owner_left
	CallID    int64      `json:"call_id"` // the call on whose card it was asked; 0 for none
	Reason    string     `json:"reason"`
	Answer    string     `json:"answer"`    // what the one who decided said
	PermitID  int64      `json:"permit_id"` // 0: none was given
	AskedAt   time.Time  `json:"asked_at"`
	DecidedAt *time.Time `json:"decided_at"`
	DecidedBy *crm.Named `json:"decided_by"`
	MayDecide bool       `json:"may_decide"` // the one who reads this, now
}

// NewAsk is what an agent asks.
type NewAsk struct {
	Kind      AskKind `json:"kind"` // permit or assign
	CompanyID int64   `json:"company_id"`
	CallID    int64   `json:"call_id,omitempty"`
	Reason    string  `json:"reason,omitempty"`
}

func (in NewAsk) check() error {
	var wrong *fault.Error
	if in.Kind != AskPermit && in.Kind != AskAssign {
		wrong = wrong.And("kind", "unknown_value")
	}
	if in.CompanyID <= 0 {
		wrong = wrong.And("company_id", "required")
	}
	if in.CallID < 0 {
		wrong = wrong.And("call_id", "out_of_range")
	}
	if code := text.Check(in.Reason, maxReason); code != "" {
		wrong = wrong.And("reason", code)
	}
	return wrong.OrNil()
}

// Ask asks on behalf of the user. While he has such an ask open for the company
// he gets that one. The conflict ask_not_needed: he may work with the company
// already, or, for a permit, it has no owner.
func (b *Registry) Ask(ctx context.Context, by *access.User, in NewAsk) (asked Ask, err error) {
	if err := in.check(); err != nil {
		return asked, err
	}
	err = b.write(ctx, by, in.CompanyID, func(a *act) error {
		row, err := a.ask(in)
		if err == nil {
			asked = row.ask(a.org, a.company, by.ID)
			a.Tx.Answer(asked)
		}
		return err
	})
	return asked, err
}

func (a *act) ask(in NewAsk) (*askRow, error) {
	row := &askRow{Kind: string(in.Kind), State: string(AskOpen), CompanyID: in.CompanyID, OwnerID: a.company.OwnerID, AgentID: a.User.ID,
		CallID: in.CallID, Reason: in.Reason, AskedAt: store.Millis(a.Tx.Now())}
	row.OpenKey = new(openKey(in.Kind, row.AgentID, row.CompanyID))
	if before, err := askByKey(a.Tx, *row.OpenKey); err != nil || before != nil {
		return before, err
	}
	needed, err := a.needs(in.Kind)
	if err != nil {
		return nil, err
	}
	if !needed {
		return nil, fault.Conflict("ask_not_needed")
	}
	if row.ID, _, err = insertAsk(a.Tx, row); err != nil {
		return nil, err
	}
	return row, a.tell(a.Tx, a.org, AskMade, a.User.ID, row, a.company.Name)
}

// needs reports whether what the user asks for would change anything for him.
func (a *act) needs(kind AskKind) (bool, error) {
	if kind == AskAssign {
		return a.company.OwnerID != a.User.ID, nil
	}
	if a.company.OwnerID == 0 || a.helps(a.User.ID) {
		return false, nil
	}
	running, err := runningOf(a.Tx, a.User.ID, a.company.ID)
	if err != nil {
		return false, err
	}
	for _, p := range running {
		if p.runs(a.Tx.Now()) && p.OwnerID == a.company.OwnerID {
			return false, nil
		}
	}
	return true, nil
}

// OwnerLeft notes, within the transaction of a call, that a protected company's
// owner has left: an ask for who may decide, unless one is open for that company.
func (b *Registry) OwnerLeft(tx *store.Tx, org *staff.Org, company crm.Named, owner, call int64) error {
	row := &askRow{Kind: string(AskOwnerLeft), State: string(AskOpen), CompanyID: company.ID, OwnerID: owner, CallID: call, AskedAt: store.Millis(tx.Now())}
	row.OpenKey = new(openKey(AskOwnerLeft, 0, row.CompanyID))
	if before, err := askByKey(tx, *row.OpenKey); err != nil || before != nil {
		return err
	}
	var fresh bool
	var err error
	if row.ID, fresh, err = insertAsk(tx, row); err != nil || !fresh {
		return err // another call of this moment noted it
	}
	return b.tell(tx, org, AskMade, 0, row, company.Name)
}

// askWords are the details of an ask in the journal.
type askWords struct {
	AskID    int64      `json:"ask_id"`
	Kind     AskKind    `json:"kind"`
	State    AskState   `json:"state"`
	Company  crm.Named  `json:"company"`
	Owner    *crm.Named `json:"owner"`
	Agent    *crm.Named `json:"agent"`
	CallID   int64      `json:"call_id"`
	Reason   string     `json:"reason"`
	Answer   string     `json:"answer"`
	PermitID int64      `json:"permit_id"`
}

// tell writes what became of an ask into the journal: about the agent who asked,
// for the department of the owner, or the agent's where there is no owner.
func (b *Registry) tell(tx *store.Tx, org *staff.Org, verb journal.Verb, by int64, row *askRow, company string) error {
	client := journal.Ref{Kind: crm.KindCompany.String(), ID: row.CompanyID}
	subject, team := client, org.DepartmentOf(row.OwnerID)
	if row.AgentID != 0 {
		subject = journal.Ref{Kind: "user", ID: row.AgentID}
	}
	if row.OwnerID == 0 {
		team = org.DepartmentOf(row.AgentID)
	}
	_, err := b.journal.Record(tx, journal.Entry{Verb: verb, Actor: by, Team: team, Subject: subject, Client: client,
		Details: journal.Details(askWords{AskID: row.ID, Kind: AskKind(row.Kind), State: AskState(row.State), Company: crm.Named{ID: row.CompanyID, Name: company},
			Owner: personIn(org, row.OwnerID), Agent: personIn(org, row.AgentID), CallID: row.CallID, Reason: row.Reason,
			Answer: row.Answer, PermitID: row.PermitID})})
	return err
}

// openKey is what an ask has while it is open: no two open ones have the same.
func openKey(kind AskKind, agent, company int64) string {
	return fmt.Sprintf("%s agent %d company %d", kind, agent, company)
}

// owner is the owner that an ask is about: the company's present one while it is
// open.
func (r *askRow) owner(company crm.Brief) int64 {
	if r.State == string(AskOpen) {
		return company.OwnerID
	}
	return r.OwnerID
}

// mayDecide reports whether a user may decide an ask: a head of the owner, at any
// level, and an admin; of a company without an owner a head of the agent, unless
// its status guards it even so. No one decides what he asked for himself.
func (r *askRow) mayDecide(org *staff.Org, company crm.Brief, user int64) bool {
	switch owner := r.owner(company); {
	case user == r.AgentID:
		return false
	case org.IsAdmin(user):
		return true
	case owner != 0:
		return org.IsHeadOf(user, owner)
	default:
		return !company.Protected && org.IsHeadOf(user, r.AgentID)
	}
}

// ask is the row as the reader sees it.
func (r *askRow) ask(org *staff.Org, company crm.Brief, reader int64) Ask {
	a := Ask{ID: r.ID, Kind: AskKind(r.Kind), State: AskState(r.State), Company: crm.Named{ID: r.CompanyID, Name: company.Name}, Owner: personIn(org, r.owner(company)),
		Agent: personIn(org, r.AgentID), CallID: r.CallID, Reason: r.Reason, Answer: r.Answer, PermitID: r.PermitID,
		AskedAt: store.Time(r.AskedAt), DecidedBy: personIn(org, r.DecidedBy)}
	a.MayDecide = a.State == AskOpen && r.mayDecide(org, company, reader)
	if r.DecidedAt != 0 {
		at := store.Time(r.DecidedAt)
		a.DecidedAt = &at
	}
	return a
}
