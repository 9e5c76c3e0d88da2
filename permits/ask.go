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

// AskKind is what a request is for.
type AskKind string

// The kinds of requests.
const (
	AskPermit    AskKind = "permit"     // an agent wants to work with a colleague's company for a while
	AskAssign    AskKind = "assign"     // an agent wants a company to get an owner
	AskOwnerLeft AskKind = "owner_left" // made by the product: the owner of a protected company has left
)

// Values lists the kinds, for the API reference.
func (AskKind) Values() []string {
	return []string{string(AskPermit), string(AskAssign), string(AskOwnerLeft)}
}

// AskState is the state of a request.
type AskState string

// The states of a request.
const (
	AskOpen    AskState = "open"
	AskGranted AskState = "granted"
	AskRefused AskState = "refused"
	AskDone    AskState = "done" // closed without a decision: withdrawn, dealt with, or without a point by now
)

// Values lists the states, for the API reference.
func (AskState) Values() []string {
	return []string{string(AskOpen), string(AskGranted), string(AskRefused), string(AskDone)}
}

// Ask is a request that a head or an administrator should decide.
type Ask struct {
	ID        int64        `json:"id"`
	Kind      AskKind      `json:"kind"`
	State     AskState     `json:"state"`
	Company   crm.Named    `json:"company"`
	Owner     *crm.Named   `json:"owner"`   // of the company: now, or when it was decided
	Agent     *crm.Named   `json:"agent"`   // whose request it is; null for owner_left
	CallID    int64        `json:"call_id"` // the call on whose card it was made; 0 for none
	Reason    string       `json:"reason"`
	Answer    string       `json:"answer"`    // of the user who decided it
	PermitID  int64        `json:"permit_id"` // 0: none was granted
	AskedAt   store.Moment `json:"asked_at"`
	DecidedAt store.Moment `json:"decided_at" null:"open"`
	DecidedBy *crm.Named   `json:"decided_by"`
	MayDecide bool         `json:"may_decide"` // whether the user who reads this may decide it now
}

// NewAsk is the input for a request.
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

// Ask makes a request of the user, or returns the open one that they have made for the company already. The conflict
// ask_not_needed: they may work with the company anyway, or, for a permit, it has no owner.
func (b *Registry) Ask(ctx context.Context, by *access.User, in NewAsk) (asked Ask, err error) {
	if err := in.check(); err != nil {
		return asked, err
	}
	err = b.write(ctx, by, in.CompanyID, func(a *act) error {
		row, err := a.ask(in)
		if err == nil {
			asked = row.ask(a.org, a.company, by.ID, a.Tx.Now())
			a.Tx.Answer(asked)
		}
		return err
	})
	return asked, err
}

func (a *act) ask(in NewAsk) (*askRow, error) {
	row := &askRow{
		Kind:      in.Kind,
		State:     AskOpen,
		CompanyID: in.CompanyID,
		OwnerID:   a.company.OwnerID,
		AgentID:   a.User.ID,
		CallID:    in.CallID,
		Reason:    in.Reason,
		AskedAt:   store.MomentOf(a.Tx.Now()),
	}
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
	if err := asks.Insert(a.Tx, row); err != nil {
		return nil, err
	}
	return row, recordAsk(a.Act, a.org, AskMade, row, a.company.Name)
}

// needs reports whether what the user requests would change anything for them.
func (a *act) needs(kind AskKind) (bool, error) {
	if kind == AskAssign {
		return a.company.OwnerID != a.User.ID, nil
	}
	if a.company.OwnerID == 0 || a.helps(a.User.ID) {
		return false, nil
	}
	list, err := runningOf(a.Tx, a.User.ID, a.company.ID)
	if err != nil {
		return false, err
	}
	for _, p := range list {
		if p.runs(a.Tx.Now()) && p.OwnerID == a.company.OwnerID {
			return false, nil
		}
	}
	return true, nil
}

// OwnerLeft makes a request within the transaction of a call: the owner of a protected company has left. It does
// nothing while such a request is open for the company.
func (b *Registry) OwnerLeft(tx *store.Tx, org *staff.Org, company crm.Named, owner, call int64) error {
	row := &askRow{
		Kind:      AskOwnerLeft,
		State:     AskOpen,
		CompanyID: company.ID,
		OwnerID:   owner,
		CallID:    call,
		AskedAt:   store.MomentOf(tx.Now()),
	}
	row.OpenKey = new(openKey(AskOwnerLeft, 0, row.CompanyID))
	if before, err := askByKey(tx, *row.OpenKey); err != nil || before != nil {
		return err
	}
	err := asks.Insert(tx, row)
	if fault.Is(err, fault.KindConflict) {
		return nil // another call of this moment was faster
	}
	if err != nil {
		return err
	}
	return recordAsk(b.journal.Act(tx, access.System()), org, AskMade, row, company.Name)
}

// askDetails are the details of a request in the journal.
type askDetails struct {
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

// recordAsk appends what became of a request to the journal: about the agent whose request it is, for the department of
// the owner, or the agent's where there is no owner.
func recordAsk(a *journal.Act, org *staff.Org, verb journal.Verb, row *askRow, company string) error {
	client := journal.Ref{Kind: crm.KindCompany.String(), ID: row.CompanyID}
	subject, team := client, org.DepartmentOf(row.OwnerID)
	if row.AgentID != 0 {
		subject = journal.Ref{Kind: "user", ID: row.AgentID}
	}
	if row.OwnerID == 0 {
		team = org.DepartmentOf(row.AgentID)
	}
	return a.Record(journal.Entry{Verb: verb, Team: team, Subject: subject, Client: client}, askDetails{
		AskID:    row.ID,
		Kind:     row.Kind,
		State:    row.State,
		Company:  crm.Named{ID: row.CompanyID, Name: company},
		Owner:    personIn(org, row.OwnerID),
		Agent:    personIn(org, row.AgentID),
		CallID:   row.CallID,
		Reason:   row.Reason,
		Answer:   row.Answer,
		PermitID: row.PermitID,
	})
}

// openKey is what a request has while it is open: no two open ones have the same.
func openKey(kind AskKind, agent, company int64) string {
	return fmt.Sprintf("%s agent %d company %d", kind, agent, company)
}

// owner returns the owner that a request is about: the company's present one while it is open.
func (r *askRow) owner(company crm.Brief) int64 {
	if r.State == AskOpen {
		return company.OwnerID
	}
	return r.OwnerID
}

// mayDecide reports whether a user may decide a request at a moment: a head of the owner, at any level, a deputy of
// such a head in their period, and an administrator; of a company without an owner a head of the agent, unless its
// status protects it even then. No one decides their own request. reader.decidable is the same in SQL.
func (r *askRow) mayDecide(org *staff.Org, company crm.Brief, user int64, at time.Time) bool {
	switch owner := r.owner(company); {
	case user == r.AgentID:
		return false
	case org.IsAdmin(user):
		return true
	case owner != 0:
		return org.DecidesFor(user, owner, at)
	default:
		return !company.Protected && org.DecidesFor(user, r.AgentID, at)
	}
}

// ask returns the row as a user sees it.
func (r *askRow) ask(org *staff.Org, company crm.Brief, reader int64, at time.Time) Ask {
	return Ask{
		ID:        r.ID,
		Kind:      r.Kind,
		State:     r.State,
		Company:   crm.Named{ID: r.CompanyID, Name: company.Name},
		Owner:     personIn(org, r.owner(company)),
		Agent:     personIn(org, r.AgentID),
		CallID:    r.CallID,
		Reason:    r.Reason,
		Answer:    r.Answer,
		PermitID:  r.PermitID,
		AskedAt:   r.AskedAt,
		DecidedAt: r.DecidedAt,
		DecidedBy: personIn(org, r.DecidedBy),
		MayDecide: r.State == AskOpen && r.mayDecide(org, company, reader, at),
	}
}
