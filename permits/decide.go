package permits

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// AskGrant is the input for granting a request.
type AskGrant struct {
	Hours   int    `json:"hours,omitempty"`    // of a permit; as the policy says when it is left out
	OwnerID int64  `json:"owner_id,omitempty"` // the new owner; for assign and owner_left
	Answer  string `json:"answer,omitempty"`
}

// GrantAsk grants a request: the permit is granted, or the owner set, in the same transaction. Others than mayDecide
// allows get ask_forbidden, which the journal keeps. A request that is not open any more is the conflict ask_decided.
func (b *Registry) GrantAsk(ctx context.Context, by *access.User, id int64, in AskGrant) (Ask, error) {
	if in.Hours == 0 {
		hours, err := b.hours(ctx)
		if err != nil {
			return Ask{}, err
		}
		in.Hours = hours
	}
	return b.decide(ctx, by, id, decision{AskGranted, in.Answer, func(a *act, row *askRow) error {
		if row.Kind != AskPermit {
			return a.assign(row, in)
		}
		if code := hoursFault(in.Hours); code != "" {
			return fault.Invalid("hours", code)
		}
		permit := NewPermit{AgentID: row.AgentID, CompanyID: row.CompanyID, Hours: in.Hours, Reason: row.Reason}
		granted, err := a.grant(permit, row.ID)
		if err == nil {
			row.PermitID = granted.ID
		}
		return err
	}})
}

// assign changes the owner of the company of a request.
func (a *act) assign(row *askRow, in AskGrant) error {
	owner := a.org.User(in.OwnerID)
	switch {
	case in.OwnerID == 0:
		return fault.Invalid("owner_id", "required")
	case owner == nil || !owner.Active:
		return fault.Invalid("owner_id", "unknown_user")
	}
	reason := in.Answer
	if reason == "" {
		reason = row.Reason
	}
	return a.book.Assign(a.Act, row.CompanyID, in.OwnerID, reason)
}

// RefuseAsk refuses a request, with a reason for the agent. An owner_left, which no agent has made, cannot be refused,
// only closed: the conflict not_for_this_ask.
func (b *Registry) RefuseAsk(ctx context.Context, by *access.User, id int64, reason string) (Ask, error) {
	if code := text.CheckRequired(text.Tidy(reason), maxReason); code != "" {
		return Ask{}, fault.Invalid("reason", code)
	}
	return b.decide(ctx, by, id, decision{AskRefused, reason, func(_ *act, row *askRow) error {
		if row.Kind == AskOwnerLeft {
			return fault.Conflict("not_for_this_ask")
		}
		return nil
	}})
}

// FinishAsk closes a request without a decision: agents withdraw their own, and those who may decide an owner_left
// close one that they have dealt with.
func (b *Registry) FinishAsk(ctx context.Context, by *access.User, id int64, reason string) (Ask, error) {
	return b.decide(ctx, by, id, decision{AskDone, reason, func(_ *act, row *askRow) error {
		if row.Kind != AskOwnerLeft && row.AgentID != by.ID {
			return fault.Conflict("not_for_this_ask")
		}
		return nil
	}})
}

// decision is what an open request comes to.
type decision struct {
	state  AskState
	answer string
	do     func(a *act, row *askRow) error // what belongs to it, in the same transaction
}

// decide takes a decision on an open request.
func (b *Registry) decide(ctx context.Context, by *access.User, id int64, d decision) (decided Ask, err error) {
	if code := text.Check(d.answer, maxReason); code != "" {
		return decided, fault.Invalid("answer", code)
	}
	before, err := asks.Find(b.db.Read(ctx), id)
	if err != nil {
		return decided, err
	}
	err = b.write(ctx, by, before.CompanyID, func(a *act) error {
		row, err := asks.Find(a.Tx, id)
		if err != nil {
			return err
		}
		withdraws := d.state == AskDone && row.AgentID == by.ID
		if !withdraws && !row.mayDecide(a.org, a.company, by.ID, a.Tx.Now()) {
			details := map[string]any{"ask_id": id, "kind": row.Kind, "state": d.state}
			return a.refuse("decide_ask", "ask_forbidden", details)
		}
		if row.State != AskOpen {
			return fault.Conflict("ask_decided")
		}
		row.OwnerID = a.company.OwnerID
		if err := d.do(a, row); err != nil {
			return err
		}
		if err := a.close(row, d.state, d.answer); err != nil {
			return err
		}
		decided = row.ask(a.org, a.company, by.ID, a.Tx.Now())
		a.Tx.Answer(decided)
		return nil
	})
	return decided, err
}

// close moves an open request to its last state.
func (a *act) close(row *askRow, to AskState, answer string) error {
	row.State, row.OpenKey, row.Answer = to, nil, answer
	row.DecidedAt, row.DecidedBy = store.MomentOf(a.Tx.Now()), a.User.ID
	if err := asks.Update(a.Tx, row); err != nil {
		return err
	}
	return recordAsk(a.Act, a.org, AskDecided, row, a.company.Name)
}
